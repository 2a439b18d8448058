//! A copy that was left behind at a switch: whether it may be looked at and let go.

use super::{IndexCall, unreachable};
use crate::plan::{
    pair::{Fence, Pair, Role, Side},
    reason::Code,
};

/// Whether the copy that was left behind is open; `None` where there is none any more.
pub(super) fn left_behind(role: Role, pair: Pair) -> Result<Option<bool>, Code> {
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
                && !pair.is_to_delete(role)
                && !pair.returns(role) =>
        {
            Err(Code::Deleted)
        }
        Side::Regular { fence: Fence::None, .. } => Err(Code::Unfenced),
        Side::Regular { open, .. } => Ok(Some(open)),
    }
}

/// An index that is read-only is neither opened, closed nor followed over. The write block stays,
/// so that nobody is let in.
pub(super) fn loosen(role: Role, pair: Pair) -> Vec<(IndexCall, Role)> {
    match pair.side(role) {
        Side::Regular { fence, .. } if fence.is_tight() => vec![(IndexCall::Loosen, role)],
        _ => vec![],
    }
}
