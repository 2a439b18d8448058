//! Something that wants attention, under a stable code.

mod code;

pub use code::Code;

use serde::{Deserialize, Serialize};

/// How much it matters. Warnings alone never change an exit status.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Problem,
    Warning,
}

/// A problem or a warning, as the JSON contract has it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Problem {
    pub code: Code,
    pub level: Level,
    /// What it is about: an index, a cluster, a set.
    pub subject: String,
    /// What was seen.
    pub detail: String,
    /// What to do about it; a whole command where there is one.
    pub hint: String,
}

impl Problem {
    /// A problem that wants action.
    pub fn new(
        code: Code,
        subject: impl Into<String>,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            code,
            level: Level::Problem,
            subject: subject.into(),
            detail: detail.into(),
            hint: hint.into(),
        }
    }

    /// The same as a mere warning.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { level: Level::Warning, ..self }
    }
}
