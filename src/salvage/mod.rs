//! Files of orphaned writes: what only a former leader holds, exported before its copy is
//! given up, and written back on the operator's word.

mod apply;
mod batch;
mod delete;
mod destination;
mod error;
mod export;
mod find;
mod fresh;
mod line;
mod lost_deletes;
pub(crate) mod manifest;
mod name;
mod overlap;
mod pages;
mod same;
mod summary;
mod tally;
mod verdict;

pub(crate) use apply::{Order, Policy, apply};
pub(crate) use delete::{Deletions, delete};
pub(crate) use destination::{Destination, destination};
pub(crate) use error::Error;
pub(crate) use export::{count, export};
pub(crate) use find::find;
pub(crate) use lost_deletes::list_deletes;
pub(crate) use manifest::{Head, Manifest, write_manifest};
pub(crate) use overlap::{Bounds, overlap, visible};
pub(crate) use summary::{Applied, Moved, Summary};
pub(crate) use tally::{Conflict, Counts, Tally};
pub(crate) use verdict::Why;

use crate::model::{
    divergence::{Above, above},
    lineage::{Entry, Member, SalvageFile},
    world::World,
};

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

impl Orphans {
    /// What `member`'s source was left with at the switch `entry`. None where it cannot be said:
    /// see [`above`]. A switch without its leader may not have known the UUID of the cluster; the
    /// index's own is enough, and the cluster's is taken from what is seen.
    pub fn of(world: &World, entry: &Entry, member: &Member) -> Option<Self> {
        let former = world.index(&entry.source, &member.source_index)?;
        Some(Self {
            set: entry.set.clone(),
            cluster: entry.source.clone(),
            cluster_uuid: world.view(&entry.source)?.uuid.clone(),
            index: member.source_index.clone(),
            index_uuid: member.source_uuid.clone(),
            leader: entry.target.clone(),
            leader_uuid: entry.target_uuid.clone(),
            leader_index: member.target_index.clone(),
            leader_index_uuid: member.target_uuid.clone(),
            above: above(member, former)?,
        })
    }

    /// Operations that may be on the former leader only.
    pub fn ops(&self) -> u64 {
        self.above.iter().map(Above::ops).sum()
    }
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
