//! What a table may hold: each key once, for the parser and for the pages.

/// One key that a table may have.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub absent: Absent,
    /// As a page prints it; empty where the name says it all.
    pub meaning: &'static str,
}

/// What stands behind a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Text,
    /// A program with its arguments, as [`super::Value::command_line`] reads it.
    Program,
    Time,
    Boolean,
    Number,
    /// A whole number between two bounds, both included.
    Between(i64, i64),
    /// A list of what this word names.
    ListOf(&'static str),
    Table,
    /// One word of a closed list.
    Word,
}

/// What it means that a key is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Absent {
    /// The table is refused.
    Refused,
    /// The same as if this value stood there, in TOML.
    Is(&'static str),
    /// Something that no value says.
    Means(&'static str),
}

impl Key {
    /// A key whose table is refused without it.
    pub(crate) const fn needed(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, absent: Absent::Refused, meaning }
    }

    /// The same with another word on what it is to leave it out.
    #[must_use]
    pub(crate) const fn or(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }

    /// The names alone, as [`super::Table::allow`] takes them.
    pub(crate) fn names(keys: &[Self]) -> Vec<&'static str> {
        keys.iter().map(|key| key.name).collect()
    }
}

impl Kind {
    /// As a message says it of a value that is something else.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Text | Self::Program | Self::Word => "a text in quotes",
            Self::Time => "a time in quotes, such as \"90s\"",
            Self::Boolean => "true or false",
            Self::Number | Self::Between(..) => "a whole number",
            Self::ListOf(_) => "a list in brackets",
            Self::Table => "a table",
        }
    }

    /// As a page says it.
    pub fn shown(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Program => "program".to_owned(),
            Self::Time => "time".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Number => "whole number".to_owned(),
            Self::Between(least, i64::MAX) => format!("whole number from {least} on"),
            Self::Between(least, most) => format!("whole number, {least} to {most}"),
            Self::ListOf(what) => format!("list of {what}"),
            Self::Table => "table".to_owned(),
            Self::Word => "word".to_owned(),
        }
    }
}
