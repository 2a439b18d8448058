//! What happens in a run, as data: journalled, printed as JSON, told to people.

use serde::{Deserialize, Serialize};

use crate::{
    model::{copied::Copied, problem::Problem},
    outcome::Outcome,
};

/// One thing that happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Event {
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
    pub run: String,
    /// The set it belongs to; empty for the run as a whole.
    pub set: String,
    /// The step it belongs to, by its title in the playbook's words; empty for the run.
    pub step: String,
    /// The cluster it happened on; empty where it is not one cluster.
    pub cluster: String,
    /// Names of the indices concerned.
    pub indices: Vec<String>,
    pub kind: Kind,
    pub detail: Detail,
}

/// The kinds of the JSON contract.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A run begins; its plan is in the journal.
    Plan,
    /// Intent: what follows may have taken effect from here on.
    Started,
    /// Nothing to do, and why.
    Skipped,
    /// A wait goes on.
    Waiting,
    /// A part is done.
    Progress,
    /// The record was written.
    Recorded,
    /// A step's goal holds, seen.
    Done,
    /// Something failed; what follows says what that means.
    Failed,
    /// The run ends before its end.
    Stopped,
}

impl Kind {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Started => "started",
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::Progress => "progress",
            Self::Recorded => "recorded",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// What there is to say about it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Detail {
    /// The goal already holds, or a later one has settled it.
    AlreadySo,
    /// Part of a promote is through: `done` of `total` indices take writes.
    Batch { number: usize, batches: usize, done: usize, total: usize },
    /// Calls that are about to be sent, or were.
    Calls { verb: String, count: usize },
    /// A document was written, read and removed through the new leader.
    Canary { index: String },
    /// How far the copies of whole indices have come; the rate and the rest by what arrived since
    /// the step began, `None` where nothing has yet.
    Copy {
        #[serde(flatten)]
        copied: Copied,
        bytes_per_s: Option<u64>,
        left_ms: Option<u64>,
    },
    /// A document was written through the alias, read through it on the other cluster, and
    /// removed.
    Echo { index: String, reader: String },
    /// How far both sides are apart, read from both. `None`: could not be read.
    Drain { lag_ops: Option<u64>, shards_left: usize, shards_total: usize },
    /// A run has given up, and what has become of its set.
    Ended { outcome: Outcome },
    /// An error, told with its three parts.
    Error { failed: String, meaning: String, next: String },
    /// A judgement before a step: the lag that was read for it.
    Gate { lag_ops: Option<u64>, evidence: String },
    /// The operator's own program.
    Hook { name: String, command: String, exit: Option<i32>, took_ms: u64 },
    /// Indices born behind the fence.
    Newcomers { late: bool },
    /// Something that is told and left.
    Note { problem: Problem },
    /// Requests that only read and got lost on the way, each with what became of it; they were sent
    /// again within their deadline.
    Repeated { reads: Vec<String> },
    /// The plan by its id, and how much it holds.
    Plan { id: String, indices: usize, calls: usize },
    /// Where the record was written, and where it could not be.
    Record { on: Vec<String>, not_on: Vec<String>, positions: usize },
    /// What only this copy had: operations, documents in the file, and the file.
    Salvage { ops: u64, documents: u64, file: Option<String> },
    /// A whole copy stays on its cluster, under this name.
    SafetyCopy { name: String },
    /// Whole copies are in this snapshot.
    Snapshot { repository: String, name: String },
    /// How far a snapshot under way has come.
    SnapshotShards { name: String, shards_done: usize, shards_total: usize },
    /// Documents that were salvaged, written to the leader: so many were, were there already,
    /// and differ from what the leader has written since, which stays.
    Applied { written: u64, already: u64, conflicts: u64 },
    /// What a new leader had taken since it was promoted is on the former one: documents written
    /// and deleted, those that were there already, and those that stay, for clients have written
    /// them there since.
    Carried { written: u64, deleted: u64, already: u64, kept: u64 },
    /// It took so long.
    Took { took_ms: u64 },
    /// The target has heard nothing new of its leader for so long.
    Silence { quiet_ms: u64, wanted_ms: u64 },
    /// A guard that the operator waives, and why it does not hold; what it was about is left.
    Waived { guard: String, why: String },
    /// Taken back: writers were refused for so long.
    Undone { writers_refused_ms: Option<u64> },
}
