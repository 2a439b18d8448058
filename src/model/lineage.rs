//! The record: what cannot be seen any more once it has happened. A lineage of
//! switches, one entry a switch and set, kept on every cluster that answers and
//! beside the journal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod fork;
mod merge;
mod ordered;

#[cfg(test)]
mod tests;

pub(crate) use fork::fork;
pub(crate) use ordered::{Identity, Lineage};

use super::{
    index::{Alias, Pattern},
    lost_ops::LostOps,
    safety::{SafetyCopy, Snapshot},
    version::Version,
};

pub(crate) use super::position::Position;

/// One switch of one set, from the moment before its first change.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// The run that opened it, such as `1122-b0c4f1`.
    pub run: String,
    pub set: String,
    pub playbook: String,
    /// The cluster that leads when the entry is opened, by configured name.
    pub source: String,
    /// The cluster that is to lead.
    pub target: String,
    pub source_uuid: String,
    pub target_uuid: String,
    /// Versions by cluster name.
    #[serde(default)]
    pub versions: BTreeMap<String, Version>,
    /// Opened at, in milliseconds since 1970 UTC, by the clock of the machine that did. For people:
    /// it orders nothing but entries without a number.
    pub at_ms: i64,
    /// Its place: higher than that of every entry, of whatever set, that was on record when it was
    /// opened. 0: opened before entries were counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub number: u64,
    /// The runs of the switches of its set that it follows: the last ones when it was opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<String>,
    pub operator: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub state: State,
    /// Raised by one with each writing: of two copies the higher one counts.
    pub revision: u64,
    /// Auto-follow patterns as they stood, by the cluster that has them.
    #[serde(default)]
    pub patterns: Vec<(String, Pattern)>,
    /// Indices of the source that those patterns take and that nothing followed when the
    /// switch began: neither members nor newcomers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<String>,
    /// Names of the hooks that have ended well in this switch.
    #[serde(default)]
    pub hooks_done: Vec<String>,
    /// First moment that a writer was refused, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fenced_ms: Option<i64>,
    /// Guards that the operator waived for this switch, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<String>,
    /// The operator's word that writers are cut off from the source.
    #[serde(default, skip_serializing_if = "is_false")]
    pub leader_is_fenced: bool,
    /// It takes an earlier switch back: what the source wrote since is carried to the target.
    #[serde(default, skip_serializing_if = "is_false")]
    pub carries: bool,
    /// What the switch lost, when it was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostOps>,
    /// Proofs that copies of an earlier revision hold are void: writers were let in since.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub proofs_void_before: u64,
    #[serde(default)]
    pub members: Vec<Member>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Where a switch stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Begun, and neither finished nor undone.
    #[default]
    Open,
    /// The target leads.
    Done,
    /// Taken back before the line of no return; or, of a fence set by hand, lifted.
    Undone,
    /// No switch: the set as it was when it was last protected, for the day on which its
    /// leader cannot be asked. It moves no lead.
    Protected,
    /// No switch: esdr's own block on the source, set by hand. It moves no lead.
    Fenced,
    /// No switch: of a bi-directional alias the source was left, and the target goes on alone;
    /// undone once both are whole again. It moves no lead.
    Alone,
}

impl State {
    /// Whether entries of this state move leads.
    pub fn is_switch(self) -> bool {
        matches!(self, Self::Open | Self::Done)
    }

    /// Whether blocks on the source may be esdr's by entries of this state.
    pub fn fences(self) -> bool {
        self.is_switch() || self == Self::Fenced
    }
}

/// One index of a switch.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Member {
    pub source_index: String,
    pub source_uuid: String,
    pub target_index: String,
    pub target_uuid: String,
    pub shard_count: u32,
    /// Follow parameters, which the server forgets while a follower is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
    /// Aliases as the source had them.
    #[serde(default)]
    pub aliases: Vec<Alias>,
    /// A write block stood on the source before esdr came; it is never lifted.
    #[serde(default)]
    pub blocked_before: bool,
    /// So did `index.blocks.read_only`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only_before: bool,
    /// When the entry was opened the source stood behind a fence of esdr's that an operator had set
    /// by itself: taking this switch back does not lift it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fenced_before: bool,
    /// The target was copied from a source that the fence's template had blocked from birth: its
    /// write block is that one, and goes when it is promoted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inherits: bool,
    /// The highest positions heard of the source when the entry was opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<Heard>,
    /// The unfollow could not remove the target's leases on the source, or its answer was
    /// not there to say so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub leases_left: bool,
    /// The target's index was deleted there and is being made again: whatever stands under its
    /// name by now is the one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub returning: bool,
    /// Positions at which both sides were equal under the fence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Vec<Position>>,
    /// What only the source had after the switch, looked for before its copy is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salvaged: Option<Salvaged>,
    /// Copies of the source that esdr has made on its cluster beside the salvage file, or was
    /// about to; the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub safety: Vec<SafetyCopy>,
    /// The snapshot that holds the source's copy, or is about to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
    /// The target's positions, written after this entry's pause and before the close.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Vec<Position>>,
    /// Where the source stood when its documents had been carried to the target, in its own
    /// numbers: each side has numbered its operations by itself since they parted. None: the
    /// target's checkpoints count for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Vec<Position>>,
}

impl Member {
    /// Up to where the target has every operation of the source, in the source's numbers; none
    /// before the lead has moved.
    pub fn shared(&self) -> Option<&[Position]> {
        let checkpoints = self.checkpoints.as_deref()?;
        Some(self.left_at.as_deref().unwrap_or(checkpoints))
    }
}

/// What only a former leader had, and where it was put.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Salvaged {
    /// The run that looked.
    pub run: String,
    /// Where the copy stood then, under its fence.
    pub positions: Vec<Position>,
    /// Its operations above the promoted positions.
    pub ops: u64,
    /// How many of them are documents in the file. The others were deletes, were overwritten
    /// by later ones, or are on the other side too.
    pub documents: u64,
    /// The documents in the file were written to the leader, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub applied: bool,
    /// The whole copy was kept on its cluster under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// The index, deleted on the leader, was made there again from the copy.
    #[serde(default, skip_serializing_if = "is_false")]
    pub restored: bool,
    /// None where there was nothing to save.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<SalvageFile>,
}

/// Where a salvage file is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SalvageFile {
    /// The machine that wrote it.
    pub host: String,
    /// Its whole path there.
    pub path: String,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
    pub bytes: u64,
}

/// The highest position that was heard of a shard of the leader.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Heard {
    pub shard: u32,
    pub max_seq_no: i64,
}

impl Entry {
    /// Whether both of its clusters were known when it was opened.
    pub fn names_both(&self) -> bool {
        !self.source_uuid.is_empty() && !self.target_uuid.is_empty()
    }

    /// Whether the hooks of a name have ended well in this switch.
    pub fn did(&self, hook: impl std::fmt::Display) -> bool {
        let name = hook.to_string();
        self.hooks_done.contains(&name)
    }

    /// Whether the record by itself shows that no index was unfollowed: a planned switch does that
    /// behind a proof only, and with the positions on record first.
    pub fn shows_no_unfollow(&self) -> bool {
        let is_planned = self.waived.is_empty() && !self.leader_is_fenced && !self.carries;
        is_planned && self.members.iter().all(|it| it.proof.is_none() && it.checkpoints.is_none())
    }

    /// The member that stands on these names, whichever way the entry went.
    pub fn member(&self, source_index: &str, target_index: &str) -> Option<&Member> {
        self.members.iter().find(|member| {
            member.source_index == source_index && member.target_index == target_index
        })
    }
}

/// Whether an entry was opened in the knowledge of another one, or without knowing of it. By their
/// places in the lineage; of entries from before those were counted, by their times.
pub(crate) fn is_later(entry: &Entry, other: &Entry) -> bool {
    let at_ms = |it: &Entry| if it.number == 0 { it.at_ms } else { 0 };
    entry.run != other.run && (entry.number, at_ms(entry)) >= (other.number, at_ms(other))
}

/// The switch of a set that was begun towards a cluster and neither finished nor undone.
pub(crate) fn unfinished<'l>(lineage: &'l [Entry], set: &str) -> Option<&'l Entry> {
    lineage.iter().rev().find(|entry| {
        entry.set == set && entry.state == State::Open && !fork::is_settled(lineage, entry)
    })
}

/// The newest switch of a set by which this cluster came to lead.
pub(crate) fn newest_towards<'l>(
    lineage: &'l [Entry],
    set: &str,
    cluster: &str,
) -> Option<&'l Entry> {
    let is_it =
        |entry: &&Entry| entry.set == set && entry.target == cluster && entry.state == State::Done;
    lineage.iter().rev().find(is_it)
}

/// The newest finished switch of a set from one cluster to another that left it behind as it
/// was: the one that can be taken back by carrying.
pub(crate) fn newest_between<'l>(
    lineage: &'l [Entry],
    set: &str,
    source: &str,
    target: &str,
) -> Option<&'l Entry> {
    newest_towards(lineage, set, target).filter(|entry| entry.source == source && !entry.carries)
}

/// The newest switch of a set that was not undone.
pub(crate) fn newest<'l>(lineage: &'l [Entry], set: &str) -> Option<&'l Entry> {
    let stands = |entry: &&Entry| matches!(entry.state, State::Open | State::Done);
    lineage.iter().rev().filter(stands).find(|entry| entry.set == set)
}
