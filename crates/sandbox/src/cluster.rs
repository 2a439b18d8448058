//! One cluster of a single node.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde_json::{Map, Value};

use super::{
    flat::Flat, index::Index, personality::Personality, refusal::Refusal, search::Hit,
    snapshot::Repository,
};

/// Whether the node runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Life {
    Up,
    /// The process is stopped with its connections open: it accepts, and never answers.
    Frozen,
    /// The process is gone: connections are refused.
    Killed,
}

/// The licence, as `GET /_license` shows it.
#[derive(Clone, Debug)]
pub(super) struct License {
    /// `trial`, `basic`, `platinum` and so on.
    pub(super) kind: String,
    /// `active` or `expired`.
    pub(super) is_active: bool,
    pub(super) trial_used: bool,
}

impl License {
    /// Whether cross-cluster replication may be used.
    pub(super) fn allows_ccr(&self) -> bool {
        self.is_active && matches!(self.kind.as_str(), "trial" | "platinum" | "enterprise")
    }
}

/// One auto-follow pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) is_active: bool,
    pub(super) remote: String,
    pub(super) patterns: Vec<String>,
    pub(super) exclusions: Vec<String>,
    pub(super) renamed: Option<String>,
    pub(super) settings: Value,
    /// Follow parameters that were given, without defaults.
    pub(super) parameters: Map<String, Value>,
    /// UUIDs of leader indices that count as followed.
    pub(super) followed: BTreeSet<String>,
    /// The leader's metadata version at the last look; 0 before the first.
    pub(super) seen_version: u64,
}

/// Counters of the auto-follow coordinator.
#[derive(Clone, Debug, Default)]
pub(super) struct AutoFollowStats {
    pub(super) followed: u64,
    pub(super) failed: u64,
    pub(super) failed_states: u64,
    /// Key (`pattern` or `pattern:index`), epoch milliseconds and exception.
    pub(super) errors: VecDeque<(String, u64, Value)>,
}

/// One simulated cluster.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) personality: Personality,
    pub(super) name: String,
    pub(super) uuid: String,
    pub(super) node_id: String,
    /// The address by which the other cluster reaches it.
    pub(super) transport_address: String,
    pub(super) http_address: String,
    pub(super) indices: BTreeMap<String, Index>,
    pub(super) persistent: Flat,
    pub(super) transient: Flat,
    pub(super) license: License,
    pub(super) patterns: BTreeMap<String, Pattern>,
    pub(super) auto_follow: AutoFollowStats,
    pub(super) life: Life,
    /// Whether it has no elected master.
    pub(super) is_ill: bool,
    pub(super) auto_create: bool,
    /// How many bulk requests are still acknowledged after a write block.
    pub(super) late_bulks: usize,
    /// How many `_stats` calls list no shard of an index after its open.
    pub(super) warming: u32,
    /// Free bytes of the node's disk.
    pub(super) disk_available_bytes: u64,
    /// How many requests a copy from a leader takes.
    pub(super) restoring: u32,
    /// Grows with every change of the metadata; what auto-follow waits for.
    pub(super) metadata_version: u64,
    pub(super) allocation_id: u64,
    pub(super) last_follow_ms: Option<u64>,
    /// Whether searches see only what a refresh has made searchable.
    pub(super) is_lazy: bool,
    /// Templates, pipelines and policies by kind and name.
    pub(super) kept: BTreeMap<(String, String), Value>,
    /// Snapshot repositories by name.
    pub(super) repositories: BTreeMap<String, Repository>,
    /// Open scrolls and points in time by id.
    pub(super) contexts: HashMap<String, Context>,
}

/// An open scroll or point in time: what is still to be handed out.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) hits: VecDeque<Hit>,
    pub(super) size: usize,
    pub(super) total: usize,
    pub(super) body: Value,
}

impl Cluster {
    /// The node's name.
    pub(super) fn node_name(&self) -> String {
        format!("{}-1", self.name)
    }

    /// An index by its own name.
    pub(super) fn index(&self, name: &str) -> Result<&Index, Refusal> {
        self.indices.get(name).ok_or_else(|| Refusal::missing(self.personality, name))
    }

    /// An index by its own name, to change.
    pub(super) fn index_mut(&mut self, name: &str) -> Result<&mut Index, Refusal> {
        let personality = self.personality;
        self.indices.get_mut(name).ok_or_else(|| Refusal::missing(personality, name))
    }

    /// 403 where the metadata of one of these indices must not be changed.
    pub(super) fn check_metadata(&self, names: &[String]) -> Result<(), Refusal> {
        let is_old = self.personality.is_old();
        let mut found = names.iter().filter_map(|name| self.indices.get(name));
        match found.find_map(|index| index.metadata_refusal(is_old)) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    /// The index with this UUID.
    pub(super) fn by_uuid(&self, uuid: &str) -> Option<&Index> {
        self.indices.values().find(|index| index.uuid == uuid)
    }

    /// Indices that an alias points to.
    pub(super) fn behind(&self, alias: &str) -> Vec<&Index> {
        self.indices.values().filter(|index| index.aliases.contains_key(alias)).collect()
    }

    /// Whether the master and the node answer.
    pub(super) fn is_up(&self) -> bool {
        self.life == Life::Up
    }

    /// A setting of the cluster: transient before persistent.
    pub(super) fn setting(&self, key: &str) -> Option<&Value> {
        self.transient.get(key).or_else(|| self.persistent.get(key))
    }

    /// Aliases of all remotes that are configured.
    pub(super) fn remotes(&self) -> BTreeSet<String> {
        self.persistent
            .keys()
            .chain(self.transient.keys())
            .filter_map(|key| key.strip_prefix("cluster.remote."))
            .filter_map(|rest| rest.split_once('.'))
            .filter(|(_, setting)| matches!(*setting, "seeds" | "proxy_address"))
            .map(|(alias, _)| alias.to_owned())
            .collect()
    }

    /// 403 unless the licence allows replication.
    pub(super) fn require_ccr(&self) -> Result<(), Refusal> {
        if self.license.allows_ccr() {
            return Ok(());
        }
        let cause = serde_json::json!({
            "type": "security_exception",
            "reason": "current license is non-compliant for [ccr]",
            "license.expired.feature": "ccr",
        });
        Err(Refusal::caused(403, cause))
    }
}
