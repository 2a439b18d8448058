//! What came of `esdr salvage`, for whoever tells it.

use serde::Serialize;

use super::{Conflict, Counts, manifest::Entry};

/// Every index that has operations of its own.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    #[serde(skip)]
    pub at_ms: i64,
    pub run: String,
    pub host: String,
    /// Where the files are; none where none were written.
    pub folder: Option<String>,
    /// Nothing was written, by the operator's wish.
    pub dry_run: bool,
    /// Indices that were looked into, those without an operation of their own too.
    pub looked_into: usize,
    pub indices: Vec<Entry>,
}

impl Summary {
    /// A figure over all indices.
    pub fn sum(&self, figure: impl Fn(&Entry) -> u64) -> u64 {
        self.indices.iter().map(figure).sum()
    }
}

/// What came of `esdr salvage apply`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Applied {
    #[serde(skip)]
    pub at_ms: i64,
    /// Where the files are.
    pub folder: String,
    /// Nothing was written, by the operator's wish: the counts say what would be.
    pub dry_run: bool,
    pub counts: Counts,
    pub indices: Vec<Moved>,
    /// The first ones.
    pub conflicts: Vec<Conflict>,
    /// All of them; none where there are none.
    pub conflicts_file: Option<String>,
}

/// One file and where it went.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Moved {
    /// The former leader's.
    pub index: String,
    pub cluster: String,
    pub leader: String,
    pub leader_index: String,
    pub documents: u64,
}
