//! What decides the name of an index's state.

use crate::{
    model::{lag::Lag, lineage::Entry, world::Index},
    plan::pair::{Pair, Role, Side},
};

/// Everything that decides what one index is called.
pub(super) struct Look<'l> {
    pub(super) pair: Pair,
    pub(super) leads: Option<Role>,
    /// The side that leads, and the other; as in the scope where nobody is known to.
    pub(super) leader: Option<&'l Index>,
    pub(super) follower: Option<&'l Index>,
    pub(super) lag: Option<Lag>,
    /// A switch of the set is under way.
    pub(super) is_open: bool,
    /// The newest switch that has this index's positions.
    pub(super) entry: Option<&'l Entry>,
    /// A record has had the two as one index's copies, whoever led then.
    pub(super) paired: bool,
}

impl Look<'_> {
    pub(super) fn leader_side(&self) -> Side {
        self.pair.side(self.leads.unwrap_or(Role::Source))
    }

    pub(super) fn follower_side(&self) -> Side {
        self.pair.side(self.leads.unwrap_or(Role::Source).other())
    }
}
