//! `discard`: the old copy is closed behind its fence, to be followed over.

use super::{
    IndexCall,
    left_behind::{left_behind, loosen},
};
use crate::plan::{
    pair::{Pair, Role, Side},
    reason::Code,
};

pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    match left_behind(role, pair)? {
        Some(_) if !pair.is_disposable(role) => Err(Code::Unsalvaged),
        Some(open) => {
            let close = if open { vec![(IndexCall::Close, role)] } else { vec![] };
            Ok([loosen(role, pair), close].concat())
        }
        None => Ok(vec![]),
    }
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        Side::Regular { fence, .. } => {
            pair.with(role, Side::Regular { open: false, fence: fence.loosened() })
        }
        _ => pair,
    }
}
