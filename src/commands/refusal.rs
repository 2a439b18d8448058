//! Refusals that are no part of a plan, each with its three parts and its exit status.

use crate::{
    config::{ConfigError, SecretError},
    es::http::HttpSetupError,
    outcome::exit,
};

/// Something that keeps a command from beginning.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{failed}")]
pub struct Refusal {
    /// Stable word for machines.
    pub code: &'static str,
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
            code: "usage",
            failed: failed.into(),
            meaning: "Nothing was changed.".to_owned(),
            next: next.into(),
            exit: exit::USAGE,
        }
    }

    /// A guard that does not hold.
    pub fn refused(failed: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            code: "refused",
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

    /// The same under a word of its own.
    #[must_use]
    pub fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// Any error of a command in its three parts. What is neither a refusal nor a matter
    /// of configuration is a defect, and what it left behind is not known here.
    pub fn of(error: &anyhow::Error) -> Self {
        if let Some(refusal) = error.downcast_ref::<Self>() {
            return refusal.clone();
        }
        let failed = format!("{error:#}");
        match error.chain().find_map(parts) {
            Some((meaning, next)) => Self {
                meaning: meaning.to_owned(),
                ..Self::usage(failed, next)
            },
            None => Self {
                code: "unexpected",
                failed,
                meaning: "Whatever was done before is in the journal and in the record.".to_owned(),
                next: "esdr status".to_owned(),
                exit: exit::UNEXPECTED,
            },
        }
    }
}

/// Meaning and advice of an error that the configuration is to blame for.
fn parts(cause: &(dyn std::error::Error + 'static)) -> Option<(&'static str, String)> {
    if let Some(error) = cause.downcast_ref::<ConfigError>() {
        return Some((error.meaning(), error.next()));
    }
    if let Some(error) = cause.downcast_ref::<SecretError>() {
        return Some((error.meaning(), error.next()));
    }
    let setup = cause.downcast_ref::<HttpSetupError>()?;
    Some((setup.meaning(), setup.next()))
}
