//! Whether a cluster has room for copies that are to be made on it: disk up to its
//! watermarks, and open shards up to its limit.

use crate::bytes;

use super::index::Index;

/// How many shards one data node takes in at a time, unless it is told otherwise: four
/// primaries (`node_initial_primaries_recoveries`) and two replicas
/// (`node_concurrent_recoveries`).
const AT_ONCE: usize = 6;

/// The room of one cluster, as it tells it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capacity {
    /// One for each data node, but for those that hold frozen indices only.
    pub disks: Vec<Disk>,
    /// A node whose disk is past it is given no shard. `None` where the server does not mind.
    pub low: Option<Watermark>,
    /// A node whose disk is past it has its shards moved away. `None` where the server does
    /// not mind.
    pub high: Option<Watermark>,
    /// Open shards for each data node, over the whole cluster. `None` where the server would
    /// only warn.
    pub shards_per_node: Option<u64>,
}

/// The disk of one data node.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Disk {
    pub available_bytes: u64,
    pub total_bytes: u64,
}

/// How full a disk may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Watermark {
    /// So much must stay free.
    FreeBytes(u64),
    /// So much may be in use; of a large disk no more than the headroom must stay free.
    UsedPercent { percent: f64, headroom_bytes: Option<u64> },
}

/// A copy that is to be made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Incoming {
    /// What its shards come to that find a node.
    pub bytes: u64,
    /// How many do: each copy of a shard needs a node of its own.
    pub placed_shards: u64,
    /// How many it has, with or without a node.
    pub shards: u64,
    /// What is stored by the index that it goes over; `None` where there is none.
    pub replaced_bytes: Option<u64>,
}

/// What copies take for good.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Claim {
    pub bytes: u64,
    /// Shards of indices that were not there.
    pub shards: u64,
}

impl std::ops::AddAssign for Claim {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.shards += other.shards;
    }
}

/// What there is not enough of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shortage {
    Disk { needed_bytes: u64, spare_bytes: u64 },
    Shards { needed: u64, open: u64, limit: u64 },
}

impl Capacity {
    /// What is missing for these copies, beside so many shards that are open there now, and
    /// what others will have taken before these are begun.
    pub fn shortages(
        &self,
        copies: &[Incoming],
        open_shards: u64,
        claimed: Claim,
    ) -> Vec<Shortage> {
        let needed_bytes = self.needed_bytes(copies);
        let spare_bytes = self.spare_bytes().saturating_sub(claimed.bytes);
        let disk =
            (needed_bytes > spare_bytes).then_some(Shortage::Disk { needed_bytes, spare_bytes });
        let open = open_shards + claimed.shards;
        disk.into_iter().chain(self.short_of_shards(copies, open)).collect()
    }

    /// What is free on all disks, whatever the watermarks.
    pub fn available_bytes(&self) -> u64 {
        self.disks.iter().map(|disk| disk.available_bytes).sum()
    }

    /// What can be stored before a disk reaches its high watermark. A node past the low one
    /// is given nothing, however much would fit.
    pub fn spare_bytes(&self) -> u64 {
        let free = |mark: Option<Watermark>, disk: &Disk| {
            mark.map_or(0, |mark| mark.free_bytes(disk.total_bytes))
        };
        let takes = |disk: &&Disk| disk.available_bytes > free(self.low, disk);
        let spare = |disk: &Disk| disk.available_bytes.saturating_sub(free(self.high, disk));
        self.disks.iter().filter(takes).map(spare).sum()
    }

    /// What has to be free at the worst moment. A copy that goes over another one needs what
    /// it is larger by, and for a while more: the server writes a shard's new files beside
    /// the old ones, and removes those when the shard is done. It does that to a few shards
    /// of each node at a time, so the old copies neither count as free from the start nor
    /// must there be room for all of them twice. That one copy is smaller than the one before
    /// makes no room for another: nobody says which is made first.
    fn needed_bytes(&self, copies: &[Incoming]) -> u64 {
        let grows = Claim::of(copies).bytes;
        let mut twice: Vec<u64> = copies.iter().flat_map(Incoming::twice_bytes).collect();
        twice.sort_unstable_by(|one, other| other.cmp(one));
        grows + twice.iter().take(self.disks.len() * AT_ONCE).sum::<u64>()
    }

    /// A copy that goes over another one is not held against the limit: the server asks only
    /// where an index is made.
    fn short_of_shards(&self, copies: &[Incoming], open: u64) -> Option<Shortage> {
        let limit = self.shards_per_node? * u64::try_from(self.disks.len()).ok()?;
        let needed = Claim::of(copies).shards;
        (needed > 0 && open + needed > limit).then_some(Shortage::Shards { needed, open, limit })
    }
}

impl Claim {
    /// What these copies take once they are made.
    pub fn of(copies: &[Incoming]) -> Self {
        let new = copies.iter().filter(|copy| copy.replaced_bytes.is_none());
        Self {
            bytes: copies.iter().map(Incoming::grows_bytes).sum(),
            shards: new.map(|copy| copy.shards).sum(),
        }
    }
}

impl Incoming {
    /// A copy of `leader` over `old`, on a cluster of so many data nodes. It has as many
    /// replicas as its leader. `None` where it is not known how much the leader stores.
    pub fn of(leader: &Index, old: Option<&Index>, nodes: usize) -> Option<Self> {
        let copies = 1 + leader.replica_count();
        let placed = copies.min(u64::try_from(nodes).ok()?.max(1));
        let primaries = u64::from(leader.shard_count);
        let bytes = leader.primaries_bytes? * placed;
        Some(Self {
            bytes,
            placed_shards: primaries * placed,
            shards: primaries * copies,
            // A closed one does not say; it was a copy of the same index.
            replaced_bytes: old.map(|old| old.stored_bytes.unwrap_or(bytes)),
        })
    }

    /// The same where a safety copy of the old index stays: its primaries' files are not freed,
    /// and it has shards of its own, without replicas. The second one is that copy.
    pub fn beside(self, old: &Index) -> [Self; 2] {
        let kept_bytes = old.primaries_bytes.unwrap_or(u64::MAX);
        let replaced_bytes = self.replaced_bytes.map(|bytes| bytes.saturating_sub(kept_bytes));
        let shards = u64::from(old.shard_count);
        let copy = Self { placed_shards: shards, shards, ..Self::default() };
        [Self { replaced_bytes, ..self }, copy]
    }

    fn grows_bytes(&self) -> u64 {
        self.bytes.saturating_sub(self.replaced_bytes.unwrap_or(0))
    }

    /// What each of its shards stores twice while it is replaced, beyond what it grows by.
    fn twice_bytes(&self) -> impl Iterator<Item = u64> + use<> {
        let twice = self.replaced_bytes.unwrap_or(0).min(self.bytes);
        let shards = if twice == 0 { 0 } else { self.placed_shards };
        (0..shards).map(move |_| twice / shards)
    }
}

impl Index {
    /// Replicas of each shard.
    pub fn replica_count(&self) -> u64 {
        self.replicas.parse().unwrap_or(0)
    }
}

impl Watermark {
    /// Reads `90%`, `0.9` or `50gb`, with the setting beside it that limits what a large disk
    /// keeps free (from 8.5 on). `None` where it is none of these.
    pub fn read(text: &str, headroom: Option<&str>) -> Option<Self> {
        let headroom_bytes = headroom.and_then(bytes::parse);
        let text = text.trim();
        let percent = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok()?,
            None => match text.parse::<f64>() {
                Ok(ratio) => ratio * 100.0,
                Err(_) => return bytes::parse(text).map(Self::FreeBytes),
            },
        };
        (0.0..=100.0).contains(&percent).then_some(Self::UsedPercent { percent, headroom_bytes })
    }

    /// What must stay free of a disk of this size.
    pub fn free_bytes(self, total_bytes: u64) -> u64 {
        match self {
            Self::FreeBytes(bytes) => bytes,
            Self::UsedPercent { percent, headroom_bytes } => {
                #[expect(
                    clippy::cast_precision_loss,
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a part of a disk's size, to within a few bytes"
                )]
                let free = (total_bytes as f64 * (1.0 - percent / 100.0)) as u64;
                headroom_bytes.map_or(free, |headroom| headroom.min(free))
            }
        }
    }
}

impl std::fmt::Display for Watermark {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::FreeBytes(free) => write!(to, "{} free", bytes::format(*free)),
            Self::UsedPercent { percent, .. } => write!(to, "{percent} %"),
        }
    }
}

#[cfg(test)]
mod tests;
