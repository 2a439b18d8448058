//! Who leads what, how far the other side is, what a failover now would lose. Pure: from
//! what was seen and what is on record to what it is called.

mod bidi;
mod build;
mod clusters;
mod look;
pub(crate) mod next;
mod nowhere;
mod pairs;
mod problems;
mod set;
mod situation;
mod sum;
mod under_way;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) use self::{
    bidi::{AliasState, Alone, BidiStatus, DirectionStatus, Recursion, SiteStatus},
    build::{build, of_bidi},
    nowhere::Refuses,
    pairs::pairs,
    set::set,
    situation::{Situation, State},
    under_way::LockStatus,
};
use crate::{
    model::{
        lag::Evidence,
        problem::{Level, Problem},
    },
    outcome::{LostOps, Next, exit},
};

/// Everything that `esdr status` says, as the JSON contract has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// When the look began; printed as `at`.
    #[serde(skip)]
    pub at_ms: i64,
    /// How long the look took.
    pub took_ms: u64,
    /// The machine that looked; whoever builds this fills it in.
    pub host: String,
    pub clusters: Vec<ClusterStatus>,
    pub sees: Vec<Sees>,
    pub sets: Vec<SetStatus>,
    /// Bi-directional replication, in the order of the file.
    pub bidi: Vec<BidiStatus>,
    pub runs: Vec<RunStatus>,
    pub problems: Vec<Problem>,
    /// What leads on from here, the safest first; for people.
    #[serde(skip)]
    pub next: Vec<Next>,
}

impl Status {
    /// 5 where anything wants action, else 0. Ordinary lag and warnings do not.
    pub fn exit(&self) -> u8 {
        if self.problems.iter().any(|problem| problem.level == Level::Problem) {
            exit::ATTENTION
        } else {
            exit::CONVERGED
        }
    }
}

/// One configured cluster. What could not be read is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterStatus {
    pub name: String,
    /// `ok`, `ill` or `unreachable`.
    pub state: &'static str,
    /// Why it is not `ok`.
    pub reason: Option<String>,
    pub version: Option<String>,
    pub uuid: Option<String>,
    pub health: Option<String>,
    /// Time of its first answer.
    pub answer_ms: Option<u64>,
    pub license: Option<LicenseStatus>,
    /// Remote connections by alias.
    pub remotes: BTreeMap<String, RemoteStatus>,
}

/// A cluster's licence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LicenseStatus {
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
    /// `None` where it never ends.
    pub days_left: Option<i64>,
}

/// A remote connection. `connected` is the server's claim and never evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemoteStatus {
    pub connected: Option<bool>,
    /// The configured cluster behind it.
    pub leads_to: Option<String>,
}

/// What one cluster hears of another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sees {
    pub from: String,
    pub to: String,
    /// `yes`, `no` or `unknown`.
    pub answer: &'static str,
    pub evidence: String,
    pub age_ms: Option<i64>,
}

/// One set between two clusters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetStatus {
    pub name: String,
    /// `None` where members lead on both sides, or nothing says who leads.
    pub leader: Option<String>,
    pub follower: Option<String>,
    /// The worst of its members'.
    pub situation: Situation,
    /// Every index is followed by a task that runs, and takes writes.
    pub protected: bool,
    /// The sum; `None` if any is.
    pub lag_ops: Option<u64>,
    pub lag_ops_at_least: Option<u64>,
    /// The weakest of its members'.
    pub evidence: Evidence,
    pub evidence_age_ms: Option<i64>,
    pub would_lose: LostOps,
    pub indices: Vec<IndexStatus>,
    /// Indices of the leader that belong to the set and that nothing follows.
    pub uncovered: Vec<String>,
}

impl SetStatus {
    /// Members that follow, whatever their state.
    pub fn following(&self) -> usize {
        self.indices.iter().filter(|index| index.state.is_some_and(State::follows)).count()
    }

    /// Members that lifecycle management has finished.
    pub fn complete(&self) -> usize {
        self.indices.iter().filter(|index| index.situation == Situation::Complete).count()
    }
}

/// One index on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndexStatus {
    pub leader_index: String,
    pub follower_index: String,
    pub leader: Option<String>,
    pub situation: Situation,
    /// The follower's side; `None` where its cluster does not answer.
    pub state: Option<State>,
    /// A number only when measured.
    pub lag_ops: Option<u64>,
    /// A lower bound.
    pub lag_ops_at_least: Option<u64>,
    pub evidence: Evidence,
    pub evidence_age_ms: Option<i64>,
    pub shards: Vec<ShardStatus>,
    /// What the follower itself says is wrong; where nobody is known to lead, what both copies
    /// hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// One side is seen to take writes.
    #[serde(skip)]
    pub takes_writes: bool,
    /// What refuses writes, where neither side is seen to take them.
    #[serde(skip)]
    pub refuses: Option<Refuses>,
}

/// Where both copies of a shard stand; null where it could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShardStatus {
    pub shard: u32,
    pub leader_checkpoint: Option<i64>,
    pub leader_max_seq_no: Option<i64>,
    pub follower_checkpoint: Option<i64>,
}

/// A run that was begun and neither finished nor undone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunStatus {
    pub run: String,
    pub set: String,
    pub playbook: String,
    pub source: String,
    pub target: String,
    pub at_ms: i64,
    pub operator: String,
    /// Members of the switch.
    pub indices: usize,
    /// Members whose lead has moved.
    pub moved: usize,
    /// The lock of the set, where a run holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockStatus>,
}
