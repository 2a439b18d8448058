//! Both clusters out of sight at any moment of a run, frozen for a while or started again, while
//! clients never stop writing: nothing is said to be done that is not, and the same command again
//! ends it.

use std::time::Instant;

use fastrand::Rng;

use super::{
    clients::Clients,
    operators::{Operator, Wanted, holds, leader, protected},
    tries::{Few, Story, each, one_of, until_passed},
};
use crate::support::{
    esdr::{Esdr, Output, Running},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::until_true,
};

/// Longer than a run waits for the side that led, and not as long as for the other one.
const DARK_MS: u64 = 20_000;

/// Nothing happens at one event for longer, but for what is waited for.
const AFTER_EVENT_MAX_MS: u64 = 400;

/// A command, who leads before it, what it is to bring about, and of how many events it tells at least
/// where nothing happens to it.
#[derive(Clone, Copy, Debug)]
struct Typed {
    line: &'static str,
    led_by: Site,
    wanted: Wanted,
    events: usize,
}

const AWAY: Typed =
    Typed { line: "esdr failover --to clusterB", led_by: A, wanted: Wanted::Leads(B), events: 40 };
const FAILBACK: Typed =
    Typed { line: "esdr failback", led_by: B, wanted: Wanted::Protected(A), events: 50 };
const REPROTECT: Typed =
    Typed { line: "esdr reprotect", led_by: B, wanted: Wanted::Protected(B), events: 20 };

/// Mostly the planned failover.
const TYPED: [Typed; 5] = [AWAY, AWAY, AWAY, FAILBACK, REPROTECT];

pub fn both_clusters_dark_at_any_moment_are_waited_for_or_the_same_command_ends_it(
    pair: &mut Pair,
) {
    at_any_moment(pair, |pair, _| {
        for site in Site::BOTH {
            pair.freeze(site);
        }
        until_passed(Instant::now(), DARK_MS);
        for site in Site::BOTH {
            pair.thaw(site);
        }
    });
}

pub fn both_clusters_started_again_at_any_moment_the_same_command_ends_it(pair: &mut Pair) {
    at_any_moment(pair, |pair, dice| {
        for site in Site::BOTH {
            pair.kill(site);
        }
        until_passed(Instant::now(), dice.u64(..5000));
        for site in Site::BOTH {
            pair.start_again(site);
        }
    });
}

fn at_any_moment(pair: &mut Pair, harm: impl Fn(&mut Pair, &mut Rng)) {
    if !pair.can_harm() {
        return;
    }
    each(pair, &Few { real: 1, simulated: 1 }, |pair, dice| {
        attempt(pair, *one_of(dice, &TYPED), dice, &harm);
    });
}

/// The set as the command finds it.
fn stands(pair: &Pair, typed: Typed) -> Esdr {
    let esdr = protected(pair);
    if typed.led_by == B {
        drop(carry_out(&esdr, AWAY).status(0));
    }
    esdr
}

fn carry_out(esdr: &Esdr, typed: Typed) -> Output {
    Operator::of(esdr, "first").carries_out(typed.line).run()
}

fn attempt(pair: &mut Pair, typed: Typed, dice: &mut Rng, harm: &impl Fn(&mut Pair, &mut Rng)) {
    let mut story = Story::default();
    let esdr = stands(pair, typed);
    // A frozen server carries out late what nobody waits for any more: no document twice.
    let clients = Clients::of(pair, "orders-1", 0);
    clients.until_served_by(typed.led_by);
    let (events, later_ms) = (dice.usize(..typed.events), dice.u64(..AFTER_EVENT_MAX_MS));
    story.tell(&format!("{}: {later_ms} ms after {events} events", typed.line));
    let mut running = Operator::of(&esdr, "first").carries_out(typed.line).spawn();
    until_told(&mut running, events);
    until_passed(Instant::now(), later_ms);
    harm(pair, dice);
    let output = running.wait();
    story.tell_run("first", typed.line, &output);
    judge(pair, typed, &output);
    let again = carry_out(&esdr, typed);
    story.tell_run("first", typed.line, &again);
    drop(again.status(0));
    assert!(holds(pair, typed.wanted), "done, and not so: {:?}", typed.wanted);
    let leads = leader(pair).expect("one side leads");
    clients.until_served_by(leads);
    let books = clients.stop();
    books.assert_whole(pair, leads, &esdr.path("esdr-salvage"));
    books.assert_never_two_leaders(pair);
    let status = esdr.args(["status"]).json().run().result();
    assert_eq!(status["runs"].as_array().map(Vec::len), Some(0), "unfinished: {status}");
    let [on_a, on_b] = books.acked();
    story.tell(&format!("{leads} leads; acknowledged on A {on_a}, on B {on_b}"));
}

fn until_told(running: &mut Running<'_>, events: usize) {
    until_true(300, &format!("{events} events, or the end"), || {
        running.has_ended() || running.stdout_so_far().lines().count() >= events
    });
}

/// Done where it is so; taken back where it is as it was; else not finished, and said so.
fn judge(pair: &Pair, typed: Typed, output: &Output) {
    let told = &output.stdout;
    match output.code {
        0 => assert!(holds(pair, typed.wanted), "ended with 0, and not so: {told}"),
        3 => assert_eq!(leader(pair), Some(typed.led_by), "ended with 3, and not so: {told}"),
        code => assert!([4, 6].contains(&code), "{code}: {told}{}", output.stderr),
    }
}
