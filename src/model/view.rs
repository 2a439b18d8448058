//! One cluster that answered, as it was seen.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    index::{Index, Pattern},
    template::Template,
    unread::Part,
    version::Version,
};

/// A cluster that answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// `cluster_uuid` of `GET /`.
    pub uuid: String,
    /// `cluster_name` of `GET /`; part of the name of each retention lease.
    pub cluster_name: String,
    pub version: Version,
    /// Time of the answer to `GET /`, in milliseconds.
    pub answer_ms: u64,
    /// The address that answered.
    pub url: String,
    /// Addresses that were passed over for it, each with what it said.
    pub passed_over: Vec<String>,
    pub health: String,
    pub license: License,
    /// Remote clusters by alias.
    pub remotes: BTreeMap<String, Remote>,
    /// Every index, open or closed, hidden ones included, system indices (`.…`) too.
    pub indices: BTreeMap<String, Index>,
    /// Auto-follow patterns; `None` where this user may not read them.
    pub patterns: Option<Vec<Pattern>>,
    /// Templates of indices; `None` where they were not read. Where this user may not read them they
    /// are not missed: the fence is about existing indices only then, and that is told.
    pub templates: Option<Vec<Template>>,
    /// What could not be read of it, the patterns aside.
    pub unread: BTreeSet<Part>,
    /// Part of the disk-full protection: indices blocked by `read_only_allow_delete` exist.
    pub disk_full: bool,
}

/// Cross-cluster replication needs `trial`, `platinum` or `enterprise`, active.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct License {
    pub kind: String,
    pub status: String,
    /// `None` where it never ends.
    pub days_left: Option<i64>,
}

impl License {
    /// False where it was not read: nothing follows from that.
    pub fn is_known(&self) -> bool {
        !self.kind.is_empty()
    }

    /// True where cross-cluster replication may be set up and resumed.
    pub fn allows_ccr(&self) -> bool {
        self.status == "active" && matches!(self.kind.as_str(), "trial" | "platinum" | "enterprise")
    }
}

/// A remote connection, seen from the cluster that dials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remote {
    pub seeds: Vec<String>,
    pub proxy: Option<String>,
    /// The server's own claim, which is known to lie about a frozen peer; never evidence.
    pub connected: Option<bool>,
    /// The configured cluster that stands behind it, by evidence: retention leases, index
    /// UUIDs of its followers, or the configured alias and address.
    pub leads_to: Option<String>,
    /// The configured cluster that it is said to lead to by its name or its addresses, and that
    /// does not stand behind it: what answers there lacks that one's state index.
    pub misses: Option<String>,
}

impl View {
    /// Open shards with their replicas, whether or not these have a node, as the server counts
    /// them against its limit. The frozen tier has a limit of its own.
    pub fn open_shards(&self) -> u64 {
        let counted = self.indices.values().filter(|index| index.open && !index.frozen);
        counted.map(|index| u64::from(index.shard_count) * (1 + index.replica_count())).sum()
    }
}
