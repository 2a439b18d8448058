//! What came of a comparison, as the JSON contract has it.

use serde::Serialize;

use super::difference::Difference;
use crate::{
    model::{
        problem::{Code, Level, Problem},
        world::World,
    },
    outcome::exit,
    status::SetStatus,
};

/// How much is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scale {
    /// Every document.
    Full,
    /// So many documents of each index, at random.
    Sample { documents: u64 },
}

/// What is known of two copies. In order of weight, the worst first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Different,
    /// Something could not be read, or not be told.
    Unknown,
    /// Nothing that was read differs.
    Equal,
}

impl Verdict {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Different => "different",
            Self::Unknown => "unknown",
            Self::Equal => "equal",
        }
    }
}

/// Everything that `esdr verify` says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    /// When the clusters were first looked at; printed as `at`.
    #[serde(skip)]
    pub at_ms: i64,
    /// How long it took in all; whoever runs it fills it in.
    pub took_ms: u64,
    /// The machine that looked; whoever runs it fills it in.
    pub host: String,
    /// Every document was read; else a sample.
    pub full: bool,
    /// Documents of each index that were asked for; `None` where all were.
    pub sample_documents: Option<u64>,
    pub sets: Vec<SetReport>,
    pub problems: Vec<Problem>,
}

impl Verification {
    pub(super) fn of(
        world: &World,
        scale: Scale,
        sets: Vec<SetReport>,
        problems: Vec<Problem>,
    ) -> Self {
        Self {
            at_ms: world.at_ms,
            took_ms: world.took_ms,
            host: String::new(),
            full: scale == Scale::Full,
            sample_documents: match scale {
                Scale::Full => None,
                Scale::Sample { documents } => Some(documents),
            },
            sets,
            problems,
        }
    }

    /// 5 where anything differs or could not be compared, else 0. Warnings do not count.
    pub fn exit(&self) -> u8 {
        if self.problems.iter().any(|problem| problem.level == Level::Problem) {
            exit::ATTENTION
        } else {
            exit::CONVERGED
        }
    }

    /// Every index of every set.
    pub fn indices(&self) -> impl Iterator<Item = &IndexReport> {
        self.sets.iter().flat_map(|set| &set.indices)
    }
}

/// One set between two clusters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetReport {
    pub name: String,
    /// `None` where members lead on both sides, or nothing says who leads.
    pub leader: Option<String>,
    pub follower: Option<String>,
    /// The worst of its indices'; unknown where it has none.
    pub state: Verdict,
    /// The worst first.
    pub indices: Vec<IndexReport>,
}

impl SetReport {
    pub(super) fn of(seen: &SetStatus, indices: Vec<IndexReport>) -> Self {
        Self {
            name: seen.name.clone(),
            leader: seen.leader.clone(),
            follower: seen.follower.clone(),
            state: indices.iter().map(|index| index.state).min().unwrap_or(Verdict::Unknown),
            indices,
        }
    }
}

/// One index on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndexReport {
    pub leader_index: String,
    pub follower_index: String,
    /// The clusters in the roles that this index has.
    pub leader: String,
    pub follower: String,
    pub state: Verdict,
    /// Why the state is unknown: a code of docs/problems.md.
    pub reason: Option<Code>,
    /// The same in words, where somebody said more.
    pub why: Option<String>,
    /// Operations that the follower lacks; no difference by themselves.
    pub lag_ops: Option<u64>,
    pub shards: Vec<ShardReport>,
    /// Live documents of the leader; `None` where they could not be counted.
    pub total_documents: Option<u64>,
    pub follower_documents: Option<u64>,
    /// Both sides stood still at the same positions while they were counted, so that both
    /// counts must be the same.
    pub is_still: bool,
    /// Documents whose id, version and source were compared.
    pub checked_documents: u64,
    /// The first of those that differ.
    pub differing: Vec<Difference>,
    /// All of them.
    pub differing_count: u64,
    /// Documents of the former leader that the promoted one has no more.
    pub gone_count: u64,
    /// Operations of the promoted leader since it was promoted; `None` where none was.
    pub leader_only_ops: Option<u64>,
    /// Operations of the former leader above the position of the promotion.
    pub follower_only_ops: Option<u64>,
}

/// Where both copies of a shard stood when the comparison began.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct ShardReport {
    pub shard: u32,
    pub leader_checkpoint: i64,
    pub leader_max_seq_no: i64,
    pub follower_checkpoint: i64,
    pub follower_max_seq_no: i64,
}
