//! What is left to do of the goals that only a bi-directional alias has.

use super::{Verb, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side, Tasks},
    reason::Code,
};

/// One that exists is taken over as it is.
pub(super) fn index(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match (pair.side(role), pair.side(role.other())) {
        (Side::Unreachable, _) => Err(unreachable(role)),
        (Side::Regular { open: true, .. }, _) => Ok(vec![]),
        (Side::Regular { .. }, _) => Err(Code::LeaderClosed),
        // The other side would be copied back into what it copies.
        (Side::Following { .. }, _) => Err(Code::Recursion),
        (Side::Absent, Side::Absent) => Ok(vec![(Verb::Create, role)]),
        (Side::Absent, Side::Unreachable) => Err(unreachable(role.other())),
        // What the other side still has of it is the only copy.
        (Side::Absent, Side::Following { .. }) => Err(Code::Orphaned),
        (Side::Absent, Side::Regular { .. }) => Err(Code::Unrelated),
    }
}

/// What does not follow is no copy, and stays. It is a follower to the last, so that a run that
/// ends in between is seen to have one left; what it holds of the leader's history is given back
/// before it goes, for nobody could name it afterwards.
pub(super) fn remove(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Following { tasks, .. } => {
            let pause = (tasks != Tasks::Paused).then_some((Verb::Pause, role));
            let has_leader = matches!(pair.side(role.other()), Side::Regular { .. });
            let forget = has_leader.then_some((Verb::Forget, role.other()));
            Ok(pause.into_iter().chain(forget).chain([(Verb::Delete, role)]).collect())
        }
        Side::Absent | Side::Regular { .. } => Ok(vec![]),
    }
}

/// The calls of a promote, without what proves that it lost nothing.
pub(super) fn release(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Following { tasks, open } => {
            let pause = (tasks != Tasks::Paused).then_some((Verb::Pause, role));
            let close = open.then_some((Verb::Close, role));
            let rest = [(Verb::Unfollow, role), (Verb::Open, role)];
            Ok(pause.into_iter().chain(close).chain(rest).collect())
        }
        // Unfollowed, and the run ended there.
        Side::Regular { open: false, .. } => {
            Ok([super::loosen(role, pair), vec![(Verb::Open, role)]].concat())
        }
        Side::Absent | Side::Regular { .. } => Ok(vec![]),
    }
}
