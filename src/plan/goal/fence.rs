//! `fence`: refuses writes and rollovers.

use super::{IndexCall, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side},
    reason::Code,
};

pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match pair.side(role) {
        // The proof was taken under this fence: it stands, whether or not it can be seen.
        Side::Unreachable if role == Role::Source && pair.facts.proof => Ok(vec![]),
        Side::Unreachable => Err(unreachable(role)),
        // Born on the other side, or gone from here: nobody can write to it.
        Side::Absent if matches!(pair.side(role.other()), Side::Regular { .. }) => Ok(vec![]),
        Side::Absent => Err(Code::IndexMissing),
        // A closed index is not a fence: whoever opens it can write.
        side if side.lacks_fence() => Ok(vec![(IndexCall::Fence, role)]),
        // A follower takes no client's writes.
        Side::Regular { .. } | Side::Following { .. } => Ok(vec![]),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        Side::Regular { open, fence } if pair.side(role).lacks_fence() => {
            pair.with(role, Side::Regular { open, fence: fence.set(open) })
        }
        _ => pair,
    }
}
