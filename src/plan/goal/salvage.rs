//! `salvage`: what only this side has is in files.

use super::{
    FRESH, IndexCall,
    left_behind::{left_behind, loosen},
};
use crate::plan::{
    pair::{Facts, Pair, Role, Side},
    reason::Code,
};

/// What is left behind is only looked at under its fence, or it would not be all.
pub(super) fn remaining(role: Role, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    let Some(open) = left_behind(role, pair)? else {
        return Ok(vec![]);
    };
    if pair.is_disposable(role) {
        return Ok(vec![]);
    }
    // The positions of a closed index cannot be read.
    let opened = if open { vec![] } else { vec![(IndexCall::Open, role)] };
    let loosened = if open { vec![] } else { loosen(role, pair) };
    Ok([loosened, opened, vec![(IndexCall::Salvage, role)]].concat())
}

/// How the pair will look once it holds.
pub(super) fn after(role: Role, pair: Pair) -> Pair {
    match pair.side(role) {
        Side::Regular { open, fence } if !pair.is_disposable(role) => {
            let facts = Facts { salvaged: true, ..pair.facts };
            let fence = if open { fence } else { fence.loosened() };
            let pair = if pair.returns(role) { pair.with(role.other(), FRESH) } else { pair };
            Pair { facts, ..pair.with(role, Side::Regular { open: true, fence }) }
        }
        _ => pair,
    }
}
