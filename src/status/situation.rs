//! What the state of an index is called. Closed lists of the JSON contract.

use serde::Serialize;

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
