//! Copies that were left behind: what only they have is kept, then they are let go.

use super::{Code, Fence, Pair, Role, Side, Verb, unreachable};

/// What is left behind is only looked at under its fence, or it would not be all.
pub(super) fn salvage(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    let Some(open) = left_behind(role, pair)? else {
        return Ok(vec![]);
    };
    if pair.is_spent(role) {
        return Ok(vec![]);
    }
    // The positions of a closed index cannot be read.
    let opened = if open { vec![] } else { vec![(Verb::Open, role)] };
    let loosened = if open { vec![] } else { loosen(role, pair) };
    Ok([loosened, opened, vec![(Verb::Salvage, role)]].concat())
}

/// An index that is read-only is neither opened, closed nor followed over. The write block stays,
/// so that nobody is let in.
pub(super) fn loosen(role: Role, pair: Pair) -> Vec<(Verb, Role)> {
    match pair.side(role) {
        Side::Regular { fence, .. } if fence.is_tight() => vec![(Verb::Loosen, role)],
        _ => vec![],
    }
}

pub(super) fn discard(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match left_behind(role, pair)? {
        Some(_) if !pair.is_spent(role) => Err(Code::Unsalvaged),
        Some(open) => {
            let close = if open { vec![(Verb::Close, role)] } else { vec![] };
            Ok([loosen(role, pair), close].concat())
        }
        None => Ok(vec![]),
    }
}

/// Whether the copy that was left behind is open; `None` where there is none any more.
fn left_behind(role: Role, pair: Pair) -> Result<Option<bool>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Absent | Side::Following { .. } => Ok(None),
        Side::Regular { .. } if pair.facts.leads == Some(role) => Err(Code::StandbyLeads),
        Side::Regular { .. } if pair.facts.leads.is_none() => Err(Code::Unrelated),
        // The record says more than is so: this is what the other side copies.
        Side::Regular { .. } if matches!(pair.side(role.other()), Side::Following { .. }) => {
            Err(Code::StandbyLeads)
        }
        // Deleted there by a client: what is to become of it is the operator's to say.
        Side::Regular { .. }
            if pair.side(role.other()) == Side::Absent
                && !pair.goes(role)
                && !pair.returns(role) =>
        {
            Err(Code::Deleted)
        }
        Side::Regular { fence: Fence::None, .. } => Err(Code::Unfenced),
        Side::Regular { open, .. } => Ok(Some(open)),
    }
}
