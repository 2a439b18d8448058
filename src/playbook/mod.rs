//! Playbooks: an ordered list of goals and gates from a closed vocabulary, without
//! control flow. A playbook says what; how, how often and whether at all is the
//! planner's to find out. Pure: text in, data or mistakes out.

pub mod builtin;
mod finding;
pub mod keys;
mod kind;
mod lint;
mod parse;
mod sketch;
mod step;
mod verb;
mod words;

pub use finding::Finding;
pub use kind::Kind;
pub use lint::lint;
pub use parse::parse;
pub use step::{GATE_WITHIN, Goal, PROMOTE_BATCH, Step};
pub use verb::Verb;
pub use words::{Check, DataLoss, HookName, PatternState, Requirement, Role};

/// One playbook, as its file says it.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(from = "kind::Written")]
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
    /// What it is for, by its steps.
    #[serde(skip_serializing)]
    pub kind: Kind,
}

impl Playbook {
    /// Whether a copy on this side is given up on the way, and what it bears with it.
    pub fn discards(&self, on: Role) -> bool {
        let is_it = |step: &Step| step.is(Verb::Discard, on);
        self.steps.iter().any(is_it)
    }

    /// Whether a gate of it asks for this.
    pub fn requires(&self, wanted: Requirement) -> bool {
        self.steps.iter().any(|step| step.requires(wanted))
    }

    /// Whether it relies on remote connections, and makes those that are missing.
    pub fn connects(&self) -> bool {
        self.steps.iter().any(|step| step.verb() == Verb::Remote)
    }

    /// Where the entry of the record is opened: at the last record before the promote.
    pub fn opens_entry_at(&self) -> Option<usize> {
        let promote = self.steps.iter().position(|step| step.verb() == Verb::Promote);
        let before = &self.steps[..promote.unwrap_or(self.steps.len())];
        before.iter().rposition(|step| step.verb() == Verb::Record)
    }

    /// The side that leads when it comes to a step.
    pub fn leads_at(&self, at: usize) -> Role {
        let promoted = self.steps[..at]
            .iter()
            .rev()
            .find_map(|step| step.on.filter(|_| step.verb() == Verb::Promote));
        promoted.unwrap_or(Role::Source)
    }

    /// Whether a step stands in last place: what comes after it is done only where asked for.
    pub fn is_last(&self, at: usize) -> bool {
        let is_aside = |step: &Step| step.verb() == Verb::DropCopies;
        self.steps.get(at + 1..).is_none_or(|later| later.iter().all(is_aside))
    }

    /// Whether it looks for what only the former leader has.
    pub fn salvages(&self) -> bool {
        self.steps.iter().any(|step| step.verb() == Verb::Salvage)
    }
}
