//! What is measured for the planner beside the world, or comes of the sets before.

use std::collections::BTreeMap;

use crate::model::capacity::Claim;

/// Figures that one look at one set does not give.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// How fast each set's followers were seen to catch up.
    pub paces: BTreeMap<String, Pace>,
    /// What sets that come before in the same plan take of each cluster's room.
    pub claims: BTreeMap<String, Claim>,
}

impl Measured {
    /// Nothing was measured.
    pub(crate) const NOTHING: &Self = &Self { paces: BTreeMap::new(), claims: BTreeMap::new() };
}

/// How far behind, and how fast it gets less; from two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pace {
    pub lag_ops: u64,
    /// Operations that arrive on the standby in a second.
    pub ops_per_s: f64,
}
