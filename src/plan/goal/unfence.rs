//! `unfence`: takes writes again, without a block of esdr's.

use super::{IndexCall, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side},
    reason::Code,
};

pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable if role == Role::Source && pair.facts.untouched => Ok(vec![]),
        Side::Unreachable => Err(unreachable(role)),
        // Also where it cannot be seen: the record's word is enough for a second writable side.
        Side::Regular { fence, .. }
            if fence.is_ours()
                && (pair.is_unfollowed(role.other())
                    || (pair.facts.leads == Some(role.other())
                        && pair.side(role.other()) == Side::Unreachable)) =>
        {
            Err(Code::PastNoReturn)
        }
        _ if role == Role::Source && pair.keeps_fence() => Ok(vec![]),
        Side::Regular { fence, .. } if fence.is_ours() => Ok(vec![(IndexCall::Unfence, role)]),
        _ => Ok(vec![]),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        _ if role == Role::Source && pair.keeps_fence() => pair,
        Side::Regular { open, fence } => {
            pair.with(role, Side::Regular { open, fence: fence.lifted() })
        }
        _ => pair,
    }
}
