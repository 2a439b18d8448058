//! `remove`: what follows on this side is gone.

use super::{IndexCall, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side, Tasks},
    reason::Code,
};

/// What does not follow is no copy, and stays. It is a follower to the last, so that a run that
/// ends in between is seen to have one left; what it holds of the leader's history is given back
/// before it goes, for nobody could name it afterwards.
pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Following { tasks, .. } => {
            let pause = (tasks != Tasks::Paused).then_some((IndexCall::Pause, role));
            let has_leader = matches!(pair.side(role.other()), Side::Regular { .. });
            let forget = has_leader.then_some((IndexCall::Forget, role.other()));
            Ok(pause.into_iter().chain(forget).chain([(IndexCall::Delete, role)]).collect())
        }
        Side::Absent | Side::Regular { .. } => Ok(vec![]),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        Side::Following { .. } => pair.with(role, Side::Absent),
        _ => pair,
    }
}
