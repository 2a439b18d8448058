//! What is kept of a diverged index on the former leader's cluster, beside its salvage file: a
//! safety copy, where the server clones indices (from 7.4 on), or a snapshot where asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    choices::{diverged, documents},
    diverged::salvaged,
    emergency::codes,
    moments::{KILLED, LINES_MAX, shared_moments},
    sets::{INDICES, follows, takes_writes},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{A, B},
    },
    reset::REPOSITORY,
    snapshot::Snapshot,
    until::until_true,
};

const DIVERGED: &str = "orders-2";

/// What a snapshot is looked into by: the test's own, and nothing that is lost when it goes.
const RESTORED: &str = "esdr-tests-restored";

pub fn failback<'e>(esdr: &'e Esdr, more: &[&str]) -> Invocation<'e> {
    let command = esdr.args(["failback", "--yes"]).json().limit_s(300);
    more.iter().fold(command, |command, arg| command.arg(arg))
}

/// The names of the safety copies on A.
pub fn copies(pair: &Pair) -> Vec<String> {
    let rows = pair.ok("GET", A, "/_cat/indices/esdr-safety-*?format=json&h=index", ());
    let names = rows.as_array().expect("a list").iter();
    names.map(|row| row["index"].as_str().expect("a name").to_owned()).collect()
}

#[track_caller]
pub fn assert_home(pair: &Pair, because: &str) {
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index}, {because}");
        assert!(follows(pair, B, index), "{index}, {because}");
    }
    assert_eq!(pair.violations(), [""; 0], "{because}");
}

/// Nothing is left to do: nothing is run.
#[track_caller]
fn assert_nothing_left(invocation: Invocation<'_>) {
    let again = invocation.run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "{}", again.stdout);
}

pub fn of_a_diverged_index_a_safety_copy_stays_until_it_is_dropped(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = diverged(pair);
    let before = documents(pair, A, DIVERGED);
    let result = failback(&esdr, &[]).run().status(0).result();
    assert_home(pair, "a safety copy or none");
    assert_eq!(salvaged(&esdr, DIVERGED).len(), 22);
    if pair.is_6_8() {
        assert_eq!(copies(pair), [""; 0]);
        assert_eq!(codes(&result), ["no_safety_copy"], "told once: {result}");
        let said = "no safety copy is made on clusterA: 6.8.23 cannot clone an index. The salvage \
                    file is all that stays";
        assert_eq!(result["problems"][0]["detail"], said);
        assert_eq!(result["problems"][0]["level"], "warning");
        return;
    }
    assert_eq!(result["problems"], json!([]));
    let run = result["run"].as_str().expect("a run");
    let name = format!("esdr-safety-{run}-{DIVERGED}");
    assert_eq!(copies(pair), [name.as_str()]);
    assert_eq!(documents(pair, A, &name), before, "as A had it, versions included");
    assert!(!takes_writes(pair, A, &name), "it is there to be looked at");
    let settings = pair.ok("GET", A, &format!("/{name}/_settings?flat_settings=true"), ());
    assert_eq!(settings[&name]["settings"]["index.number_of_replicas"], "0");

    // Somebody's, by the look of it esdr's.
    let foreign = "esdr-safety-0101-0000-orders-2";
    pair.ok("PUT", A, &format!("/{foreign}"), json!({}));
    let status = esdr.args(["status"]).json().run().status(0).result();
    let told: Vec<&Value> = status["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|problem| problem["code"] == "safety_copy")
        .collect();
    assert_eq!(told.len(), 2, "{status}");
    assert_eq!(told[0]["hint"], "esdr reprotect --set orders --drop-safety-copies");
    assert!(told[0]["detail"].to_string().contains(&name), "{status}");
    assert!(told[1]["hint"].to_string().contains(&format!("DELETE /{foreign}")), "{status}");

    assert_nothing_left(failback(&esdr, &[]));
    let drop_copies = || esdr.args(["reprotect", "--drop-safety-copies"]);
    let plan = drop_copies().arg("--dry-run").run().status(5);
    assert!(plan.stdout.contains(&format!("DELETE /{name}")), "{}", plan.stdout);
    assert!(!plan.stdout.contains(foreign), "{}", plan.stdout);
    drop(drop_copies().run().status(3));
    assert_eq!(copies(pair).len(), 2, "nobody said yes");
    let dropped = drop_copies().arg("--yes").json().run().status(0);
    assert_eq!(dropped.result()["outcome"], "converged", "{}", dropped.stdout);
    assert_eq!(copies(pair), [foreign], "of what esdr did not make nothing is deleted");
    assert_nothing_left(drop_copies().arg("--yes").json());
    assert_home(pair, "dropped");
}

/// It is there for as long as something can go wrong.
pub fn a_safety_copy_goes_in_the_end_of_its_own_run_where_that_is_asked(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = diverged(pair);
    let output = failback(&esdr, &["--drop-safety-copies"]).run().status(0);
    assert_home(pair, "and no copy");
    let made = output.events().iter().any(|event| event["detail"]["what"] == "safety_copy");
    assert_eq!(made, !pair.is_6_8(), "{}", output.stdout);
    assert_eq!(copies(pair), [""; 0]);
    assert_nothing_left(failback(&esdr, &["--drop-safety-copies"]));
}

/// It is made by links, and needs shards of its own; what it is a copy of is in files.
pub fn without_room_for_a_safety_copy_the_way_home_goes_on(pair: &mut Pair) {
    if !pair.can_harm() || pair.is_6_8() {
        return;
    }
    let esdr = diverged(pair);
    let limit = json!({"persistent": {"cluster.max_shards_per_node": 1}});
    pair.ok("PUT", A, "/_cluster/settings", limit);
    let result = failback(&esdr, &[]).run().status(0).result();
    assert_eq!(codes(&result), ["no_safety_copy"], "{result}");
    let said = result["problems"][0]["detail"].as_str().expect("a text");
    assert!(said.contains("2 open shards"), "{said}");
    assert_eq!(copies(pair), [""; 0]);
    assert_eq!(salvaged(&esdr, DIVERGED).len(), 22);
    assert_home(pair, "without a copy");
}

pub fn make_repository(pair: &Pair, readonly: bool) {
    let settings = json!({"location": REPOSITORY, "readonly": readonly});
    let body = json!({"type": "fs", "settings": settings});
    pair.ok("PUT", A, &format!("/_snapshot/{REPOSITORY}"), body);
}

/// Every snapshot: its name and what it holds.
fn snapshots(pair: &Pair) -> BTreeMap<String, Value> {
    let answer = pair.ok("GET", A, &format!("/_snapshot/{REPOSITORY}/_all"), ());
    let all = answer["snapshots"].as_array().expect("a list").iter();
    let row = |snapshot: &Value| {
        assert_eq!(snapshot["state"], "SUCCESS", "{snapshot}");
        (snapshot["snapshot"].as_str().expect("a name").to_owned(), snapshot["indices"].clone())
    };
    all.map(row).collect()
}

/// The only snapshot holds the diverged index as it was.
#[track_caller]
fn assert_held(pair: &Pair, before: &BTreeMap<String, (i64, Value)>, because: &str) {
    let all = snapshots(pair);
    assert_eq!(all.values().collect::<Vec<_>>(), [&json!([DIVERGED])], "{because}");
    let name = all.keys().next().expect("a name");
    let body = json!({
        "indices": DIVERGED, "rename_pattern": ".+", "rename_replacement": RESTORED,
        "include_aliases": false,
    });
    let path = format!("/_snapshot/{REPOSITORY}/{name}/_restore?wait_for_completion=true");
    pair.ok("POST", A, &path, body);
    assert_eq!(&documents(pair, A, RESTORED), before, "{because}");
    // The snapshot holds the fence too.
    let open = json!({"index.blocks.read_only": null, "index.blocks.write": null});
    pair.ok("PUT", A, &format!("/{RESTORED}/_settings"), open);
    pair.ok("DELETE", A, &format!("/{RESTORED}"), ());
}

pub fn a_snapshot_holds_what_diverged_where_that_is_asked(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = diverged(pair);
    let before = documents(pair, A, DIVERGED);
    make_repository(pair, false);
    let snapshot = ["--snapshot", REPOSITORY];
    let plan = failback(&esdr, &snapshot).arg("--dry-run").run().status(5);
    assert!(plan.stdout.contains(&format!("/_snapshot/{REPOSITORY}/esdr-")), "{}", plan.stdout);
    let output = failback(&esdr, &snapshot).run().status(0);
    let run = output.result()["run"].as_str().expect("a run").to_owned();
    let told = output.events().into_iter().find(|event| event["detail"]["what"] == "snapshot");
    let told = told.expect("the snapshot is told");
    assert_eq!(told["detail"]["name"], format!("esdr-{run}-orders"));
    assert_eq!(told["detail"]["repository"], REPOSITORY);
    assert_eq!(snapshots(pair).keys().next(), Some(&format!("esdr-{run}-orders")));
    assert_held(pair, &before, "asked for");
    assert_eq!(copies(pair), [""; 0], "one or the other");
    assert_eq!(salvaged(&esdr, DIVERGED).len(), 22);
    assert_home(pair, "with a snapshot");
    assert_nothing_left(failback(&esdr, &snapshot));
    assert_eq!(snapshots(pair).len(), 1);
}

/// As for an index that cannot be salvaged, for its mapping keeps no source.
pub fn a_snapshot_may_be_all_that_stays(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = diverged(pair);
    let before = documents(pair, A, DIVERGED);
    make_repository(pair, false);
    let args = ["--no-salvage", "--snapshot", REPOSITORY];
    drop(failback(&esdr, &args).run().status(0));
    assert_held(pair, &before, "without a file");
    assert!(!esdr.path("esdr-salvage").exists(), "no file was asked for");
    assert_home(pair, "with a snapshot alone");
    assert_nothing_left(failback(&esdr, &args));
}

pub fn without_the_repository_nothing_is_begun(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = diverged(pair);
    let refused = |why: &str| {
        let before = Snapshot::of(pair, &esdr);
        let result = failback(&esdr, &["--snapshot", REPOSITORY]).run().status(3).result();
        assert_eq!(codes(&result), ["no_repository"], "{result}");
        let said = format!("no snapshot can be taken into {REPOSITORY} on clusterA: {why}");
        assert_eq!(result["problems"][0]["detail"], said);
        assert_eq!(result["run"], Value::Null);
        before.assert_unchanged(pair, &esdr);
    };
    refused("there is no such repository");
    make_repository(pair, true);
    refused("it can only be read");
    make_repository(pair, false);
    drop(failback(&esdr, &["--snapshot", REPOSITORY]).run().status(0));
    assert_home(pair, "once it is there");
}

/// Each time from the start, killed at a moment; then the same command again.
fn after_every_line(pair: &mut Pair, more: &[&str], check: fn(&Pair, &Documents, &str)) {
    for moment in shared_moments(pair, 10, &[]) {
        pair.reset();
        let esdr = diverged(pair);
        let before = documents(pair, A, DIVERGED);
        make_repository(pair, false);
        let is_ended = moment.kill(failback(&esdr, more)).code != KILLED;
        esdr.forget_state();
        drop(failback(&esdr, more).run().status(0));
        let because = format!("killed {moment}");
        assert_home(pair, &because);
        check(pair, &before, &because);
        if is_ended {
            return;
        }
    }
}

type Documents = BTreeMap<String, (i64, Value)>;

pub fn killed_after_every_event_a_safety_copy_is_made_once(pair: &mut Pair) {
    if !pair.can_harm() || pair.is_6_8() {
        return;
    }
    after_every_line(pair, &[], |pair, before, because| {
        let names = copies(pair);
        assert_eq!(names.len(), 1, "{because}");
        assert_eq!(&documents(pair, A, &names[0]), before, "{because}");
    });
}

pub fn killed_after_every_event_a_snapshot_is_taken_once(pair: &mut Pair) {
    if pair.can_harm() {
        after_every_line(pair, &["--snapshot", REPOSITORY], assert_held);
    }
}

/// A former leader that took writes again after its safety copy was made, before it was let go:
/// the copy is not all of it any more, and another one is made.
pub fn what_comes_after_a_safety_copy_is_in_another_one(pair: &mut Pair) {
    if !pair.can_harm() || pair.is_6_8() {
        return;
    }
    let esdr = diverged(pair);
    let mut lines = 10;
    while copies(pair).is_empty() {
        lines += 2;
        assert!(lines < LINES_MAX, "no copy is made");
        let run = failback(&esdr, &[]).env("ESDR_DIE_AFTER_LINES", &lines.to_string()).run();
        assert_eq!(run.code, KILLED, "{}", run.stdout);
    }
    let (status, _) = pair.get(A, &format!("/{DIVERGED}/_count"));
    assert_eq!(status, 200, "it is not closed yet");
    until_true(30, "it takes writes again", || {
        let open = json!({"index.blocks.read_only": null, "index.blocks.write": null});
        pair.ok("PUT", A, &format!("/{DIVERGED}/_settings"), open);
        pair.put(A, &format!("/{DIVERGED}/_doc/later"), json!({"later": 1})).0 == 201
    });
    let last = documents(pair, A, DIVERGED);
    drop(failback(&esdr, &[]).run().status(0));
    assert_home(pair, "after all");
    let names = copies(pair);
    assert_eq!(names.len(), 2);
    assert!(names.iter().any(|name| documents(pair, A, name) == last), "{names:?}");
    drop(failback(&esdr, &["--drop-safety-copies"]).run().status(0));
    assert_eq!(copies(pair), [""; 0], "both are on record");
}
