//! What a playbook is for. Decided once, when it is read: whoever asks later asks for this, and
//! not for single steps.

use super::{Playbook, Requirement, Role, Step, Verb};

/// What a playbook is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// Nothing but gates, hooks, aliases and patterns: no lead moves, and no copy is made.
    #[default]
    Upkeep,
    /// Followers are made of what nothing follows yet.
    Replicate,
    /// The lead moves to a follower.
    Switch,
    /// The former leader's copies go, and follow.
    Reprotect,
    /// The same, and then the lead moves there.
    Failback,
    /// A switch is taken back that has not passed its line of no return.
    Undo,
    /// A finished switch is taken back, by carrying what was written since.
    UndoCarry,
    /// Write blocks on the source are set, and nothing else is touched.
    Fence,
    /// They are lifted.
    Unfence,
    /// A bi-directional alias is set up.
    Bidi,
    /// One site of it is left, and the other goes on. No lead moves, and an entry of the record
    /// is opened all the same, for the way back.
    BidiFailover,
    /// Both of its sites are brought together again.
    BidiFailback,
    /// It is taken down: its copies are copies no more.
    BidiTeardown,
}

impl Kind {
    /// By the steps of a playbook.
    pub(super) fn of(steps: &[Step]) -> Self {
        let has = |is_it: fn(&Step) -> bool| steps.iter().any(is_it);
        if has(is_bidi) {
            return Self::of_bidi(steps);
        }
        let promote = steps.iter().position(|step| step.verb() == Verb::Promote);
        let seeds = |steps: &[Step]| steps.iter().any(|step| step.is(Verb::Seed, Role::Target));
        if let Some(promote) = promote {
            return match (has(|step| step.verb() == Verb::Carry), &steps[..promote]) {
                (true, _) => Self::UndoCarry,
                (false, before) if seeds(before) => Self::Failback,
                (false, _) => Self::Switch,
            };
        }
        let fences = has(|step| step.is(Verb::Fence, Role::Source));
        let lifts = has(|step| step.is(Verb::Unfence, Role::Source));
        let is_fence_alone = steps.iter().all(|step| {
            let is_aside = step.is_gate() || step.verb() == Verb::Record;
            let is_fence = matches!(step.verb(), Verb::Fence | Verb::Unfence);
            is_aside || (is_fence && step.on == Some(Role::Source))
        });
        match (is_fence_alone, fences, lifts) {
            (true, _, true) => Self::Unfence,
            (true, true, false) => Self::Fence,
            (false, _, true) => Self::Undo,
            _ if has(|step| step.verb() == Verb::Discard) => Self::Reprotect,
            _ if seeds(steps) => Self::Replicate,
            _ => Self::Upkeep,
        }
    }

    fn of_bidi(steps: &[Step]) -> Self {
        let has = |is_it: fn(&Step) -> bool| steps.iter().any(is_it);
        if has(|step| step.requires(Requirement::TakesWrites)) {
            Self::BidiFailover
        } else if has(|step| step.verb() == Verb::Join) {
            Self::BidiFailback
        } else if has(|step| matches!(step.verb(), Verb::Remove | Verb::Release)) {
            Self::BidiTeardown
        } else {
            Self::Bidi
        }
    }

    /// Whether the lead moves, which opens an entry of the record.
    pub fn moves_lead(self) -> bool {
        matches!(self, Self::Switch | Self::Failback | Self::UndoCarry)
    }

    /// Whether followers are made and no lead moves: what is left is a protected set.
    pub fn protects(self) -> bool {
        matches!(self, Self::Replicate | Self::Reprotect | Self::Bidi | Self::BidiFailback)
    }

    /// Whether it is about a bi-directional alias, and so about none of the file's sets.
    pub fn is_bidi(self) -> bool {
        matches!(self, Self::Bidi | Self::BidiFailover | Self::BidiFailback | Self::BidiTeardown)
    }

    /// Whether write blocks on the source are all that it is about.
    pub fn is_fence(self) -> bool {
        matches!(self, Self::Fence | Self::Unfence)
    }
}

/// Whether a step has a meaning for a bi-directional alias only.
fn is_bidi(step: &Step) -> bool {
    step.verb().is_bidi() || step.requires(Requirement::TakesWrites)
}

/// A playbook as it is written down, without what is derived.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub name: String,
    pub summary: String,
    pub promise: String,
    pub accepts_data_loss: bool,
    pub steps: Vec<Step>,
    pub lines: Vec<usize>,
}

impl From<Written> for Playbook {
    fn from(written: Written) -> Self {
        let Written { name, summary, promise, accepts_data_loss, steps, lines } = written;
        let kind = Kind::of(&steps);
        Self { name, summary, promise, accepts_data_loss, steps, lines, kind }
    }
}
