//! A whole run: sets one after another, each whole; a set that fails does not hold the
//! next.

use std::time::Duration;

use crate::{
    clock::now_ms,
    event::{Detail, Kind},
    model::{
        lineage::State,
        problem::{Code, Problem},
        world::World,
    },
    plan::{
        Switch, assemble,
        context::Context,
        fences,
        outline::outline,
        pair::{Fence, Side},
        request::PlanRequest,
        seen::Seen,
        subject::Subject,
    },
    playbook::{self, Playbook, Role, Verb, builtin},
};

use super::{
    locked::superseded,
    runner::Runner,
    set_end::{Ended, SetEnd, is_problem},
    set_run::{Progress, SetRun},
    sighting::sees_target,
    stop::Stop,
};

/// Undo gets a limit of its own: a spent deadline must not leave a set half undone.
const UNDO_WITHIN: Duration = Duration::from_secs(120);

impl Runner<'_> {
    /// Carries out the plan.
    ///
    /// # Errors
    /// Only where the journal cannot be written; everything else is an end of a set.
    pub(crate) async fn run(&mut self, within: Option<Duration>) -> Result<Vec<SetEnd>, Stop> {
        let plan = self.plan;
        let indices = plan.switches.iter().map(|switch| switch.members.len()).sum();
        let calls = plan
            .switches
            .iter()
            .flat_map(Switch::actions)
            .map(|action| action.requests().len())
            .sum();
        let detail = Detail::Plan { id: plan.request.run.clone(), indices, calls };
        self.event(Kind::Plan, "", Vec::new(), detail)?;
        let mut ends = Vec::new();
        for switch in &plan.switches {
            self.set.clone_from(&switch.set);
            let end = if let Err(lost) = self.refuse_if_lost() {
                SetEnd::without_lock(switch, &lost)
            } else if self.interrupts.any() {
                SetEnd::untouched(switch)
            } else {
                self.run_set(switch, within).await?
            };
            ends.push(end);
        }
        self.set.clear();
        self.step.clear();
        Ok(ends)
    }

    async fn run_set(&mut self, switch: &Switch, within: Option<Duration>) -> Result<SetEnd, Stop> {
        let plan = self.plan;
        let set = self.topology.set_or_direction(&switch.set);
        let set_run = SetRun {
            switch,
            set: &set,
            request: &plan.request,
            by_itself: false,
            within: within.map(|within| tokio::time::Instant::now() + within),
        };
        let mut progress = Progress::default();
        let began_ms = now_ms();
        let result = self.walk_to_the_end(&set_run, &mut progress).await;
        let mut end = SetEnd { began_ms, ..SetEnd::of(switch, &progress) };
        match result {
            Ok(world) => match self.finish(&set_run, &world, &mut progress, &mut end).await {
                Err(stop @ (Stop::LockLost(_) | Stop::Unseen { .. })) => {
                    self.stopped(&set_run, stop, &mut progress, &mut end).await?;
                }
                ended => ended?,
            },
            Err(stop) => self.stopped(&set_run, stop, &mut progress, &mut end).await?,
        }
        Ok(end)
    }

    /// Every step, and one last look at every side that they speak of: nothing is called done
    /// without it, nor while it shows that something is left to do.
    async fn walk_to_the_end(
        &mut self,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
    ) -> Result<World, Stop> {
        let mut left = String::new();
        for _ in 0..WALKS_MAX {
            self.steps(set_run, progress).await?;
            // What the last steps went by may be the word of an odd answer: the verdict is a look of its
            // own.
            progress.look = None;
            if !set_run.by_itself {
                END.clone_into(&mut self.step);
            }
            let world = self.observe_for_all(set_run, progress).await?;
            let context = set_run.context(self.topology, &world);
            match left_to_do(&context, &context.see()) {
                None => return Ok(world),
                Some(what) => left = what,
            }
        }
        Err(Stop::Drift { detail: left })
    }

    /// The entry is closed, by what the last look shows.
    async fn finish(
        &mut self,
        set_run: &SetRun<'_>,
        world: &World,
        progress: &mut Progress,
        end: &mut SetEnd,
    ) -> Result<(), Stop> {
        // Also on those that did not answer of late: a run that stood still may have lost it there.
        self.lock.prove_everywhere().await.map_err(Stop::LockLost)?;
        let topology = self.topology;
        let context = set_run.context(topology, world);
        let after = assemble::switch(&context);
        end.take(after);
        end.problems.append(&mut progress.problems);
        self.keep_protection(&context, world).await?;
        let joins = set_run.request.playbook.kind == playbook::Kind::BidiFailback;
        let closes = if self.plan.request.undo || joins { State::Undone } else { State::Done };
        if let Some(mut entry) = progress.entry.clone()
            && (entry.state == State::Open || (entry.state == State::Alone && joins))
        {
            if context.leaves_target() {
                // What is left to do there is done by the same undo, once it answers.
                entry.fenced_ms = None;
            } else {
                entry.state = closes;
            }
            if set_run.request.playbook.kind.moves_lead() {
                entry.lost = Some(end.lost);
            }
            self.write_entry(world, &mut entry, Some(&[]), 0).await?;
            progress.entry = Some(entry);
        }
        if set_run.request.playbook.kind == playbook::Kind::Unfence {
            self.close_fences(world, fences::on_record(context.scope)).await?;
        }
        if set_run.request.playbook.kind.moves_lead()
            && !self.plan.request.undo
            && !context.see().is_part
        {
            // The lead has come to where they were set: what it has lifted stands no more.
            let over = fences::on_record(context.scope.turned());
            self.close_fences(world, over.filter(|entry| !fences::stands(world, entry))).await?;
        }
        let late: Vec<String> = end
            .problems
            .iter()
            .filter(|problem| problem.code == Code::LateIndex)
            .map(|problem| problem.subject.clone())
            .collect();
        if !late.is_empty() {
            let source = set_run.switch.source.clone();
            self.event(Kind::Failed, &source, late, Detail::Newcomers { late: true })?;
        }
        let is_left = end.problems.iter().any(is_problem);
        end.ended = if is_left { Ended::Incomplete } else { Ended::Converged };
        end.missed.append(&mut progress.missed);
        let is_behind = |leads: &&bool| !**leads;
        let behind = leads(set_run, &context.see()).iter().filter(is_behind).count();
        end.done = end.total.saturating_sub(behind);
        Ok(())
    }

    async fn stopped(
        &mut self,
        set_run: &SetRun<'_>,
        stop: Stop,
        progress: &mut Progress,
        end: &mut SetEnd,
    ) -> Result<(), Stop> {
        // Whatever failed: without the lock it is not for this run to mend.
        if let Err(lost) = self.lock.prove_everywhere().await {
            return self.without_lock(Stop::LockLost(lost), end);
        }
        // It may have ended well, and nobody has seen it.
        let is_open_end = self.step == END;
        end.interrupted = matches!(stop, Stop::Interrupted);
        end.unexpected = matches!(stop, Stop::Unexpected(_));
        let problem = stop.problem(&set_run.switch.set);
        self.event(Kind::Failed, "", Vec::new(), Detail::Note { problem: problem.clone() })?;
        end.problems.push(problem);
        // What fails behind the promote leaves the switch as it stands: the new leader serves.
        let world = self.observe().await?;
        let sees_target = sees_target(set_run, &world);
        let serves = (progress.past_no_return && after_promote(set_run, &self.step))
            || (set_run.request.playbook.kind == playbook::Kind::BidiFailover
                && self.step == "after hook");
        let context = set_run.context(self.topology, &world);
        let leading = leads(set_run, &context.see()).into_iter().filter(|leads| *leads).count();
        end.done = if sees_target { leading } else { 0 };
        end.ended = if serves && sees_target && !end.interrupted {
            end.problems.append(&mut progress.problems);
            end.take(assemble::switch(&context));
            Ended::Incomplete
        } else if progress.past_no_return || self.plan.request.undo || is_open_end {
            Ended::Stopped
        } else if set_run.is_forced() && progress.changed {
            // The leader that it goes without would be needed to take it back.
            Ended::Stopped
        } else if progress.entry.is_some() && set_run.request.playbook.kind.moves_lead() {
            self.take_back(set_run, progress, end).await?
        } else if progress.changed {
            Ended::Stopped
        } else {
            Ended::Refused
        };
        let ended = Detail::Ended { outcome: end.ended.outcome() };
        self.event(Kind::Stopped, "", Vec::new(), ended)
    }

    /// Another run has the lock: nothing is mended, and nothing more is seen.
    fn without_lock(&mut self, lost: Stop, end: &mut SetEnd) -> Result<(), Stop> {
        let problem = lost.problem(&end.set);
        self.event(Kind::Failed, "", Vec::new(), Detail::Note { problem: problem.clone() })?;
        end.problems.push(problem);
        end.ended = Ended::Stopped;
        let ended = Detail::Ended { outcome: end.ended.outcome() };
        self.event(Kind::Stopped, "", Vec::new(), ended)
    }

    /// A planned run that gives up before the line of no return undoes itself.
    async fn take_back(
        &mut self,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
        end: &mut SetEnd,
    ) -> Result<Ended, Stop> {
        let Some(Ok(playbook)) = builtin::find("undo").map(builtin::Builtin::playbook) else {
            return Ok(Ended::Stopped);
        };
        let world = self.observe().await?;
        let own = progress.entry.as_ref();
        if let Some(why) = own.and_then(|own| superseded(&world, own)) {
            let detail = format!("this run takes nothing back: {why}");
            end.problems.push(Problem::new(Code::Superseded, &end.set, detail, "esdr status"));
            return Ok(Ended::Stopped);
        }
        let was = self.interrupts.clone();
        self.interrupts = super::runner::Interrupts::default();
        let undone = self.undo_course(set_run, playbook, progress).await;
        self.interrupts = was;
        end.writable_ms = end.fenced_ms.and(progress.writable_ms);
        match undone {
            Ok(kept) => {
                end.problems.extend(kept);
                let writers_refused_ms = end.refused_ms();
                let detail = Detail::Undone { writers_refused_ms };
                self.event(Kind::Done, "", Vec::new(), detail)?;
                Ok(if progress.changed || end.fenced_ms.is_some() {
                    Ended::Undone
                } else {
                    Ended::Refused
                })
            }
            Err(stop) => {
                let problem = stop.problem(&set_run.switch.set);
                if !end.problems.contains(&problem) {
                    end.problems.push(problem);
                }
                Ok(Ended::Stopped)
            }
        }
    }

    async fn undo_course(
        &mut self,
        set_run: &SetRun<'_>,
        playbook: Playbook,
        progress: &mut Progress,
    ) -> Result<Vec<Problem>, Stop> {
        let request = PlanRequest { undo: true, ..PlanRequest::of(playbook) };
        let mut undo = SetRun {
            switch: set_run.switch,
            set: set_run.set,
            request: &request,
            by_itself: true,
            within: Some(tokio::time::Instant::now() + UNDO_WITHIN),
        };
        // What is to be taken back is not known of a side that is not seen.
        let world = self.observe_for_all(&undo, progress).await?;
        let switch = assemble::switch(&undo.context(self.topology, &world));
        undo.switch = &switch;
        let mut undoing = Progress { entry: progress.entry.clone(), ..Progress::default() };
        let undone = self.walk_to_the_end(&undo, &mut undoing).await;
        // Whatever came after: writers are let in from that moment on.
        progress.writable_ms = undoing.writable_ms;
        let world = undone?;
        let mut kept = assemble::switch(&undo.context(self.topology, &world)).problems;
        kept.retain(|problem| [Code::FenceStanding, Code::LateIndex].contains(&problem.code));
        if let Some(mut entry) = undoing.entry {
            entry.state = State::Undone;
            self.write_entry(&world, &mut entry, Some(&[]), 0).await?;
            progress.entry = Some(entry);
        }
        Ok(kept)
    }
}

/// What a run is at once all of its steps are behind it.
const END: &str = "done";

/// The steps are gone through so often: what they find done on the word of an odd answer is still to
/// do in the next look.
const WALKS_MAX: usize = 3;

/// What a look shows that a step has still to change.
fn left_to_do(context: &Context<'_>, seen: &Seen<'_>) -> Option<String> {
    let dues = outline(context, seen);
    let mut left = dues.iter().flat_map(|due| &due.actions).filter(|action| !action.only_reads());
    left.next().map(|action| {
        let (word, cluster, name) = action.key();
        format!("{name} on {cluster} still needs: {word}")
    })
}

/// Of the planned indices that are seen, whether each leads on the target and takes writes there.
/// None of a playbook that moves no lead.
fn leads(set_run: &SetRun<'_>, seen: &Seen<'_>) -> Vec<bool> {
    let is_planned = |subject: &&Subject<'_>| {
        set_run.request.playbook.kind.moves_lead()
            && set_run.switch.members.iter().any(|member| {
                member.source_index == subject.names.source_index
                    && member.target_index == subject.names.target_index
            })
    };
    let leads = |subject: &Subject<'_>| {
        let takes_writes = |side| matches!(side, Side::Regular { open: true, fence } if !matches!(fence, Fence::Partial | Fence::Ours));
        subject.pair.is_unfollowed(Role::Target) && takes_writes(subject.pair.target)
    };
    seen.subjects.iter().filter(is_planned).map(leads).collect()
}

/// Whether a step stands behind the promote.
fn after_promote(set_run: &SetRun<'_>, title: &str) -> bool {
    let steps = &set_run.request.playbook.steps;
    let promote = steps.iter().position(|step| step.verb() == Verb::Promote);
    promote.is_some_and(|promote| steps[promote + 1..].iter().any(|step| step.title() == title))
}
