//! What readers on one site could not read of what the other wrote, while they were apart.

use serde::{Deserialize, Serialize};

/// One index, as readers of its copy were without it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Missed {
    /// The cluster of the copy.
    pub cluster: String,
    /// The index, by its name where it is written.
    pub index: String,
    /// Operations that its copy lacked when it was brought together again; None: not known.
    pub ops: Option<u64>,
    /// Since when, in milliseconds since 1970 UTC; None where no record says when its site was
    /// left.
    pub since_ms: Option<i64>,
    /// Until when, in milliseconds since 1970 UTC.
    pub until_ms: i64,
    /// For so long nothing of it could be read there, while it was copied anew over the old copy;
    /// None where the old copy was read until the new one was whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing_readable_ms: Option<u64>,
}

impl Missed {
    /// Whether there is anything to tell.
    pub fn is_something(&self) -> bool {
        self.ops != Some(0) || self.nothing_readable_ms.is_some()
    }
}
