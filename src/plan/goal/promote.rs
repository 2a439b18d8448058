//! `promote`: regular, open, writable, and the leader by the record.

use super::{IndexCall, unreachable};
use crate::plan::{
    pair::{Facts, Fence, Pair, Role, Side, Tasks},
    reason::Code,
};

pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Absent => Err(Code::IndexMissing),
        Side::Following { tasks: Tasks::GivenUp, .. } => Err(Code::RedFollower),
        Side::Following { tasks, open } => {
            let mut verbs = Vec::new();
            // The task's existence is what unfollow minds, a fatal one's too.
            let paused = tasks == Tasks::Paused;
            if !paused {
                verbs.push((IndexCall::Pause, role));
            }
            // Positions written before this pause would not be the last ones.
            let written = paused && pair.facts.checkpoints;
            if !written {
                if !open {
                    verbs.push((IndexCall::Open, role));
                }
                verbs.push((IndexCall::Checkpoints, role));
            }
            if open || !written {
                verbs.push((IndexCall::Close, role));
            }
            verbs.extend([(IndexCall::Unfollow, role), (IndexCall::Open, role)]);
            Ok(verbs)
        }
        Side::Regular { open, fence } if pair.facts.leads == Some(role) => {
            let mut verbs = Vec::new();
            if fence.is_ours() {
                verbs.push((IndexCall::Unfence, role));
            }
            if !open {
                verbs.push((IndexCall::Open, role));
            }
            Ok(verbs)
        }
        Side::Regular { .. } if pair.facts.leads.is_none() => Err(Code::Unrelated),
        Side::Regular { .. } => Err(Code::FormerLeader),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    let facts = Facts { checkpoints: true, leads: Some(role), ..pair.facts };
    let fence = match pair.side(role) {
        Side::Regular { fence, .. } => fence.lifted(),
        _ => Fence::None,
    };
    Pair { facts, ..pair.with(role, Side::Regular { open: true, fence }) }
}
