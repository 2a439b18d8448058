//! A planned failover whose leader falls silent: the run ends by itself, and the standby can always
//! take over. After every line of its journal it does so in `tests/worlds/odd.rs`, on a paused clock.

use super::{
    emergency::{
        RUN_LIMIT_S, assert_carried, assert_served, assert_tells, forced, planned, was_seen_fenced,
    },
    moments::{LINES_MAX, Moment, is_by_event, shared_moments},
    sets::{INDICES, aliases, protect, takes_writes},
};
use crate::support::{
    esdr::{Esdr, Output},
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

/// What waits for the leader waits so long, and not for the minutes of the playbook.
const WITHIN: &str = "8s";

pub fn a_planned_failover_whose_leader_falls_silent_ends_in_time_and_is_finished_without_it(
    pair: &mut Pair,
) {
    if !pair.can_harm() {
        return;
    }
    for moment in shared_moments(pair, 20, &[Moment::Before("promote", "pause")]) {
        pair.reset();
        pair.expect_two_writable();
        let esdr = protect(pair);
        let wanted = aliases(pair, A, "orders-*");
        let because = format!("silent {moment}");
        let Some(output) = fall_silent_at(pair, &esdr, moment) else {
            return;
        };
        assert_ended(&esdr, &output, &because);
        let result = forced(&esdr).run();
        assert!([0, 6].contains(&result.code), "{because}: {}{}", result.stdout, result.stderr);
        if result.code == 6 && !was_seen_fenced(&esdr) {
            assert_tells(&result.result(), "unfenced_leader");
        }
        assert_carried(pair, &esdr, &wanted, &because);
        assert_served(pair, &because);
        pair.thaw(A);
        if output.code == 0 {
            for (index, _) in INDICES {
                assert!(!takes_writes(pair, A, index), "{index}, {because}");
            }
        }
    }
    assert!(is_by_event(pair), "no run writes so many lines");
}

/// `None` where the run had ended before, which it then did as if nothing had happened.
fn fall_silent_at(pair: &mut Pair, esdr: &Esdr, moment: Moment) -> Option<Output> {
    let (running, is_halted) = moment.halt(planned(esdr).arg("--within").arg(WITHIN));
    if !is_halted {
        drop(running.wait().status(0));
        return None;
    }
    pair.freeze(A);
    running.go_on();
    Some(running.wait())
}

/// Refused or undone, stopped, or done with what is left. Done for good only where nothing
/// more was wanted of the leader.
fn assert_ended(esdr: &Esdr, output: &Output, because: &str) {
    let codes: &[i32] = if was_seen_fenced(esdr) { &[0, 3, 4, 6] } else { &[3, 4, 6] };
    assert!(
        codes.contains(&output.code),
        "ended with {}, {because}, within {RUN_LIMIT_S} s\n{}{}",
        output.code,
        output.stdout,
        output.stderr
    );
    assert_eq!(output.result()["exit"], output.code, "{because}");
}

/// Undone by itself it cannot be while the leader is silent; once it is back, `esdr undo` can.
pub fn a_fence_that_a_silent_leader_keeps_is_lifted_when_it_is_back(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    let fenced = (2..LINES_MAX).find_map(|lines| {
        let stopping = planned(&esdr).arg("--within").arg(WITHIN);
        let mut running = stopping.env("ESDR_STOP_AFTER_LINES", &lines.to_string()).spawn();
        assert!(running.until_stopped(), "the fence comes before the end");
        if INDICES.iter().all(|(index, _)| takes_writes(pair, A, index)) {
            drop(running.kill());
            drop(esdr.args(["undo", "--yes"]).json().run().status(0));
            return None;
        }
        pair.freeze(A);
        running.go_on();
        Some(running.wait())
    });
    let output = fenced.expect("every failover has a fence");
    assert!([3, 4].contains(&output.code), "{}", output.stdout);
    pair.thaw(A);
    until_true(120, "the fence is lifted", || {
        let undo = esdr.args(["undo", "--yes"]).json().run();
        assert!([0, 3, 4].contains(&undo.code), "{}", undo.stdout);
        undo.code == 0
    });
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index}");
        assert!(!takes_writes(pair, B, index), "{index}");
    }
    assert_eq!(pair.violations(), [""; 0]);
}
