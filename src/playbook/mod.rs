//! Playbooks: an ordered list of goals and gates from a closed vocabulary, without
//! control flow. A playbook says what; how, how often and whether at all is the
//! planner's to find out. Pure: text in, data or mistakes out.

pub mod builtin;
mod finding;
mod lint;
mod parse;
mod sketch;
mod step;
mod verb;
mod words;

pub use finding::Finding;
pub use lint::lint;
pub use parse::parse;
pub use step::{GATE_WITHIN, PROMOTE_BATCH, Step};
pub use verb::Verb;
pub use words::{Check, DataLoss, HookName, PatternState, Requirement, Role};

/// One playbook, as its file says it.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    pub name: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// What holds when it has ended well, in one sentence.
    pub promise: String,
    /// The file itself says that acknowledged writes may be lost.
    pub accepts_data_loss: bool,
    /// In the order in which they are carried out; at least one.
    pub steps: Vec<Step>,
    /// The line, from 1, on which the step at the same position begins.
    pub lines: Vec<usize>,
}

impl Playbook {
    /// Whether it moves the lead, which opens an entry of the record.
    pub fn is_switch(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Promote { .. }))
    }

    /// Whether it takes an earlier switch back, by carrying what was written since.
    pub fn carries(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Carry { .. }))
    }

    /// Whether a copy on this side is given up on the way, and what it bears with it.
    pub fn discards(&self, on: Role) -> bool {
        let is_it = |step: &Step| matches!(step, Step::Discard { on: side, .. } if *side == on);
        self.steps.iter().any(is_it)
    }

    /// Whether a gate of it asks for this.
    pub fn requires(&self, wanted: Requirement) -> bool {
        self.steps.iter().any(|step| step.requires(wanted))
    }

    /// Whether it relies on remote connections, and makes those that are missing.
    pub fn connects(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Remote { .. }))
    }

    /// Where the entry of the record is opened: at the last record before the promote.
    pub fn opens_entry_at(&self) -> Option<usize> {
        let promote = self.steps.iter().position(|step| matches!(step, Step::Promote { .. }));
        let before = &self.steps[..promote.unwrap_or(self.steps.len())];
        before.iter().rposition(|step| matches!(step, Step::Record { .. }))
    }

    /// The side that leads when it comes to a step.
    pub fn leads_at(&self, at: usize) -> Role {
        let promoted = self.steps[..at].iter().rev().find_map(|step| match step {
            Step::Promote { on, .. } => Some(*on),
            _ => None,
        });
        promoted.unwrap_or(Role::Source)
    }

    /// Whether a step stands in last place: what comes after it is done only where asked for.
    pub fn is_last(&self, at: usize) -> bool {
        let is_aside = |step: &Step| matches!(step, Step::DropCopies { .. });
        self.steps.get(at + 1..).is_none_or(|later| later.iter().all(is_aside))
    }

    /// Whether it looks for what only the former leader has.
    pub fn salvages(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Salvage { .. }))
    }

    /// Whether it makes followers of what nothing follows yet, before the lead moves.
    pub fn seeds_first(&self) -> bool {
        let promote = self.steps.iter().position(|step| matches!(step, Step::Promote { .. }));
        let before = &self.steps[..promote.unwrap_or(self.steps.len())];
        before.iter().any(|step| matches!(step, Step::Seed { on: Role::Target, .. }))
    }

    /// Whether it makes followers and moves no lead: what it leaves is a protected set.
    pub fn protects(&self) -> bool {
        let seeds =
            |step: &Step| matches!(step, Step::Seed { on: Role::Target, .. } | Step::Join { .. });
        !self.is_switch() && self.steps.iter().any(seeds)
    }

    /// Whether it is about a bi-directional alias, and so about none of the file's sets.
    pub fn is_bidi(&self) -> bool {
        let is_bidi = |step: &Step| {
            matches!(
                step,
                Step::Index { .. }
                    | Step::Span { .. }
                    | Step::Unspan { .. }
                    | Step::Echo { .. }
                    | Step::Remove { .. }
                    | Step::Release { .. }
                    | Step::Join { .. }
                    | Step::Retain { .. }
            )
        };
        self.steps.iter().any(is_bidi)
    }

    /// Whether it makes the indices that are written.
    pub fn makes_indices(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Index { .. }))
    }

    /// Whether it writes a document on one side and reads it on the other.
    pub fn echoes(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Echo { .. }))
    }

    /// Whether one site of a bi-directional alias is left and the other goes on: no lead moves,
    /// and an entry of the record is opened all the same, for the way back.
    pub fn goes_alone(&self) -> bool {
        self.requires(Requirement::TakesWrites)
    }

    /// Whether the copies of a bi-directional alias are copies no more.
    pub fn takes_down(&self) -> bool {
        let ends = |step: &Step| matches!(step, Step::Remove { .. } | Step::Release { .. });
        self.steps.iter().any(ends)
    }

    /// Whether both sites of a bi-directional alias are brought together again.
    pub fn joins(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Join { .. }))
    }

    /// Whether write blocks on the source are all that it is about: it sets them or lifts them,
    /// and no lead, no copy and no pattern is touched.
    pub fn only_fences(&self) -> bool {
        let is_fence = |step: &Step| {
            let on = step.role() == Some(Role::Source);
            on && matches!(step, Step::Fence { .. } | Step::Unfence { .. })
        };
        let is_aside = |step: &Step| step.is_gate() || matches!(step, Step::Record { .. });
        self.steps.iter().any(is_fence)
            && self.steps.iter().all(|step| is_fence(step) || is_aside(step))
    }

    /// Whether it is about write blocks alone, and lifts them.
    pub fn only_unfences(&self) -> bool {
        self.only_fences() && self.steps.iter().any(|step| matches!(step, Step::Unfence { .. }))
    }
}
