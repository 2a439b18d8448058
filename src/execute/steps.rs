//! One set's steps, in order: look, judge, act, look again.

use std::time::Duration;

use crate::{
    clock::now_ms,
    event::{Detail, Kind},
    observe::{observe_capacities, observe_identities},
    plan::{context::Context, due::Due, outline::outline, reason::Reason, seen::Seen},
    playbook::{self, Goal, Requirement, Role, Step, Verb},
};

use super::{
    deadline::Deadline,
    entry::needs_record,
    gates::{check_bound, check_fence},
    look::Look,
    runner::Runner,
    send::{FOLLOWING, Order},
    set_run::{Progress, SetRun, Walk},
    sighting::needed,
    stop::Stop,
};

/// What a manual gate without a limit gets.
const WITHIN_DEFAULT: Duration = Duration::from_secs(60);

impl Runner<'_> {
    /// Runs every step of a set. `progress` tells how far it came, also where it stops.
    ///
    /// # Errors
    /// Why it stopped.
    pub(crate) async fn steps(
        &mut self,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        // One look more than there are steps: a leader may come back during the last.
        for at in 0..=set_run.request.playbook.steps.len() {
            if let Some(step) = set_run.request.playbook.steps.get(at) {
                step.title().clone_into(&mut self.step);
            }
            // On the heap: what a step holds on to is large.
            while Box::pin(self.step(set_run, at, progress)).await? == Walk::Again {}
        }
        Ok(())
    }

    async fn step(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
        progress: &mut Progress,
    ) -> Result<Walk, Stop> {
        self.may_go_on(set_run, progress).await?;
        let Some(step) = set_run.request.playbook.steps.get(at) else {
            return self.last_look(set_run, progress).await;
        };
        let Look { mut world, taken } = self.observe_before(set_run, step, progress).await?;
        if step.requires(Requirement::Room) {
            observe_capacities(self.clusters, &mut world).await;
        }
        if step.verb() == Verb::Remote {
            observe_identities(self.clusters, &mut world).await;
        }
        let topology = self.topology;
        let context = set_run.context(topology, &world);
        let seen = context.see();
        if progress.entry.is_none() {
            progress.entry = seen.entry.cloned();
        }
        progress.past_no_return |= context.is_switch() && seen.is_past(Role::Target);
        let dues = outline(&context, &seen);
        self.check_return(set_run, &world)?;
        let unseen = needed(set_run, at, &dues);
        if !unseen.is_empty() {
            let within = step.within.unwrap_or(WITHIN_DEFAULT);
            self.await_sight(unseen, within, &mut progress.absence).await?;
            return Ok(Walk::Again);
        }
        progress.absence.end();
        if context.is_forced()
            && self.catch_up(set_run, at, (&context, &seen, &dues), progress).await?
        {
            return Ok(Walk::Again);
        }
        let due = &dues[at];
        if self.awaits_others(set_run, at, due, progress).await? {
            return Ok(Walk::Again);
        }
        check_bound(set_run, at, due)?;
        let acts = |due: &Due| !due.actions.is_empty() || !due.unseen.is_empty();
        let guards = dues[at + 1..].iter().any(acts);
        if step.is_gate() {
            let is_due = guards || is_always_due(set_run, at);
            if is_due {
                self.gate(set_run, at, &context, &seen, progress).await?;
            }
            let only_looks = !is_due || step.verb() == Verb::Require;
            progress.look = only_looks.then_some(Look { world, taken });
            return Ok(Walk::On);
        }
        check_fence(set_run, at, &dues, progress)?;
        self.waived(due, progress)?;
        refuse(step, due, progress)?;
        let opens = step.verb() == Verb::Record && needs_record(set_run, at, &seen);
        if due.actions.is_empty() && !(opens && (guards || !context.is_switch())) {
            self.event(Kind::Skipped, "", Vec::new(), Detail::AlreadySo)?;
            progress.look = Some(Look { world, taken });
            return Ok(Walk::On);
        }
        self.ask_again(set_run, at)?;
        self.judge(&context, &seen, step)?;
        let began = now_ms();
        let walk = self.act(set_run, at, due, &context, &seen, progress).await?;
        let took_ms = u64::try_from(now_ms() - began).unwrap_or(0);
        self.event(Kind::Done, "", Vec::new(), Detail::Took { took_ms })?;
        Ok(walk)
    }

    pub(super) async fn act(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
        due: &Due,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<Walk, Stop> {
        let step = &set_run.request.playbook.steps[at];
        let within = step.within.unwrap_or(WITHIN_DEFAULT);
        let world = context.scope.world;
        match (&step.goal, step.on) {
            (Goal::Record, _) => self.open_entry(context, seen, progress).await?,
            (Goal::Hook { name }, _) => {
                self.hooks(set_run.switch, *name, &due.actions, within).await?;
                self.remember(world, progress, &context.hook_mark(*name)).await?;
                progress.redirected_ms = Some(now_ms());
            }
            (Goal::Fence, Some(on)) => {
                self.record_fence(context, seen, progress).await?;
                let fencing = (context.cluster(on), due.actions.as_slice());
                self.act_fence(context, fencing, progress, within).await?;
            }
            (Goal::Unfence, Some(on)) => {
                progress.changed = true;
                let which = (context.cluster(on), &due.actions[..]);
                self.let_writers_in((set_run, world), which, progress, within).await?;
            }
            (Goal::Drain { .. }, _) if progress.is_unfenced => {}
            (Goal::Drain { max_lag_ops }, _) => {
                progress.changed = true;
                if let Err(stop) =
                    self.act_drain(due, context, progress, *max_lag_ops, within).await
                {
                    self.waive_drain(context, stop, progress).await?;
                }
            }
            (Goal::Carry, _) => self.carry((set_run, at), due, progress, within).await?,
            (Goal::Promote { .. }, _) => {
                return self.act_promote((set_run, at), due, context, progress, within).await;
            }
            (Goal::Resume | Goal::Seed | Goal::Salvage | Goal::Discard, _) => {
                self.act_copies((set_run, at), due, context, progress, within).await?;
            }
            (Goal::Join | Goal::Echo | Goal::Canary, _) => {
                self.act_alias((set_run, at, context), due, progress, within).await?;
            }
            _ => {
                progress.changed = true;
                if let (Goal::Alias, Some(on)) = (&step.goal, step.on)
                    && set_run.request.playbook.leads_at(at) != on
                {
                    self.until_borne(on, (set_run, at), within).await?;
                }
                // Beyond the lead, an interrupt lets the few calls of a step come to their end.
                let deadline = Deadline::uninterrupted("the change", within);
                let order = Order::OneByOne;
                let done = self.until_done((set_run, at), &due.actions, order, deadline);
                progress.look = Some(done.await?);
            }
        }
        Ok(Walk::On)
    }

    /// What makes copies, gets them going, or lets them go.
    async fn act_copies(
        &mut self,
        (set_run, at): (&SetRun<'_>, usize),
        due: &Due,
        context: &Context<'_>,
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        progress.changed = true;
        let step = &set_run.request.playbook.steps[at];
        progress.look = match (&step.goal, step.on) {
            (Goal::Salvage, Some(on)) => {
                let problems = self.salvage(on, (set_run, at), (due, context), within).await?;
                progress.problems.extend(problems);
                None
            }
            (Goal::Resume, _) => Some(self.resume(at, &due.actions, set_run, within).await?),
            (Goal::Discard, Some(on)) => {
                let view = context.scope.world.view(context.cluster(on));
                let takes_wait = view.is_some_and(|view| view.version.close_takes_wait());
                Some(self.discard((set_run, at), due, takes_wait, within).await?)
            }
            (Goal::Seed, _) => {
                let deadline = Deadline::new("following", within);
                let order = Order::ByKind(&FOLLOWING);
                Some(self.until_done((set_run, at), &due.actions, order, deadline).await?)
            }
            _ => None,
        };
        Ok(())
    }
}

/// Whether a gate is gone through with nothing behind it to be guarded. Two sites are whole only
/// where that is looked at, whatever was left to do.
fn is_always_due(set_run: &SetRun<'_>, at: usize) -> bool {
    let verifies = set_run.request.playbook.steps[at].verb() == Verb::Verify;
    (set_run.request.playbook.kind == playbook::Kind::BidiFailback && verifies)
        || set_run.request.playbook.is_last(at)
}

/// Stops for what cannot be done. Past the line of no return there is only forward: it is told at
/// the end, and a promote tells it itself.
fn refuse(step: &Step, due: &Due, progress: &mut Progress) -> Result<(), Stop> {
    let promotes = step.verb() == Verb::Promote;
    if due.reasons.is_empty() {
        return Ok(());
    }
    if !progress.past_no_return || (promotes && due.actions.is_empty()) {
        return Err(Stop::Blocked { reasons: due.reasons.clone() });
    }
    if !promotes {
        progress.problems.extend(due.reasons.iter().map(Reason::problem));
    }
    Ok(())
}
