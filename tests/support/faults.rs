//! What may be wrong with one cluster while both answer, and how it is brought about on real
//! servers.

use std::path::Path;

use serde_json::{Value, json};

use super::{http, until::until_true};

/// Something that an operator meets on the bad day.
#[derive(Clone, Debug)]
pub enum ClusterFault {
    /// It answers and has no master.
    NoMaster,
    /// So little of its disk is free.
    Disk { available_bytes: u64 },
    /// Its circuit breaker refuses whatever carries a body.
    Busy,
    /// Its licence covers replication no more, for good.
    Unlicensed,
    /// A follower loses its primaries.
    Red { index: String },
    /// A follower's copy cannot be started, and the cluster gives it up.
    GivenUp { index: String },
    /// The tasks of a follower end for good, by a cause that is over: resumed they go on.
    Fatal { index: String },
    /// A snapshot is being taken of an index, which cannot be closed meanwhile.
    Snapshot { index: String },
    /// Its followers hear of what is written and store none of it.
    Slow,
    /// New copies come over so slowly that they are not whole for minutes.
    SlowCopies,
}

/// Lets the breaker of requests in flight pass nothing, until the next start.
pub fn overload(url: &str) {
    let limit = json!({"transient": {"network.breaker.inflight_requests.limit": "1b"}});
    http::ok("PUT", url, "/_cluster/settings", limit);
}

/// So few bytes a second that a copy of some documents takes minutes.
pub fn slow_copies_down(url: &str) {
    set_copy_rate(url, "1kb".into(), "1kb".into());
}

/// As fast as they come again.
pub fn let_copies_go(url: &str) {
    set_copy_rate(url, Value::Null, Value::Null);
}

fn set_copy_rate(url: &str, rate: Value, chunk: Value) {
    let settings = json!({
        "ccr.indices.recovery.max_bytes_per_sec": rate,
        "ccr.indices.recovery.chunk_size": chunk,
    });
    http::ok("PUT", url, "/_cluster/settings", json!({"transient": settings}));
}

/// Gives up the trial, which cannot be begun twice. To replication that is the same as a
/// licence that has run out: the server asks whether the licence covers it.
pub fn give_licence_up(url: &str) {
    http::ok("POST", url, "/_xpack/license/start_basic?acknowledge=true", ());
}

/// Whether a follower has a task that ended for good.
pub fn is_fatal(url: &str, index: &str) -> bool {
    let (_, stats) = http::get(url, &format!("/{index}/_ccr/stats"));
    let shards = stats["indices"][0]["shards"].as_array();
    shards.into_iter().flatten().any(|shard| shard["fatal_exception"].is_object())
}

/// A task waits up to a minute before it tries a leader again that was gone.
pub fn until_fatal(url: &str, index: &str) {
    until_true(120, "its tasks end for good", || is_fatal(url, index));
}

/// After a start the sound indices take their time.
pub fn until_only_red(url: &str, index: &str) {
    until_true(60, "every other index has its primaries", || {
        let (_, health) = http::get(url, "/_cluster/health?level=indices");
        let Some(indices) = health["indices"].as_object() else {
            return false;
        };
        let mut red = indices.iter().filter(|(_, health)| health["status"] == "red");
        red.next().is_some_and(|(name, _)| name == index) && red.next().is_none()
    });
}

/// Waits until the cluster has tried so often to start the primaries of the index, and has decided
/// not to do so again.
pub fn until_given_up(url: &str, index: &str, attempts: u64) {
    until_true(90, "it is given up", || {
        let (_, state) = http::get(url, &format!("/_cluster/state/routing_table/{index}"));
        let shards = state["routing_table"]["indices"][index]["shards"].as_object();
        shards.is_some_and(|shards| {
            shards.values().all(|shard| {
                let info = &shard[0]["unassigned_info"];
                shard[0]["state"] == "UNASSIGNED"
                    && info["failed_attempts"] == attempts
                    && info["allocation_status"] == "deciders_no"
            })
        })
    });
}

/// Slow enough to be met, and given up soon once it is no longer wanted: how long a node
/// rests depends on the piece that it has just copied.
const SNAPSHOT_RATE: &str = "500b";

/// Begins a snapshot that takes minutes.
pub fn take_snapshot(url: &str, folder: &Path, index: &str) {
    let settings = json!({"location": folder, "max_snapshot_bytes_per_sec": SNAPSHOT_RATE});
    http::ok("PUT", url, "/_snapshot/slow", json!({"type": "fs", "settings": settings}));
    let body = json!({"indices": index, "include_global_state": false});
    http::ok("PUT", url, "/_snapshot/slow/held?wait_for_completion=false", body);
    until_true(60, "the snapshot has begun", || {
        let (_, status) = http::get(url, "/_snapshot/slow/held/_status");
        status["snapshots"][0]["state"] == "STARTED"
    });
}

/// Ends it, done or not, and forgets where it was kept.
pub fn give_snapshot_up(url: &str) {
    let limit = std::time::Duration::from_secs(120);
    // It is answered once the copying has stopped.
    let answer = http::send("DELETE", url, "/_snapshot/slow/held", (), limit);
    assert!(answer.is_ok(), "{answer:?}");
    http::ok("DELETE", url, "/_snapshot/slow", ());
}
