//! `seed`: follows the other side's index, and the task runs.

use super::{IndexCall, RUNNING, left_behind::loosen, resume::running, unreachable};
use crate::plan::{
    pair::{Fence, Pair, Role, Side, Tasks},
    reason::Code,
};

pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    let mut verbs = Vec::new();
    let is_closed = matches!(pair.side(role), Side::Regular { open: false, .. });
    if pair.is_to_delete(role) && is_closed && pair.is_disposable(role) {
        return Ok([loosen(role, pair), vec![(IndexCall::Delete, role)]].concat());
    }
    match pair.side(role) {
        Side::Unreachable => return Err(unreachable(role)),
        Side::Following { tasks: Tasks::Running, open } => {
            return Ok(running(role, Tasks::Running, open));
        }
        Side::Following { tasks, open } => verbs = running(role, tasks, open),
        Side::Absent => verbs.push((IndexCall::Follow, role)),
        Side::Regular { .. } if pair.facts.leads == Some(role) => return Err(Code::StandbyLeads),
        Side::Regular { open: false, fence }
            if fence != Fence::None && pair.is_disposable(role) =>
        {
            verbs.extend(loosen(role, pair));
            verbs.push((IndexCall::Follow, role));
        }
        Side::Regular { .. } if pair.facts.leads.is_some() => return Err(Code::FormerLeader),
        Side::Regular { .. } => return Err(Code::Unrelated),
    }
    match pair.side(role.other()) {
        Side::Regular { open: false, .. } => Err(Code::LeaderClosed),
        // Bootstrapping copies the block, and a follower born with it cannot apply anything.
        Side::Regular { fence, .. }
            if fence != Fence::None && verbs.last().is_some_and(|it| it.0 == IndexCall::Follow) =>
        {
            Err(Code::LeaderFenced)
        }
        Side::Regular { .. } => Ok(verbs),
        Side::Unreachable => Err(unreachable(role.other())),
        Side::Absent if pair.is_left_behind(role) => Err(Code::Deleted),
        Side::Absent => Err(Code::IndexMissing),
        Side::Following { .. } => Err(Code::FormerLeader),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    let side = if pair.is_to_delete(role) { Side::Absent } else { RUNNING };
    pair.with(role, side)
}
