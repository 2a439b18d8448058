//! What the operator chose, for the planner to go by.

use std::collections::BTreeMap;

use crate::model::room::Claim;

use super::{Plan, bidi::Definition, choice::Choices, consent::Consent};

/// Nothing is chosen by default: no consent, no bound but zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Write, read and remove a document through each new leader.
    pub canary: bool,
    /// Consent to lose at most so many measured operations.
    pub max_lag_ops: u64,
    /// The run takes back the switch of the newest entry.
    pub undo: bool,
    /// It is the run that gives itself up, and knows what it has done.
    pub by_itself: bool,
    pub consent: Consent,
    /// So many operations of a new leader, of one set, are carried back at most.
    pub max_carry_ops: Option<u64>,
    /// What only a former leader has is let go without a file.
    pub no_salvage: bool,
    /// What becomes of indices that wait for a choice.
    pub choices: Choices,
    /// The name of the run, which what it makes beside is called by.
    pub run: String,
    /// The repository into which a snapshot of what diverged is taken, instead of safety copies.
    pub snapshot: Option<String>,
    /// No safety copy is to be left.
    pub drop_copies: bool,
    /// What indices that are made are made with.
    pub definition: Definition,
    /// How fast each set's followers were seen to catch up.
    pub paces: BTreeMap<String, Pace>,
    /// What sets that come before in the same plan take of each cluster's room.
    pub claims: BTreeMap<String, Claim>,
}

impl Options {
    /// What a plan was made with, to look again while it is carried out; paces and claims are not
    /// kept.
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            canary: plan.canary,
            max_lag_ops: plan.max_lag_ops,
            undo: plan.undo,
            by_itself: false,
            consent: plan.consent,
            max_carry_ops: plan.max_carry_ops,
            no_salvage: plan.no_salvage,
            choices: plan.choices.clone(),
            run: plan.id.clone(),
            snapshot: plan.snapshot.clone(),
            drop_copies: plan.drop_copies,
            definition: plan.definition.clone(),
            paces: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }
}

/// How far behind, and how fast it gets less; from two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pace {
    pub lag_ops: u64,
    /// Operations that arrive on the standby in a second.
    pub ops_per_s: f64,
}
