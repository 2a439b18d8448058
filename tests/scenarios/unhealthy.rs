//! Clusters that answer and are not well, as real servers can be made too. What only the
//! simulated pair can be made to do is told beside its own tests.

use serde_json::{Value, json};

use super::{
    emergency::{assert_refused, assert_served, assert_tells, forced, planned},
    sets::{INDICES, follows, is_regular, protect, takes_writes},
};
use crate::support::{
    faults::ClusterFault,
    pair::{
        Pair,
        Site::{A, B},
    },
};

pub fn a_red_index_of_the_leader_is_named_and_the_others_are_drained(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.expect_two_writable();
    let red = INDICES[0].0;
    if !pair.fault(A, &ClusterFault::Red { index: red.to_owned() }) {
        return;
    }
    let result = planned(&esdr).run().status(3).result();
    assert_refused(&result, "leader_ill");
    assert_eq!(result["problems"][0]["subject"], red, "{result}");
    let output = forced(&esdr).run();
    assert!([0, 6].contains(&output.code), "{}{}", output.stdout, output.stderr);
    for (index, _) in INDICES {
        assert!(is_regular(pair, B, index), "{index}");
        assert!(takes_writes(pair, B, index), "{index}");
    }
    for (index, _) in &INDICES[1..] {
        assert!(!takes_writes(pair, A, index), "{index} is fenced");
    }
}

/// The block that a server sets by itself when its disks are full.
pub fn a_standby_whose_disks_were_full_is_refused(pair: &mut Pair) {
    let esdr = protect(pair);
    let full = json!({"index.blocks.read_only_allow_delete": true});
    pair.ok("PUT", B, "/orders-*/_settings", full);
    assert_refused(&planned(&esdr).run().status(3).result(), "disk_full");
    if pair.can_harm() {
        pair.kill(A);
        assert_refused(&forced(&esdr).run().status(3).result(), "disk_full");
    }
}

/// It takes no order: it cannot be fenced. A real server's breaker trips at the standby's reads
/// too, so that it is left behind; where only this machine's orders are refused it is alive.
pub fn a_leader_that_trips_its_breaker_is_left_behind_only_with_accepted_loss(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    if !pair.is_real() {
        assert!(pair.fault(A, &ClusterFault::Busy));
        // That it takes no order is seen only by trying: the switch with it is taken back.
        let output = forced(&esdr).run().status(3);
        let undone = |event: &Value| event["detail"]["what"] == "undone";
        assert!(output.events().iter().any(undone), "{}", output.stdout);
        assert_tells(&output.result(), "leader_alive");
        pair.relieve(A);
        for (index, _) in INDICES {
            assert!(follows(pair, B, index) && takes_writes(pair, A, index), "{index}");
        }
        assert_eq!(pair.violations(), [""; 0]);
        return;
    }
    pair.expect_two_writable();
    if !pair.fault(A, &ClusterFault::Busy) {
        return;
    }
    let output = forced(&esdr).run().status(6);
    let waived = |event: &Value| event["detail"]["what"] == "waived";
    assert!(output.events().iter().any(waived), "{}", output.stdout);
    assert_tells(&output.result(), "unfenced_leader");
    assert_served(pair, "beside a leader that trips its breaker");
    pair.relieve(A);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    assert_served(pair, "to the end");
}

/// Nothing can be followed any more, and what was followed can still be promoted.
pub fn a_standby_whose_licence_covers_no_replication_is_promoted_all_the_same(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    if !pair.fault(B, &ClusterFault::Unlicensed) {
        return;
    }
    pair.kill(A);
    let result = forced(&esdr).run().status(6).result();
    assert_tells(&result, "unfenced_leader");
    assert_served(pair, "without a licence");
}
