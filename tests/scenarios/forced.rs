//! The bad night: the leader is gone, dead or silent, and the standby takes over.

use serde_json::{Value, json};

use super::{
    emergency::{
        assert_carried, assert_incomplete, assert_refused, assert_served, assert_tells, codes,
        forced, planned,
    },
    sets::{INDICES, aliases, is_regular, leader, protect, takes_writes, write},
};
use crate::support::{
    esdr::Esdr,
    faults::ClusterFault,
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

pub fn a_dead_leader_is_left_behind_with_accepted_loss(pair: &mut Pair) {
    if pair.can_harm() {
        the_night(pair, |pair| pair.kill(A), |pair| pair.restart(A));
    }
}

pub fn a_silent_leader_is_left_behind_with_accepted_loss(pair: &mut Pair) {
    if pair.can_harm() {
        the_night(pair, |pair| pair.freeze(A), |pair| pair.thaw(A));
    }
}

/// Refused, accepted, said again, and dealt with when the leader is back.
fn the_night(pair: &mut Pair, leave: fn(&mut Pair), come_back: fn(&mut Pair)) {
    let esdr = protect(pair);
    let wanted = aliases(pair, A, "orders-*");
    leave(pair);

    let before = Snapshot::of_sites(&[B], pair, &esdr);
    let result = planned(&esdr).run().status(3).result();
    assert_refused(&result, "leader_unreachable");
    assert!(result["lost_ops"]["known"].is_u64(), "{result}");
    assert_eq!(result["lost_ops"]["at_most"], Value::Null, "{result}");
    before.assert_unchanged(pair, &esdr);

    let result = forced(&esdr).run().status(6).result();
    assert_incomplete(&result, INDICES.len());
    assert_carried(pair, &esdr, &wanted, "after the forced run");
    assert_served(pair, "after the forced run");

    let again = forced(&esdr).run().status(6).result();
    assert_tells(&again, "unfenced_leader");
    assert_eq!(again["run"], Value::Null, "nothing is to be done on B: {again}");

    pair.expect_two_writable();
    come_back(pair);
    until_true(60, "the former leader takes writes again", || takes_writes(pair, A, "orders-1"));
    let status = esdr.args(["status"]).json().run().status(5).result();
    assert_eq!(codes(&status).first(), Some(&"stray"), "{status}");

    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    for (index, _) in INDICES {
        assert!(!takes_writes(pair, A, index), "{index} is fenced");
    }
    assert_what_is_left(&esdr);
    assert_served(pair, "to the end");
    assert_eq!(pair.violations(), [""; 0]);
}

/// The former leader is back and fenced: the same command says what is to be dealt with.
fn assert_what_is_left(esdr: &Esdr) {
    let output = planned(esdr).run();
    let result = output.result();
    let problems = result["problems"].as_array().expect("a list");
    let left: Vec<&Value> = problems.iter().filter(|p| p["level"] == "problem").collect();
    assert_eq!(output.code, if left.is_empty() { 0 } else { 6 }, "{result}");
    for problem in &left {
        let code = problem["code"].as_str().expect("a code");
        assert!(["leases_left", "diverged"].contains(&code), "{problem}");
    }
    assert_tells(&result, "diverged");
}

/// Writes that never left the leader: what is told is at most what was lost.
pub fn the_loss_is_told_as_a_lower_bound(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze_link(B);
    let lost = write_more(pair, 20);
    pair.kill(A);
    let refused = planned(&esdr).run().status(3).result();
    assert_refused(&refused, "leader_unreachable");
    let result = forced(&esdr).run().status(6).result();
    assert_incomplete(&result, INDICES.len());
    for told in [&refused["lost_ops"], &result["lost_ops"]] {
        assert!(told["known"].as_u64().is_some_and(|known| known <= lost), "{lost}, told {told}");
        assert_eq!(told["at_most"], Value::Null);
    }
    assert_served(pair, "with loss");
}

/// The leader was heard before it was gone: what it said is known to be missing.
pub fn what_the_leader_was_heard_to_have_is_known_to_be_missing(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    if !pair.fault(B, &ClusterFault::Slow) {
        return;
    }
    let lost = write_more(pair, 20);
    until_true(60, "the standby has heard of them", || heard(pair) >= lost);
    pair.kill(A);
    let refused = planned(&esdr).run().status(3).result();
    assert_eq!(refused["lost_ops"], json!({"known": lost, "at_most": null}));
    let result = forced(&esdr).run().status(6).result();
    assert_incomplete(&result, INDICES.len());
    assert_eq!(result["lost_ops"], json!({"known": lost, "at_most": null}));
    assert_served(pair, "with loss");
}

/// So many documents on every index of A, and how many that are in all.
fn write_more(pair: &Pair, count: u64) -> u64 {
    for (index, _) in INDICES {
        for number in 0..count {
            write(pair, A, index, &format!("late-{number}"));
        }
    }
    count * INDICES.len() as u64
}

/// By how much the leader was ahead at its last word.
fn heard(pair: &Pair) -> u64 {
    let stats = pair.ok("GET", B, "/_all/_ccr/stats", ());
    let indices = stats["indices"].as_array().expect("a list");
    let shards = indices.iter().flat_map(|index| index["shards"].as_array().into_iter().flatten());
    let ahead = shards.map(|shard| {
        let position = |key: &str| shard[key].as_i64().expect("a position");
        position("leader_global_checkpoint") - position("follower_global_checkpoint")
    });
    ahead.map(|ahead| u64::try_from(ahead).unwrap_or(0)).sum()
}

/// What was acknowledged and had arrived is there, of an index at rest and of one under load.
pub fn what_had_arrived_is_there(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let (idle, loaded) = ("orders-1", "orders-2");
    leader(pair, idle, 2);
    leader(pair, loaded, 3);
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    // Nothing is overwritten, so that a second writer writes the same once more.
    let load = || Load { updates_of_ten: 0, ..Load::default() };
    let ledgers = [idle, loaded].map(|index| {
        let writer = Writer::with(&pair.url(A), index, load());
        writer.until_acked_more(500);
        let ledger = writer.stop();
        until_true(90, "all of it has arrived", || {
            ledger.missing_on(&pair.url(B), index).is_empty()
        });
        ledger
    });
    let writer = Writer::with(&pair.url(A), loaded, load());
    writer.until_acked_more(1000);
    pair.freeze_link(B);
    writer.until_acked_more(500);
    pair.kill(A);
    let result = forced(&esdr).run().status(6).result();
    drop(writer.stop());
    assert_incomplete(&result, 2);
    for (ledger, index) in ledgers.iter().zip([idle, loaded]) {
        assert!(is_regular(pair, B, index) && takes_writes(pair, B, index), "{index}");
        ledger.assert_all_on(&pair.url(B), index);
    }
}

/// A leader that answers and has no master cannot be fenced for certain.
pub fn a_leader_without_a_master_is_refused(pair: &mut Pair) {
    let esdr = protect(pair);
    if pair.fault(A, &ClusterFault::NoMaster) {
        assert_refused(&planned(&esdr).run().status(3).result(), "leader_ill");
    }
}

pub fn an_ill_leader_is_left_behind_with_accepted_loss(pair: &mut Pair) {
    let esdr = protect(pair);
    let wanted = aliases(pair, A, "orders-*");
    pair.expect_two_writable();
    if !pair.fault(A, &ClusterFault::NoMaster) {
        return;
    }
    let result = forced(&esdr).run().status(6).result();
    assert_eq!(result["outcome"], "incomplete", "{result}");
    assert_carried(pair, &esdr, &wanted, "without a master");
    assert_served(pair, "without a master");
    pair.relieve(A);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    assert_served(pair, "to the end");
}
