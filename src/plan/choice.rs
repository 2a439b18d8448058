//! What the operator decides about one index before its former copy goes.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

/// What is to become of an index whose two sides have parted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The salvage file is all that stays of the former leader's own writes. What happens to a
    /// diverged index of a recorded switch without a choice, too.
    Discard,
    /// The salvaged documents are also written to the leader; what it changed itself wins.
    Apply,
    /// The former leader's copy stays on its cluster under another name.
    Keep,
    /// It was deleted on the leader: the former leader's copy goes too, salvaged.
    Delete,
    /// It was deleted on the leader, and is made there again as the former leader has it.
    Restore,
}

impl Choice {
    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Delete => "delete",
            Self::Discard => "discard",
            Self::Keep => "keep",
            Self::Restore => "restore",
        }
    }
}

/// The choices by name of the index, on either side.
pub(crate) type Choices = BTreeMap<String, Choice>;

impl FromStr for Choice {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "discard" => Ok(Self::Discard),
            "delete" => Ok(Self::Delete),
            "apply" => Ok(Self::Apply),
            "keep" => Ok(Self::Keep),
            "restore" => Ok(Self::Restore),
            _ => Err("must be apply, keep, discard, delete or restore".into()),
        }
    }
}

/// Reads `INDEX=CHOICE`.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn parse(text: &str) -> Result<(String, Choice), String> {
    let (index, choice) = text.split_once('=').ok_or("must be INDEX=CHOICE")?;
    Ok((index.to_owned(), choice.parse()?))
}

/// The same as it was typed.
pub(crate) fn text((index, choice): &(String, Choice)) -> String {
    format!("{index}={}", choice.word())
}
