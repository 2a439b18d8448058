//! Who is changing a set now, as it stands on a cluster.

use serde::{Deserialize, Serialize};

use super::topology::Topology;

/// The lock of one set: a document on every cluster that took it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Lock {
    /// Random, of one holder only: whoever finds another one here has lost the lock.
    pub owner: String,
    pub run: String,
    pub operator: String,
    pub host: String,
    /// The command line, for people.
    pub command: String,
    pub playbook: String,
    pub source: String,
    pub target: String,
    /// The set, or the bi-directional alias.
    pub set: String,
    /// The step that is carried out, by its title in the playbook.
    pub step: String,
    /// What that step waits for; empty where it does not wait.
    pub waits_for: String,
    /// Raised with each renewal. Whether it moves says whether the holder is alive.
    pub renewals: u64,
    /// When it was taken, in milliseconds since 1970 UTC by the holder's clock: for people only.
    pub since_ms: i64,
    /// The holder's process, where its system tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Process>,
}

/// A process in a way that no other one is, on any machine.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Process {
    /// The machine's boot.
    pub boot: String,
    /// The process namespace in which the number counts.
    pub namespace: String,
    pub pid: u32,
    /// When it was started, in clock ticks since the boot.
    pub started_ticks: u64,
}

/// A lock that was found, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub cluster: String,
    pub lock: Lock,
}

impl Topology {
    /// The name under which a set is locked: both directions of a bi-directional alias are one.
    pub fn lock_name(&self, set: &str) -> String {
        self.set_or_direction(set).bidi.unwrap_or_else(|| set.to_owned())
    }
}

/// The run that holds the lock of a set by any cluster's word.
pub(crate) fn holder<'l>(locks: &'l [Standing], set: &str) -> Option<&'l Lock> {
    locks.iter().map(|standing| &standing.lock).find(|lock| lock.set == set)
}
