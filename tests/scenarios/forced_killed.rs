//! esdr killed after every line of a forced run in turn: the same command again takes over
//! all the same, with this machine's state and without it.

use super::{
    emergency::{assert_carried, assert_served, assert_tells, forced},
    sets::{KILLED, aliases, lines, protect, shared_lines, takes_one_line},
};
use crate::support::{
    esdr::Esdr,
    pair::{Pair, Site::A},
};

pub fn killed_after_every_event_of_a_forced_run_the_same_command_ends_it(pair: &mut Pair) {
    let lines = shared_lines(pair, 2, 9);
    after(pair, lines, |pair| pair.freeze(A), |_, _| {});
}

/// As a CI runner that is new each time: only the standby remembers.
pub fn killed_after_every_event_of_a_forced_run_another_machine_ends_it(pair: &mut Pair) {
    let lines = shared_lines(pair, 22, 9);
    after(pair, lines, |pair| pair.freeze(A), |esdr, _| esdr.forget_state());
}

/// With a dead leader, on this machine and on another one by turns.
pub fn killed_after_every_event_of_a_forced_run_beside_a_dead_leader_it_is_ended(pair: &mut Pair) {
    let forget = |esdr: &Esdr, lines: usize| {
        // Not by odd and even: the personalities share the lines out so.
        if (lines / 2).is_multiple_of(2) {
            esdr.forget_state();
        }
    };
    let lines = Box::new(lines(pair, 8));
    after(pair, lines, |pair| pair.kill(A), forget);
}

fn after(
    pair: &mut Pair,
    lines: Box<dyn Iterator<Item = usize>>,
    leave: fn(&mut Pair),
    then: fn(&Esdr, usize),
) {
    if !pair.can_harm() {
        return;
    }
    for lines in lines {
        pair.reset();
        let esdr = protect(pair);
        let wanted = aliases(pair, A, "orders-*");
        leave(pair);
        let dying = forced(&esdr).env("ESDR_DIE_AFTER_LINES", &lines.to_string()).run();
        let is_killed = dying.code == KILLED;
        if !is_killed {
            drop(dying.status(6));
        }
        then(&esdr, lines);
        let because = format!("killed after {lines} lines");
        let result = forced(&esdr).run().status(6).result();
        assert_tells(&result, "unfenced_leader");
        assert_carried(pair, &esdr, &wanted, &because);
        assert_served(pair, &because);
        let again = forced(&esdr).run().status(6);
        assert_eq!(again.result()["run"], serde_json::Value::Null, "{because}");
        assert_eq!(pair.violations(), [""; 0], "{because}");
        if !is_killed {
            return;
        }
    }
    assert!(takes_one_line(pair), "no run writes so many lines");
}
