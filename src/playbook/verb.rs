//! The verbs of steps, with the keys that each of them takes.

use serde::{Deserialize, Serialize};

use super::words::words;
use crate::toml_reader::Word;

words! {
    /// What a step does: the value of its key `do`.
    Verb {
        Record = "record",
        Fence = "fence",
        Unfence = "unfence",
        Drain = "drain",
        Carry = "carry",
        Promote = "promote",
        Salvage = "salvage",
        Discard = "discard",
        Resume = "resume",
        Seed = "seed",
        Remote = "remote",
        Pattern = "pattern",
        Alias = "alias",
        Canary = "canary",
        DropCopies = "drop_copies",
        Index = "index",
        Span = "span",
        Unspan = "unspan",
        Echo = "echo",
        Remove = "remove",
        Release = "release",
        Join = "join",
        Retain = "retain",
        Hook = "hook",
        Require = "require",
        Verify = "verify",
        Manual = "manual",
    }
}

impl Verb {
    /// Every key that a step of this verb may have.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Record | Self::Carry | Self::DropCopies => &["do", "within"],
            Self::Fence
            | Self::Unfence
            | Self::Salvage
            | Self::Discard
            | Self::Resume
            | Self::Seed
            | Self::Alias
            | Self::Canary
            | Self::Index
            | Self::Span
            | Self::Unspan
            | Self::Echo
            | Self::Remove
            | Self::Release
            | Self::Join
            | Self::Retain => &["do", "on", "within"],
            Self::Drain => &["do", "max_lag_ops", "within"],
            Self::Promote => &["do", "on", "batch", "within"],
            Self::Remote => &["do", "on", "both", "within"],
            Self::Pattern => &["do", "on", "state", "within"],
            Self::Hook => &["do", "name", "within"],
            Self::Require | Self::Verify => &["do", "what", "within"],
            Self::Manual => &["do", "name", "say", "within"],
        }
    }
}
