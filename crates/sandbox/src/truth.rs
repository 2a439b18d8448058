//! The pair as it is, past every API: what a test holds against what esdr has said.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    dirty_set::DirtySet,
    index::Index,
    invariants::{Acknowledged, is_own},
    pair::Pair,
    salvaged::Salvaged,
    site::Site,
    world::World,
};

/// One index, as it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub index: String,
    pub uuid: String,
    pub is_open: bool,
    /// Open, regular, and without any block.
    pub is_writable: bool,
    /// Whether `index.blocks.write` is set.
    pub is_blocked: bool,
    /// Whether `index.blocks.read_only` is set.
    pub is_read_only: bool,
    /// Nothing was ever written to it.
    pub is_empty: bool,
    /// The UUID of the index that it follows.
    pub follows: Option<String>,
    /// It follows, and its tasks run.
    pub is_copying: bool,
    /// By name, in order.
    pub aliases: Vec<String>,
}

impl Standing {
    fn of(index: &Index) -> Self {
        let following = index.following.as_ref();
        let tasks = following.and_then(|following| following.tasks.as_ref());
        Self {
            index: index.name.clone(),
            uuid: index.uuid.clone(),
            is_open: index.open,
            is_writable: index.is_writable(),
            is_blocked: index.is_set("index.blocks.write"),
            is_read_only: index.is_set("index.blocks.read_only"),
            is_empty: index.shards.iter().all(|shard| shard.max_seq_no < 0),
            follows: following.map(|following| following.leader_uuid.clone()),
            is_copying: index.open
                && tasks.is_some_and(|tasks| tasks.iter().all(|task| task.fatal.is_none())),
            aliases: index.aliases.keys().cloned().collect(),
        }
    }
}

impl Pair {
    /// Every index of a cluster but esdr's own, in order of their names.
    pub fn standing(&self, site: Site) -> Vec<Standing> {
        let world = self.world();
        let indices = world.at(site).indices.values().filter(|index| !is_own(&index.name));
        indices.map(Standing::of).collect()
    }

    /// Auto-follow patterns of a cluster that are active, by name.
    pub fn patterns(&self, site: Site) -> Vec<String> {
        let world = self.world();
        let patterns = world.at(site).patterns.iter();
        patterns.filter(|(_, pattern)| pattern.is_active).map(|(name, _)| name.clone()).collect()
    }

    /// Acknowledged document versions (`index/id vN`) that neither cluster holds in an index of
    /// the same lineage or name, nor a salvage file below this folder.
    pub fn lost_everywhere(&self, salvage_folder: &Path) -> Vec<String> {
        let world = self.world();
        let [on_a, on_b] = Site::BOTH.map(|site| world.lost(site));
        let mut lost: Vec<String> = on_a.into_iter().filter(|write| on_b.contains(write)).collect();
        if !lost.is_empty() {
            let salvaged = Salvaged::read(salvage_folder);
            let is_kept = |write: &Acknowledged| {
                let source = write.source.as_deref();
                source.is_some_and(|source| {
                    salvaged.holds(&write.index, &write.id, write.version, source)
                })
            };
            let kept: Vec<String> = world
                .ledger
                .values()
                .filter(|write| is_kept(write))
                .map(Acknowledged::text)
                .collect();
            lost.retain(|write| !kept.contains(write));
        }
        lost
    }

    /// What time it is there, in milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        i64::try_from(self.world().now_ms()).unwrap_or(i64::MAX)
    }

    /// The pair as it is at this moment, to be made from as often as is wanted. Requests under way
    /// are left out.
    pub fn still(&self) -> Still {
        let world = self.world();
        let now_ms = world.now_ms();
        Still(Self::of(world.copy(now_ms)))
    }
}

/// A pair at one moment, in which no time passes.
pub struct Still(Pair);

impl Still {
    /// A pair that goes its own way from that moment.
    pub fn pair(&self) -> Arc<Pair> {
        let world = self.0.world();
        Arc::new(Pair::of(world.copy(world.born_ms)))
    }
}

impl World {
    /// The same world, in which it is this time now, in milliseconds since 1970 UTC.
    fn copy(&self, now_ms: u64) -> Self {
        let mut copy = Self {
            clusters: self.clusters.clone(),
            links: self.links,
            paces: self.paces,
            rules: self.rules.clone(),
            requests: self.requests.clone(),
            parked: Vec::new(),
            deferred: self.deferred.clone(),
            violations: self.violations.clone(),
            lineages: self.lineages.clone(),
            two_writable_allowed: self.two_writable_allowed,
            discards_allowed: self.discards_allowed.clone(),
            salvage_folder: self.salvage_folder.clone(),
            ledger: self.ledger.clone(),
            pending: self.pending.clone(),
            stirred: DirtySet::default(),
            unchecked: DirtySet::default(),
            born: Instant::now(),
            born_ms: now_ms,
            moved_on: Duration::ZERO,
            random: self.random.clone(),
        };
        copy.stir_all();
        copy
    }
}
