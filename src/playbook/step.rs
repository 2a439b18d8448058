//! The steps of playbooks.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::{Map, Value};

use super::{
    Verb, keys,
    words::{Check, HookName, PatternState, Requirement, Role},
};
use crate::{duration::as_ms_option, toml_reader::Word as _};

/// The time of a step that need not say its own: one or a few bounded calls.
pub const GATE_WITHIN: Duration = Duration::from_secs(30);

/// How many indices are promoted side by side, unless the playbook says otherwise.
pub const PROMOTE_BATCH: usize = 50;

/// One step: a state of the world to be reached (a goal), or a condition (a gate).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Step {
    #[serde(flatten)]
    pub goal: Goal,
    /// The side that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Role>,
    /// Its deadline; none only for a manual gate that waits as long as the person takes.
    #[serde(rename = "within_ms", with = "as_ms_option")]
    pub within: Option<Duration>,
}

/// What a step asks for, with what its verb is given beside the side and the time.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Goal {
    /// The lineage is written: who led what, before anything is changed.
    Record,
    /// Indices on this side refuse writes.
    Fence,
    /// Indices on this side take writes again: no block of esdr's is left.
    Unfence,
    /// Under the fence, the other side has every operation but `max_lag_ops` at most.
    Drain { max_lag_ops: u64 },
    /// Under the fence of the source, which leads, the target has everything that was written
    /// there since the target was left behind; and it leads again, by the record.
    Carry,
    /// Indices on this side are regular, open, writable, and lead. `batch`: how many side by side.
    Promote { batch: usize },
    /// What only this side has is in files.
    Salvage,
    /// The old copy on this side is closed, to be followed over.
    Discard,
    /// Followers on this side run: what was paused, closed or stopped goes on, and has read
    /// nearly all there is.
    Resume,
    /// Indices on this side follow the other side's.
    Seed,
    /// This side knows the other as a remote cluster; `both`: and the other way
    /// round, where the configuration allows it.
    Remote { both: bool },
    /// The set's auto-follow pattern on this side runs, or is off.
    Pattern { state: PatternState },
    /// All aliases of the set are on this side, as the record has them.
    Alias,
    /// Where asked for: a document was written, read and removed through each new leader.
    Canary,
    /// Of a bi-directional alias: the index that this side writes is there.
    Index,
    /// Of a bi-directional alias: the alias spans this side, with the write flag on what leads
    /// here and without it on what is a copy.
    Span,
    /// Of a bi-directional alias: what was a copy on this side bears the alias no more.
    Unspan,
    /// Of a bi-directional alias: a document was written through the alias on this side, read
    /// through the other side's, and removed.
    Echo,
    /// Copies on this side are gone.
    Remove,
    /// Copies on this side are regular and open, and follow no more.
    Release,
    /// Of a bi-directional alias: copies on this side follow again, made anew where their
    /// leader's history is gone, and have read what there was when the step began.
    Join,
    /// Of a bi-directional alias: the index that this side writes keeps history for an absent
    /// copy as long as the configuration says.
    Retain,
    /// Where asked for: of the safety copies of the set's former leaders none is left.
    DropCopies,
    /// The operator's programs of this name have run for this switch of the set.
    Hook { name: HookName },
    /// Gate: all of this must be so before the goal after it.
    Require { what: Vec<Requirement> },
    /// Gate: all of this is proved before the goal after it.
    Verify { what: Vec<Check> },
    /// Gate: a person, or `--confirm NAME`, says go. `say`: what the person is asked.
    Manual { name: String, say: String },
}

impl Step {
    /// The step's verb, as it stands in the file.
    pub fn verb(&self) -> Verb {
        self.goal.verb()
    }

    /// Whether it asks this of a side.
    pub fn is(&self, verb: Verb, on: Role) -> bool {
        self.verb() == verb && self.on == Some(on)
    }

    /// What the step is called on the screen, at most twelve characters.
    pub fn title(&self) -> &'static str {
        match &self.goal {
            Goal::Seed => "follow",
            Goal::Pattern { state: PatternState::Off } => "hold",
            Goal::Pattern { state: PatternState::Running } => "auto-follow",
            Goal::Alias => "redirect",
            Goal::DropCopies => "drop copies",
            Goal::Retain => "keep history",
            Goal::Hook { name: HookName::BeforeFence } => "before hook",
            Goal::Hook { name: HookName::AfterPromote } => "after hook",
            Goal::Hook { name: HookName::OnUndo } => "undo hook",
            Goal::Require { .. } | Goal::Verify { .. } => "gate",
            Goal::Manual { .. } => "wait",
            goal => goal.verb().as_str(),
        }
    }

    /// Whether the step is a gate that asks for this.
    pub fn requires(&self, wanted: Requirement) -> bool {
        matches!(&self.goal, Goal::Require { what } if what.contains(&wanted))
    }

    /// Whether the step is a condition, which changes nothing and guards the goal
    /// after it (in last place: the one before it).
    pub fn is_gate(&self) -> bool {
        self.verb().is_gate()
    }
}

impl Goal {
    /// The verb of its step.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Record => Verb::Record,
            Self::Fence => Verb::Fence,
            Self::Unfence => Verb::Unfence,
            Self::Drain { .. } => Verb::Drain,
            Self::Carry => Verb::Carry,
            Self::Promote { .. } => Verb::Promote,
            Self::Salvage => Verb::Salvage,
            Self::Discard => Verb::Discard,
            Self::Resume => Verb::Resume,
            Self::Seed => Verb::Seed,
            Self::Remote { .. } => Verb::Remote,
            Self::Pattern { .. } => Verb::Pattern,
            Self::Alias => Verb::Alias,
            Self::Canary => Verb::Canary,
            Self::DropCopies => Verb::DropCopies,
            Self::Index => Verb::Index,
            Self::Span => Verb::Span,
            Self::Unspan => Verb::Unspan,
            Self::Echo => Verb::Echo,
            Self::Remove => Verb::Remove,
            Self::Release => Verb::Release,
            Self::Join => Verb::Join,
            Self::Retain => Verb::Retain,
            Self::Hook { .. } => Verb::Hook,
            Self::Require { .. } => Verb::Require,
            Self::Verify { .. } => Verb::Verify,
            Self::Manual { .. } => Verb::Manual,
        }
    }
}

/// As strict as a playbook's own file: a step has the keys of its verb and no others.
impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Around {
            on: Option<Role>,
            #[serde(rename = "within_ms", with = "as_ms_option", default)]
            within: Option<Duration>,
        }
        let map = Map::deserialize(from)?;
        let all = Value::Object(map.clone());
        let goal = Goal::deserialize(&all).map_err(D::Error::custom)?;
        let Around { on, within } = Around::deserialize(&all).map_err(D::Error::custom)?;
        let verb = goal.verb();
        let written =
            |name: &'static str| if name == keys::WITHIN.name { "within_ms" } else { name };
        let allowed: Vec<&str> = verb.keys().iter().map(|key| written(key.name)).collect();
        if let Some(unknown) = map.keys().find(|key| !allowed.contains(&key.as_str())) {
            return Err(D::Error::custom(format!("{verb} takes no key `{unknown}`")));
        }
        if verb.takes_side() != on.is_some() {
            return Err(D::Error::custom(format!("{verb} and its side do not go together")));
        }
        if within.is_none() && verb != Verb::Manual {
            return Err(D::Error::custom(format!("{verb} has no `within_ms`")));
        }
        Ok(Self { goal, on, within })
    }
}
