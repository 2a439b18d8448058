//! How one set of a run ended, with its figures.

use crate::{
    model::{
        loss::LostOps,
        missed::Missed,
        problem::{Code, Level, Problem},
    },
    outcome::Outcome,
    plan::Switch,
};

use super::{set_run::Progress, stop::Stop};

/// How one set ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    Converged,
    /// Done, and something is left.
    Incomplete,
    /// Nothing was changed.
    Refused,
    /// Stopped part-way: a re-run goes on.
    Stopped,
    /// Taken back: as it was.
    Undone,
}

impl Ended {
    /// The word for it.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Converged => Outcome::Converged,
            Self::Incomplete => Outcome::Incomplete,
            Self::Refused => Outcome::Refused,
            Self::Stopped => Outcome::Stopped,
            Self::Undone => Outcome::Undone,
        }
    }
}

/// One set's end, with its figures.
#[derive(Debug)]
pub(crate) struct SetEnd {
    pub set: String,
    pub ended: Ended,
    pub problems: Vec<Problem>,
    pub interrupted: bool,
    pub unexpected: bool,
    pub total: usize,
    pub done: usize,
    /// When its run began, in milliseconds since 1970 UTC.
    pub began_ms: i64,
    /// What readers of copies that are whole again were without.
    pub missed: Vec<Missed>,
    /// What the switch lost.
    pub lost: LostOps,
    /// First refused writer, in milliseconds since 1970 UTC.
    pub fenced_ms: Option<i64>,
    /// Writers let in again, on whichever side.
    pub writable_ms: Option<i64>,
    pub redirected_ms: Option<i64>,
}

impl SetEnd {
    pub(super) fn of(switch: &Switch, progress: &Progress) -> Self {
        Self {
            set: switch.set.clone(),
            ended: Ended::Stopped,
            problems: Vec::new(),
            interrupted: false,
            unexpected: false,
            total: switch.members.len(),
            done: 0,
            fenced_ms: progress.entry.as_ref().and_then(|entry| entry.fenced_ms),
            writable_ms: progress.writable_ms,
            redirected_ms: progress.redirected_ms,
            began_ms: 0,
            missed: Vec::new(),
            lost: LostOps::default(),
        }
    }

    /// What is left and what was lost, as it is seen at the end.
    pub(super) fn take(&mut self, after: Switch) {
        let is_told = |problem: &Problem| {
            is_problem(problem) || [Code::Unread, Code::FenceStanding].contains(&problem.code)
        };
        self.problems.extend(after.problems.into_iter().filter(is_told));
        self.lost = after.loss;
    }

    pub(super) fn without_lock(switch: &Switch, lost: &Stop) -> Self {
        let problems = vec![lost.problem(&switch.set)];
        Self { problems, ..Self::of(switch, &Progress::default()) }
    }

    pub(super) fn untouched(switch: &Switch) -> Self {
        Self { ended: Ended::Refused, interrupted: true, ..Self::of(switch, &Progress::default()) }
    }

    /// How long writers were refused, in milliseconds; none where they were not.
    pub(crate) fn refused_ms(&self) -> Option<u64> {
        let (from, to) = (self.fenced_ms?, self.writable_ms?);
        u64::try_from(to - from).ok()
    }
}

/// What is left to do, not only to know.
pub(super) fn is_problem(problem: &Problem) -> bool {
    problem.level == Level::Problem
}
