//! Two operators who do not know of each other change one set at any moment, while clients never
//! stop writing to both sides.

use std::time::Instant;

use fastrand::Rng;

use super::{
    clients::Clients,
    emergency::codes,
    moments::KILLED,
    operators::{Operator, Wanted, holds, leader, protected, settle, ways},
    tries::{Few, Story, each, one_of, until_passed},
};
use crate::support::{
    esdr::{Output, Running},
    pair::{
        Pair,
        Site::{A, B},
    },
    until::{seconds, until},
};

/// The second begins at most so much later than the first, which takes some seconds; on simulated
/// clusters less than one.
const OFFSET_MAX_MS: u64 = 4000;
const OFFSET_MAX_SIMULATED_MS: u64 = 1000;

/// How the set stands when they meet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Before {
    Home,
    /// Led by the other side, and the former leader fenced.
    Away,
    /// The same, and protected.
    AwayAndFollowed,
    /// A failover was killed somewhere.
    Begun,
    FencedByHand,
}

type Typed = (&'static str, Wanted);

const AWAY: Typed = ("esdr failover --to clusterB", Wanted::Leads(B));
const AWAY_WHOLE: Typed = ("esdr failover --to clusterB --reprotect", Wanted::Protected(B));
const BACK: Typed = ("esdr failover --to clusterA", Wanted::Leads(A));
const FAILBACK: Typed = ("esdr failback", Wanted::Protected(A));
const REPROTECT: Typed = ("esdr reprotect", Wanted::Followed);
const UNDO: Typed = ("esdr undo", Wanted::Led);
const CARRY: Typed = ("esdr undo --max-carry 100000", Wanted::Led);
const FENCE_A: Typed = ("esdr fence clusterA", Wanted::Refuses(A));
const FENCE_B: Typed = ("esdr fence clusterB", Wanted::Refuses(B));
const UNFENCE_A: Typed = ("esdr unfence clusterA", Wanted::Anything);
const UNFENCE_B: Typed = ("esdr unfence clusterB", Wanted::Anything);
const REPLICATE: Typed = ("esdr replicate", Wanted::Anything);

impl Before {
    /// More of the first ones.
    const ALL: [Self; 8] = [
        Self::Home,
        Self::Home,
        Self::Away,
        Self::Away,
        Self::AwayAndFollowed,
        Self::AwayAndFollowed,
        Self::Begun,
        Self::FencedByHand,
    ];

    /// What they may come upon, twice where it does most.
    fn commands(self) -> &'static [Typed] {
        match self {
            Self::Home => &[AWAY, AWAY, AWAY_WHOLE, AWAY_WHOLE, UNDO, FENCE_A, REPLICATE, FAILBACK],
            Self::Away => {
                &[FAILBACK, FAILBACK, REPROTECT, REPROTECT, CARRY, CARRY, AWAY, FENCE_A, UNFENCE_A]
            }
            Self::AwayAndFollowed => {
                &[FAILBACK, FAILBACK, BACK, BACK, CARRY, UNDO, FENCE_B, UNFENCE_B, REPROTECT]
            }
            Self::Begun => &[AWAY, AWAY, UNDO, UNDO, AWAY_WHOLE, UNFENCE_A, FAILBACK],
            Self::FencedByHand => &[UNFENCE_A, UNFENCE_A, AWAY, AWAY, UNDO, FENCE_A],
        }
    }

    fn prepare(self, operator: Operator<'_>, dice: &mut Rng) {
        let type_in = |line: &str| drop(operator.carries_out(line).run().status(0));
        match self {
            Self::Home => {}
            Self::Away => type_in("esdr failover --to clusterB"),
            Self::AwayAndFollowed => type_in("esdr failover --to clusterB --reprotect"),
            Self::FencedByHand => type_in("esdr fence clusterA"),
            Self::Begun => {
                let lines = dice.u32(5..40).to_string();
                let dying = operator.carries_out("esdr failover --to clusterB");
                let output = dying.env("ESDR_DIE_AFTER_LINES", &lines).run();
                assert!([KILLED, 0].contains(&output.code), "{}", output.stdout);
            }
        }
    }
}

/// What the second does where the first one's lock is in the way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    GivesUp,
    /// The same, until it is let in.
    TypesAgain,
    /// As the refusal says how, while the first goes on unknowing.
    BreaksTheLock,
}

/// One run of two, and whether it ended while the other was still under way.
struct Ended {
    output: Output,
    wanted: Wanted,
    is_first: bool,
}

pub fn two_operators_at_any_moment_leave_one_leader_and_no_write_lost(pair: &mut Pair) {
    each(pair, &Few { real: 2, simulated: 3 }, |pair, dice| meet(pair, dice));
}

fn meet(pair: &Pair, dice: &mut Rng) {
    let mut story = Story::default();
    let esdr = protected(pair);
    let both = ["first", "second"].map(|name| Operator::of(&esdr, name));
    let before = *one_of(dice, &Before::ALL);
    let clients = Clients::of(pair, "orders-1", 2);
    before.prepare(both[dice.usize(..2)], dice);
    // Half of them within the first part, in which most begins.
    let most_ms = if pair.is_real() { OFFSET_MAX_MS } else { OFFSET_MAX_SIMULATED_MS };
    let within_ms = if dice.bool() { most_ms } else { most_ms / 4 };
    let offset_ms = dice.u64(..within_ms);
    story.tell(&format!("{before:?}, the second {offset_ms} ms later"));
    let (ended, have_met) = run_both(pair, both, before, offset_ms, dice, &mut story);
    judge(pair, before, &ended, have_met);
    let leads = settle(pair, both, dice, &mut story);
    clients.until_served_by(leads);
    let books = clients.stop();
    books.assert_whole(pair, leads, &esdr.path("esdr-salvage"));
    books.assert_never_two_leaders(pair);
    assert_eq!(leader(pair), Some(leads), "in the end");
    let [on_a, on_b] = books.acked();
    story.tell(&format!("{leads} leads; acknowledged on A {on_a}, on B {on_b}"));
}

fn run_both(
    pair: &Pair,
    both: [Operator<'_>; 2],
    before: Before,
    offset_ms: u64,
    dice: &mut Rng,
    story: &mut Story,
) -> ([Ended; 2], bool) {
    let (line, wanted) = *one_of(dice, before.commands());
    let manner = *one_of(dice, &[Manner::GivesUp, Manner::TypesAgain, Manner::BreaksTheLock]);
    let mut first = both[0].carries_out(line).spawn();
    let started = Instant::now();
    let (other_line, other_wanted) = choose(both[1], before, dice);
    until_passed(started, offset_ms);
    let have_met = !first.has_ended();
    story.tell(if have_met { "they meet" } else { "one after the other" });
    let mut second = both[1].carries_out(&other_line).spawn();
    let (other_output, is_first) = loop {
        let is_first = who_ends(&mut first, &mut second);
        let output = second.wait();
        let again = manner.again(&output, &other_line).filter(|_| is_first[1]);
        let Some(again) = again else { break (output, is_first) };
        story.tell_run("second", &other_line, &output);
        second = both[1].carries_out(&again).spawn();
    };
    let output = first.wait();
    story.tell_run("first", line, &output);
    story.tell_run("second", &other_line, &other_output);
    assert_eq!(pair.violations(), [""; 0]);
    let other = Ended { output: other_output, wanted: other_wanted, is_first: is_first[1] };
    ([Ended { output, wanted, is_first: is_first[0] }, other], have_met)
}

impl Manner {
    /// What is typed after a refusal that names another run's lock.
    fn again(self, output: &Output, line: &str) -> Option<String> {
        let result = output.result();
        let is_locked = output.code == 3 && codes(&result).contains(&"locked");
        match self {
            Self::TypesAgain if is_locked => Some(line.to_owned()),
            Self::BreaksTheLock if is_locked => {
                let (_, rest) = output.stdout.split_once("--break-lock ")?;
                let owner: String = rest.chars().take_while(|it| is_of_a_name(*it)).collect();
                Some(format!("{line} --break-lock {owner}"))
            }
            _ => None,
        }
    }
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_.@".contains(letter)
}

/// Something of their own mind, or what `status` proposes while the first run is under way.
fn choose(operator: Operator<'_>, before: Before, dice: &mut Rng) -> (String, Wanted) {
    let (line, wanted) = *one_of(dice, before.commands());
    if dice.u8(..4) == 0
        && let Some(way) = ways(&operator.types("esdr status").run()).into_iter().next()
    {
        return (way, Wanted::Anything);
    }
    (line.to_owned(), wanted)
}

/// Waits for the first of two ends; which of them it was, or both.
fn who_ends(first: &mut Running<'_>, second: &mut Running<'_>) -> [bool; 2] {
    until(seconds(600), "one of both ends", || {
        let ended = [first.has_ended(), second.has_ended()];
        ended.contains(&true).then_some(ended)
    })
}

/// What is said to be done is so, unless it was turned round by the other one since: while one was
/// under way the other may have found all as it wanted it, and have had nothing to do.
fn judge(pair: &Pair, before: Before, ended: &[Ended; 2], have_met: bool) {
    for (at, run) in ended.iter().enumerate() {
        let other = &ended[1 - at];
        let code = run.output.code;
        assert!([0, 3, 4, 6].contains(&code), "{code}: {}{}", run.output.stdout, run.output.stderr);
        let by_hand = |run: &Ended| matches!(run.wanted, Wanted::Refuses(_));
        let is_fenced_by_hand = before == Before::FencedByHand || by_hand(run) || by_hand(other);
        if code != 0 || (run.wanted == Wanted::Led && is_fenced_by_hand) {
            continue;
        }
        let has_run = |run: &Ended| !run.output.result()["run"].is_null();
        let is_earlier = run.is_first || (have_met && !has_run(run));
        assert!(
            (is_earlier && has_run(other)) || holds(pair, run.wanted),
            "ended with 0, and not so: {:?}\n{}",
            run.wanted,
            run.output.stdout
        );
    }
}
