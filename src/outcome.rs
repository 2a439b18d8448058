//! How a command ended: the last line of its JSON, and its exit status.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::model::lost_ops::LostOps;
use crate::model::{missed::Missed, problem::Problem};

/// Exit statuses, fixed. README.md prints [`ALL`](exit::ALL).
pub mod exit {
    /// One exit status.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Status {
        pub number: u8,
        /// What its constant is called.
        pub name: &'static str,
        /// For which ends of which commands.
        pub meaning: &'static str,
    }

    /// Defines each status as a constant and as a row, so that none is without the other.
    macro_rules! statuses {
        ($($name:ident = $number:literal => $meaning:literal,)+) => {
            $(
                #[doc = $meaning]
                pub const $name: u8 = $number;
            )+

            /// The whole list.
            pub const ALL: &[Status] = &[
                $(Status { number: $name, name: stringify!($name), meaning: $meaning },)+
            ];
        };
    }

    statuses! {
        CONVERGED = 0 => "the asked-for state holds, whether or not anything had to be done; \
            `status`: nothing needs attention; `verify`: nothing differs; `plan`: the file is \
            written",
        UNEXPECTED = 1 => "a defect, or a disk that cannot be written",
        USAGE = 2 => "usage or configuration: unknown key, cluster or set; an unsafe playbook; \
            login or TLS refused; an index in two sets",
        REFUSED = 3 => "refused or undone: the clusters are as they were",
        STOPPED = 4 => "stopped part-way: safe to run again, which continues; also where a set is \
            writable nowhere, unless that was asked for",
        ATTENTION = 5 => "`status`, `bidi status`, `verify`: at least one problem; `--dry-run`: \
            there are changes to make",
        INCOMPLETE = 6 => "done, but incomplete: something is left, and is told; after a switch the \
            new leader serves",
        INTERRUPTED = 130 => "Ctrl-C or SIGTERM: once finishes what is under way and stops safely, \
            twice stops now",
    }
}

/// The word for how it ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Converged,
    Incomplete,
    Planned,
    Refused,
    Stopped,
    Undone,
    Unexpected,
    Usage,
}

/// Whether clients' writes are taken when it has ended, as the last look has shown it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Writers {
    /// Not every index could be seen.
    #[default]
    Unseen,
    /// Each index takes them on one side.
    Taken,
    /// An index is writable nowhere.
    Refused,
}

/// What has become of a set's copies on the side that led before, as the last look has shown it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Former {
    /// Regular indices that take no writes.
    pub fenced: usize,
    /// Indices that follow.
    pub follows: usize,
}

/// What a changing command says last.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Report {
    pub command: String,
    pub outcome: Outcome,
    pub exit: u8,
    pub run: Option<String>,
    /// From the first refused writer to the first index writable again; to the end of the run
    /// where none is.
    pub writers_refused_ms: Option<u64>,
    #[serde(skip)]
    pub writers: Writers,
    /// By the name of the set.
    #[serde(skip)]
    pub former: BTreeMap<String, Former>,
    /// From the first moment that a writer is refused to the last index writable on the
    /// new leader; none where nothing was switched.
    pub switch_ms: Option<u64>,
    /// Until the last `after_promote` hook had ended.
    pub redirected_ms: Option<u64>,
    pub lost_ops: LostOps,
    pub indices: Counts,
    /// What readers of a bi-directional alias were without until now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readers_missed: Vec<Missed>,
    pub problems: Vec<Problem>,
    /// Whole commands that can be pasted, the safest first.
    pub next: Vec<Next>,
}

/// How many indices there were to do, and how many are done.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Counts {
    pub total: usize,
    pub done: usize,
}

/// A command that can be pasted, with its consequence in a few words.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Next {
    pub command: String,
    pub consequence: String,
}

impl Report {
    /// A result with nothing to tell but how it ended.
    pub fn new(command: &str, outcome: Outcome, exit: u8) -> Self {
        Self {
            command: command.to_owned(),
            outcome,
            exit,
            run: None,
            writers_refused_ms: None,
            writers: Writers::Unseen,
            former: BTreeMap::new(),
            switch_ms: None,
            redirected_ms: None,
            lost_ops: LostOps::default(),
            indices: Counts::default(),
            readers_missed: Vec::new(),
            problems: Vec::new(),
            next: Vec::new(),
        }
    }
}
