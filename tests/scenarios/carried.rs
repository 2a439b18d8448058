//! `esdr undo --max-carry`: back after a finished failover, without a copy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    choices::documents,
    diverged::salvaged,
    emergency::{are_fenced, assert_refused, assert_tells, codes, forced, planned},
    failback::{MOVED, moving_the_writer},
    moments::{KILLED, Moment, moments},
    sets::{
        INDICES, aliases, follows, is_regular, leader, protect, running_patterns, takes_writes,
        write,
    },
};
use crate::support::{
    esdr::{Esdr, Invocation},
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

fn back<'e>(esdr: &'e Esdr, most: &str) -> Invocation<'e> {
    esdr.args(["undo", "--max-carry", most, "--yes"]).json().limit_s(300)
}

/// B leads by a planned failover.
fn away(pair: &Pair) -> Esdr {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    esdr
}

/// What B takes: new documents, one changed twice, one deleted, one deleted and made again, one
/// whose clients number its versions, a field that was never there. Returns the number of operations.
fn write_on_b(pair: &Pair, index: &str) -> u64 {
    for number in 0..5 {
        let body = json!({"while_away": number, "born": {"on": "B"}});
        pair.ok("PUT", B, &format!("/{index}/_doc/away-{number}"), body);
    }
    for round in ["once", "twice"] {
        pair.ok("PUT", B, &format!("/{index}/_doc/1"), json!({"changed": round}));
    }
    pair.ok("DELETE", B, &format!("/{index}/_doc/2"), ());
    pair.ok("DELETE", B, &format!("/{index}/_doc/3"), ());
    pair.ok("PUT", B, &format!("/{index}/_doc/3"), json!({"again": true}));
    let own = format!("/{index}/_doc/numbered?version=1700000000&version_type=external");
    pair.ok("PUT", B, &own, json!({"its": "clients' own version"}));
    11
}

type Contents = BTreeMap<&'static str, BTreeMap<String, (i64, Value)>>;

fn contents(pair: &Pair, site: crate::support::pair::Site) -> Contents {
    INDICES.iter().map(|(index, _)| (*index, documents(pair, site, index))).collect()
}

/// A leads with what B had, and B refuses writes.
#[track_caller]
fn assert_back(pair: &Pair, wanted: &Contents, because: &str) {
    assert_eq!(&contents(pair, A), wanted, "{because}");
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index}, {because}");
        assert!(is_regular(pair, B, index) && !takes_writes(pair, B, index), "{index}, {because}");
    }
    assert_eq!(pair.violations(), [""; 0], "{because}");
}

pub fn what_was_written_since_is_carried_back_without_a_copy(pair: &mut Pair) {
    let esdr = away(pair);
    let ops = write_on_b(pair, "orders-2") + write_on_b(pair, "orders-3");
    let (wanted, borne) = (contents(pair, B), aliases(pair, B, "orders-*"));
    let result = back(&esdr, &ops.to_string()).run().status(0).result();
    assert_eq!(result["outcome"], "converged", "{result}");
    assert_eq!(result["lost_ops"], json!({"known": 0, "at_most": 0}), "{result}");
    assert_eq!(result["next"][1]["command"], "esdr reprotect", "{result}");
    let verified = esdr.args(["verify", "--full"]).json().run();
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    assert_back(pair, &wanted, "carried");
    assert_eq!(aliases(pair, A, "orders-*"), borne);

    let again = back(&esdr, "0").run().status(0);
    assert_eq!(again.lines().len(), 1, "{}", again.stdout);
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");

    drop(esdr.args(["reprotect", "--yes"]).json().run().status(0));
    for (index, _) in INDICES {
        assert!(follows(pair, B, index), "{index} is protected again");
    }
    assert_eq!(running_patterns(pair, B), ["orders"]);
    drop(planned(&esdr).run().status(0));
    assert!(takes_writes(pair, B, "orders-2"), "and can be failed over again");
    assert_eq!(pair.violations(), [""; 0]);
}

/// It is moved by the hooks, and goes on all the time.
pub fn a_writer_is_carried_back_with_nothing_lost(pair: &mut Pair) {
    leader(pair, "orders-1", 3);
    leader(pair, "orders-2", 1);
    let esdr = Esdr::on(pair).toml(MOVED);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let load = Load { updates_of_ten: 3, deletes_of_ten: 2, ..Load::default() };
    let writer = Writer::with(&pair.url(A), "orders-1", load);
    writer.until_acked_more(200);
    moving_the_writer(&esdr, &writer, &pair.url(B), ["failover", "--to", "clusterB", "--yes"]);
    writer.until_acked_more(200);
    moving_the_writer(&esdr, &writer, &pair.url(A), ["undo", "--max-carry", "1000000", "--yes"]);
    writer.until_acked_more(200);
    let ledger = writer.stop();
    ledger.assert_all_on(&pair.url(A), "orders-1");
    assert!(!takes_writes(pair, B, "orders-1"));
    assert_eq!(pair.violations(), [""; 0]);
}

/// What it gets through while A is open stays, and what B had of the same documents is in files.
pub fn a_client_that_writes_to_the_former_leader_meanwhile_loses_nothing(pair: &mut Pair) {
    let esdr = away(pair);
    let on_b = Writer::start(&pair.url(B), "orders-2");
    on_b.until_acked_more(300);
    let on_b = on_b.stop();
    let stray = Writer::start(&pair.url(A), "orders-2");
    until_true(30, "it is refused", || stray.refused() > 0);
    let output = back(&esdr, "1000000").run();
    stray.until_acked_more(50);
    // Both use the same ids: whether a document of both was kept is a matter of moments.
    let result = output.result();
    let is_kept = codes(&result) == ["carry_conflicts"];
    assert_eq!(output.code, if is_kept { 6 } else { 0 }, "{}", output.stdout);
    stray.stop().assert_all_on(&pair.url(A), "orders-2");
    let missing = on_b.missing_but(&pair.url(A), "orders-2", &salvaged(&esdr, "orders-2"));
    assert_eq!(missing, [""; 0], "acknowledged by B, and neither on A nor in a file");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn more_than_were_allowed_are_not_carried(pair: &mut Pair) {
    let esdr = away(pair);
    let ops = write_on_b(pair, "orders-2");
    let wanted = contents(pair, B);
    let result = back(&esdr, &(ops - 1).to_string()).run().status(3).result();
    assert_refused(&result, "too_many_to_carry");
    let detail = result["problems"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("{ops} operations on clusterB")), "{detail}");
    assert!(are_fenced(pair), "A is as it was");
    assert!(takes_writes(pair, B, "orders-1"), "and so is B");
    pair.ok("DELETE", B, "/orders-1/_doc/probe", ());
    assert_eq!(contents(pair, B), wanted);
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn without_max_carry_a_finished_failover_says_how_to_go_back(pair: &mut Pair) {
    let esdr = away(pair);
    let ops = write_on_b(pair, "orders-2");
    let run = planned_run(&esdr);
    let result = esdr.args(["undo", &run, "--yes"]).json().run().status(3).result();
    let problem = &result["problems"][0];
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.ends_with(&format!("clusterB leads, and has taken {ops} operations since")),
        "{detail}"
    );
    let command = format!("esdr undo {run} --max-carry {ops}");
    let hint = format!("{command}, back without a copy");
    assert_eq!(problem["hint"], json!(hint));
    assert_eq!(result["next"][0]["command"], json!(command), "as it is typed");
    // Without its name too: what was switched last is finished, and stands.
    let unnamed = esdr.args(["undo", "--yes"]).json().run().status(3).result();
    assert_eq!(unnamed["problems"], result["problems"]);
    let most = ops.to_string();
    drop(esdr.args(["undo", &run, "--max-carry", &most, "--yes"]).json().run().status(0));
    let again = esdr.args(["undo", &run, "--max-carry", &most, "--yes"]).json().run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "nothing was run");
    let result = esdr.args(["undo", &run, "--yes"]).json().run().status(3).result();
    let detail = result["problems"][0]["detail"].as_str().unwrap();
    assert!(detail.ends_with(&format!("has moved orders since run {run}")), "{detail}");
    assert!(takes_writes(pair, A, "orders-2"));
    assert_eq!(pair.violations(), [""; 0]);
}

/// The run that the record names as the newest.
fn planned_run(esdr: &Esdr) -> String {
    let records = std::fs::read_dir(esdr.path("state/records")).unwrap();
    let texts = records.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let entries = texts.map(|text| serde_json::from_str::<Value>(&text).unwrap());
    let done = entries.filter(|entry| entry["state"] == "done");
    let newest = done.max_by_key(|entry| entry["at_ms"].as_i64()).expect("a finished switch");
    newest["run"].as_str().unwrap().to_owned()
}

pub fn what_cannot_be_carried_is_refused_with_nothing_changed(pair: &mut Pair) {
    let refused = |pair: &Pair, esdr: &Esdr, why: &str| {
        let result = back(esdr, "1000").run().status(3).result();
        assert_eq!(result["outcome"], "refused", "{why}: {result}");
        assert_eq!(result["run"], Value::Null, "{why}: {result}");
        let problems = result["problems"].to_string();
        assert!(problems.contains(why), "{why}: {problems}");
        assert!(takes_writes(pair, B, "orders-3"), "{why}: B leads on");
    };
    let esdr = away(pair);
    pair.ok(
        "PUT",
        A,
        "/orders-1/_settings",
        json!({"index.blocks.read_only": null, "index.blocks.write": null}),
    );
    pair.expect_two_writable();
    refused(pair, &esdr, "takes writes");
    write(pair, A, "orders-1", "stray");
    pair.ok("PUT", A, "/orders-1/_settings", json!({"index.blocks.write": true}));
    refused(pair, &esdr, "1 operations of its own");

    pair.reset();
    let esdr = away(pair);
    pair.ok("DELETE", B, "/orders-1", ());
    refused(pair, &esdr, "orders-1");

    pair.reset();
    let esdr = away(pair);
    pair.ok("DELETE", B, "/orders-1", ());
    pair.ok("PUT", B, "/orders-1/_doc/1", json!({"another": "index"}));
    refused(pair, &esdr, "not the index that was promoted");

    pair.reset();
    let esdr = away(pair);
    pair.ok("PUT", B, "/orders-4/_doc/1", json!({"born": "on B"}));
    refused(pair, &esdr, "orders-4");

    pair.reset();
    let esdr = away(pair);
    drop(esdr.args(["reprotect", "--yes"]).json().run().status(0));
    refused(pair, &esdr, "follows clusterB already");
    assert!(follows(pair, A, "orders-1"));
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn a_failover_without_the_leader_is_not_taken_back_by_carrying(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.expect_two_writable();
    let result = back(&esdr, "1000").run().status(3).result();
    assert!(!codes(&result).is_empty(), "while it is silent: {result}");
    pair.thaw(A);
    let result = back(&esdr, "1000").run().status(3).result();
    assert_tells(&result, "cannot_carry");
    assert!(takes_writes(pair, B, "orders-1"));
}

/// A is fenced again, and B leads on with everything.
pub fn what_is_half_carried_is_given_up_by_undo(pair: &mut Pair) {
    let begun = |pair: &mut Pair, moment: Moment| {
        pair.reset();
        let esdr = away(pair);
        write_on_b(pair, "orders-2");
        let run = moment.kill(back(&esdr, "100"));
        (esdr, run.code == KILLED)
    };
    for moment in moments(pair, 4, &[]) {
        let (esdr, is_killed) = begun(pair, moment);
        if !is_killed {
            return;
        }
        let because = format!("killed {moment}");
        let wanted = contents(pair, B);
        let undone = esdr.args(["undo", "--yes"]).json().run();
        if undone.code == 3 {
            // The record says already that A leads: only on.
            drop(back(&esdr, "100").run().status(0));
            assert_back(pair, &wanted, &because);
            continue;
        }
        drop(undone.status(0));
        if is_back_on_a(pair) {
            assert_back(pair, &wanted, &because);
            continue;
        }
        assert!(are_fenced(pair), "A, {because}");
        assert_eq!(contents(pair, B), wanted, "{because}");
        assert!(takes_writes(pair, B, "orders-2"), "B leads on, {because}");
        assert_eq!(pair.violations(), [""; 0], "{because}");
    }
}

fn is_back_on_a(pair: &Pair) -> bool {
    !are_fenced(pair)
}

fn killed_and_again(pair: &mut Pair, moments: Vec<Moment>, forgets: bool) {
    for moment in moments {
        pair.reset();
        let esdr = away(pair);
        write_on_b(pair, "orders-2");
        let wanted = contents(pair, B);
        let is_ended = moment.kill(back(&esdr, "100")).code != KILLED;
        if forgets {
            esdr.forget_state();
        }
        drop(back(&esdr, "100").run().status(0));
        assert_back(pair, &wanted, &format!("killed {moment}"));
        if is_ended {
            return;
        }
    }
}

pub fn killed_after_every_event_of_the_carrying_the_same_command_ends_it(pair: &mut Pair) {
    // B refuses writes; what it has taken since is half on A.
    let moments = moments(pair, 1, &[Moment::Before("carry", "carry")]);
    killed_and_again(pair, moments, false);
}

/// As a CI runner that is new each time: only the clusters remember.
pub fn killed_after_every_event_of_the_carrying_another_machine_ends_it(pair: &mut Pair) {
    let moments = moments(pair, 8, &[]);
    killed_and_again(pair, moments, true);
}
