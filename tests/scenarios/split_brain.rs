//! Both copies of an index take writes, and no record says who leads.

use serde_json::Value;

use super::{
    diverged::salvaged,
    emergency::codes,
    sets::{follows, protect, takes_writes, write},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{A, B},
    },
    snapshot::Snapshot,
};

const PARTED: &str = "orders-2";

/// What the two copies of it hold, three documents of theirs being the same.
const BOTH: [&str; 2] =
    ["clusterA 4 operations, takes writes", "clusterB 5 operations, takes writes"];

/// A protected set of which one follower is made regular by hand; then both copies are written to.
fn parted(pair: &Pair) -> Esdr {
    let esdr = protect(pair);
    pair.expect_two_writable();
    for call in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
        pair.ok("POST", B, &format!("/{PARTED}/{call}"), ());
    }
    // Opened, each of its shards starts by itself.
    pair.ok("GET", B, &format!("/_cluster/health/{PARTED}?wait_for_status=yellow"), ());
    write(pair, A, PARTED, "on-a");
    write(pair, B, PARTED, "on-b");
    write(pair, B, PARTED, "on-b-too");
    esdr
}

fn json<'e>(esdr: &'e Esdr, line: &str) -> Invocation<'e> {
    line.split(' ').fold(esdr.args([]), Invocation::arg).json()
}

#[track_caller]
fn assert_says_both(problem: &Value) {
    let said = problem["detail"].as_str().expect("a detail").replace(" on cluster", " cluster");
    for holds in BOTH {
        assert!(said.replace(": ", " ").contains(holds), "{holds} is not in: {said}");
    }
}

#[track_caller]
fn assert_nothing_left_to_do(esdr: &Esdr, line: &str) {
    let again = json(esdr, line).run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "{}", again.stdout);
}

pub fn two_writable_copies_stop_every_command_until_a_side_is_named(pair: &mut Pair) {
    let esdr = parted(pair);
    let status = json(&esdr, "status").run().status(5).result();
    let first = &status["problems"][0];
    assert_eq!((&first["code"], &first["subject"]), (&"split_brain".into(), &PARTED.into()));
    assert_says_both(first);
    let set = &status["sets"][0];
    assert_eq!(set["situation"], "split_brain", "{set}");
    assert_eq!(set["lag_ops"], Value::Null, "no lag tells what the loss of a copy costs: {set}");
    assert_eq!(set["would_lose"]["at_most"], Value::Null, "{set}");

    let before = Snapshot::of(pair, &esdr);
    let lines = ["replicate", "failover --to clusterB", "failover --to clusterA", "reprotect"];
    for line in lines.into_iter().chain(["failback"]) {
        let result = json(&esdr, &format!("{line} --yes")).run().status(3).result();
        assert_says_both(&result["problems"][0]);
        before.assert_unchanged(pair, &esdr);
    }
    let homeless = json(&esdr, "failback --discard clusterB --yes").run().status(3).result();
    assert_eq!(codes(&homeless), ["at_home"], "{homeless}");
    before.assert_unchanged(pair, &esdr);

    drop(json(&esdr, "reprotect --discard clusterB --yes").run().status(0));
    for index in ["orders-1", PARTED, "orders-3"] {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, index), "{index} is protected");
    }
    let saved = salvaged(&esdr, PARTED);
    assert!(saved.contains_key("on-b") && saved.contains_key("on-b-too"), "{saved:?}");
    assert_eq!(salvaged(&esdr, "orders-1").len(), 0, "who leads it was never in doubt");
    assert_eq!(pair.get(A, &format!("/{PARTED}/_doc/on-a")).0, 200);
    drop(json(&esdr, "status").run().status(0));
    // The whole set this time: before 7.3 no server gives the other followers their aliases.
    drop(json(&esdr, "reprotect --yes").run().status(0));
    assert_nothing_left_to_do(&esdr, "reprotect --yes");
    assert_nothing_left_to_do(&esdr, "failback --yes");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn where_the_copy_at_home_goes_the_others_stay_and_all_come_home(pair: &mut Pair) {
    let esdr = parted(pair);
    drop(json(&esdr, "reprotect --discard clusterA --yes").run().status(0));
    assert!(takes_writes(pair, B, PARTED), "the copy that was not named leads");
    assert!(follows(pair, A, PARTED));
    assert!(takes_writes(pair, A, "orders-1") && follows(pair, B, "orders-1"), "left alone");
    assert!(salvaged(&esdr, PARTED).contains_key("on-a"));

    drop(json(&esdr, "failback --yes").run().status(0));
    for index in ["orders-1", PARTED, "orders-3"] {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, index), "{index} is protected");
    }
    assert_eq!(pair.get(A, &format!("/{PARTED}/_doc/on-b-too")).0, 200);
    assert_nothing_left_to_do(&esdr, "failback --yes");
    drop(json(&esdr, "status").run().status(0));
    assert_eq!(pair.violations(), [""; 0]);
}
