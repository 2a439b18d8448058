//! Refusals that are no part of a plan, each with its three parts and its exit status.

use crate::outcome::exit;

/// Something that keeps a command from beginning.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{failed}")]
pub struct Refusal {
    /// What failed.
    pub failed: String,
    /// What it means for the data.
    pub meaning: String,
    /// What to do next.
    pub next: String,
    pub exit: u8,
}

impl Refusal {
    /// A matter of usage or configuration.
    pub fn usage(failed: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            failed: failed.into(),
            meaning: "Nothing was changed.".to_owned(),
            next: next.into(),
            exit: exit::USAGE,
        }
    }

    /// A guard that does not hold.
    pub fn refused(failed: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            exit: exit::REFUSED,
            ..Self::usage(failed, next)
        }
    }

    /// No terminal, and no `--yes`.
    pub fn nobody_to_ask() -> Self {
        Self::refused(
            "there is no terminal to ask in, and --yes was not given",
            "look at the plan with --dry-run, then run again with --yes",
        )
    }
}
