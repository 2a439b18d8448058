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
    /// It was deleted on the leader: the former leader's copy goes too, salvaged.
    Delete,
}

/// The choices by name of the index, on either side.
pub type Choices = BTreeMap<String, Choice>;

impl FromStr for Choice {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "discard" => Ok(Self::Discard),
            "delete" => Ok(Self::Delete),
            "apply" => Ok(Self::Apply),
            "keep" | "restore" => Err(format!("{word} is not carried out yet")),
            _ => Err("must be apply, discard or delete".into()),
        }
    }
}

/// Reads `INDEX=CHOICE`.
///
/// # Errors
/// What is wrong with it, for people.
pub fn parse(text: &str) -> Result<(String, Choice), String> {
    let (index, choice) = text.split_once('=').ok_or("must be INDEX=CHOICE")?;
    Ok((index.to_owned(), choice.parse()?))
}

/// The same as it was typed.
pub fn text((index, choice): &(String, Choice)) -> String {
    let word = match choice {
        Choice::Apply => "apply",
        Choice::Discard => "discard",
        Choice::Delete => "delete",
    };
    format!("{index}={word}")
}
