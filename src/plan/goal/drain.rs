//! `drain`: proved equal on both sides under the fence.

use super::{IndexCall, RUNNING, not_following, resume::running};
use crate::plan::{
    pair::{Facts, Pair, Role, Side, Tasks},
    reason::Code,
};

pub(super) fn remaining(pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    if pair.facts.proof {
        return Ok(vec![]);
    }
    match pair.source {
        Side::Unreachable => return Err(Code::LeaderUnreachable),
        Side::Absent => return Err(Code::IndexMissing),
        Side::Regular { open: true, .. } => {}
        // Its checkpoints cannot be read.
        Side::Regular { open: false, .. } => return Err(Code::LeaderClosed),
        Side::Following { .. } => return Err(Code::FormerLeader),
    }
    let Side::Following { tasks, open } = pair.target else {
        return Err(not_following(Role::Target, pair));
    };
    if tasks == Tasks::GivenUp {
        return Err(Code::RedFollower);
    }
    let mut verbs = running(Role::Target, tasks, open);
    verbs.push((IndexCall::Prove, Role::Target));
    Ok(verbs)
}

/// How the pair will look once it holds.
pub(super) fn after(pair: Pair) -> Pair {
    let facts = Facts { proof: true, ..pair.facts };
    Pair { facts, ..pair.with(Role::Target, RUNNING) }
}
