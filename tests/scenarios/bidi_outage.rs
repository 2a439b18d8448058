//! A site of a bi-directional alias dies, the other goes on, and it comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    bidi::{own, spanned, spare_shards},
    bidi_lifecycle::read_often,
    moments::{KILLED, Moment, shared_moments},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    http,
    ledger::{Ledger, Load, Writer},
    output::Output,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::{closely, seconds, until_true},
};

const LOGS: &str = r#"
[bidi.logs]
clusters = ["clusterA", "clusterB"]

[hooks]
before_fence = ["./hook.sh before"]
after_promote = ["./hook.sh after"]
"#;

const HISTORY: &str = "index.soft_deletes.retention_lease.period";

fn set_up_with(pair: &Pair, toml: &str) -> Esdr {
    spare_shards(pair);
    let esdr = Esdr::on(pair).toml(toml);
    let log = esdr.path("hooks.log");
    let line = "$1 $ESDR_COMMAND $ESDR_SET $ESDR_FROM $ESDR_TO";
    esdr.script("hook.sh", &format!("#!/bin/sh\necho \"{line}\" >> '{}'\n", log.display()));
    drop(esdr.args(["bidi", "setup", "logs", "--yes"]).json().run().status(0));
    esdr
}

fn set_up(pair: &Pair) -> Esdr {
    set_up_with(pair, LOGS)
}

fn hooks(esdr: &Esdr) -> Vec<String> {
    let text = std::fs::read_to_string(esdr.path("hooks.log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn failover(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["failover", "--to", "clusterB", "--set", "logs", "--yes"]).json()
}

fn failback(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["failback", "--set", "logs", "--yes"]).json().limit_s(300)
}

/// It ended as it should, by a run.
fn assert_ran(output: Output) -> Value {
    let result = output.status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    assert!(result["run"].is_string(), "{result}");
    result
}

/// Site A is gone: nothing waited for it, nothing was asked of it, and nothing was given up there.
fn assert_held_up_by_nobody(output: &Output) {
    for event in output.events() {
        let kind = event["type"].as_str().expect("a kind of event");
        assert!(!["failed", "stopped"].contains(&kind), "{event}");
        assert!(event["cluster"] != "clusterA" && !event.to_string().contains("unseen"), "{event}");
    }
}

/// There was nothing to do, and nothing was done.
fn assert_idle(pair: &Pair, esdr: &Esdr, again: fn(&Esdr) -> Invocation<'_>) {
    let before = Snapshot::of(pair, esdr);
    let output = again(esdr).run().status(0);
    let result = output.result();
    assert_eq!(result["outcome"], "converged", "{result}");
    assert_eq!(result["run"], Value::Null, "there is nothing to do: {}", output.stdout);
    before.assert_unchanged(pair, esdr);
}

fn write(pair: &Pair, site: Site, ids: std::ops::Range<usize>) {
    for id in ids {
        pair.ok("PUT", site, &format!("/logs/_doc/{}-{id}", own(site)), json!({"n": id}));
    }
}

fn codes(result: &Value) -> Vec<&str> {
    let problems = result["problems"].as_array().expect("a list").iter();
    problems.map(|problem| problem["code"].as_str().expect("a code")).collect()
}

fn until_both_count(pair: &Pair, documents: u64) {
    for site in Site::BOTH {
        until_true(90, &format!("{site} counts {documents}"), || {
            pair.count(site, "logs") == Some(documents)
        });
    }
}

/// Show 2: site A is killed while both write, B goes on, and A comes back.
pub fn a_bidi_site_that_dies_is_left_and_comes_back_with_nothing_lost(pair: &mut Pair) {
    let esdr = set_up(pair);
    if !pair.can_harm() {
        return;
    }
    read_often(pair, &own(A));
    // Lightly: each look at a site waits its turn behind what is written there.
    let rest = Duration::from_millis(80);
    let load = || Load { updates_of_ten: 2, rest, ..Load::default() };
    let [writer_a, writer_b] = Site::BOTH.map(|site| Writer::with(&pair.url(site), "logs", load()));
    writer_a.until_acked_more(100);
    writer_b.until_acked_more(100);
    pair.kill(A);
    writer_b.until_acked_more(100);

    let output = failover(&esdr).run();
    assert_held_up_by_nobody(&output);
    let result = assert_ran(output);
    assert_eq!(codes(&result), ["unread"], "{result}");
    assert_eq!(result["lost_ops"], json!({"known": 0, "at_most": 0}), "{result}");
    assert_eq!(hooks(&esdr), ["after bidi-failover logs clusterA clusterB"]);
    let again = failover(&esdr).run().status(0).result();
    assert_eq!((&again["outcome"], &again["run"]), (&json!("converged"), &Value::Null));
    writer_b.until_acked_more(100);

    pair.restart(A);
    assert_ran(failback(&esdr).run());
    assert_eq!(hooks(&esdr)[1..], ["after bidi-failback logs clusterB clusterA"]);

    let ledgers = [writer_a.stop(), writer_b.stop()];
    let documents: usize = ledgers.iter().map(Ledger::documents).sum();
    for (site, ledger) in Site::BOTH.into_iter().zip(&ledgers) {
        for reader in Site::BOTH {
            until_true(90, "what was acknowledged is on both sides", || {
                ledger.missing_on(&pair.url(reader), &own(site)).is_empty()
            });
        }
    }
    let counts = || Site::BOTH.map(|site| pair.count(site, "logs"));
    until_true(90, "both sites count the same", || {
        let [a, b] = counts();
        a == b && a >= Some(documents as u64)
    });
    assert_idle(pair, &esdr, failback);
    assert_idle(pair, &esdr, |esdr| esdr.args(["bidi", "setup", "logs", "--yes"]).json());
    assert_eq!(hooks(&esdr).len(), 2);
}

/// A site that answers nobody any more holds nothing up.
pub fn a_silent_bidi_site_is_left_in_no_time(pair: &mut Pair) {
    let esdr = set_up(pair);
    if !pair.can_harm() {
        return;
    }
    pair.freeze(A);
    let output = failover(&esdr).run();
    assert_held_up_by_nobody(&output);
    assert_ran(output);
    pair.thaw(A);
    assert_ran(failback(&esdr).run());
    assert_eq!(
        hooks(&esdr),
        [
            "after bidi-failover logs clusterA clusterB",
            "after bidi-failback logs clusterB clusterA"
        ]
    );
    assert_idle(pair, &esdr, failback);
}

/// Nobody is sent to a site that refuses them.
pub fn a_bidi_site_that_refuses_writes_is_not_gone_to(pair: &mut Pair) {
    let esdr = set_up(pair);
    let path = format!("/{}/_settings", own(B));
    pair.ok("PUT", B, &path, json!({"index.blocks.write": true}));
    let before = Snapshot::of(pair, &esdr);
    let result = failover(&esdr).run().status(3).result();
    assert_eq!(codes(&result), ["writes_refused"], "{result}");
    before.assert_unchanged(pair, &esdr);
    pair.ok("PUT", B, &path, json!({"index.blocks.write": null}));
    assert_ran(failover(&esdr).run());
}

/// A site that does not come back in its time is named, and nothing is changed.
pub fn a_bidi_site_that_is_still_away_is_waited_for_and_named(pair: &mut Pair) {
    let esdr = set_up(pair);
    if !pair.can_harm() {
        return;
    }
    pair.kill(A);
    let output = failback(&esdr).arg("--within").arg("3s").run().status(3);
    assert!(output.stdout.contains("\"type\":\"waiting\""), "{}", output.stdout);
    let result = output.result();
    assert!(result["problems"].to_string().contains("clusterA does not answer"), "{result}");
}

/// With `history` in the file both sites keep it as long: from the set-up on, or later.
pub fn bidi_history_is_kept_as_long_as_the_file_says(pair: &mut Pair) {
    let period = |pair: &Pair, site: Site| {
        let (_, answer) = pair.get(site, &format!("/{}/_settings?flat_settings=true", own(site)));
        answer[own(site)]["settings"][HISTORY].clone()
    };
    let esdr = set_up(pair);
    assert_eq!(Site::BOTH.map(|site| period(pair, site)), [Value::Null, Value::Null]);
    let text = std::fs::read_to_string(esdr.path("esdr.toml")).expect("the file");
    let clusters = "clusters = [\"clusterA\", \"clusterB\"]\n";
    esdr.write("esdr.toml", &text.replace(clusters, &format!("{clusters}history = \"72h\"\n")));
    assert_ran(failover(&esdr).run());
    assert_eq!(Site::BOTH.map(|site| period(pair, site)), [Value::Null, json!("72h")]);
    let again = esdr.args(["bidi", "setup", "logs", "--yes"]).json();
    assert_ran(again.run());
    assert_eq!(Site::BOTH.map(|site| period(pair, site)), [json!("72h"), json!("72h")]);
    assert_idle(pair, &esdr, |esdr| esdr.args(["bidi", "setup", "logs", "--yes"]).json());
}

/// Site A is away for longer than B keeps history for it, while B writes.
fn outlast_the_history(pair: &mut Pair) {
    lose_the_history(pair, |_| ());
}

/// The same where the half minute after which a real server lets go of the lease is not what is
/// looked at: B is told to forget its reader.
fn be_forgotten(pair: &mut Pair) {
    let index = own(B);
    let settings = pair.ok("GET", A, &format!("/{index}/_settings?flat_settings=true"), ());
    let reader = json!({
        "follower_cluster": "clusterA",
        "follower_index": index,
        "follower_index_uuid": settings[&index]["settings"]["index.uuid"],
        "leader_remote_cluster": "clusterB",
    });
    lose_the_history(pair, |pair| {
        let answer = pair.ok("POST", B, &format!("/{index}/_ccr/forget_follower"), reader);
        assert_eq!(answer["_shards"]["failed"], 0, "{answer}");
    });
}

fn lose_the_history(pair: &mut Pair, let_go: impl FnOnce(&Pair)) {
    write(pair, A, 0..20);
    write(pair, B, 0..20);
    until_both_count(pair, 40);
    pair.kill(A);
    let index = own(B);
    pair.ok("PUT", B, &format!("/{index}/_settings"), json!({ HISTORY: "1s" }));
    let_go(pair);
    until_true(120, "its lease has run out", || {
        let (_, stats) = pair.get(B, &format!("/{index}/_stats?level=shards"));
        !stats.to_string().contains("-following-")
    });
    // What is overwritten is gone with the merge, and so is the history.
    for _ in 0..3 {
        write(pair, B, 0..30);
    }
    pair.ok("POST", B, &format!("/{index}/_flush"), ());
    if pair.is_real() {
        pair.ok("POST", B, &format!("/{index}/_forcemerge?max_num_segments=1"), ());
        pair.ok("POST", B, &format!("/{index}/_flush?force=true"), ());
    }
    pair.ok("PUT", B, &format!("/{index}/_settings"), json!({ HISTORY: null }));
    pair.restart(A);
}

/// Show 5: what a stopped copy lacks is gone, and it is made anew. Readers never count twice.
pub fn a_bidi_copy_whose_history_is_gone_is_made_anew(pair: &mut Pair) {
    let esdr = set_up(pair);
    if !pair.can_harm() {
        return;
    }
    outlast_the_history(pair);
    until_true(60, "it counts again", || pair.count(A, "logs").is_some());
    let over = Arc::new(AtomicBool::new(false));
    let (url, is_over) = (pair.url(A), Arc::clone(&over));
    let reader = thread::spawn(move || {
        let mut counts = Vec::new();
        closely(seconds(300), "the run is over", || {
            let (status, body) = http::get(&url, "/logs/_count");
            counts.extend((status == 200).then(|| body["count"].as_u64()).flatten());
            is_over.load(Ordering::SeqCst).then_some(())
        });
        counts
    });
    let result = assert_ran(failback(&esdr).run());
    over.store(true, Ordering::SeqCst);
    let counts = reader.join().expect("counts");
    // Beside the fifty there is for a moment the document of the proof.
    assert!(counts.iter().all(|count| *count <= 51), "counted twice: {counts:?}");
    // Without the aliases copied by the server readers keep what they had until there is more.
    let is_beside = pair.is_6_8();
    if is_beside {
        assert!(counts.iter().all(|count| *count >= 40), "missed: {counts:?}");
    }
    let missed = &result["readers_missed"][0];
    assert_eq!((&missed["cluster"], &missed["index"]), (&json!("clusterA"), &json!(own(B))));
    assert!(missed["ops"].as_u64() > Some(0), "{result}");
    assert_eq!(missed["nothing_readable_ms"].is_null(), is_beside, "{result}");
    assert_joined(pair, "after the run");
    assert_idle(pair, &esdr, failback);
    assert_idle(pair, &esdr, |esdr| esdr.args(["bidi", "setup", "logs", "--yes"]).json());
}

/// One copy a side bears the alias, and both sides count the same.
fn assert_joined(pair: &Pair, because: &str) {
    until_both_count(pair, 50);
    for site in Site::BOTH {
        let borne = spanned(pair, site);
        let writes: Vec<&String> =
            borne.iter().filter(|(_, flag)| *flag == json!(true)).map(|(name, _)| name).collect();
        assert_eq!(writes, [&own(site)], "{because}");
        assert_eq!(borne.len(), 2, "{because}: {borne:?}");
    }
    let (_, info) = pair.get(A, "/_all/_ccr/info");
    let followers = info["follower_indices"].as_array().expect("a list");
    assert_eq!(followers.len(), 1, "{because}: {info}");
    assert_eq!(pair.violations(), [""; 0], "{because}");
}

/// The way back, killed after any line of its journal, is ended by the same command. On real servers
/// the lease of the history is given up by hand; that it runs out, for which they take half a
/// minute, is held there by the scenario above, and here on the simulated pair.
pub fn a_bidi_way_back_killed_after_every_event_is_ended_by_the_same_command(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let moments = shared_moments(pair, 6, &[Moment::In("join")]);
    for (nth, moment) in moments.into_iter().enumerate() {
        pair.reset();
        let esdr = set_up(pair);
        if pair.is_real() {
            be_forgotten(pair);
        } else {
            outlast_the_history(pair);
        }
        assert_ran(failover(&esdr).run());
        let output = moment.kill(failback(&esdr));
        let is_ended = output.code != KILLED;
        if is_ended {
            drop(output.status(0));
        }
        if nth % 2 == 1 {
            esdr.forget_state();
        }
        drop(failback(&esdr).run().status(0));
        let because = format!("killed {moment}");
        assert_joined(pair, &because);
        let last = hooks(&esdr).pop();
        assert_eq!(
            last.as_deref(),
            Some("after bidi-failback logs clusterB clusterA"),
            "{because}"
        );
        assert_idle(pair, &esdr, failback);
        if is_ended {
            return;
        }
    }
}

/// Leaving a site, killed after any line of its journal, is ended by the same command.
pub fn a_bidi_site_is_left_by_the_command_that_was_killed_after_every_event(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    for moment in shared_moments(pair, 4, &[]) {
        pair.reset();
        let esdr = set_up(pair);
        pair.kill(A);
        let is_ended = moment.kill(failover(&esdr)).code != KILLED;
        drop(failover(&esdr).run().status(0));
        let because = format!("killed {moment}");
        assert!(!hooks(&esdr).is_empty(), "{because}");
        assert_eq!(pair.count(B, "logs"), Some(0), "no document of esdr's is left, {because}");
        pair.restart(A);
        assert_ran(failback(&esdr).run());
        assert_idle(pair, &esdr, failback);
        if is_ended {
            return;
        }
    }
}
