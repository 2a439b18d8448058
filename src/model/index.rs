//! One index as a cluster shows it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// A follower whose copy the server has given up, after it tried to start it several times: it
    /// never runs again, and only what its leader has can be copied anew.
    pub given_up: bool,
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
    /// Its server has compared the leader that is there now, and has found the index that was
    /// copied.
    pub is_compared: bool,
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
