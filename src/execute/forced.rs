//! A run without the leader: what the leader can still do is tried, and what it cannot is
//! named. If it answers again it is fenced, and what is not yet promoted is drained first.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::{
    event::{Detail, Kind},
    model::{
        membership::Scope,
        world::{Answer, Cluster, World},
    },
    observe::{Reading, observe_shards},
    plan::{
        action::Action,
        consent::OnReturn,
        context::Context,
        due::Due,
        gate,
        outline::outline,
        reason::{Code, Reason},
        seen::Seen,
    },
    playbook::{Role, Step, Verb},
};

use super::{
    deadline::Deadline,
    look::Look,
    runner::Runner,
    set_run::{Progress, SetRun, Walk},
    stop::{Left, Stop},
};

/// A whole poll of the followers, and what a busy server adds: whatever the leader had taken
/// before its writers were cut off has been heard by then.
const SILENCE: Duration = Duration::from_secs(70);

/// How often the silence is looked at, and how often it is told.
const LISTEN: Duration = Duration::from_secs(1);
const SAY: Duration = Duration::from_secs(10);

impl Runner<'_> {
    /// Does what earlier steps could not do while the leader was away. True where anything was
    /// done: the world is another one then.
    ///
    /// # Errors
    /// As the steps themselves.
    pub(super) async fn catch_up(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
        (context, seen, dues): (&Context<'_>, &Seen<'_>, &[Due]),
        progress: &mut Progress,
    ) -> Result<bool, Stop> {
        for (earlier, due) in dues.iter().enumerate().take(at) {
            let step = &set_run.request.playbook.steps[earlier];
            let is_the_leaders = step.is(Verb::Fence, Role::Source) || step.verb() == Verb::Drain;
            let is_over = step.verb() == Verb::Drain && progress.drain_ran_out;
            if !is_the_leaders
                || is_over
                || due.actions.is_empty()
                || progress.gave_up.contains(&(earlier, at))
            {
                continue;
            }
            let title = std::mem::replace(&mut self.step, step.title().to_owned());
            // Once for each step of the run, or a leader that cannot be fenced would hold it up.
            progress.gave_up.insert((earlier, at));
            let done = self.act(set_run, earlier, due, context, seen, progress).await;
            self.step = title;
            done?;
            return Ok(true);
        }
        Ok(false)
    }

    /// A leader that came back during the last step of a run without it is fenced too.
    pub(super) async fn last_look(
        &mut self,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
    ) -> Result<Walk, Stop> {
        if !self.plan.is_forced() {
            return Ok(Walk::On);
        }
        progress.look = None;
        let world = self.observe().await?;
        let topology = self.topology;
        let context = set_run.context(topology, &world);
        let seen = context.see();
        self.check_return(set_run, &world)?;
        let dues = outline(&context, &seen);
        let at = set_run.request.playbook.steps.len();
        let again = self.catch_up(set_run, at, (&context, &seen, &dues), progress).await?;
        Ok(if again { Walk::Again } else { Walk::On })
    }

    /// A leader that was not to be seen when the plan was made is back, and the operator wanted
    /// to stop then.
    pub(super) fn check_return(&self, set_run: &SetRun<'_>, world: &World) -> Result<(), Stop> {
        let source = &set_run.switch.source;
        let stops = set_run.is_forced() && self.plan.request.consent.on_return == OnReturn::Stop;
        if stops && set_run.switch.source_uuid.is_none() && world.view(source).is_some() {
            return Err(Stop::Returned { cluster: source.clone() });
        }
        Ok(())
    }

    /// What could not be done because of the leader is waived where the operator said so, and
    /// only while the leader is not well: a step that can work is never skipped. One that
    /// answers and takes no write block is not.
    ///
    /// # Errors
    /// The very reason, where it is not waived.
    pub(super) async fn waive(
        &mut self,
        context: &Context<'_>,
        stop: Stop,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let is_about_the_source = matches!(
            stop,
            Stop::NoFence { .. }
                | Stop::Deadline { .. }
                | Stop::Silent { .. }
                | Stop::Call(_)
                | Stop::Blocked { .. }
        );
        if !context.is_forced() || !is_about_the_source {
            return Err(stop);
        }
        let takes_no_fence = matches!(stop, Stop::NoFence { .. });
        if !self.is_left(context, takes_no_fence).await? {
            return Err(stop);
        }
        let problem = stop.problem(context.scope.source);
        let source = context.scope.source.to_owned();
        self.tell_waived(&source, &self.step.clone(), &problem.detail, progress)
    }

    /// What does not arrive in the drain's time is what the operator gave up, however well its
    /// leader is: it is fenced, holds it, and can be read later.
    ///
    /// # Errors
    /// As [`Runner::waive`].
    pub(super) async fn waive_drain(
        &mut self,
        context: &Context<'_>,
        stop: Stop,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        progress.drain_ran_out = matches!(stop, Stop::Deadline { .. });
        if !(progress.drain_ran_out && context.is_forced() && self.plan.request.consent.data_loss) {
            return self.waive(context, stop, progress).await;
        }
        let problem = stop.problem(context.scope.source);
        self.tell_waived(context.scope.target, &self.step.clone(), &problem.detail, progress)
    }

    /// Guards that the operator waives are told, each once for a step.
    pub(super) fn waived(&mut self, due: &Due, progress: &mut Progress) -> Result<(), Stop> {
        let Some(Reason { subject, detail, code, .. }) = due.waived.first() else {
            return Ok(());
        };
        let (subject, detail) = (subject.clone(), detail.clone());
        self.tell_waived(&subject, code.word(), &detail, progress)
    }

    /// A leader that answers again and that the standby still does not reach gives nothing: its
    /// writers would be refused for nothing. True where that is so.
    pub(super) fn waive_link(
        &mut self,
        context: &Context<'_>,
        progress: &mut Progress,
    ) -> Result<bool, Stop> {
        let (source, target) = (context.scope.source, context.scope.target);
        let sight = context.scope.world.sight(target, source);
        let Some(sight) = sight.filter(|sight| sight.answer == Answer::No) else {
            return Ok(false);
        };
        if !context.is_forced() || !self.plan.request.consent.data_loss {
            return Ok(false);
        }
        let why = format!("{target} does not read from {source}: {}", sight.evidence);
        self.tell_waived(target, Code::LinkDown.word(), &why, progress)?;
        Ok(true)
    }

    /// What a red index of the leader holds cannot be read: it is left behind by name.
    pub(super) fn waive_red(
        &mut self,
        due: &Due,
        context: &Context<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        for action in &due.actions {
            if let Action::Prove { source_index, .. } = action
                && is_given_up(context, source_index)
            {
                let why = format!("{source_index} on {} is red", context.scope.source);
                self.tell_waived(source_index, Code::LeaderIll.word(), &why, progress)?;
            }
        }
        Ok(())
    }

    fn tell_waived(
        &mut self,
        subject: &str,
        guard: &str,
        why: &str,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        if let Some(entry) = &mut progress.entry
            && !entry.waived.iter().any(|waived| waived == guard)
        {
            // It goes into the record with the next writing.
            entry.waived.push(guard.to_owned());
        }
        let detail = Detail::Waived { guard: guard.to_owned(), why: why.to_owned() };
        self.event(Kind::Waiting, "", vec![subject.to_owned()], detail)
    }

    /// Whether the source may be left as it is: it is not well, or takes no fence, and the target
    /// does not read from it. What is known to be silent is asked again, and so is the target.
    ///
    /// # Errors
    /// The source is alive: with the target leading there would be two.
    async fn is_left(&self, context: &Context<'_>, takes_no_fence: bool) -> Result<bool, Stop> {
        let source = context.scope.source;
        self.silent().ask_again(source);
        let world = self.observe().await?;
        let is_well = world.clusters.get(source).is_some_and(Cluster::is_ok);
        if is_well && !takes_no_fence {
            return Ok(false);
        }
        let now = Context { scope: Scope { world: &world, ..context.scope }, ..*context };
        let alive = if is_well {
            gate::connectivity::unfenced_leader(&now)
        } else {
            gate::connectivity::live_leader(&now)
        };
        match alive {
            Some(reason) => Err(Stop::Blocked { reasons: vec![reason] }),
            None => Ok(true),
        }
    }

    /// What is seen before a step. Before the target takes over without a source that was not to
    /// be seen, that one is asked once more, and the target whether it reads from it: since the
    /// plan was made a person may have been asked.
    ///
    /// # Errors
    /// As [`Runner::observe_well`].
    pub(super) async fn observe_before(
        &self,
        set_run: &SetRun<'_>,
        step: &Step,
        progress: &mut Progress,
    ) -> Result<Look, Stop> {
        let takes_over = step.is(Verb::Promote, Role::Target);
        if set_run.is_forced() && takes_over && !progress.past_no_return {
            self.silent().ask_again(&set_run.switch.source);
            progress.look = None;
        }
        let look = self.observe_well(set_run, progress).await?;
        let switch = set_run.switch;
        let needed = [&switch.target, &switch.source];
        let needed = needed.into_iter().take(if progress.past_no_return { 1 } else { 2 });
        let reasons: Vec<Reason> =
            needed.filter_map(|name| gate::connectivity::stranger(&look.world, name)).collect();
        if reasons.is_empty() { Ok(look) } else { Err(Stop::Blocked { reasons }) }
    }

    /// The operator says that the leader's writers are cut off: the target must have heard
    /// nothing new for a whole poll.
    pub(super) async fn silence(
        &mut self,
        set_run: &SetRun<'_>,
        within: Duration,
    ) -> Result<(), Stop> {
        let world = self.observe().await?;
        let topology = self.topology;
        let context = set_run.context(topology, &world);
        let (source, target) = (context.scope.source.to_owned(), context.scope.target.to_owned());
        // One that is back is fenced, and drained.
        let is_well = world.clusters.get(&source).is_some_and(Cluster::is_ok);
        let is_back = is_well && set_run.switch.source_uuid.is_none();
        if !self.plan.request.consent.leader_is_fenced || is_back {
            return Ok(());
        }
        let seen = context.see();
        let followers = seen.subjects.iter().filter_map(|subject| subject.target);
        let names: Vec<String> = followers
            .filter(|index| index.following.is_some())
            .map(|index| index.name.clone())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let es = self.es(&target)?.clone();
        let limit = set_run.within.map(|ends| ends.saturating_duration_since(Instant::now()));
        let within = limit.map_or(within, |limit| limit.min(within));
        let deadline = Deadline::new("the silence of the leader", within);
        let mut heard = positions(&observe_shards(&es, &names).await?);
        let (mut quiet, mut said) = (Instant::now(), None::<Instant>);
        while quiet.elapsed() < SILENCE {
            if said.is_none_or(|said| said.elapsed() >= SAY) {
                said = Some(Instant::now());
                let detail = Detail::Silence {
                    quiet_ms: u64::try_from(quiet.elapsed().as_millis()).unwrap_or(u64::MAX),
                    wanted_ms: u64::try_from(SILENCE.as_millis()).unwrap_or(u64::MAX),
                };
                self.event(Kind::Waiting, &target, Vec::new(), detail)?;
            }
            if self.silent().is_back(&source) {
                return Ok(());
            }
            self.pause(&deadline, || vec![goes_on(&source)]).await?;
            tokio::time::sleep(LISTEN).await;
            let now = positions(&observe_shards(&es, &names).await?);
            if now != heard {
                heard = now;
                quiet = Instant::now();
            }
        }
        Ok(())
    }
}

/// An index of the leader that is red, where the operator gives up what only it has.
pub(super) fn is_given_up(context: &Context<'_>, source_index: &str) -> bool {
    let index = context.scope.world.index(context.scope.source, source_index);
    context.is_forced()
        && context.request.consent.data_loss
        && index.is_some_and(|index| index.open && index.health == "red")
}

fn goes_on(source: &str) -> Left {
    Left {
        index: source.to_owned(),
        shard: None,
        lag_ops: None,
        why: "its writes go on arriving: its writers are not cut off".to_owned(),
    }
}

/// The highest position of every shard.
fn positions(readings: &BTreeMap<String, Reading>) -> BTreeMap<(String, u32), i64> {
    let of = |name: &String, reading: &Reading| -> Vec<((String, u32), i64)> {
        let shards = reading.shards.iter();
        shards.map(|shard| ((name.clone(), shard.number), shard.max_seq_no)).collect()
    };
    readings.iter().flat_map(|(name, reading)| of(name, reading)).collect()
}
