//! What is observed: every cluster at one moment, complete or honestly unreachable.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    capacity::Capacity, lineage::Lineage, lock::Standing, template::Template, unread::Part,
};

pub(crate) use super::version::Version;

/// Everything that was seen, at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// When the observation began, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Every configured cluster by its configured name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Who hears whom, from cluster to cluster.
    pub sights: Vec<Sight>,
    /// Every entry of the record that was found and belongs to these clusters, oldest first,
    /// merged over the clusters that answered and the local copies.
    pub lineage: Lineage,
    /// The locks that stand on the clusters that answered, where that was asked.
    pub locks: Vec<Standing>,
    /// The room of clusters that were asked for it, or why it could not be seen.
    pub capacities: BTreeMap<String, Result<Capacity, String>>,
    /// Of clusters that were asked: why no snapshot can be taken into the operator's repository.
    pub repositories: BTreeMap<String, Result<(), String>>,
}

impl World {
    /// The view of a cluster that answered, healthy or ill.
    pub fn view(&self, cluster: &str) -> Option<&View> {
        self.clusters.get(cluster).and_then(Cluster::view)
    }

    /// The UUID of a cluster: as it is seen, else as the file pins it or the record names it.
    pub fn uuid_of(&self, cluster: &str) -> Option<&str> {
        let seen = self.view(cluster).map(|view| view.uuid.as_str());
        seen.filter(|uuid| !uuid.is_empty()).or_else(|| self.lineage.uuid_of(cluster))
    }

    /// An index on a cluster that answered.
    pub fn index(&self, cluster: &str, index: &str) -> Option<&Index> {
        self.view(cluster)?.indices.get(index)
    }

    /// The name of the configured cluster to which a remote alias of `cluster` leads.
    pub fn behind_alias(&self, cluster: &str, alias: &str) -> Option<&str> {
        self.view(cluster)?.remotes.get(alias)?.leads_to.as_deref()
    }

    /// The alias under which `cluster` reaches the configured cluster `other`.
    pub fn alias_of(&self, cluster: &str, other: &str) -> Option<&str> {
        let view = self.view(cluster)?;
        view.remotes
            .iter()
            .find(|(_, remote)| remote.leads_to.as_deref() == Some(other))
            .map(|(alias, _)| alias.as_str())
    }

    /// What is known of `from` hearing `to`.
    pub fn sight(&self, from: &str, to: &str) -> Option<&Sight> {
        self.sights.iter().find(|sight| sight.from == from && sight.to == to)
    }
}

/// One configured cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Cluster {
    /// It answered everything that was asked.
    Ok(Box<View>),
    /// It answers, and cannot be relied on: no master, or a part of the answers is missing.
    Ill { reason: String, view: Box<View> },
    /// Nothing came back within the deadline. The reason names every address tried.
    Unreachable { reason: String },
    /// It answers and refuses this client: 401, 403 or a failed TLS handshake, or it is
    /// not the cluster it should be. Never taken for dead.
    Refused { reason: Refusal },
}

/// Why an answering cluster is of no use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// 401 or 403 on the first request.
    Login { detail: String },
    /// The TLS handshake failed.
    Tls { detail: String },
    /// An answer that is not Elasticsearch's own, such as a load balancer's page.
    NotElasticsearch { detail: String },
    /// The cluster UUID is not the pinned one.
    WrongUuid { expected: String, found: String },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Login { detail } => write!(f, "it refuses this login: {detail}"),
            Self::Tls { detail } => write!(f, "TLS failed: {detail}"),
            Self::NotElasticsearch { detail } => {
                write!(f, "what answers is not Elasticsearch: {detail}")
            }
            Self::WrongUuid { expected, found } => {
                write!(f, "another cluster answers: its UUID is {found}, expected is {expected}")
            }
        }
    }
}

impl Cluster {
    /// What was seen, where anything was.
    pub fn view(&self) -> Option<&View> {
        match self {
            Self::Ok(view) | Self::Ill { view, .. } => Some(view),
            Self::Unreachable { .. } | Self::Refused { .. } => None,
        }
    }

    /// True where every question was answered.
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok(_))
    }

    /// The word of the JSON contract: `ok`, `ill` or `unreachable`.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Ill { .. } => "ill",
            Self::Unreachable { .. } | Self::Refused { .. } => "unreachable",
        }
    }
}

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

/// One index on one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    pub name: String,
    pub uuid: String,
    pub open: bool,
    /// `green`, `yellow`, `red`, or empty where the server does not say (closed before 7.2).
    pub health: String,
    pub shard_count: u32,
    pub replicas: String,
    /// What its primaries store; `None` where the server does not say (closed).
    pub primaries_bytes: Option<u64>,
    /// The same with the replicas that have a node.
    pub stored_bytes: Option<u64>,
    /// A partially mounted snapshot (`index.store.snapshot.partial`), of the frozen tier.
    pub frozen: bool,
    /// `index.blocks.write` is set.
    pub write_block: bool,
    /// `index.blocks.read_only` is set.
    pub read_only: bool,
    /// Lifecycle management has a policy for it (`index.lifecycle.name`).
    pub is_managed: bool,
    /// `index.blocks.read_only_allow_delete` is set: the disks were full.
    pub disk_full: bool,
    pub soft_deletes: bool,
    /// How long history is kept for a follower that does not ask for it, in milliseconds
    /// (`index.soft_deletes.retention_lease.period`); `None` where the index does not say, and
    /// the server's own counts.
    pub history_ms: Option<u64>,
    /// Lifecycle management has finished with it (`index.lifecycle.indexing_complete`).
    pub complete: bool,
    pub aliases: Vec<Alias>,
    /// Primary shards whose checkpoints could be read, by number. Fewer than
    /// `shard_count` means unknown, never "no lag".
    pub shards: Vec<Shard>,
    /// Writes being carried out (`indexing.index_current`), summed over the primaries.
    pub writing: u64,
    /// Being restored from the leader.
    pub restoring: bool,
    /// What has arrived by then of the shards under way.
    pub restored_bytes: u64,
    /// Set where the index is a follower, running or paused, open or closed.
    pub following: Option<Following>,
}

impl Index {
    /// Its tasks have stopped for good, for the leader no longer has operations that it lacks:
    /// no retention lease has kept them. No resume brings it on.
    pub fn has_lost_history(&self) -> bool {
        let fatal = self.following.as_ref().and_then(Following::fatal);
        fatal.is_some_and(|why| why.contains("no longer available for replicating"))
    }

    /// True where the checkpoints of every shard could be read.
    pub fn is_measured(&self) -> bool {
        self.shard_count > 0 && self.shards.len() == self.shard_count as usize
    }

    /// How many operations it holds: what was written, changed and deleted. `None` where the
    /// positions of a shard could not be read.
    pub fn ops(&self) -> Option<i64> {
        self.is_measured().then(|| self.shards.iter().map(|shard| shard.max_seq_no + 1).sum())
    }
}

/// Checkpoints of one primary shard. -1 means that nothing was ever written.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Shard {
    pub number: u32,
    pub max_seq_no: i64,
    pub local_checkpoint: i64,
    pub global_checkpoint: i64,
    pub history_uuid: String,
    /// Retention leases of followers, on a leader.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leases: Vec<Lease>,
}

/// A follower's claim on a leader's history. Renewed every 30 s by a running task.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Lease {
    /// `<follower cluster_name>/<follower>/<uuid>-following-<alias>/<leader>/<uuid>`.
    pub id: String,
    pub retaining_seq_no: i64,
    pub timestamp_ms: i64,
}

/// How an index follows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Following {
    /// The alias of the remote cluster.
    pub remote: String,
    pub leader_index: String,
    /// UUID of the leader's index, read off a running task; unknown while paused.
    pub leader_uuid: Option<String>,
    /// True while tasks exist, a fatal one included.
    pub active: bool,
    /// Follow parameters; the server forgets them while paused.
    pub parameters: Option<Value>,
    /// One per running shard task, by shard number.
    pub tasks: Vec<Task>,
}

impl Following {
    /// The first fatal error, if a task stopped for good.
    pub fn fatal(&self) -> Option<&str> {
        self.tasks.iter().find_map(|task| task.fatal.as_deref())
    }

    /// The age of the oldest word of its tasks, where all of them read well, in milliseconds.
    /// A task that is refused tries again at once, so that its age alone says nothing.
    pub fn read_age_ms(&self) -> Option<i64> {
        let reads = |task: &Task| task.fatal.is_none() && task.read_errors.is_empty();
        let ages = self.tasks.iter().map(|task| task.since_read_ms);
        ages.max().filter(|_| self.tasks.iter().all(|task| reads(task) && task.since_read_ms >= 0))
    }
}

/// The word of one shard's follow task. It may be stale, and right after a start its
/// leader checkpoint is the follower's own: lag 0 that means nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    pub shard: u32,
    pub leader_checkpoint: i64,
    pub leader_max_seq_no: i64,
    pub follower_checkpoint: i64,
    /// Since the last read was *sent*; -1: none since the task began.
    pub since_read_ms: i64,
    /// Counts non-empty reads only.
    pub reads: u64,
    pub failed_reads: u64,
    /// Reasons of the reads that fail at present.
    pub read_errors: Vec<String>,
    pub fatal: Option<String>,
}

/// An alias of an index, with everything that must survive a switch.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Alias {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_routing: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_routing: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_write_index: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_hidden: Option<bool>,
}

/// An auto-follow pattern.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Pattern {
    pub name: String,
    /// False while paused. Always true before 7.5, which cannot pause.
    pub active: bool,
    pub remote: String,
    pub leader_patterns: Vec<String>,
    pub exclusions: Vec<String>,
    /// The whole body as `PUT _ccr/auto_follow/<name>` takes it, for putting it back.
    pub body: Value,
}

/// What one cluster hears of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    pub from: String,
    pub to: String,
    pub answer: Answer,
    /// How it is known, in a few words for people.
    pub evidence: String,
    pub age_ms: Option<i64>,
}

/// Three-valued, for "not known" is not "no".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    No,
    Unknown,
    Yes,
}

impl Answer {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}
