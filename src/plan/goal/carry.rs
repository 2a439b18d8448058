//! `carry`: the target, which was left behind, has what the source took since, and leads.

use super::{FRESH, IndexCall};
use crate::plan::{
    pair::{Facts, Pair, Role, Side},
    reason::Code,
};

/// What cannot be seen of one index alone, such as positions, is the gate's to judge.
pub(super) fn remaining(pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match (pair.facts.leads, pair.source) {
        (Some(Role::Target), _) if pair.target == Side::Unreachable => {
            return Err(Code::TargetUnreachable);
        }
        (Some(Role::Target), _) => return Ok(vec![]),
        (None, _) => return Err(Code::Unrelated),
        (_, Side::Unreachable) => return Err(Code::LeaderUnreachable),
        (_, Side::Absent) => return Err(Code::Deleted),
        (_, Side::Following { .. }) => return Err(Code::FormerLeader),
        // Its positions cannot be read.
        (_, Side::Regular { open: false, .. }) => return Err(Code::LeaderClosed),
        (_, Side::Regular { .. }) => {}
    }
    let (open, fence) = match pair.target {
        Side::Unreachable => return Err(Code::TargetUnreachable),
        Side::Absent => return Err(Code::IndexMissing),
        // It has given up what it was, or a block stands there that is not esdr's to lift.
        Side::Following { .. } => return Err(Code::CannotCarry),
        Side::Regular { fence, .. } if fence.is_found() => return Err(Code::CannotCarry),
        Side::Regular { open, fence } => (open, fence),
    };
    let mut verbs = Vec::new();
    // Under `index.blocks.read_only` nothing is opened.
    if fence.is_ours() {
        verbs.push((IndexCall::Unfence, Role::Target));
    }
    if !open {
        verbs.push((IndexCall::Open, Role::Target));
    }
    verbs.push((IndexCall::Carry, Role::Target));
    Ok(verbs)
}

/// How the pair will look once it holds.
pub(super) fn after(pair: Pair) -> Pair {
    if pair.facts.leads == Some(Role::Target) {
        return pair;
    }
    let facts = Facts { proof: true, checkpoints: true, leads: Some(Role::Target), ..pair.facts };
    Pair { facts, ..pair.with(Role::Target, FRESH) }
}
