//! What is found where a former leader's copy is held against the record of the switch and the
//! index that leads now: one word an index, and the figures that it rests on.

use serde::{Deserialize, Serialize};

/// One index of a set.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Compared {
    /// Its name on the former leader.
    pub former_index: String,
    /// Its name on the side that leads.
    pub leader_index: String,
    /// The run whose record it was held against; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    #[serde(flatten)]
    pub finding: Finding,
}

/// How the two sides of an index stand to each other.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// The former leader has nothing of its own.
    Clean,
    /// The former leader has operations above the positions at which the other side took over.
    Diverged(Diverged),
    /// The leading side has deleted it since; the former leader still has it.
    Deleted(Deleted),
    /// It is on the leading side only, and never was on the other.
    Born,
    /// Finished by lifecycle management, equal on both sides.
    Complete,
    /// Regular on both sides, and by the UUIDs no record is about these two: one of them was
    /// made anew.
    Unrelated,
    /// It cannot be said.
    Unknown {
        /// For people.
        why: String,
    },
}

/// An index whose former leader has operations of its own.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Diverged {
    /// The shards that have them, by number.
    pub shards: Vec<u32>,
    pub shard_count: u32,
    /// Operations above the promoted checkpoints: the most that the other side can lack.
    pub ops: u64,
    /// Operations of the leader's own since it took over; none where its positions cannot be
    /// read, or nobody knows since when.
    pub leader_ops_since: Option<u64>,
    /// Documents that those operations left; none where they could not be counted.
    pub documents: Option<u64>,
    /// What the leader has in their places, as far as it was looked at.
    pub overlap: Option<Overlap>,
    /// Why a figure is not there, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

impl Diverged {
    /// Operations that left no document: deletes, and what a later one replaced.
    pub fn hidden_ops(&self) -> Option<u64> {
        self.documents.map(|documents| self.ops.saturating_sub(documents))
    }
}

/// An index that only the former leader still has.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Deleted {
    /// All of its operations; none where its positions cannot be read.
    pub ops: Option<u64>,
    /// All of its documents; none where they could not be counted.
    pub documents: Option<u64>,
    /// When the switch began by which the other side came to lead, in milliseconds since 1970
    /// UTC.
    pub switched_ms: i64,
    /// Why a figure is not there, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// Documents of the former leader's own, held against what the leader has under their ids.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Overlap {
    /// So many were looked up.
    pub compared_documents: u64,
    /// Of them: written by the leader's clients since, too, and not the same.
    pub changed_documents: u64,
    /// Of them: the leader has the same content.
    pub same_documents: u64,
    /// Every one was looked up; otherwise the figures are lower bounds.
    pub is_whole: bool,
}

impl Overlap {
    /// Those that the leader lacks, or has as it had them when it took over.
    pub fn missing_documents(&self) -> u64 {
        self.compared_documents.saturating_sub(self.changed_documents + self.same_documents)
    }
}
