//! `index`, of a bi-directional alias: the index that this side writes is there.

use super::{FRESH, IndexCall, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side},
    reason::Code,
};

/// One that exists is taken over as it is.
pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match (pair.side(role), pair.side(role.other())) {
        (Side::Unreachable, _) => Err(unreachable(role)),
        (Side::Regular { open: true, .. }, _) => Ok(vec![]),
        (Side::Regular { .. }, _) => Err(Code::LeaderClosed),
        // The other side would be copied back into what it copies.
        (Side::Following { .. }, _) => Err(Code::Recursion),
        (Side::Absent, Side::Absent) => Ok(vec![(IndexCall::Create, role)]),
        (Side::Absent, Side::Unreachable) => Err(unreachable(role.other())),
        // What the other side still has of it is the only copy.
        (Side::Absent, Side::Following { .. }) => Err(Code::Orphaned),
        (Side::Absent, Side::Regular { .. }) => Err(Code::Unrelated),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    if pair.side(role) == Side::Absent { pair.with(role, FRESH) } else { pair }
}
