//! Why something may not be done. Data, with its text in one place.

use serde::{Deserialize, Serialize};

pub(crate) use crate::model::problem::Code;
use crate::model::problem::Problem;

/// One reason that blocks a plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reason {
    pub code: Code,
    /// What it is about: an index, a cluster, a pattern.
    pub subject: String,
    /// What was seen, for people.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
}

impl Reason {
    /// A reason without a hint of its own.
    pub fn new(code: Code, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code, subject: subject.into(), detail: detail.into(), hint: String::new() }
    }

    /// The same as a problem, for what is told and stops nothing.
    pub fn problem(&self) -> Problem {
        Problem::new(self.code, self.subject.clone(), self.detail.clone(), self.hint.clone())
    }

    /// The same reason, saying what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
