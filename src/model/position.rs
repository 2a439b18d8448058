//! How far a shard had come.

use serde::{Deserialize, Serialize};

/// Where a shard stood.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Position {
    pub shard: u32,
    pub checkpoint: i64,
    pub max_seq_no: i64,
    #[serde(default)]
    pub history_uuid: String,
}

impl Position {
    /// The highest operation that was there: single ones may lie above the checkpoint.
    pub fn highest(&self) -> i64 {
        self.max_seq_no.max(self.checkpoint)
    }
}
