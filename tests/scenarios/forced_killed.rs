//! esdr killed after every line of a forced run in turn: the same command again takes over
//! all the same, with this machine's state and without it.

use super::{
    emergency::{assert_carried, assert_served, assert_tells, forced},
    moments::{KILLED, Moment, is_by_event, moments, shared_moments},
    sets::{aliases, protect},
};
use crate::support::{
    esdr::Esdr,
    pair::{Pair, Site::A},
};

pub fn killed_after_every_event_of_a_forced_run_the_same_command_ends_it(pair: &mut Pair) {
    let moments = shared_moments(pair, 18, &[Moment::Before("promote", "unfollow")]);
    at_every(pair, moments, |pair| pair.freeze(A), |_, _| {});
}

/// As a CI runner that is new each time: only the standby remembers.
pub fn killed_after_every_event_of_a_forced_run_another_machine_ends_it(pair: &mut Pair) {
    let moments = shared_moments(pair, 18, &[]);
    at_every(pair, moments, |pair| pair.freeze(A), |esdr, _| esdr.forget_state());
}

/// With a dead leader, on this machine and on another one by turns.
pub fn killed_after_every_event_of_a_forced_run_beside_a_dead_leader_it_is_ended(pair: &mut Pair) {
    let forget = |esdr: &Esdr, nth: usize| {
        if nth % 2 == 1 {
            esdr.forget_state();
        }
    };
    let moments = moments(pair, 8, &[]);
    at_every(pair, moments, |pair| pair.kill(A), forget);
}

fn at_every(pair: &mut Pair, moments: Vec<Moment>, leave: fn(&mut Pair), then: fn(&Esdr, usize)) {
    if !pair.can_harm() {
        return;
    }
    for (nth, moment) in moments.into_iter().enumerate() {
        pair.reset();
        let esdr = protect(pair);
        let wanted = aliases(pair, A, "orders-*");
        leave(pair);
        let dying = moment.kill(forced(&esdr));
        let is_killed = dying.code == KILLED;
        if !is_killed {
            drop(dying.status(6));
        }
        then(&esdr, nth);
        let because = format!("killed {moment}");
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
    assert!(is_by_event(pair), "no run writes so many lines");
}
