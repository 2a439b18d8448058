//! A failover without the leader: how it is asked for, and what must hold after it.

use serde_json::Value;

use super::sets::{
    IDS, INDICES, aliases, hook_runs, is_regular, journalled, running_patterns, takes_writes,
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{self, A, B},
    },
};

/// Every step's own deadline, and those of a run that is undone by itself, come to less: a run
/// that takes longer hangs.
pub const RUN_LIMIT_S: u64 = 600;

/// The failover for which both must answer.
pub fn planned(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["failover", "--to", "clusterB", "--yes"]).json().limit_s(RUN_LIMIT_S)
}

/// The failover that goes without the leader.
pub fn forced(esdr: &Esdr) -> Invocation<'_> {
    planned(esdr).arg("--accept-data-loss")
}

/// The codes of a result's problems, in their order.
pub fn codes(result: &Value) -> Vec<&str> {
    let problems = result["problems"].as_array().expect("a list");
    problems.iter().map(|problem| problem["code"].as_str().expect("a code")).collect()
}

#[track_caller]
pub fn assert_tells(result: &Value, code: &str) {
    assert!(codes(result).contains(&code), "no {code}: {result}");
}

/// Refused with this code, and with the figures of a loss that nobody can bound.
#[track_caller]
pub fn assert_refused(result: &Value, code: &str) {
    assert_eq!(result["outcome"], "refused", "{result}");
    assert_tells(result, code);
    assert_eq!(result["run"], Value::Null, "nothing was run: {result}");
}

/// The result of a forced run that the leader has slept through.
#[track_caller]
pub fn assert_incomplete(result: &Value, indices: usize) {
    assert_eq!(result["outcome"], "incomplete", "{result}");
    assert_tells(result, "unfenced_leader");
    let counts = serde_json::json!({"total": indices, "done": indices});
    assert_eq!(result["indices"], counts, "{result}");
    assert!(result["switch_ms"].is_u64(), "{result}");
    assert!(result["lost_ops"]["known"].is_u64(), "{result}");
    assert_eq!(result["lost_ops"]["at_most"], Value::Null, "it cannot be known: {result}");
}

/// B leads the set of [`super::sets::protect`] with all that was replicated to it.
#[track_caller]
pub fn assert_served(pair: &Pair, because: &str) {
    for (index, _) in INDICES {
        assert!(is_regular(pair, B, index), "{index}, {because}");
        assert!(takes_writes(pair, B, index), "{index}, {because}");
        for id in IDS {
            let (status, _) = pair.get(B, &format!("/{index}/_doc/{id}"));
            assert_eq!(status, 200, "{index}/{id}, {because}");
        }
    }
}

/// What belongs to the set as a whole has moved too.
#[track_caller]
pub fn assert_carried(pair: &Pair, esdr: &Esdr, wanted: &Value, because: &str) {
    assert_eq!(&aliases(pair, B, "orders-*"), wanted, "{because}");
    assert_eq!(running_patterns(pair, B), [""; 0], "{because}");
    assert!(hook_runs(esdr, "after") >= 1, "{because}");
}

/// A refuses writes. It is asked for its settings: a write that were taken would be one more
/// that only A has.
pub fn is_fenced(pair: &Pair, index: &str) -> bool {
    let path = format!("/{index}/_settings/index.blocks.write?flat_settings=true");
    let settings = pair.ok("GET", A, &path, ());
    settings[index]["settings"]["index.blocks.write"] == "true"
}

pub fn are_fenced(pair: &Pair) -> bool {
    INDICES.iter().all(|(index, _)| is_fenced(pair, index))
}

/// The highest sequence number of every shard.
pub fn positions(pair: &Pair, site: Site, index: &str) -> Vec<i64> {
    let stats = pair.ok("GET", site, &format!("/{index}/_stats?level=shards"), ());
    let shards = stats["indices"][index]["shards"].as_object().expect("shards");
    let mut positions: Vec<(u32, i64)> = shards
        .iter()
        .map(|(shard, copies)| {
            let position = copies[0]["seq_no"]["max_seq_no"].as_i64().expect("a position");
            (shard.parse().expect("a number"), position)
        })
        .collect();
    positions.sort_unstable();
    positions.into_iter().map(|(_, position)| position).collect()
}

/// Operations that A has above the positions of B. Right before anybody writes to B.
pub fn only_on_a(pair: &Pair, index: &str) -> u64 {
    let (on_a, on_b) = (positions(pair, A, index), positions(pair, B, index));
    assert_eq!(on_a.len(), on_b.len(), "{index} has as many shards on both sides");
    on_a.iter().zip(&on_b).map(|(a, b)| u64::try_from(a - b).unwrap_or(0)).sum()
}

/// Whether a run has seen the leader refuse writes.
pub fn was_seen_fenced(esdr: &Esdr) -> bool {
    journalled(esdr).iter().any(|event| event["kind"] == "done" && event["step"] == "fence")
}
