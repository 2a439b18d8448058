//! `esdr failback` killed after every line of its journal in turn, with orphaned writes on the
//! former leader: the same command again brings everything home, and nothing is lost on the way.

use super::{
    diverged::{diverge, salvaged},
    emergency::forced,
    moments::{KILLED, Moment, shared_moments},
    sets::{INDICES, follows, protect, takes_writes, write},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{A, B},
    },
};

const DIVERGED: &str = "orders-2";

fn failback(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["failback", "--yes"]).json().limit_s(300)
}

/// B leads without A's last writes; A is back and takes writes.
fn failed_over(pair: &mut Pair) -> Esdr {
    let esdr = protect(pair);
    pair.freeze_link(B);
    let _orphans = diverge(pair, DIVERGED);
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    for (index, _) in INDICES {
        write(pair, B, index, "while-away");
    }
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    esdr
}

fn assert_home(pair: &Pair, esdr: &Esdr, because: &str) {
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index}, {because}");
        assert!(!takes_writes(pair, B, index), "{index}, {because}");
        assert!(follows(pair, B, index), "{index}, {because}");
        for id in ["1", "while-away"] {
            assert_eq!(pair.get(A, &format!("/{index}/_doc/{id}")).0, 200, "{index}, {because}");
        }
    }
    assert_eq!(salvaged(esdr, DIVERGED).len(), 22, "{because}");
    assert_eq!(pair.violations(), [""; 0], "{because}");
    let again = failback(esdr).run().status(0);
    assert_eq!(again.lines().len(), 1, "{because}: {}", again.stdout);
}

fn at_every(pair: &mut Pair, events: &[Moment], forgets: bool) {
    if !pair.can_harm() {
        return;
    }
    for moment in shared_moments(pair, 20, events) {
        pair.reset();
        let esdr = failed_over(pair);
        let output = moment.kill(failback(&esdr));
        let is_ended = output.code != KILLED;
        if is_ended {
            drop(output.status(0));
        }
        if forgets {
            esdr.forget_state();
        }
        drop(failback(&esdr).run().status(0));
        assert_home(pair, &esdr, &format!("killed {moment}"));
        if is_ended {
            return;
        }
    }
}

pub fn killed_after_every_event_of_a_failback_the_same_command_ends_it(pair: &mut Pair) {
    // What only A has is half in its file; it is, and A's copies are gone.
    let events = [Moment::Before("salvage", "salvage"), Moment::Before("follow", "follow")];
    at_every(pair, &events, false);
}

/// As a CI runner that is new each time: only the clusters remember.
pub fn killed_after_every_event_of_a_failback_another_machine_ends_it(pair: &mut Pair) {
    at_every(pair, &[], true);
}
