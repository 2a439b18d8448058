//! `resume`: where it follows, the task runs.

use super::{IndexCall, RUNNING, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side, Tasks},
    reason::Code,
};

/// A follower that has its proof has read all there is.
pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    let (tasks, open) = match pair.side(role) {
        Side::Following { tasks, open } => (tasks, open),
        Side::Unreachable => return Err(unreachable(role)),
        Side::Absent | Side::Regular { .. } => return Ok(vec![]),
    };
    if tasks == Tasks::GivenUp && !pair.facts.proof {
        return Err(Code::RedFollower);
    }
    let verbs = running(role, tasks, open);
    match pair.side(role.other()) {
        _ if verbs.is_empty() || pair.facts.proof => Ok(vec![]),
        Side::Unreachable => Err(unreachable(role.other())),
        // There is nothing any more that it could read.
        Side::Absent => Err(Code::FatalFollower),
        _ => Ok(verbs),
    }
}

/// What a follower needs until its tasks run. A copy that was given up is made anew: what it holds
/// cannot be read, and came from its leader.
pub(in crate::plan) fn running(role: Role, tasks: Tasks, open: bool) -> Vec<(IndexCall, Role)> {
    let mut verbs = Vec::new();
    if tasks == Tasks::GivenUp {
        verbs.push((IndexCall::Pause, role));
        if open {
            verbs.push((IndexCall::Close, role));
        }
        verbs.push((IndexCall::Follow, role));
        return verbs;
    }
    if !open {
        verbs.push((IndexCall::Open, role));
    }
    match tasks {
        Tasks::Running | Tasks::GivenUp => {}
        Tasks::Paused => verbs.push((IndexCall::Resume, role)),
        Tasks::Fatal => verbs.extend([(IndexCall::Pause, role), (IndexCall::Resume, role)]),
    }
    verbs
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        Side::Following { .. } if !pair.facts.proof => pair.with(role, RUNNING),
        _ => pair,
    }
}
