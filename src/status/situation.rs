//! What the state of an index is called. Closed lists of the JSON contract.

use serde::Serialize;

use super::look::Look;
use crate::{
    model::{lag::drained, lineage::Member, world::Index},
    plan::pair::{Fence, Side, Tasks},
};

/// A read is sent within the long poll and what a busy server adds.
const READ_AGE_MAX_MS: i64 = 75_000;

/// What an index's two sides are together. In order of weight, the worst first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// Both sides writable, and no record says who leads.
    SplitBrain,
    /// The former leader by the record is writable again.
    Stray,
    /// The former leader holds operations that the leader lacks.
    Diverged,
    /// In the middle of a promote: perhaps writable nowhere.
    HalfPromoted,
    /// The leader cannot be seen.
    LeaderLost,
    /// The same name on both sides, no record, not following.
    Unrelated,
    /// A follower that is paused, stopped for good, or without progress.
    Stalled,
    /// Born behind a fence.
    Late,
    /// Leads, and nothing follows it.
    Unprotected,
    Unknown,
    /// Of a set: members lead on both sides.
    Mixed,
    Lagging,
    /// Fenced, and nothing left to copy.
    Drained,
    /// The standby leads, the former leader is fenced or gone.
    Promoted,
    InSync,
    /// Finished by lifecycle management on both sides.
    Complete,
}

impl Situation {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::SplitBrain => "split_brain",
            Self::Stray => "stray",
            Self::Diverged => "diverged",
            Self::HalfPromoted => "half_promoted",
            Self::LeaderLost => "leader_lost",
            Self::Unrelated => "unrelated",
            Self::Stalled => "stalled",
            Self::Late => "late",
            Self::Unprotected => "unprotected",
            Self::Unknown => "unknown",
            Self::Mixed => "mixed",
            Self::Lagging => "lagging",
            Self::Drained => "drained",
            Self::Promoted => "promoted",
            Self::InSync => "in_sync",
            Self::Complete => "complete",
        }
    }

    /// True where a look at the index is not needed.
    pub fn is_fine(self) -> bool {
        self >= Self::Lagging
    }
}

/// The follower's side of an index.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Following,
    Paused,
    /// A paused follower that is closed.
    Closed,
    /// Still being copied.
    Restoring,
    /// Its tasks stopped for good.
    Fatal,
    Regular,
    Absent,
}

impl State {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Following => "following",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Restoring => "restoring",
            Self::Fatal => "fatal",
            Self::Regular => "regular",
            Self::Absent => "absent",
        }
    }

    /// True for a follower in any state.
    pub fn follows(self) -> bool {
        !matches!(self, Self::Regular | Self::Absent)
    }
}

/// The state of the side that does not lead.
pub(super) fn state(side: Side, index: Option<&Index>) -> Option<State> {
    Some(match side {
        Side::Unreachable => return None,
        Side::Absent => State::Absent,
        Side::Regular { .. } => State::Regular,
        Side::Following { .. } if index.is_some_and(|index| index.restoring) => State::Restoring,
        Side::Following { tasks: Tasks::Fatal | Tasks::GivenUp, .. } => State::Fatal,
        Side::Following { open: false, .. } => State::Closed,
        Side::Following { tasks: Tasks::Paused, .. } => State::Paused,
        Side::Following { tasks: Tasks::Running, .. } => State::Following,
    })
}

/// What both sides of an index are together.
pub(super) fn situation(look: &Look<'_>) -> Situation {
    if look.leads.is_none() {
        return leaderless(look);
    }
    match look.follower_side() {
        Side::Following { tasks, open } => following(look, tasks, open),
        Side::Regular { .. } => left_behind(look),
        Side::Absent => Situation::Unprotected,
        // By the record the lead has moved here, and what was left behind is gone.
        Side::Unreachable if look.pair.facts.leads == look.leads => Situation::Promoted,
        Side::Unreachable => Situation::Unknown,
    }
}

fn leaderless(look: &Look<'_>) -> Situation {
    let sides = (look.pair.source, look.pair.target);
    let (Side::Regular { .. }, Side::Regular { .. }) = sides else {
        return Situation::Unknown;
    };
    let were_one = look.paired || leased(look);
    if sides.0.is_writable() && sides.1.is_writable() && were_one {
        Situation::SplitBrain
    } else {
        Situation::Unrelated
    }
}

/// A lease that is left on either side tells that the other followed it.
fn leased(look: &Look<'_>) -> bool {
    let (Some(one), Some(other)) = (look.leader, look.follower) else {
        return false;
    };
    let names = |holder: &Index, uuid: &str| {
        let leases = holder.shards.iter().flat_map(|shard| &shard.leases);
        leases.into_iter().any(|lease| lease.id.contains(uuid))
    };
    names(one, &other.uuid) || names(other, &one.uuid)
}

fn following(look: &Look<'_>, tasks: Tasks, open: bool) -> Situation {
    if look.is_open && tasks == Tasks::Paused {
        return Situation::HalfPromoted;
    }
    let leader = match look.leader_side() {
        Side::Unreachable | Side::Absent => return Situation::LeaderLost,
        Side::Following { .. } => return Situation::Unknown,
        Side::Regular { open: false, .. } => return Situation::Stalled,
        Side::Regular { fence, .. } => fence,
    };
    if tasks != Tasks::Running || !open {
        return Situation::Stalled;
    }
    if look.follower.is_some_and(|index| index.restoring) {
        return Situation::Lagging;
    }
    let is_drained = matches!((look.leader, look.follower), (Some(l), Some(f)) if drained(l, f));
    let lag = look.lag.as_ref();
    match lag.and_then(|lag| lag.lag_ops) {
        Some(0) if leader != Fence::None && is_drained => Situation::Drained,
        Some(0) => Situation::InSync,
        _ if look.follower.is_some_and(stands_still) => Situation::Stalled,
        Some(_) => Situation::Lagging,
        None if lag.and_then(|lag| lag.at_least).is_some_and(|ops| ops > 0) => Situation::Lagging,
        None => Situation::Unknown,
    }
}

/// Its reads fail or hang.
fn stands_still(follower: &Index) -> bool {
    let Some(following) = &follower.following else {
        return false;
    };
    following
        .tasks
        .iter()
        .any(|task| !task.read_errors.is_empty() || task.since_read_ms > READ_AGE_MAX_MS)
}

/// The other side does not follow: by the record it led before.
fn left_behind(look: &Look<'_>) -> Situation {
    match look.leader_side() {
        Side::Unreachable | Side::Absent => return Situation::LeaderLost,
        Side::Regular { open: false, .. } => return Situation::HalfPromoted,
        Side::Regular { .. } | Side::Following { .. } => {}
    }
    if look.follower_side().is_writable() {
        Situation::Stray
    } else if has_more(look) {
        Situation::Diverged
    } else {
        Situation::Promoted
    }
}

/// The copy that was left behind holds operations above the positions of the switch.
fn has_more(look: &Look<'_>) -> bool {
    let (Some(entry), Some(former)) = (look.entry, look.follower) else {
        return false;
    };
    let member = entry.members.iter().find(|member| member.source_uuid == former.uuid);
    let positions = member.and_then(Member::shared).unwrap_or_default();
    former.shards.iter().any(|shard| {
        positions.iter().any(|position| {
            position.shard == shard.number && shard.max_seq_no > position.max_seq_no
        })
    })
}
