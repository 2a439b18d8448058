//! The plan as a file: written, reviewed, carried out later, gone on with, refused once the
//! world is another.

use std::fs;

use serde_json::{Value, json};

use super::sets::leader;
use crate::support::{
    esdr::{Esdr, Invocation, Output},
    ledger::Writer,
    pair::{
        Pair,
        Site::{A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

const FILE: &str = "f.plan";

/// A set of one name, over the indices whose names begin with it.
fn set(name: &str) -> String {
    format!("[sets.{name}]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = [\"{name}*\"]\n")
}

/// A set of one index with documents in it, protected.
fn protected(pair: &Pair, name: &str) -> Esdr {
    leader(pair, name, 2);
    for id in 0..20 {
        pair.ok("PUT", A, &format!("/{name}/_doc/{id}"), json!({"n": id}));
    }
    let esdr = Esdr::on(pair).toml(&set(name));
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    esdr
}

/// A protected set and its plan in a file.
fn planned(pair: &Pair, name: &str) -> Esdr {
    let esdr = protected(pair, name);
    drop(plan(&esdr).run().status(0));
    esdr
}

fn plan(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["plan", "failover", "--to", "clusterB", "--out", FILE]).json()
}

fn apply(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["apply", FILE, "--yes"]).json()
}

pub fn a_plan_is_written_shown_and_applied(pair: &mut Pair) {
    let esdr = protected(pair, "orders");

    // Writing the plan touches neither a cluster nor the state folder.
    let before = Snapshot::of(pair, &esdr);
    let output = plan(&esdr).run().status(0);
    assert_eq!(output.result()["outcome"], "planned");
    before.assert_unchanged(pair, &esdr);

    // It is reviewed where there is no cluster, and not even a configuration.
    let elsewhere = Esdr::bare();
    fs::copy(esdr.path(FILE), elsewhere.path(FILE)).unwrap();
    let shown = elsewhere.args(["plan", "show", FILE]).run().status(0);
    assert!(shown.stdout.contains("orders"), "{}", shown.stdout);
    assert_eq!(shown.stderr, "");

    // Without a yes nothing is carried out, for there is nobody to ask.
    let output = esdr.args(["apply", FILE]).json().run().status(3);
    assert_eq!(output.result()["outcome"], "refused");
    before.assert_unchanged(pair, &esdr);

    let output = apply(&esdr).run().status(0);
    assert_eq!(output.result()["outcome"], "converged");
    assert_eq!(output.result()["indices"], json!({"total": 1, "done": 1}));
    assert_promoted(pair, "orders", 20);

    let switched = Snapshot::of(pair, &esdr);
    let again = apply(&esdr).run().status(0);
    assert_eq!(again.result()["outcome"], "converged");
    switched.assert_unchanged(pair, &esdr);
}

/// The new leader takes writes and has everything; the old one refuses them.
#[track_caller]
fn assert_promoted(pair: &Pair, index: &str, documents: u64) {
    assert_eq!(pair.count(B, index), Some(documents));
    let (status, _) = pair.post(A, &format!("/{index}/_doc"), json!({"n": 1}));
    assert_eq!(status, 403, "the old leader of {index} refuses writes");
    let (status, _) = pair.post(B, &format!("/{index}/_doc"), json!({"n": 1}));
    assert_eq!(status, 201, "the new leader of {index} takes them");
}

/// Killed after a journalled event, before and past the line of no return: applied again,
/// the plan is carried through to the end that an uninterrupted apply reaches.
pub fn an_apply_killed_part_way_is_applied_again(pair: &mut Pair) {
    let esdr = planned(pair, "whole");
    drop(apply(&esdr).run().status(0));
    let lines = journal(&esdr);
    let step = |name: &str| {
        let at = lines.iter().position(|line| line["step"] == name);
        at.unwrap_or_else(|| panic!("no step {name} in the journal: {lines:?}"))
    };
    // Lines are counted from one: to die after so many is to die before the next event.
    let (fence, drain, promote) = (step("fence"), step("drain"), step("promote"));
    let all = lines.len();
    let points = [fence + 1, drain + 2, promote + 1, promote + 3, all - 2];
    for (at, lines) in points.into_iter().enumerate() {
        let name = format!("cut{at}");
        let esdr = planned(pair, &name);
        let killed = apply(&esdr).env("ESDR_DIE_AFTER_LINES", &lines.to_string()).run();
        // Aborted by itself, which the shell would tell as 128 and the signal.
        drop(killed.status(137));
        let output = apply(&esdr).run().status(0);
        assert_eq!(output.result()["outcome"], "converged", "after {lines} lines");
        assert_promoted(pair, &name, 20);
        let switched = Snapshot::of(pair, &esdr);
        drop(apply(&esdr).run().status(0));
        switched.assert_unchanged(pair, &esdr);
    }
}

/// Every line of the only journal in the state folder.
fn journal(esdr: &Esdr) -> Vec<Value> {
    let folder = esdr.path("state").join("runs");
    // The newest is the one of the apply: the other is that of `replicate`.
    let newest = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("journal.jsonl"))
        .max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap())
        .unwrap();
    let text = fs::read_to_string(newest).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Applied to a world that is not the planned one, a plan is refused and changes nothing.
#[track_caller]
fn assert_drifted(pair: &Pair, esdr: &Esdr, subject: &str) {
    let before = Snapshot::of(pair, esdr);
    let output = apply(esdr).run().status(3);
    let result = output.result();
    assert_eq!(result["outcome"], "refused");
    let drifts = problems(&output, "drift");
    assert!(drifts.iter().any(|drift| drift["subject"] == subject), "{subject}: {drifts:#?}");
    before.assert_unchanged(pair, esdr);
}

fn problems(output: &Output, code: &str) -> Vec<Value> {
    let result = output.result();
    let problems = result["problems"].as_array().expect("a list").iter();
    problems.filter(|problem| problem["code"] == code).cloned().collect()
}

pub fn a_plan_is_refused_where_an_index_of_the_set_is_another_one(pair: &mut Pair) {
    let esdr = planned(pair, "orders");
    pair.ok("DELETE", A, "/orders", ());
    leader(pair, "orders", 2);
    assert_drifted(pair, &esdr, "UUID of orders on clusterA");
}

pub fn a_plan_is_refused_where_the_set_has_a_new_member(pair: &mut Pair) {
    let esdr = planned(pair, "orders");
    leader(pair, "orders-new", 1);
    // Not followed it would be left behind, followed it would be moved unasked.
    assert_drifted(pair, &esdr, "orders-new");
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    assert_drifted(pair, &esdr, "orders-new");
}

pub fn a_plan_is_refused_where_a_follower_is_gone(pair: &mut Pair) {
    let esdr = planned(pair, "orders");
    pair.ok("POST", B, "/orders/_ccr/pause_follow", ());
    pair.ok("DELETE", B, "/orders", ());
    assert_drifted(pair, &esdr, "orders");
}

pub fn a_plan_is_refused_where_somebody_has_set_a_write_block(pair: &mut Pair) {
    let esdr = planned(pair, "orders");
    pair.ok("PUT", A, "/orders/_settings", json!({"index.blocks.write": true}));
    assert_drifted(pair, &esdr, "write block on orders");
}

pub fn a_plan_stands_whatever_is_written_meanwhile(pair: &mut Pair) {
    leader(pair, "orders", 2);
    let esdr = Esdr::on(pair).toml(&set("orders"));
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    drop(plan(&esdr).run().status(0));
    // Planned over an idle index, applied under load: more documents, and never at rest.
    let writer = Writer::start(&pair.url(A), "orders");
    writer.until_acked_more(500);
    let output = apply(&esdr).run().status(0);
    assert_eq!(output.result()["outcome"], "converged");
    let ledger = writer.stop();
    ledger.assert_all_on(&pair.url(B), "orders");
}

pub fn a_plan_stands_however_far_the_standby_has_fallen_behind(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = planned(pair, "orders");
    // What is behind is behind for good until the link is mended: lag, not drift.
    pair.cut_link(B);
    for id in 20..120 {
        pair.ok("PUT", A, &format!("/orders/_doc/{id}"), json!({"n": id}));
    }
    pair.mend_link(B);
    // A reader that failed tries again by itself; a plan needs a standby that reads.
    until_true(90, "the standby reads again", || plan_elsewhere(&esdr) == 0);
    let output = apply(&esdr).run().status(0);
    assert_eq!(output.result()["outcome"], "converged");
    assert_promoted(pair, "orders", 120);
}

fn plan_elsewhere(esdr: &Esdr) -> i32 {
    let args = ["plan", "failover", "--to", "clusterB", "--out", "other.plan"];
    esdr.args(args).json().run().code
}

pub fn a_blocked_plan_is_written_and_never_applied(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(&set("orders"));
    let before = Snapshot::of(pair, &esdr);
    let output = plan(&esdr).run().status(3);
    assert_eq!(output.result()["outcome"], "refused");
    assert_eq!(problems(&output, "nothing_replicated").len(), 1, "{}", output.stdout);
    drop(esdr.args(["plan", "show", FILE]).run().status(0));
    let output = apply(&esdr).run().status(3);
    assert_eq!(problems(&output, "nothing_replicated").len(), 1, "{}", output.stdout);
    before.assert_unchanged(pair, &esdr);

    // What was blocked stays blocked in this file, also once it would not be any more.
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let before = Snapshot::of(pair, &esdr);
    drop(apply(&esdr).run().status(3));
    before.assert_unchanged(pair, &esdr);
}

/// A plan of a cluster that has gone away meanwhile is refused for that reason, not for the
/// many differences that follow from it.
pub fn a_plan_is_refused_where_a_cluster_does_not_answer_any_more(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = planned(pair, "orders");
    for (site, code) in [(A, "leader_unreachable"), (B, "target_unreachable")] {
        pair.freeze(site);
        let output = apply(&esdr).run().status(3);
        pair.thaw(site);
        assert_eq!(problems(&output, code).len(), 1, "{}", output.stdout);
        assert_eq!(output.result()["problems"].as_array().unwrap().len(), 1, "{}", output.stdout);
    }
}

/// Once every index has its proof the leader is not needed any more: it may die, and the
/// same command still makes the standby writable.
pub fn a_switch_past_its_proof_needs_no_leader(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let whole = protected(pair, "whole");
    let failover = ["failover", "--to", "clusterB", "--yes"];
    drop(whole.args(failover).json().run().status(0));
    let lines = journal(&whole);
    let promote = lines.iter().position(|line| line["step"] == "promote");
    let promote = promote.expect("a promote in the journal");
    let esdr = protected(pair, "orders");
    let run = esdr.args(failover).json();
    drop(run.env("ESDR_DIE_AFTER_LINES", &(promote + 1).to_string()).run().status(137));
    pair.kill(A);
    // Done, and told until it is seen that the dead leader still refuses writes.
    let done = esdr.args(failover).json().run().status(6);
    assert_eq!(done.result()["problems"][0]["code"], "unfenced_leader");
    pair.restart(A);
    // A dead leader could not be asked to let its leases go.
    let again = esdr.args(failover).json().run().status(6);
    assert_eq!(again.result()["run"], Value::Null);
    assert_eq!(again.result()["problems"][0]["code"], "leases_left");
    assert_eq!(pair.count(B, "orders"), Some(20));
    assert_eq!(pair.post(B, "/orders/_doc", json!({"n": 1})).0, 201);
}
