//! The leader comes back while the standby takes over: it is fenced, what can still be
//! drained is drained, and nothing that was promoted goes back.

use serde_json::{Value, json};

use super::{
    emergency::{
        are_fenced, assert_carried, assert_served, assert_tells, forced, only_on_a, positions,
    },
    moments::{Moment, moments, shared_moments},
    sets::{INDICES, aliases, is_regular, protect, takes_writes, write},
};
use crate::support::{
    esdr::{Esdr, Output},
    http,
    pair::{
        Pair,
        Site::{A, B},
    },
    until::{seconds, until_true},
};

/// Writes on each index that never left the leader.
const LATE: u64 = 5;

/// How the leader is lost and how it is back.
struct Harm {
    leave: fn(&mut Pair),
    come_back: fn(&mut Pair),
}

const SILENCE: Harm = Harm { leave: |pair| pair.freeze(A), come_back: |pair| pair.thaw(A) };
const DEATH: Harm = Harm { leave: |pair| pair.kill(A), come_back: |pair| pair.restart(A) };

pub fn a_silent_leader_that_comes_back_after_any_event_is_fenced(pair: &mut Pair) {
    if pair.can_harm() {
        let moments = shared_moments(pair, 6, &[Moment::Before("promote", "unfollow")]);
        at_every(pair, moments, &SILENCE);
    }
}

pub fn a_dead_leader_that_comes_back_after_an_event_is_fenced(pair: &mut Pair) {
    if pair.can_harm() {
        let moments = moments(pair, 2, &[]);
        at_every(pair, moments, &DEATH);
    }
}

fn at_every(pair: &mut Pair, moments: Vec<Moment>, harm: &Harm) {
    for moment in moments {
        pair.reset();
        pair.expect_two_writable();
        let esdr = protect(pair);
        let wanted = aliases(pair, A, "orders-*");
        lose_with_late_writes(pair, harm);
        let Some(output) = come_back_at(pair, &esdr, moment, harm) else {
            return;
        };
        let because = format!("back {moment}");
        assert!([0, 6].contains(&output.code), "{because}\n{}{}", output.stdout, output.stderr);
        let result = fenced_in_the_end(pair, &esdr, output, &because);
        assert_counted(pair, &result, &because);
        assert_carried(pair, &esdr, &wanted, &because);
        assert_served(pair, &because);
        for (index, _) in INDICES {
            assert!(!takes_writes(pair, A, index), "{index}, {because}");
        }
    }
}

fn lose_with_late_writes(pair: &mut Pair, harm: &Harm) {
    pair.freeze_link(B);
    for (index, _) in INDICES {
        for number in 0..LATE {
            write(pair, A, index, &late(number));
        }
    }
    (harm.leave)(pair);
}

fn late(number: u64) -> String {
    format!("late-{number}")
}

/// `None` where the run had ended before.
fn come_back_at(pair: &mut Pair, esdr: &Esdr, moment: Moment, harm: &Harm) -> Option<Output> {
    let (running, is_halted) = moment.halt(forced(esdr));
    if !is_halted {
        drop(running.wait().status(6));
        return None;
    }
    let promoted = promoted(pair);
    come_back(pair, harm);
    running.go_on();
    let output = running.wait();
    for (index, position) in promoted {
        assert_eq!(positions(pair, B, index), position, "{index} was promoted and stays so");
        assert!(is_regular(pair, B, index), "{index} was promoted and stays so");
    }
    Some(output)
}

fn come_back(pair: &mut Pair, harm: &Harm) {
    (harm.come_back)(pair);
    pair.mend_link(B);
    let url = pair.url(A);
    until_true(60, "the leader answers", || {
        http::send("GET", &url, "/", (), seconds(2)).is_ok_and(|(status, _)| status == 200)
    });
}

/// Indices that take writes on B by now, and where they stood then.
fn promoted(pair: &Pair) -> Vec<(&'static str, Vec<i64>)> {
    let names = INDICES.iter().map(|(index, _)| *index);
    let is_open = |index: &str| {
        let path = format!("/_cat/indices/{index}?format=json&h=status");
        pair.ok("GET", B, &path, ())[0]["status"] == "open"
    };
    let done = names.filter(|index| is_regular(pair, B, index) && is_open(index));
    done.map(|index| (index, positions(pair, B, index))).collect()
}

/// The result that counts: of this run where it has seen the leader, else of one more.
fn fenced_in_the_end(pair: &Pair, esdr: &Esdr, output: Output, because: &str) -> Value {
    let result = output.result();
    if are_fenced(pair) {
        return result;
    }
    assert_tells(&result, "unfenced_leader");
    let again = forced(esdr).run();
    assert!([0, 6].contains(&again.code), "{because}\n{}{}", again.stdout, again.stderr);
    assert!(are_fenced(pair), "{because}: one that sees the leader fences it\n{}", again.stdout);
    again.result()
}

/// What only A has is drained, or told to the last operation. Before anybody writes to B.
fn assert_counted(pair: &Pair, result: &Value, because: &str) {
    let mut lost = 0;
    for (index, _) in INDICES {
        let left = only_on_a(pair, index);
        lost += left;
        for number in (0..LATE).filter(|_| left == 0) {
            let (status, _) = pair.get(B, &format!("/{index}/_doc/{}", late(number)));
            assert_eq!(status, 200, "{index} was drained, {because}");
        }
    }
    assert_eq!(result["lost_ops"], json!({"known": lost, "at_most": lost}), "{because}: {result}");
    if lost > 0 {
        assert_tells(result, "diverged");
    }
}

/// Back before anything is promoted, it is drained whole: nothing is lost at all.
pub fn a_leader_that_is_back_before_the_promote_loses_nothing(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    pair.expect_two_writable();
    let esdr = protect(pair);
    lose_with_late_writes(pair, &SILENCE);
    let first = Moment::After(1);
    let output = come_back_at(pair, &esdr, first, &SILENCE).expect("every run has a first line");
    let result = output.result();
    assert_eq!(result["lost_ops"], json!({"known": 0, "at_most": 0}), "{result}");
    assert!(are_fenced(pair));
    assert_counted(pair, &result, "back at once");
    assert_served(pair, "back at once");
}

/// It answers again, and the standby still does not reach it: nobody waits for a drain that
/// cannot end, and what only it has is counted.
pub fn a_leader_that_is_back_without_its_link_is_fenced_and_left_behind(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    pair.expect_two_writable();
    let esdr = protect(pair);
    lose_with_late_writes(pair, &SILENCE);
    let mut running = forced(&esdr).env("ESDR_STOP_AFTER_LINES", "1").spawn();
    assert!(running.until_stopped());
    pair.thaw(A);
    running.go_on();
    let result = running.wait().status(6).result();
    let lost = LATE * INDICES.len() as u64;
    assert_eq!(result["lost_ops"], json!({"known": lost, "at_most": lost}), "{result}");
    assert_tells(&result, "diverged");
    assert!(are_fenced(pair));
    assert_served(pair, "without the link");
}

pub fn a_leader_that_comes_back_stops_the_run_where_that_is_wanted(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    pair.expect_two_writable();
    let esdr = protect(pair);
    let wanted = aliases(pair, A, "orders-*");
    lose_with_late_writes(pair, &SILENCE);
    let stopping = forced(&esdr).arg("--on-return").arg("stop");
    let mut running = stopping.env("ESDR_STOP_AFTER_LINES", "1").spawn();
    assert!(running.until_stopped());
    come_back(pair, &SILENCE);
    running.go_on();
    // Nothing had been changed yet.
    let result = running.wait().status(3).result();
    assert_eq!(result["outcome"], "refused", "{result}");
    assert_tells(&result, "leader_returned");
    assert!(!are_fenced(pair), "it is left as it is");

    let output = forced(&esdr).run();
    assert!([0, 6].contains(&output.code), "{}{}", output.stdout, output.stderr);
    assert!(are_fenced(pair));
    assert_counted(pair, &output.result(), "continued");
    assert_carried(pair, &esdr, &wanted, "continued");
    assert_served(pair, "continued");
}

/// The former leader learns from the first run that sees it again that the lead has gone. So it is
/// known also on a machine that sees nothing but that cluster.
pub fn a_leader_that_comes_back_is_told_that_it_leads_no_more(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.kill(A);
    drop(forced(&esdr).run().status(6));
    come_back(pair, &DEATH);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    pair.kill(B);
    esdr.forget_state();
    let status = esdr.args(["status"]).json().run().status(5).result();
    assert_eq!(status["sets"][0]["leader"], "clusterB", "{status}");
}
