//! Indices born behind the fence: a fence covers what was there, and writers move on.

use serde_json::json;

use super::harness;
use super::sets::{
    Turnstile, assert_nothing_left, born_writable, follows, journalled, leader, leader_with,
    running_patterns, takes_writes, write,
};
use crate::support::{
    esdr::Esdr,
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

const LOGS: &str = r#"
[sets.logs]
home = "clusterA"
standby = "clusterB"
indices = ["logs-*"]
auto_follow = true
hooks = { before_fence = ["./before.sh"], after_promote = ["./after.sh"] }
"#;

/// The run waits in its drain, for the link froze right before the fence; nothing of this
/// set is promoted before the link is mended.
fn hold_in_drain(pair: &mut Pair, esdr: &Esdr, before: &Turnstile, writer: &Writer) {
    before.until_reached();
    pair.freeze_link(B);
    writer.until_acked_more(500);
    before.open();
    until_true(60, "the drain waits", || {
        journalled(esdr).iter().any(|event| event["kind"] == "waiting")
    });
}

fn protect(pair: &Pair) -> (Esdr, Turnstile, Turnstile) {
    leader_with(pair, "logs-000001", 2, json!({"logs": {"is_write_index": true}}));
    write(pair, A, "logs-000001", "first");
    let esdr = Esdr::on(pair).toml(LOGS);
    let stops = (Turnstile::at(&esdr, "before"), Turnstile::at(&esdr, "after"));
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    (esdr, stops.0, stops.1)
}

/// As lifecycle management does at night: it is refused.
fn roll_over(pair: &Pair) {
    let settings = json!({
        "index.number_of_shards": 1,
        "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true
    });
    let body = json!({"conditions": {"max_docs": 1}, "settings": settings});
    pair.post(A, "/logs/_refresh", ());
    let (status, answer) = pair.post(A, "/logs/_rollover", body);
    assert_eq!(status, 403, "{answer}");
}

/// Born before the first unfollow: followed, fenced, drained, promoted as the others, and
/// what was acknowledged in it is not lost.
pub fn an_index_made_by_hand_behind_the_fence_is_taken_along(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let (esdr, before, after) = protect(pair);
    after.open();
    let load = Load { updates_of_ten: 0, ..Load::default() };
    let writer = Writer::with(&pair.url(A), "logs", load);
    writer.until_acked_more(100);
    let running = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().spawn();
    hold_in_drain(pair, &esdr, &before, &writer);
    roll_over(pair);
    for name in ["logs-000002", "logs-extra"] {
        born_writable(pair, name);
        write(pair, A, name, "first");
    }
    pair.mend_link(B);
    drop(running.wait().status(0));

    let ledger = writer.stop();
    let lost = ledger.missing_on(&pair.url(B), "logs-000001");
    assert_eq!(lost, [""; 0], "every acknowledged write is on clusterB");
    for name in ["logs-000002", "logs-extra"] {
        assert_eq!(pair.get(B, &format!("/{name}/_doc/first")).0, 200, "{name}");
    }
    for name in ["logs-000001", "logs-000002", "logs-extra"] {
        assert!(!takes_writes(pair, A, name), "{name} is fenced");
        assert!(takes_writes(pair, B, name), "{name} leads");
    }
    pair.ok("PUT", B, "/logs/_doc/next", json!({"n": 1}));
    assert_eq!(pair.get(B, "/logs-000001/_doc/next").0, 200, "the write flag is where it was");
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

/// A set that is whatever is followed knows a newcomer by the pattern that was running; what
/// that pattern never brought in stays as it is.
pub fn a_newcomer_of_the_set_of_everything_found_is_taken_along(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    for name in ["logs-older", "logs-1"] {
        leader(pair, name, 1);
    }
    pair.connect(B);
    pair.connect(A);
    harness::follow(pair, B, "logs-1");
    let body = json!({
        "remote_cluster": "clusterA",
        "leader_index_patterns": ["logs-*"],
        "follow_index_pattern": "{{leader_index}}"
    });
    pair.ok("PUT", B, "/_ccr/auto_follow/by-hand", body);
    let hooks = "[hooks]\nbefore_fence = [\"./before.sh\"]\n";
    let esdr = Esdr::on(pair).toml(hooks);
    pattern_off_before_the_drain(&esdr);
    let before = Turnstile::at(&esdr, "before");
    let writer = Writer::start(&pair.url(A), "logs-1");
    let running = esdr.args(["run", "own.toml", "--to", "clusterB", "--yes"]).json().spawn();
    hold_in_drain(pair, &esdr, &before, &writer);
    born_writable(pair, "logs-2");
    write(pair, A, "logs-2", "first");
    pair.mend_link(B);
    drop(running.wait().status(0));
    writer.stop().assert_all_on(&pair.url(B), "logs-1");
    assert_eq!(pair.get(B, "/logs-2/_doc/first").0, 200);
    for name in ["logs-1", "logs-2"] {
        assert!(!takes_writes(pair, A, name), "{name} is fenced");
        assert!(takes_writes(pair, B, name), "{name} leads");
    }
    assert!(takes_writes(pair, A, "logs-older"), "it was never of the set");
    assert_eq!(running_patterns(pair, B), [""; 0]);
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

/// Born later it cannot be taken along any more: that is told on every run until somebody
/// has seen to it.
pub fn an_index_made_by_hand_after_the_promote_is_told_until_it_is_gone(pair: &mut Pair) {
    let (esdr, before, after) = protect(pair);
    before.open();
    let failover = ["failover", "--to", "clusterB", "--yes"];
    let running = esdr.args(failover).json().spawn();
    after.until_reached();
    roll_over(pair);
    born_writable(pair, "logs-000002");
    after.open();
    let again = || esdr.args(failover).json().run();
    for output in [running.wait(), again(), again()] {
        let result = output.status(6).result();
        assert_eq!(result["outcome"], "incomplete", "{result}");
        assert_eq!(result["problems"][0]["code"], "late_index", "{result}");
        assert_eq!(result["problems"][0]["subject"], "logs-000002", "{result}");
    }
    assert!(takes_writes(pair, B, "logs-000001"), "the switch stands");
    pair.ok("DELETE", A, "/logs-000002", ());
    assert_nothing_left(&esdr, "clusterB");
}

/// An operator's own order of the steps, in which the pattern is off for longer.
fn pattern_off_before_the_drain(esdr: &Esdr) {
    const PATTERN: &str =
        "[[step]]\ndo = \"pattern\"\non = \"target\"\nstate = \"off\"\nwithin = \"30s\"\n";
    const DRAIN: &str = "[[step]]\ndo = \"drain\"\n";
    let failover = include_str!("../../playbooks/failover.toml");
    let own = failover.replace(PATTERN, "");
    let own = own.replace(DRAIN, &format!("{PATTERN}\n{DRAIN}"));
    assert!(own.find(PATTERN) < own.find(DRAIN), "{own}");
    esdr.write("own.toml", &own);
}

/// A drain given up with newcomers on the way: they are let go as well, and what was born
/// while the pattern was off is followed.
pub fn undo_lets_newcomers_go_and_follows_the_gap(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let (esdr, before, _after) = protect(pair);
    pattern_off_before_the_drain(&esdr);
    let writer = Writer::start(&pair.url(A), "logs-000001");
    let running = esdr.args(["run", "own.toml", "--to", "clusterB", "--yes"]).json().spawn();
    hold_in_drain(pair, &esdr, &before, &writer);
    assert_eq!(running_patterns(pair, B), [""; 0], "the pattern is off");
    born_writable(pair, "logs-born");
    drop(running.kill());
    pair.mend_link(B);
    drop(esdr.args(["undo", "--yes"]).json().run().status(0));
    for name in ["logs-000001", "logs-born"] {
        assert!(takes_writes(pair, A, name), "{name}");
        assert!(follows(pair, B, name), "{name}");
    }
    writer.until_acked_more(100);
    assert_eq!(running_patterns(pair, B), ["logs"]);
    assert_eq!(pair.violations(), [""; 0]);
}
