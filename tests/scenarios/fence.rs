//! Write blocks by themselves: on a leader in normal times, on a former leader that takes
//! writes again, and on a cluster that is dead and comes back.

use serde_json::{Value, json};

use super::sets::{Turnstile, born_writable, leader, takes_writes, write};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

/// A set that is protected, with a document in every index.
fn protected(pair: &Pair, names: &[&str]) -> Esdr {
    for name in names {
        leader(pair, name, 1);
        write(pair, A, name, "first");
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    esdr
}

/// The same set with clusterB as its leader.
fn failed_over(pair: &Pair, names: &[&str]) -> Esdr {
    let esdr = protected(pair, names);
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    esdr
}

/// As an administrator does it: under esdr's fence the write block alone is not lifted.
fn set_block(pair: &Pair, site: Site, index: &str, blocked: impl Into<Value>) {
    let body = json!({"index.blocks.read_only": null, "index.blocks.write": blocked.into()});
    pair.ok("PUT", site, &format!("/{index}/_settings"), body);
}

fn is_blocked(pair: &Pair, site: Site, index: &str) -> bool {
    let settings = pair.ok("GET", site, &format!("/{index}/_settings?flat_settings=true"), ());
    settings[index]["settings"]["index.blocks.write"] == "true"
}

/// It ends with 0, and nothing is run.
#[track_caller]
fn has_nothing_to_do(run: Invocation<'_>) {
    let again = run.arg("--yes").json().run().status(0);
    assert_eq!(again.lines().len(), 1, "{}", again.stdout);
    assert_eq!(again.result()["outcome"], "converged");
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");
}

/// It is refused with 3 for one reason, and nothing is changed. Returns the hint.
#[track_caller]
fn is_refused(pair: &Pair, esdr: &Esdr, run: Invocation<'_>, code: &str) -> String {
    let before = Snapshot::of(pair, esdr);
    let refused = run.arg("--yes").json().run().status(3).result();
    before.assert_unchanged(pair, esdr);
    assert_eq!(refused["outcome"], "refused");
    let problems = refused["problems"].as_array().unwrap();
    assert!(problems.iter().all(|problem| problem["code"] == code), "{refused}");
    problems[0]["hint"].as_str().unwrap().to_owned()
}

fn status(esdr: &Esdr) -> Value {
    let status = esdr.args(["status"]).json().run();
    assert!([0, 5].contains(&status.code), "{}", status.stderr);
    status.result()
}

/// The problem of this code, where status tells one.
fn told(esdr: &Esdr, code: &str) -> Option<Value> {
    let status = status(esdr);
    let problems = status["problems"].as_array().unwrap();
    problems.iter().find(|problem| problem["code"] == code).cloned()
}

pub fn a_leader_is_fenced_and_let_go_and_keeps_a_block_that_was_found(pair: &mut Pair) {
    let esdr = protected(pair, &["orders-1", "orders-2", "orders-3"]);
    set_block(pair, A, "orders-3", true);

    drop(esdr.args(["fence", "clusterA", "--dry-run"]).json().run().status(5));
    let fenced = esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0);
    assert_eq!(fenced.result()["outcome"], "converged");
    for name in ["orders-1", "orders-2", "orders-3"] {
        assert!(!takes_writes(pair, A, name), "{name} refuses writes");
    }
    let standing = told(&esdr, "fence_standing").expect("its own blocks are told");
    let detail = standing["detail"].as_str().unwrap();
    assert!(detail.ends_with("orders-1, orders-2"), "{detail}");
    assert_eq!(standing["hint"], "esdr unfence clusterA --set orders");
    let status = esdr.args(["status"]).json().run().status(5).result();
    let nowhere = &status["problems"][0];
    assert_eq!(nowhere["code"], "writable_nowhere", "{status}");
    assert_eq!(nowhere["hint"], "esdr unfence clusterA --set orders");
    assert_eq!(status["sets"][0]["protected"], false);
    // What stands is no unfinished switch, and undo is not said to have nothing to do.
    let hint = is_refused(pair, &esdr, esdr.args(["undo"]), "refused");
    assert_eq!(hint, "esdr unfence clusterA --set orders");
    let found = told(&esdr, "leader_blocked").expect("the other's block is told");
    assert_eq!(found["subject"], "orders-3");
    has_nothing_to_do(esdr.args(["fence", "clusterA"]));

    // From another machine: the record is on the clusters.
    esdr.forget_state();
    drop(esdr.args(["unfence", "clusterA", "--yes"]).json().run().status(0));
    for name in ["orders-1", "orders-2"] {
        assert!(takes_writes(pair, A, name), "{name} takes writes again");
    }
    assert!(is_blocked(pair, A, "orders-3"), "a block that was found stays");
    assert_eq!(told(&esdr, "fence_standing"), None);
    has_nothing_to_do(esdr.args(["unfence", "clusterA"]));

    // What somebody else sets from now on is not esdr's.
    set_block(pair, A, "orders-1", true);
    has_nothing_to_do(esdr.args(["unfence", "clusterA"]));
    assert!(is_blocked(pair, A, "orders-1"));
    assert_eq!(pair.violations(), [""; 0]);
}

/// The dead standby has no say, and is not told of what happened without it.
pub fn a_leader_is_fenced_and_let_go_while_the_other_cluster_is_dead(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protected(pair, &["orders-1"]);
    // Nothing on the other cluster ever knew this one.
    leader(pair, "orders-new", 1);
    pair.kill(B);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    for name in ["orders-1", "orders-new"] {
        assert!(!takes_writes(pair, A, name), "{name} refuses writes");
    }
    has_nothing_to_do(esdr.args(["fence", "clusterA"]));
    drop(esdr.args(["unfence", "clusterA", "--yes"]).json().run().status(0));
    for name in ["orders-1", "orders-new"] {
        assert!(takes_writes(pair, A, name), "{name} takes writes again");
    }
    assert_eq!(pair.violations(), [""; 0]);
}

/// The block is in the way of nothing: the lead moves, and the new leader takes writes.
pub fn a_set_that_was_fenced_by_hand_is_failed_over(pair: &mut Pair) {
    let esdr = protected(pair, &["orders-1"]);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, B, "orders-1"));
    assert!(!takes_writes(pair, A, "orders-1"));
    is_refused(pair, &esdr, esdr.args(["unfence", "clusterA"]), "past_no_return");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn a_former_leader_is_not_let_go(pair: &mut Pair) {
    let esdr = failed_over(pair, &["orders-1", "orders-2"]);
    is_refused(pair, &esdr, esdr.args(["unfence", "clusterA"]), "past_no_return");
    if pair.can_harm() {
        // The record's word is enough where the new leader cannot be seen.
        pair.kill(B);
        let refused = esdr.args(["unfence", "clusterA", "--yes"]).json().run().status(3);
        assert_eq!(refused.result()["problems"][0]["code"], "past_no_return");
        assert!(!takes_writes(pair, A, "orders-1"));
    }
}

pub fn a_former_leader_that_takes_writes_again_is_told_first_and_fenced(pair: &mut Pair) {
    let esdr = failed_over(pair, &["orders-1", "orders-2"]);
    set_block(pair, A, "orders-1", Value::Null);
    let first = status(&esdr)["problems"][0].clone();
    assert_eq!(first["code"], "stray");
    assert_eq!(first["subject"], "orders-1");
    assert_eq!(first["hint"], "esdr fence clusterA --set orders");

    let fence = ["fence", "clusterA", "--set", "orders"];
    drop(esdr.args(fence).arg("--yes").json().run().status(0));
    assert!(!takes_writes(pair, A, "orders-1"));
    assert!(takes_writes(pair, B, "orders-1"), "the leader is as it was");
    assert_eq!(told(&esdr, "stray"), None);
    has_nothing_to_do(esdr.args(fence));
    is_refused(pair, &esdr, esdr.args(["unfence", "clusterA"]), "past_no_return");
}

pub fn an_index_born_late_on_a_former_leader_is_fenced_too(pair: &mut Pair) {
    let esdr = failed_over(pair, &["orders-1"]);
    born_writable(pair, "orders-late");
    write(pair, A, "orders-late", "first");
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    assert!(!takes_writes(pair, A, "orders-late"));
    // It is fenced and still late: its documents are nowhere else.
    assert_eq!(told(&esdr, "late_index").unwrap()["subject"], "orders-late");
    has_nothing_to_do(esdr.args(["fence", "clusterA"]));
}

pub fn a_run_that_is_not_finished_is_not_taken_back_behind_a_fence_set_since(pair: &mut Pair) {
    let esdr = protected(pair, &["orders-1"]).toml("hooks = { before_fence = [\"./stop.sh\"] }\n");
    let stop = Turnstile::at(&esdr, "stop");
    let running = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().spawn();
    stop.until_reached();
    drop(running.kill());
    stop.open();
    let unfinished = told(&esdr, "unfinished_run").expect("the run was killed on its way");
    assert!(unfinished["hint"].as_str().unwrap().starts_with("esdr undo "), "{unfinished}");
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    // The fence was set since, and is not the run's to lift.
    let hint = is_refused(pair, &esdr, esdr.args(["undo"]), "superseded");
    assert!(hint.starts_with("esdr unfence clusterA --set orders, then esdr undo "), "{hint}");
    assert!(!takes_writes(pair, A, "orders-1"));
    drop(esdr.args(["unfence", "clusterA", "--yes"]).json().run().status(0));
    drop(esdr.args(["undo", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, A, "orders-1"));
}

pub fn a_dead_cluster_is_waited_for_and_fenced_when_it_is_back(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = failed_over(pair, &["orders-1"]);
    set_block(pair, A, "orders-1", Value::Null);
    pair.kill(A);
    let refused = esdr.args(["fence", "clusterA", "--yes"]).json().run().status(3).result();
    assert_eq!(refused["problems"][0]["code"], "source_unreachable");
    let waiting = "esdr fence clusterA --when-it-answers --for 48h";
    assert_eq!(refused["problems"][0]["hint"], waiting);

    let mut waiting = esdr.args(WAIT).json().spawn();
    waiting.until_prints("\"waiting\"");
    pair.restart(A);
    assert_eq!(waiting.wait().status(0).result()["outcome"], "converged");
    until_true(5, "the fence is seen", || is_blocked(pair, A, "orders-1"));
    assert!(!takes_writes(pair, A, "orders-1"));
    has_nothing_to_do(esdr.args(["fence", "clusterA", "--when-it-answers"]));
}

const WAIT: [&str; 6] = ["fence", "clusterA", "--when-it-answers", "--for", "48h", "--yes"];

pub fn who_waits_for_a_dead_cluster_is_told_for_how_long_and_when_it_is_back(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = failed_over(pair, &["orders-1"]);
    set_block(pair, A, "orders-1", Value::Null);
    pair.kill(A);
    let mut waiting = esdr.args(WAIT).spawn();
    waiting.until_prints("Waiting for it, 2 d at most");
    pair.restart(A);
    let told = waiting.wait().status(0).stdout;
    assert!(told.contains("clusterA answers, after "), "{told}");
    until_true(5, "the fence is seen", || is_blocked(pair, A, "orders-1"));
    assert!(!takes_writes(pair, A, "orders-1"));
}

pub fn a_wait_ends_by_its_limit_or_by_the_operator_with_nothing_changed(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protected(pair, &["orders-1"]);
    pair.kill(A);
    let wait = |time| esdr.args(["unfence", "clusterA", "--when-it-answers", "--for", time]);
    let late = wait("2s").arg("--yes").json().run().status(3).result();
    assert_eq!(late["problems"][0]["code"], "not_back");
    let detail = late["problems"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("clusterA did not answer within 2s"), "{detail}");
    assert_eq!(
        late["problems"][0]["hint"], "esdr unfence clusterA --when-it-answers --for 2s",
        "the same command"
    );

    // Nobody would be there to be asked: said now.
    drop(wait("48h").run().status(3));

    let mut running = wait("48h").arg("--yes").json().spawn();
    running.until_prints("\"waiting\"");
    running.interrupt();
    let ended = running.wait().status(130).result();
    assert_eq!(ended["problems"][0]["code"], "interrupted");
    assert_eq!(ended["run"], Value::Null, "nothing was run");
}

pub fn a_cluster_that_the_file_does_not_define_is_no_cluster_to_fence(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(ORDERS);
    for command in ["fence", "unfence"] {
        let refused = esdr.args([command, "clusterC", "--yes"]).json().run().status(2).result();
        assert_eq!(refused["outcome"], "usage");
        let waits = esdr.args([command, "clusterC", "--when-it-answers", "--yes"]);
        drop(waits.run().status(2));
    }
}

/// Nobody but the operator lifts it, and nothing is green while nobody can write.
pub fn what_is_protected_and_writable_nowhere_is_not_called_done(pair: &mut Pair) {
    let esdr = protected(pair, &["orders-1", "orders-2"]);
    let typed = |words: &[&str]| {
        let line = words.iter().fold(esdr.args([]), |typed, word| typed.arg(word));
        line.arg("--yes").json()
    };
    let is_told = |words: &[&str], way: &str| {
        let result = typed(words).run().status(4).result();
        assert_eq!(result["outcome"], "stopped", "{result}");
        let told = &result["problems"][0];
        assert_eq!((&told["code"], &told["hint"]), (&json!("writable_nowhere"), &json!(way)));
        assert_eq!(result["run"], Value::Null, "nothing was run: {result}");
    };
    drop(typed(&["fence", "clusterA"]).run().status(0));
    is_told(&["replicate"], "esdr unfence clusterA --set orders");
    let human = esdr.args(["replicate", "--yes"]).run().status(4);
    let said = "Stopped part-way: 2 indices of orders are writable nowhere: esdr's own write block";
    assert!(human.stdout.starts_with(said), "{}", human.stdout);
    drop(typed(&["unfence", "clusterA"]).run().status(0));
    has_nothing_to_do(esdr.args(["replicate"]));

    drop(typed(&["failover", "--to", "clusterB"]).run().status(0));
    drop(typed(&["fence", "clusterB"]).run().status(0));
    // Where there is something to do, nothing is begun.
    is_refused(pair, &esdr, esdr.args(["reprotect"]), "leader_fenced");
    drop(typed(&["unfence", "clusterB"]).run().status(0));
    drop(typed(&["reprotect"]).run().status(0));
    drop(typed(&["fence", "clusterB"]).run().status(0));
    is_told(&["reprotect"], "esdr unfence clusterB --set orders");
    drop(typed(&["unfence", "clusterB"]).run().status(0));
    has_nothing_to_do(esdr.args(["reprotect"]));
    for index in ["orders-1", "orders-2"] {
        assert!(takes_writes(pair, B, index), "{index}");
        assert!(!takes_writes(pair, A, index), "{index}");
    }
}
