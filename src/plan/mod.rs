//! From goals to calls: the planner. Pure: no I/O, no clock, no printing.

pub(crate) mod action;
pub(crate) mod alias_placeholder;
pub(crate) mod alone;
pub(crate) mod assemble;
mod beside;
pub(crate) mod bidi;
pub(crate) mod carry;
pub(crate) mod choice;
pub(crate) mod compare;
pub(crate) mod consent;
pub(crate) mod context;
pub(crate) mod declared_leader;
pub(crate) mod definition;
pub(crate) mod drift;
pub(crate) mod due;
pub(crate) mod fences;
mod follow_up;
mod follower;
pub(crate) mod forked;
pub(crate) mod gate;
pub(crate) mod goal;
mod hook;
pub(crate) mod join;
pub(crate) mod measured;
mod naming;
mod opening;
pub(crate) mod outline;
pub(crate) mod pair;
pub(crate) mod planner;
mod preflight_failback;
pub(crate) mod protection;
pub(crate) mod reason;
mod remote;
pub(crate) mod request;
mod requests;
pub(crate) mod safety;
mod see;
pub(crate) mod seen;
pub(crate) mod sees;
pub(crate) mod setwide;
pub(crate) mod subject;
pub(crate) mod template;
#[cfg(test)]
mod tests;
pub(crate) mod unseen;

pub(crate) use requests::CANARY;

use serde::{Deserialize, Serialize};

use crate::{
    model::{comparison::Compared, lag::Evidence, loss::LostOps, problem::Problem, world::Version},
    playbook::{Kind, Step},
};

use self::{action::Action, reason::Reason, request::PlanRequest, sees::Sees};

/// The format of plan files. A file of another format is refused, never guessed at.
pub(crate) const FORMAT: u32 = 1;

/// Exactly what will be done, decided before anything is: immutable, complete, an upper
/// bound. Nothing beyond it is sent, but for indices born behind the fence.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Plan {
    pub format: u32,
    /// What it was made by.
    #[serde(flatten)]
    pub request: PlanRequest,
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
    pub operator: String,
    pub host: String,
    /// Sets in the order in which they run.
    pub switches: Vec<Switch>,
}

/// One set's part of a plan.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Switch {
    pub set: String,
    pub source: String,
    pub target: String,
    pub source_uuid: Option<String>,
    pub target_uuid: Option<String>,
    pub source_version: Option<Version>,
    pub target_version: Option<Version>,
    pub members: Vec<Planned>,
    /// What is found of each index before its former leader's copy goes, as it was when the
    /// plan was made; nothing where no copy goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<Compared>,
    /// Finished by lifecycle management on both sides; nothing is done to them.
    pub complete: Vec<String>,
    /// Indices of the set that `--index` leaves out.
    pub left_out: usize,
    /// Every reason that blocks it; where there is one nothing is done.
    pub blocked: Vec<Reason>,
    /// Guards that the operator waives for this run, each with what it would have said.
    #[serde(default)]
    pub waived: Vec<Reason>,
    /// Who sees whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sees: Vec<Sees>,
    /// What is lost if the target leads without another word from the source; of what is
    /// promoted already, what that lost.
    #[serde(default)]
    pub loss: LostOps,
    /// What is told and blocks nothing.
    pub problems: Vec<Problem>,
    /// What cannot be proved from here.
    pub unproved: Vec<String>,
    /// In the order of the playbook's steps.
    pub steps: Vec<PlannedStep>,
    /// The run whose entry is continued.
    pub continues: Option<String>,
    /// That entry is not closed yet, whatever is left to do.
    #[serde(default)]
    pub unclosed: bool,
    /// How far apart both sides are; the evidence is the weakest of the members'.
    pub lag_ops: Option<u64>,
    pub evidence: Evidence,
}

/// One index as it was when the plan was made.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Planned {
    pub source_index: String,
    pub target_index: String,
    pub source_uuid: Option<String>,
    pub target_uuid: Option<String>,
    pub shards: u32,
    /// The source side is regular and carries a write block that is not esdr's.
    pub blocked_before: bool,
    /// Nothing follows and nothing is on record: where a former leader and a leader
    /// cannot be told apart by looking.
    pub follows: bool,
    pub lag_ops: Option<u64>,
}

/// One step with the calls that it still needs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PlannedStep {
    pub step: Step,
    pub actions: Vec<Action>,
}

impl Plan {
    /// True where nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.switches.iter().all(Switch::is_empty)
    }

    /// True where the source is left behind as it is: loss is accepted.
    pub fn is_forced(&self) -> bool {
        self.request.is_forced()
    }

    /// What a person is to name before it is carried out: the cluster that is left behind, or
    /// whose former copies go; the bi-directional alias that is taken down.
    pub fn to_be_named(&self) -> Option<&str> {
        if self.request.playbook.kind == Kind::BidiFailback {
            // What goes is a copy, proved to be one, that follows no more.
            return None;
        }
        if let Some(bidi) = &self.request.bidi {
            let goes = |action: &Action| action.is_no_return();
            return self.switches.iter().flat_map(Switch::actions).any(goes).then_some(bidi);
        }
        let gives = |switch: &&Switch| {
            if self.is_forced() { !switch.is_empty() } else { switch.gives_up_target() }
        };
        let switch = self.switches.iter().find(gives)?;
        Some(if self.is_forced() { &switch.source } else { &switch.target })
    }

    /// What its sets lose together.
    pub fn loss(&self) -> LostOps {
        LostOps::sum(self.switches.iter().map(|switch| switch.loss))
    }

    /// What the operator chose for an index, as it was typed: `orders=apply`.
    pub fn choice(&self, compared: &Compared) -> Option<String> {
        let Compared { former_index, leader_index, .. } = compared;
        [former_index, leader_index].into_iter().find_map(|name| {
            let choice = self.request.choices.get(name)?;
            Some(choice::text(&(name.clone(), *choice)))
        })
    }

    /// How many actions of it change something on a cluster; esdr's own record aside.
    pub(crate) fn changes(&self) -> usize {
        self.switches.iter().map(|switch| switch.changes().count()).sum()
    }

    /// Every reason that blocks any of its sets.
    pub fn blocked(&self) -> impl Iterator<Item = &Reason> {
        self.switches.iter().flat_map(|switch| &switch.blocked)
    }
}

impl Switch {
    /// True where nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.actions.is_empty())
    }

    /// A copy on the target goes: it is overwritten, or deleted.
    fn gives_up_target(&self) -> bool {
        self.actions().any(|action| {
            let goes = matches!(action, Action::Follow { over: true, .. } | Action::Delete { .. });
            goes && action.cluster() == Some(self.target.as_str())
        })
    }

    /// All actions in order.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.steps.iter().flat_map(|step| &step.actions)
    }

    /// Those that change something on a cluster; esdr's own record aside.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Action> {
        self.actions().filter(|action| !action.only_reads())
    }

    /// Writers of the leading side are refused for a while.
    pub fn refuses_writers(&self) -> bool {
        let fences = |action: &Action| matches!(action, Action::Fence { cluster, .. } if *cluster == self.source);
        self.actions().any(fences)
    }

    /// Copies that are wiped by what follows over them.
    pub fn overwritten(&self) -> usize {
        self.actions().filter(|action| matches!(action, Action::Follow { over: true, .. })).count()
    }

    /// Indices that are deleted.
    pub fn deleted(&self) -> usize {
        let deletes = self.actions().filter(|action| matches!(action, Action::Delete { .. }));
        deletes.count() + self.dropped()
    }

    /// Safety copies that are deleted.
    pub fn dropped(&self) -> usize {
        let of = |action: &Action| match action {
            Action::Drop { copies, .. } => copies.len(),
            _ => 0,
        };
        self.actions().map(of).sum()
    }

    /// The position of the step from which there is only forward; `None` where
    /// everything can be taken back.
    pub fn no_return(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.actions.iter().any(Action::is_no_return))
    }
}
