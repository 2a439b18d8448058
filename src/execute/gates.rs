//! What is judged before a step: the plan's bound, the lag, the gates of the playbook.

use std::time::Duration;

use crate::{
    event::{Detail, Kind},
    model::lag::Evidence,
    plan::{
        action::Action,
        assemble::{subject_lag, sum, weakest},
        context::Context,
        due::Due,
        reason::{Code, Reason},
        seen::Seen,
    },
    playbook::{self, Goal, Role, Step, Verb},
};

use super::{
    deadline::Deadline,
    runner::Runner,
    set_run::{Progress, SetRun},
    stop::Stop,
};

/// From the making of a follower to its first reading it takes a server a second or so.
const OTHERS_MAX: Duration = Duration::from_secs(10);

impl Runner<'_> {
    pub(super) fn check_limit(
        &self,
        set_run: &SetRun<'_>,
        progress: &Progress,
    ) -> Result<(), Stop> {
        match set_run.within {
            Some(ends) if !progress.past_no_return && tokio::time::Instant::now() > ends => {
                Err(Stop::Deadline {
                    what: format!("everything before {}", self.step),
                    within_ms: 0,
                    left: Vec::new(),
                })
            }
            _ => Ok(()),
        }
    }

    /// The lag is read and judged again before each step that acts. Before the fence it
    /// must be known: writers are not refused for what may never end.
    pub(super) fn judge(
        &mut self,
        context: &Context<'_>,
        seen: &Seen<'_>,
        step: &Step,
    ) -> Result<(), Stop> {
        let lags: Vec<_> = seen.subjects.iter().map(subject_lag).collect();
        if lags.iter().all(Option::is_none) {
            return Ok(());
        }
        let (lag_ops, evidence) = (sum(&lags), weakest(&lags));
        let detail = Detail::Gate { lag_ops, evidence: evidence.word().to_owned() };
        self.event(Kind::Progress, "", Vec::new(), detail)?;
        let drains = context.is_switch() && !context.is_forced();
        let fences = step.is(Verb::Fence, Role::Source);
        if drains && fences && evidence != Evidence::Measured {
            let target = context.scope.target;
            let detail =
                format!("how far {target} is behind cannot be measured: {}", evidence.word());
            return Err(Stop::Blocked {
                reasons: vec![Reason::new(Code::LinkDown, target, detail).hint("esdr status")],
            });
        }
        Ok(())
    }

    pub(super) async fn gate(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        match &set_run.request.playbook.steps[at].goal {
            Goal::Require { what } if !progress.past_no_return => {
                let reasons: Vec<Reason> = what
                    .iter()
                    .flat_map(|what| crate::plan::gate::require(context, seen, *what))
                    .collect();
                if reasons.is_empty() { Ok(()) } else { Err(Stop::Blocked { reasons }) }
            }
            Goal::Verify { what } => {
                // Never past an index's unfollow.
                let role = crate::playbook::Role::Target;
                if context.is_switch() && seen.is_past(role) {
                    return Ok(());
                }
                let mut entry = progress.entry.take();
                let mut result = Ok(());
                // Newcomers are taken in before the proof is looked at.
                let mut checks = what.clone();
                checks.sort_by_key(|check| *check != crate::playbook::Check::NoNewcomers);
                for check in checks {
                    result = self.verify(check, entry.as_mut(), set_run, at).await;
                    if result.is_err() {
                        break;
                    }
                }
                progress.entry = entry;
                result
            }
            Goal::Manual { name, say } if !self.is_confirmed(name, say) => {
                Err(Stop::Manual { name: name.clone(), say: say.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Before a switch that comes after hours of copying, whoever began the run is asked again.
    ///
    /// # Errors
    /// [`Stop::Manual`]: everything is prepared, and the same command goes on.
    pub(super) fn ask_again(&mut self, set_run: &SetRun<'_>, at: usize) -> Result<(), Stop> {
        let playbook = &set_run.request.playbook;
        let comes_after_copies = playbook.kind == playbook::Kind::Failback;
        let is_here = comes_after_copies && playbook.opens_entry_at() == Some(at);
        if !self.asks_again || !is_here {
            return Ok(());
        }
        let (source, target) = (&set_run.switch.source, &set_run.switch.target);
        let name = "switch";
        let say =
            format!("{target} follows {source}. From here on writers are refused until it leads.");
        if self.is_confirmed(name, &say) {
            return Ok(());
        }
        Err(Stop::Manual { name: name.to_owned(), say })
    }

    /// By name on the command line, or by a person who is there.
    pub(super) fn is_confirmed(&mut self, name: &str, say: &str) -> bool {
        if self.confirmed.iter().any(|confirmed| confirmed == name) {
            return true;
        }
        self.note_gate(name);
        (self.ask)(name, say)
    }
}

/// A proof holds only as long as the fence does: somebody who lifts it in between lets
/// in writes that the target will never have.
pub(super) fn check_fence(
    set_run: &SetRun<'_>,
    at: usize,
    dues: &[Due],
    progress: &Progress,
) -> Result<(), Stop> {
    let steps = &set_run.request.playbook.steps;
    if set_run.is_forced() || progress.past_no_return || steps[at].verb() != Verb::Promote {
        return Ok(());
    }
    let fences = steps[..at].iter().zip(dues).filter(|(step, _)| step.verb() == Verb::Fence);
    let lifted: Vec<String> = fences
        .flat_map(|(_, due)| &due.actions)
        .filter_map(|action| action.index().map(str::to_owned))
        .collect();
    if lifted.is_empty() {
        return Ok(());
    }
    let detail = format!("the fence of {} was lifted by somebody else", lifted.join(", "));
    Err(Stop::Drift { detail })
}

impl Runner<'_> {
    /// Whether to look again: somebody's auto-follow pattern has made a follower that the plan was
    /// to make, and its tasks do not run yet. For a moment only.
    pub(super) async fn awaits_others(
        &self,
        set_run: &SetRun<'_>,
        at: usize,
        due: &Due,
        progress: &mut Progress,
    ) -> Result<bool, Stop> {
        let planned = set_run.switch.steps.get(at).map(|step| step.actions.as_slice());
        let was_to_follow = |name: &str| {
            let mut planned = planned.unwrap_or_default().iter();
            planned.any(|it| matches!(it, Action::Follow { index, .. } if index == name))
        };
        let resumes = |action: &Action| matches!(action, Action::Resume { index, .. } if was_to_follow(index));
        if !due.actions.iter().any(resumes) {
            return Ok(false);
        }
        let deadline = progress
            .others
            .get_or_insert_with(|| Deadline::new("a follower that a pattern made", OTHERS_MAX));
        match self.pause(deadline, Vec::new).await {
            Err(Stop::Deadline { .. }) => Ok(false),
            waited => waited.map(|()| true),
        }
    }
}

/// The plan is an upper bound: nothing beyond what was confirmed is ever sent.
pub(super) fn check_bound(set_run: &SetRun<'_>, at: usize, due: &Due) -> Result<(), Stop> {
    let step = &set_run.request.playbook.steps[at];
    if set_run.is_forced() && matches!(step.verb(), Verb::Fence | Verb::Drain) {
        // What is done about a leader that answers again is a part of what was confirmed.
        return Ok(());
    }
    let planned = set_run.switch.steps.get(at).map(|step| step.actions.as_slice());
    let planned = planned.unwrap_or_default();
    let born = |action: &Action| {
        let known = |index: &str| {
            set_run
                .switch
                .members
                .iter()
                .any(|member| member.source_index == index || member.target_index == index)
        };
        // What a client that is refused leaves behind.
        matches!(action, Action::Placeholder { .. })
            || action.index().is_some_and(|index| !known(index))
    };
    let beyond = due
        .actions
        .iter()
        .find(|action| !born(action) && !planned.iter().any(|known| known.key() == action.key()));
    match beyond {
        None => Ok(()),
        Some(action) => {
            let (word, cluster, name) = action.key();
            let detail = format!("{name} on {cluster} now also needs: {word}");
            Err(Stop::Drift { detail })
        }
    }
}
