//! Clusters that answer and are not well, as real servers can be made too. What only the
//! simulated pair can be made to do is told beside its own tests.

use serde_json::json;

use super::{
    emergency::{assert_refused, forced, planned},
    sets::{INDICES, is_regular, protect, takes_writes},
};
use crate::support::{
    pair::{
        Pair,
        Site::{A, B},
    },
    trouble::Trouble,
};

pub fn a_red_index_of_the_leader_is_named_and_the_others_are_drained(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.expect_two_writable();
    let red = INDICES[0].0;
    if !pair.trouble(A, &Trouble::Red { index: red.to_owned() }) {
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
