//! `release`: what followed on this side is regular and open.

use super::{FRESH, IndexCall, left_behind::loosen, unreachable};
use crate::plan::{
    pair::{Pair, Role, Side, Tasks},
    reason::Code,
};

/// The calls of a promote, without what proves that it lost nothing.
pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Following { tasks, open } => {
            let pause = (tasks != Tasks::Paused).then_some((IndexCall::Pause, role));
            let close = open.then_some((IndexCall::Close, role));
            let rest = [(IndexCall::Unfollow, role), (IndexCall::Open, role)];
            Ok(pause.into_iter().chain(close).chain(rest).collect())
        }
        // Unfollowed, and the run ended there.
        Side::Regular { open: false, .. } => {
            Ok([loosen(role, pair), vec![(IndexCall::Open, role)]].concat())
        }
        Side::Absent | Side::Regular { .. } => Ok(vec![]),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        Side::Following { .. } => pair.with(role, FRESH),
        Side::Regular { open, fence } => {
            let fence = if open { fence } else { fence.loosened() };
            pair.with(role, Side::Regular { open: true, fence })
        }
        _ => pair,
    }
}
