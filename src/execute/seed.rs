//! Following: new copies, and followers that were paused.

use std::time::Duration;

use crate::{
    es::{error::Error, transport::Request},
    event::Kind,
    plan::action::Action,
};

use super::{
    course::Course,
    stage::{Deadline, Stage},
    stop::{Left, Stop},
};

impl Stage<'_> {
    /// Sends what each index still needs to follow, verb by verb, and looks until all do.
    pub(super) async fn follow(
        &mut self,
        at: usize,
        actions: &[Action],
        course: &Course<'_>,
        within: Duration,
    ) -> Result<(), Stop> {
        let deadline = Deadline::new("following", within);
        let mut actions = actions.to_vec();
        loop {
            let mut refused = Vec::new();
            for verb in ["open", "pause", "resume", "follow"] {
                refused.extend(self.send_verb(verb, &actions).await?);
            }
            let world = self.observe().await?;
            let topology = self.topology;
            let context = course.context(topology, &world);
            let seen = context.see();
            let pairs: Vec<_> = seen.subjects.iter().map(|subject| subject.pair).collect();
            let due = context.due(at, &seen, &pairs, &pairs);
            let copying = seen.subjects.iter().filter_map(|s| s.target).any(|i| i.restoring);
            if due.actions.is_empty() && due.reasons.is_empty() && !copying {
                return Ok(());
            }
            // A refusal that a repeat cannot mend is told at once.
            if let Some((_, error)) = refused.iter().find(|(_, error)| is_final(error)) {
                return Err(Stop::Call(error.clone()));
            }
            if !due.reasons.is_empty() {
                return Err(Stop::Blocked { reasons: due.reasons });
            }
            self.check_interrupt()?;
            actions = due.actions;
            let left = || {
                actions
                    .iter()
                    .map(|action| Left {
                        index: action.index().unwrap_or_default().to_owned(),
                        shard: None,
                        lag_ops: None,
                        why: format!("{} not seen yet", action.word()),
                    })
                    .collect()
            };
            deadline.pause(left).await?;
        }
    }

    /// Sends all actions of one verb side by side; returns what was refused.
    pub(super) async fn send_verb(
        &mut self,
        verb: &str,
        actions: &[Action],
    ) -> Result<Vec<(String, Error)>, Stop> {
        let chosen: Vec<&Action> = actions.iter().filter(|a| a.word() == verb).collect();
        let Some(cluster) = chosen.first().and_then(|action| action.cluster()) else {
            return Ok(Vec::new());
        };
        let name = |action: &Action| action.key().2.to_owned();
        let names: Vec<String> = chosen.iter().map(|action| name(action)).collect();
        let requests: Vec<(String, Request)> = chosen
            .iter()
            .flat_map(|action| action.requests().into_iter().map(|r| (name(action), r)))
            .collect();
        self.calls(Kind::Started, cluster, &names, verb)?;
        let es = self.es(cluster)?.clone();
        let answers = self.send_all(&es, requests).await;
        Ok(answers.into_iter().filter_map(|(name, answer)| Some((name, answer.err()?))).collect())
    }
}

/// Neither a busy server nor an effect that an earlier call already had.
pub(super) fn is_final(error: &Error) -> bool {
    matches!(error, Error::Refused { status, .. } if (400..500).contains(status))
        && !error.is_busy()
        && !error.is_task_exists()
        && !error.is_not_following()
        && !error.is_already_following()
}
