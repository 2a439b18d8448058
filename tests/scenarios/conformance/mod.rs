//! What the server answers, call by call, as Elasticsearch 6.8.23 does it.
//!
//! The lists run on the real pair, which proves them, and on the simulated pair, which must
//! answer alike: so the two cannot drift apart. Only what esdr reads is compared. To see
//! whole answers, set `ESDR_CONFORMANCE_PRINT`.

pub mod aliases;
pub mod allocation;
pub mod auto_follow;
pub mod calls;
pub mod cluster;
pub mod documents;
pub mod fatal;
pub mod fences;
pub mod following;
pub mod given_up;
pub mod indices;
pub mod lists;
pub mod lost_leader;
pub mod promoting;
pub mod records;
pub mod snapshots;

use serde_json::{Value, json};

/// The settings of an index that can be followed.
pub fn leader_settings(shards: u32) -> Value {
    json!({"settings": {"index": {
        "number_of_shards": shards, "number_of_replicas": 0, "soft_deletes.enabled": true,
    }}})
}

/// The body of a follow; what fails is tried again soon.
pub fn following(leader_index: &str) -> Value {
    json!({"remote_cluster": "clusterA", "leader_index": leader_index, "read_poll_timeout": "1s"})
}

/// The lease that from 7.4 on each copy of a shard holds, beside those of followers.
pub fn peer() -> Value {
    json!({"id": "peer_recovery/*", "source": "peer recovery"})
}

/// An error of one type.
pub fn error(kind: &str, reason: &str) -> Value {
    json!({"error": {"type": kind, "reason": reason}})
}
