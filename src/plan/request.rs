//! What was asked for: written down once, from the command line to the plan's file.

use serde::{Deserialize, Serialize};

use crate::playbook::Playbook;

use super::{choice::Choices, consent::Consent, definition::Definition};

/// What a plan is made by, besides what is seen. It is a part of the plan and of its file, so that
/// the same can be asked again. Nothing is chosen by default: no consent, no bound but zero.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PlanRequest {
    /// The name of the run, such as `1122-b0c4f1`, which what it makes beside is called by.
    #[serde(rename = "id")]
    pub run: String,
    /// The command line that it stands for, for people.
    pub command: String,
    pub playbook: Playbook,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Only these indices, by their names at home; empty: all.
    pub only: Vec<String>,
    /// Write, read and remove a document through each new leader.
    pub canary: bool,
    /// Consent to lose at most so many measured operations.
    pub max_lag_ops: u64,
    /// What the operator accepts.
    #[serde(default)]
    pub consent: Consent,
    /// The run takes back an unfinished one.
    #[serde(default)]
    pub undo: bool,
    /// The cluster whose copies go by the operator's word, where no record says who leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discard: Option<String>,
    /// So many operations of a new leader, of one set, are carried back at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_carry_ops: Option<u64>,
    /// What only a former leader has is let go without a file.
    #[serde(default)]
    pub no_salvage: bool,
    /// What the operator decided of single indices.
    #[serde(default, skip_serializing_if = "Choices::is_empty")]
    pub choices: Choices,
    /// The repository into which a snapshot of what diverged is taken, instead of safety copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// No safety copy is to be left.
    #[serde(default)]
    pub drop_copies: bool,
    /// The bi-directional alias that it is about; its sets are the alias's directions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bidi: Option<String>,
    /// What indices that it makes are made with.
    #[serde(default, skip_serializing_if = "Definition::is_empty")]
    pub definition: Definition,
}

impl PlanRequest {
    /// A playbook over everything, without a name yet and without consent to anything.
    pub fn of(playbook: Playbook) -> Self {
        Self {
            run: String::new(),
            command: String::new(),
            playbook,
            reason: None,
            only: Vec::new(),
            canary: false,
            max_lag_ops: 0,
            consent: Consent::default(),
            undo: false,
            discard: None,
            max_carry_ops: None,
            no_salvage: false,
            choices: Choices::new(),
            snapshot: None,
            drop_copies: false,
            bidi: None,
            definition: Definition::default(),
        }
    }

    /// The source may be left behind: the playbook says that loss is accepted, and so does the
    /// operator.
    pub(crate) fn is_forced(&self) -> bool {
        self.consent.forces(&self.playbook)
    }
}
