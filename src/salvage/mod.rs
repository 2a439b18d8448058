//! Files of orphaned writes: what only a former leader holds, exported before its copy is
//! given up, and written back on the operator's word.

mod error;
mod export;
mod fresh;
mod line;
pub mod manifest;
mod name;
mod pages;

pub use error::Error;
pub use export::export;
pub use line::Line;
pub use manifest::{Head, Manifest, write_manifest};

use crate::model::{divergence::Above, lineage::SalvageFile};

/// One index to be exported.
#[derive(Clone, Debug, Default)]
pub struct Orphans {
    pub set: String,
    /// The former leader, by configured name.
    pub cluster: String,
    pub cluster_uuid: String,
    pub index: String,
    pub index_uuid: String,
    /// The cluster that leads, and its index.
    pub leader: String,
    pub leader_uuid: String,
    pub leader_index: String,
    pub leader_index_uuid: String,
    /// Every shard.
    pub above: Vec<Above>,
}

/// What came of one index.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    /// Operations above the promoted positions.
    pub ops: u64,
    /// Documents in the file.
    pub documents: u64,
    /// None where there was nothing to write.
    pub file: Option<SalvageFile>,
    /// The same by shard, for the manifest.
    pub shards: Vec<manifest::Counted>,
}

impl Exported {
    /// Operations that left no document.
    pub fn hidden(&self) -> u64 {
        self.ops.saturating_sub(self.documents)
    }
}
