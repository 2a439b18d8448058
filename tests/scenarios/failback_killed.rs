//! `esdr failback` killed after every line of its journal in turn, with orphaned writes on the
//! former leader: the same command again brings everything home, and nothing is lost on the way.

use super::{
    diverged::{diverge, salvaged},
    emergency::forced,
    sets::{INDICES, KILLED, LINES_MAX, follows, protect, shared_lines, takes_writes, write},
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

fn after_every_line(pair: &mut Pair, first: usize, forgets: bool) {
    if !pair.can_harm() {
        return;
    }
    for lines in shared_lines(pair, first, 10) {
        pair.reset();
        let esdr = failed_over(pair);
        let output = failback(&esdr).env("ESDR_DIE_AFTER_LINES", &lines.to_string()).run();
        let is_ended = output.code != KILLED;
        if is_ended {
            drop(output.status(0));
            assert!(lines < LINES_MAX);
        }
        if forgets {
            esdr.forget_state();
        }
        drop(failback(&esdr).run().status(0));
        assert_home(pair, &esdr, &format!("killed after {lines} lines"));
        if is_ended {
            return;
        }
    }
}

pub fn killed_after_every_event_of_a_failback_the_same_command_ends_it(pair: &mut Pair) {
    after_every_line(pair, 1, false);
}

/// As a CI runner that is new each time: only the clusters remember.
pub fn killed_after_every_event_of_a_failback_another_machine_ends_it(pair: &mut Pair) {
    after_every_line(pair, 19, true);
}
