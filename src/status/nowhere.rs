//! Whether an index takes writes on either side, and what refuses them.

use super::look::Look;
use crate::{
    model::world::Index,
    plan::pair::{Fence, Side},
};

/// What refuses a client's writes on the side that leads.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Refuses {
    /// esdr's own write block.
    Fence,
    /// A write block that is not esdr's.
    Block,
    /// It is closed.
    Closed,
    /// The server's own block: the disks were full.
    DiskFull,
    /// It follows the other side, which follows it.
    Follows,
}

impl Refuses {
    /// Every one of them.
    pub const ALL: [Self; 5] =
        [Self::Fence, Self::Block, Self::Closed, Self::DiskFull, Self::Follows];
}

/// What refuses writes where neither side is seen to take them; `None` where one does, and
/// where the side that leads is not seen, which may take them.
pub(super) fn refuses(look: &Look<'_>) -> Option<Refuses> {
    if is_writable(look) {
        return None;
    }
    let sides = sides(look);
    let nobody_leads = look.leads.is_none();
    if nobody_leads && sides.iter().any(|(side, _)| *side == Side::Unreachable) {
        // esdr's block stands where the lead was, and no record says that it has moved.
        let is_ours = |side: Side| matches!(side, Side::Regular { fence: Fence::Ours, .. });
        return sides.iter().any(|(side, _)| is_ours(*side)).then_some(Refuses::Fence);
    }
    of_leader(sides[0].0, look.leader)
}

/// The same of an index that only the side that leads has.
pub(super) fn refuses_alone(is_esdrs: bool, index: &Index) -> Option<Refuses> {
    let fence = match (index.write_block, is_esdrs) {
        (false, _) => Fence::None,
        (true, true) => Fence::Ours,
        (true, false) => Fence::Found,
    };
    of_leader(Side::Regular { open: index.open, fence }, Some(index))
}

/// Whether one side is seen to take writes.
pub(super) fn is_writable(look: &Look<'_>) -> bool {
    sides(look).iter().any(|(side, index)| takes_writes(*side, *index))
}

/// The side that leads first.
fn sides<'l>(look: &Look<'l>) -> [(Side, Option<&'l Index>); 2] {
    [(look.leader_side(), look.leader), (look.follower_side(), look.follower)]
}

fn takes_writes(side: Side, index: Option<&Index>) -> bool {
    side.is_writable() && !index.is_some_and(|index| index.disk_full)
}

fn of_leader(side: Side, index: Option<&Index>) -> Option<Refuses> {
    match side {
        // Not seen it may take writes; gone it is told as a leader that is lost.
        Side::Unreachable | Side::Absent => None,
        Side::Following { .. } => Some(Refuses::Follows),
        Side::Regular { fence: Fence::Partial | Fence::Ours, .. } => Some(Refuses::Fence),
        Side::Regular { open: false, .. } => Some(Refuses::Closed),
        // Lifecycle management blocks what it has finished with: nobody is to write there.
        Side::Regular { fence: Fence::Found | Fence::Beside | Fence::Theirs, .. } => {
            (!index.is_some_and(|index| index.complete)).then_some(Refuses::Block)
        }
        Side::Regular { fence: Fence::None, .. } => {
            index.is_some_and(|index| index.disk_full).then_some(Refuses::DiskFull)
        }
    }
}
