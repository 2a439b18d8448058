//! What is wrong in a file, and where.

use crate::nearest::did_you_mean;

/// Something wrong in a file, with its place. Lines and columns count from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}:{line}:{column}: {fault}")]
pub struct Mistake {
    /// The file's name as the operator gave it.
    pub file: String,
    pub line: usize,
    /// In characters, not bytes.
    pub column: usize,
    pub fault: Box<Fault>,
}

/// The kind of mistake, with what a message needs.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Not TOML at all.
    #[error("{message}")]
    Syntax { message: String },
    /// A key that nobody reads, in the table named `within`.
    #[error("unknown key \"{key}\" in {within}; {}", did_you_mean(key, known))]
    UnknownKey { key: String, within: String, known: Vec<&'static str> },
    /// A value that is none of a closed list.
    #[error("\"{word}\" is no value of \"{key}\"; {}", did_you_mean(word, known))]
    UnknownWord { key: String, word: String, known: Vec<&'static str> },
    /// A name that is defined nowhere in the file, such as a cluster's.
    #[error("\"{key}\" names {kind} \"{name}\", which is not defined; {}",
        did_you_mean(name, &known.iter().map(String::as_str).collect::<Vec<_>>()))]
    UnknownName { key: String, kind: &'static str, name: String, known: Vec<String> },
    /// A value of the wrong type.
    #[error("\"{key}\" must be {expected}, not {found}")]
    WrongType { key: String, expected: &'static str, found: &'static str },
    /// A key that must be there and is not.
    #[error("{within} lacks \"{key}\"")]
    Missing { key: String, within: String },
    /// A value of the right type that cannot be right; `why` is a whole clause.
    #[error("\"{key}\": {why}")]
    Invalid { key: String, why: String },
    /// Something wrong with a whole table; `why` is a whole clause.
    #[error("{within}: {why}")]
    InvalidTable { within: String, why: String },
}
