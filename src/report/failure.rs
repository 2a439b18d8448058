//! An error as people meet it: what failed, what that means for the data, what to do.

use std::fmt;

use crate::{
    model::problem::Code,
    outcome::{Next, exit},
};

/// What is said when nothing better is known.
const MEANING: &str = "Whatever was done before is in the journal and in the record.";
const NEXT: &str = "esdr status";

/// An error in three parts. A command that knows them returns this inside its
/// `anyhow::Error`; any other error is told with general words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// Stable word for machines: the code of the result's problem.
    pub code: Code,
    /// Method, path, status, and what Elasticsearch said, where a call failed.
    pub failed: String,
    /// What it means for the data.
    pub meaning: String,
    /// What to do next.
    pub next: String,
    /// The exit status of the contract.
    pub exit: u8,
}

impl Failure {
    /// The command line that is to be typed next, where that is one.
    pub(crate) fn proposed(&self) -> Option<Next> {
        let command = self.next.split(", ").next().filter(|it| it.starts_with("esdr "))?;
        Some(Next { command: command.to_owned(), consequence: String::new() })
    }

    /// Something wrong with what was typed or configured: nothing was contacted.
    pub fn usage(failed: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            code: Code::Usage,
            failed: failed.into(),
            meaning: "Nothing was contacted or changed.".to_owned(),
            next: next.into(),
            exit: exit::USAGE,
        }
    }

    /// A guard that does not hold.
    pub fn refused(failed: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            code: Code::Refused,
            meaning: "Nothing was changed.".to_owned(),
            exit: exit::REFUSED,
            ..Self::usage(failed, next)
        }
    }

    /// The same under a word of its own.
    #[must_use]
    pub fn code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// The same where clusters were looked at before it was seen.
    #[must_use]
    pub fn after_a_look(self) -> Self {
        Self { meaning: "Nothing was changed.".to_owned(), ..self }
    }

    /// The failure that an error carries, or the error in general words.
    pub fn of(error: &anyhow::Error) -> Self {
        match error.downcast_ref::<Self>() {
            Some(failure) => failure.clone(),
            None => Self {
                code: Code::Unexpected,
                failed: format!("{error:#}"),
                meaning: MEANING.to_owned(),
                next: NEXT.to_owned(),
                exit: exit::UNEXPECTED,
            },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.failed)
    }
}

impl std::error::Error for Failure {}
