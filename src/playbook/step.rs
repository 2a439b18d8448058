//! The steps of playbooks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Verb,
    words::{Check, HookName, PatternState, Requirement, Role},
};
use crate::duration::{as_ms, as_ms_option};

/// The time of a step that need not say its own: one or a few bounded calls.
pub const GATE_WITHIN: Duration = Duration::from_secs(30);

/// How many indices are promoted side by side, unless the playbook says otherwise.
pub const PROMOTE_BATCH: usize = 50;

/// One step: a state of the world to be reached (a goal), or a condition (a gate).
/// `within` is the step's deadline.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// The lineage is written: who led what, before anything is changed.
    Record {
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Indices on this side refuse writes.
    Fence {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Indices on this side take writes again: no block of esdr's is left.
    Unfence {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Under the fence, the other side has every operation but `max_lag_ops` at most.
    Drain {
        max_lag_ops: u64,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Under the fence of the source, which leads, the target has everything that was written
    /// there since the target was left behind; and it leads again, by the record.
    Carry {
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Indices on this side are regular, open, writable, and lead.
    Promote {
        on: Role,
        /// How many indices side by side.
        batch: usize,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// What only this side has is in files.
    Salvage {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// The old copy on this side is closed, to be followed over.
    Discard {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Followers on this side run: what was paused, closed or stopped goes on, and has read
    /// nearly all there is.
    Resume {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Indices on this side follow the other side's.
    Seed {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// This side knows the other as a remote cluster; `both`: and the other way
    /// round, where the configuration allows it.
    Remote {
        on: Role,
        both: bool,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// The set's auto-follow pattern on this side runs, or is off.
    Pattern {
        on: Role,
        state: PatternState,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// All aliases of the set are on this side, as the record has them.
    Alias {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Where asked for: a document was written, read and removed through each new leader.
    Canary {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Of a bi-directional alias: the index that this side writes is there.
    Index {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Of a bi-directional alias: the alias spans this side, with the write flag on what leads
    /// here and without it on what is a copy.
    Span {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Of a bi-directional alias: what was a copy on this side bears the alias no more.
    Unspan {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Of a bi-directional alias: a document was written through the alias on this side, read
    /// through the other side's, and removed.
    Echo {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Copies on this side are gone.
    Remove {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Copies on this side are regular and open, and follow no more.
    Release {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Of a bi-directional alias: copies on this side follow again, made anew where their
    /// leader's history is gone, and have read what there was when the step began.
    Join {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Of a bi-directional alias: the index that this side writes keeps history for an absent
    /// copy as long as the configuration says.
    Retain {
        on: Role,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Where asked for: of the safety copies of the set's former leaders none is left.
    DropCopies {
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// The operator's programs of this name have run for this switch of the set.
    Hook {
        name: HookName,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Gate: all of this must be so before the goal after it.
    Require {
        what: Vec<Requirement>,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Gate: all of this is proved before the goal after it.
    Verify {
        what: Vec<Check>,
        #[serde(rename = "within_ms", with = "as_ms")]
        within: Duration,
    },
    /// Gate: a person, or `--confirm NAME`, says go.
    Manual {
        name: String,
        /// What the person is asked.
        say: String,
        /// None: as long as the person takes.
        #[serde(rename = "within_ms", with = "as_ms_option", default)]
        within: Option<Duration>,
    },
}

impl Step {
    /// The step's deadline; None only for a manual gate that waits as long as it takes.
    pub fn within(&self) -> Option<Duration> {
        match self {
            Self::Record { within }
            | Self::Fence { within, .. }
            | Self::Unfence { within, .. }
            | Self::Drain { within, .. }
            | Self::Carry { within }
            | Self::Promote { within, .. }
            | Self::Salvage { within, .. }
            | Self::Discard { within, .. }
            | Self::Resume { within, .. }
            | Self::Seed { within, .. }
            | Self::Remote { within, .. }
            | Self::Pattern { within, .. }
            | Self::Alias { within, .. }
            | Self::Canary { within, .. }
            | Self::DropCopies { within }
            | Self::Index { within, .. }
            | Self::Span { within, .. }
            | Self::Unspan { within, .. }
            | Self::Echo { within, .. }
            | Self::Remove { within, .. }
            | Self::Release { within, .. }
            | Self::Join { within, .. }
            | Self::Retain { within, .. }
            | Self::Hook { within, .. }
            | Self::Require { within, .. }
            | Self::Verify { within, .. } => Some(*within),
            Self::Manual { within, .. } => *within,
        }
    }

    /// The side that the step is about, where it is about one.
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Fence { on, .. }
            | Self::Unfence { on, .. }
            | Self::Promote { on, .. }
            | Self::Salvage { on, .. }
            | Self::Discard { on, .. }
            | Self::Resume { on, .. }
            | Self::Seed { on, .. }
            | Self::Remote { on, .. }
            | Self::Pattern { on, .. }
            | Self::Alias { on, .. }
            | Self::Canary { on, .. }
            | Self::Index { on, .. }
            | Self::Span { on, .. }
            | Self::Unspan { on, .. }
            | Self::Echo { on, .. }
            | Self::Remove { on, .. }
            | Self::Release { on, .. }
            | Self::Join { on, .. }
            | Self::Retain { on, .. } => Some(*on),
            Self::Record { .. }
            | Self::Drain { .. }
            | Self::Carry { .. }
            | Self::DropCopies { .. }
            | Self::Hook { .. }
            | Self::Require { .. }
            | Self::Verify { .. }
            | Self::Manual { .. } => None,
        }
    }

    /// The step's verb, as it stands in the file.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Record { .. } => Verb::Record,
            Self::Fence { .. } => Verb::Fence,
            Self::Unfence { .. } => Verb::Unfence,
            Self::Drain { .. } => Verb::Drain,
            Self::Carry { .. } => Verb::Carry,
            Self::Promote { .. } => Verb::Promote,
            Self::Salvage { .. } => Verb::Salvage,
            Self::Discard { .. } => Verb::Discard,
            Self::Resume { .. } => Verb::Resume,
            Self::Seed { .. } => Verb::Seed,
            Self::Remote { .. } => Verb::Remote,
            Self::Pattern { .. } => Verb::Pattern,
            Self::Alias { .. } => Verb::Alias,
            Self::Canary { .. } => Verb::Canary,
            Self::DropCopies { .. } => Verb::DropCopies,
            Self::Index { .. } => Verb::Index,
            Self::Span { .. } => Verb::Span,
            Self::Unspan { .. } => Verb::Unspan,
            Self::Echo { .. } => Verb::Echo,
            Self::Remove { .. } => Verb::Remove,
            Self::Release { .. } => Verb::Release,
            Self::Join { .. } => Verb::Join,
            Self::Retain { .. } => Verb::Retain,
            Self::Hook { .. } => Verb::Hook,
            Self::Require { .. } => Verb::Require,
            Self::Verify { .. } => Verb::Verify,
            Self::Manual { .. } => Verb::Manual,
        }
    }

    /// What the step is called on the screen, at most twelve characters.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Record { .. } => "record",
            Self::Fence { .. } => "fence",
            Self::Unfence { .. } => "unfence",
            Self::Drain { .. } => "drain",
            Self::Carry { .. } => "carry",
            Self::Promote { .. } => "promote",
            Self::Salvage { .. } => "salvage",
            Self::Discard { .. } => "discard",
            Self::Resume { .. } => "resume",
            Self::Seed { .. } => "follow",
            Self::Remote { .. } => "remote",
            Self::Pattern { state: PatternState::Off, .. } => "hold",
            Self::Pattern { state: PatternState::Running, .. } => "auto-follow",
            Self::Alias { .. } => "redirect",
            Self::Canary { .. } => "canary",
            Self::DropCopies { .. } => "drop copies",
            Self::Index { .. } => "index",
            Self::Span { .. } => "span",
            Self::Unspan { .. } => "unspan",
            Self::Echo { .. } => "echo",
            Self::Remove { .. } => "remove",
            Self::Release { .. } => "release",
            Self::Join { .. } => "join",
            Self::Retain { .. } => "keep history",
            Self::Hook { name: HookName::BeforeFence, .. } => "before hook",
            Self::Hook { name: HookName::AfterPromote, .. } => "after hook",
            Self::Hook { name: HookName::OnUndo, .. } => "undo hook",
            Self::Require { .. } | Self::Verify { .. } => "gate",
            Self::Manual { .. } => "wait",
        }
    }

    /// Whether the step is a gate that asks for this.
    pub fn requires(&self, wanted: Requirement) -> bool {
        matches!(self, Self::Require { what, .. } if what.contains(&wanted))
    }

    /// Whether the step is a condition, which changes nothing and guards the goal
    /// after it (in last place: the one before it).
    pub fn is_gate(&self) -> bool {
        self.verb().is_gate()
    }
}
