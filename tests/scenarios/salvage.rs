//! What a former leader has and nobody else: into files, and back.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    emergency::{RUN_LIMIT_S, codes, forced, only_on_a, positions},
    sets::{leader, write},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    http,
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

/// Of one shard and of three.
const INDICES: [&str; 2] = ["orders-1", "orders-2"];

/// There before the night, on both sides.
const OLD: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Operations of [`diverge`] on `orders-1`: two creates, three that overwrite `a` and one each
/// for `c` and `d`, a delete, and one document that came and went.
const OPS: u64 = 2 + 3 + 2 + 1 + 2;

/// Documents that it leaves there: new-1, new-2, a, c, d.
const DOCUMENTS: u64 = 5;

/// New documents of `orders-2`, each one operation.
const MORE: u64 = 20;

fn put(pair: &Pair, site: Site, path: &str, source: Value) {
    pair.ok("PUT", site, path, source);
}

/// A set whose leader took writes that never arrived, and died; the standby leads.
fn bad_night(pair: &mut Pair) -> Esdr {
    leader(pair, "orders-1", 1);
    leader(pair, "orders-2", 3);
    for index in INDICES {
        for id in OLD {
            write(pair, A, index, id);
        }
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let all = Some(OLD.len() as u64);
    until_true(90, "the standby has all of it", || {
        INDICES.iter().all(|index| pair.count(B, index) == all)
    });
    pair.freeze_link(B);
    diverge(pair);
    pair.kill(A);
    drop(forced(&esdr).run().status(6));
    esdr
}

fn diverge(pair: &Pair) {
    put(pair, A, "/orders-1/_doc/new-1", json!({"from": "A"}));
    // A source is kept to the byte: nobody may turn this number into another.
    let exact =
        "{\n \"from\": \"A\",\n \"price\": 1.10, \"big\": 1234567890.123456789012345678 }\n";
    let url = format!("{}/orders-1/_doc/new-2", pair.url(A));
    raw_put(&url, exact);
    for n in 1..=3 {
        put(pair, A, "/orders-1/_doc/a", json!({"from": "A", "n": n}));
    }
    pair.ok("DELETE", A, "/orders-1/_doc/b", ());
    put(pair, A, "/orders-1/_doc/c", json!({"from": "A"}));
    put(pair, A, "/orders-1/_doc/d", json!({"from": "A"}));
    put(pair, A, "/orders-1/_doc/gone", json!({"from": "A"}));
    pair.ok("DELETE", A, "/orders-1/_doc/gone", ());
    for n in 0..MORE {
        put(pair, A, &format!("/orders-2/_doc/m-{n}?routing=r-{n}"), json!({"n": n}));
    }
}

/// As it is, not as a library would write it.
fn raw_put(url: &str, text: &str) {
    let sent = http::runtime().block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.put(url).header("content-type", "application/json");
        request.body(text.to_owned()).send().await.unwrap().status()
    });
    assert!(sent.is_success(), "{sent}");
}

/// The former leader answers again, and is fenced.
fn fenced(pair: &mut Pair) -> Esdr {
    let esdr = bad_night(pair);
    come_back(pair);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    esdr
}

fn come_back(pair: &mut Pair) {
    pair.expect_two_writable();
    pair.mend_link(B);
    pair.restart(A);
    let path = "/_cluster/health?wait_for_status=yellow&timeout=30s";
    until_true(90, "its shards are there", || pair.get(A, path).0 == 200);
}

fn salvage(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["salvage", "--out", "files"]).json().limit_s(RUN_LIMIT_S)
}

fn apply<'e>(esdr: &'e Esdr, policy: &str) -> Invocation<'e> {
    let apply = esdr.args(["salvage", "apply", "files", "--on-conflict", policy]);
    apply.arg("--yes").json().limit_s(RUN_LIMIT_S)
}

/// What was exported, and can be written back.
fn salvaged(pair: &mut Pair) -> Esdr {
    let esdr = fenced(pair);
    drop(salvage(&esdr).run().status(0));
    esdr
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Versions by id.
fn versions(lines: &[Value]) -> BTreeMap<&str, i64> {
    lines
        .iter()
        .map(|line| (line["_id"].as_str().unwrap(), line["_version"].as_i64().unwrap()))
        .collect()
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Where each shard of the set stands on a cluster.
fn stand(pair: &Pair, site: Site) -> Vec<Vec<i64>> {
    INDICES.iter().map(|index| positions(pair, site, index)).collect()
}

fn source(pair: &Pair, site: Site, path: &str) -> Value {
    pair.get(site, path).1["_source"].clone()
}

/// The last version of each document that only the former leader had, exactly; what was
/// overwritten and deleted is counted. Neither cluster is changed.
pub fn what_only_a_former_leader_has_is_exported_to_the_document(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = fenced(pair);
    let only_there: Vec<u64> = INDICES.iter().map(|index| only_on_a(pair, index)).collect();
    assert_eq!(only_there, [OPS, MORE]);
    let before = (Snapshot::of(pair, &esdr), stand(pair, A), stand(pair, B));

    let planned = salvage(&esdr).arg("--dry-run").run().status(5);
    assert_eq!(planned.result()["outcome"], "planned");
    assert_eq!(planned.lines()[0]["indices"][0]["documents"], DOCUMENTS);
    assert!(!esdr.path("files").exists(), "a dry run writes no file");

    let output = salvage(&esdr).run().status(0);
    let told = &output.lines()[0];
    assert_eq!(told["type"], "salvage", "{told}");
    let figures = |entry: &Value| json!([entry["ops"], entry["documents"], entry["hidden"]]);
    let hidden = OPS - DOCUMENTS;
    assert_eq!(figures(&told["indices"][0]), json!([OPS, DOCUMENTS, hidden]), "{told}");
    assert_eq!(figures(&told["indices"][1]), json!([MORE, MORE, 0]), "{told}");
    let result = output.result();
    assert_eq!((&result["outcome"], &result["command"]), (&json!("converged"), &json!("salvage")));
    assert_eq!(result["indices"], json!({"total": 2, "done": 2}));

    let one = lines(&esdr.path("files/orders-1.ndjson"));
    let expected = [("a", 4), ("c", 2), ("d", 2), ("new-1", 1), ("new-2", 1)];
    assert_eq!(versions(&one), BTreeMap::from(expected));
    let text = fs::read_to_string(esdr.path("files/orders-1.ndjson")).unwrap();
    // The simulated pair reads what it is given, and writes it anew.
    if pair.is_real() {
        let exact = "\"price\": 1.10, \"big\": 1234567890.123456789012345678";
        assert!(text.contains(exact), "{text}");
    }
    let two = lines(&esdr.path("files/orders-2.ndjson"));
    assert_eq!(two.len() as u64, MORE);
    for line in &two {
        let n = line["_source"]["n"].as_u64().unwrap();
        assert_eq!(
            (&line["_id"], &line["_routing"]),
            (&json!(format!("m-{n}")), &json!(format!("r-{n}")))
        );
    }
    let places: Vec<(u64, i64)> = two
        .iter()
        .map(|line| (line["shard"].as_u64().unwrap(), line["_seq_no"].as_i64().unwrap()))
        .collect();
    assert!(places.is_sorted(), "{places:?}");

    assert_eq!(mode(&esdr.path("files")), 0o700);
    assert_eq!(mode(&esdr.path("files/orders-1.ndjson")), 0o600);
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(esdr.path("files/manifest.json")).unwrap())
            .unwrap();
    assert_eq!((&manifest["format"], &manifest["run"]), (&json!(1), &result["run"]));
    assert_eq!(manifest["indices"], told["indices"]);
    assert_eq!(manifest["indices"][0]["file"]["bytes"], json!(text.len()));

    before.0.assert_unchanged(pair, &esdr);
    assert_eq!((before.1, before.2), (stand(pair, A), stand(pair, B)), "nothing was written");

    // What is there is never replaced.
    let refused = salvage(&esdr).run().status(3).result();
    assert_eq!(codes(&refused), ["folder_taken"]);
}

/// A delete shows only in what is missing.
pub fn what_was_deleted_on_a_former_leader_is_listed(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = fenced(pair);
    let output = salvage(&esdr).arg("--deletes").run().status(0);
    let indices = &output.lines()[0]["indices"];
    assert_eq!(indices[0]["deletes"]["documents"], 1, "{indices}");
    assert_eq!(indices[1]["deletes"], json!({"documents": 0, "file": null}), "{indices}");
    let deleted = lines(&esdr.path("files/orders-1.deletes.ndjson"));
    assert_eq!(deleted, [json!({"shard": 0, "_id": "b", "_version": 1})]);
    assert!(!esdr.path("files/orders-2.deletes.ndjson").exists());
}

/// Without a switch, after a switch that lost nothing: no file.
pub fn where_nothing_was_left_behind_nothing_is_salvaged(pair: &mut Pair) {
    leader(pair, "orders-1", 2);
    write(pair, A, "orders-1", "1");
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let nothing = |esdr: &Esdr| {
        let result = salvage(esdr).run().status(0).result();
        assert_eq!((&result["outcome"], &result["run"]), (&json!("converged"), &Value::Null));
        assert!(!esdr.path("files").exists(), "nothing is written");
    };
    nothing(&esdr);
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    nothing(&esdr);
    let screen = esdr.args(["salvage", "--out", "files"]).run().status(0).screen();
    assert!(screen.starts_with("Nothing to salvage: "), "{screen}");
}

/// Looked into, and told that it is not the last word.
pub fn a_former_leader_that_is_not_fenced_is_salvaged_and_told(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = bad_night(pair);
    let refused = salvage(&esdr).run().status(3).result();
    assert_eq!(codes(&refused), ["former_unreachable"]);
    assert!(!esdr.path("files").exists());

    come_back(pair);
    let output = salvage(&esdr).run().status(6);
    assert_eq!(codes(&output.result()), ["unfenced_leader"]);
    assert_eq!(output.lines()[0]["indices"][0]["documents"], DOCUMENTS);
}

/// Without sources there is nothing to read: said, and the others are salvaged.
pub fn an_index_that_keeps_no_source_is_told(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let mappings = json!({"_source": {"enabled": false}});
    let mappings = if pair.is_6_8() { json!({ "_doc": mappings }) } else { mappings };
    let settings = json!({"index.number_of_shards": 1, "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true});
    let body = json!({"settings": settings, "mappings": mappings});
    pair.ok("PUT", A, "/orders-0", body);
    write(pair, A, "orders-0", "1");
    leader(pair, "orders-1", 1);
    write(pair, A, "orders-1", "1");
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    until_true(90, "the standby has it", || pair.count(B, "orders-1") == Some(1));
    pair.freeze_link(B);
    write(pair, A, "orders-0", "2");
    write(pair, A, "orders-1", "2");
    pair.kill(A);
    drop(forced(&esdr).run().status(6));
    come_back(pair);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    let output = salvage(&esdr).run().status(6);
    assert_eq!(codes(&output.result()), ["no_source"]);
    assert_eq!(output.lines()[0]["indices"][0]["index"], "orders-1");
    assert!(!esdr.path("files/orders-0.ndjson").exists());
}

/// The new leader's clients have gone on: three documents are not what they were.
fn go_on(pair: &Pair) {
    put(pair, B, "/orders-1/_doc/a", json!({"from": "B"}));
    put(pair, B, "/orders-1/_doc/new-1", json!({"from": "B"}));
    pair.ok("DELETE", B, "/orders-1/_doc/d", ());
}

/// Those of the set that nobody has touched since: new-2, c, and all of `orders-2`.
const CLEAN: u64 = 2 + MORE;

fn counts(output: &crate::support::esdr::Output) -> Value {
    let line = output.lines().into_iter().find(|line| line["type"] == "salvage_apply");
    line.unwrap_or_else(|| panic!("{}", output.stdout))["counts"].clone()
}

#[track_caller]
fn assert_counts(output: &crate::support::esdr::Output, expected: &[(&str, u64)]) {
    let mut all = json!({"written": 0, "already": 0, "overwritten": 0, "skipped": 0,
        "conflicts": 0, "refused": 0, "perhaps_deleted": 0});
    for (kind, number) in expected {
        all[kind] = json!(number);
    }
    assert_eq!(counts(output), all);
}

#[track_caller]
fn assert_clean_ones_are_there(pair: &Pair) {
    assert_eq!(source(pair, B, "/orders-1/_doc/c"), json!({"from": "A"}));
    let (_, new) = pair.get(B, "/orders-1/_doc/new-2");
    assert_eq!((&new["_version"], &new["_source"]["from"]), (&json!(1), &json!("A")));
    for n in 0..MORE {
        let path = format!("/orders-2/_doc/m-{n}?routing=r-{n}");
        assert_eq!(source(pair, B, &path), json!({"n": n}));
    }
    assert_eq!(source(pair, B, "/orders-1/_doc/b"), json!({"id": "b"}), "not deleted");
    assert_eq!(source(pair, B, "/orders-1/_doc/e"), json!({"id": "e"}));
}

/// Conflicts are listed, and left; a second time nothing is written.
pub fn salvaged_documents_are_written_back_and_conflicts_listed(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = salvaged(pair);
    go_on(pair);
    let former = stand(pair, A);
    let before = stand(pair, B);
    let planned = apply(&esdr, "report").arg("--dry-run").run().status(5);
    // That `d` was deleted a moment ago only a write finds out.
    let expected = [("written", CLEAN + 1), ("conflicts", 2), ("perhaps_deleted", 1)];
    assert_counts(&planned, &expected);
    assert_eq!(stand(pair, B), before, "a dry run writes nothing");

    let output = apply(&esdr, "report").run().status(6);
    assert_counts(&output, &[("written", CLEAN), ("conflicts", 3)]);
    assert_eq!(codes(&output.result()), ["salvage_conflicts"]);
    assert_eq!(output.result()["command"], "salvage apply");
    assert_clean_ones_are_there(pair);
    assert_eq!(source(pair, B, "/orders-1/_doc/a"), json!({"from": "B"}));
    assert_eq!(source(pair, B, "/orders-1/_doc/new-1"), json!({"from": "B"}));
    assert_eq!(pair.get(B, "/orders-1/_doc/d").0, 404);
    let list = lines(&esdr.path("files/conflicts.ndjson"));
    let why: BTreeMap<&str, &str> = list
        .iter()
        .map(|line| (line["_id"].as_str().unwrap(), line["why"].as_str().unwrap()))
        .collect();
    let expected = [("a", "changed"), ("d", "deleted"), ("new-1", "changed")];
    assert_eq!(why, BTreeMap::from(expected));

    let before = stand(pair, B);
    let again = apply(&esdr, "report").run().status(6);
    assert_counts(&again, &[("already", CLEAN), ("conflicts", 3)]);
    assert_eq!(stand(pair, B), before, "nothing is written twice");
    assert_eq!(stand(pair, A), former, "nor ever to the former leader");
}

pub fn a_conflict_is_skipped_where_that_is_wanted(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = salvaged(pair);
    go_on(pair);
    let output = apply(&esdr, "skip").run().status(0);
    assert_counts(&output, &[("written", CLEAN), ("skipped", 3)]);
    assert_eq!(output.result()["outcome"], "converged");
    assert_clean_ones_are_there(pair);
    assert_eq!(source(pair, B, "/orders-1/_doc/a"), json!({"from": "B"}));
    assert!(!esdr.path("files/conflicts.ndjson").exists());
}

pub fn the_salvaged_document_wins_where_that_is_wanted(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = salvaged(pair);
    go_on(pair);
    let output = apply(&esdr, "overwrite").run().status(0);
    assert_counts(&output, &[("written", CLEAN), ("overwritten", 3)]);
    assert_clean_ones_are_there(pair);
    assert_eq!(source(pair, B, "/orders-1/_doc/a"), json!({"from": "A", "n": 3}));
    assert_eq!(source(pair, B, "/orders-1/_doc/new-1"), json!({"from": "A"}));
    assert_eq!(source(pair, B, "/orders-1/_doc/d"), json!({"from": "A"}));

    let before = stand(pair, B);
    let again = apply(&esdr, "overwrite").run().status(0);
    assert_counts(&again, &[("already", CLEAN + 3)]);
    assert_eq!(stand(pair, B), before, "nothing is written twice");
}

/// Files that were changed, a leader that is fenced, nobody to ask: nothing is written.
pub fn what_may_not_be_written_back_is_refused(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = salvaged(pair);
    let before = stand(pair, B);
    let refused = |run: Invocation<'_>, code: &str| {
        let result = run.run().status(3).result();
        assert_eq!(codes(&result).first(), Some(&code), "{result}");
        assert_eq!(stand(pair, B), before, "{code}");
    };
    refused(esdr.args(["salvage", "apply", "files"]).json(), "refused");

    let path = esdr.path("files/orders-1.ndjson");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("\"from\":\"A\"", "\"from\":\"C\"", 1)).unwrap();
    refused(apply(&esdr, "overwrite"), "salvage_unreadable");
    fs::remove_file(&path).unwrap();
    refused(apply(&esdr, "report"), "salvage_unreadable");
    fs::write(&path, whole).unwrap();

    drop(esdr.args(["fence", "clusterB", "--yes"]).json().run().status(0));
    refused(apply(&esdr, "report"), "leader_blocked");
    drop(esdr.args(["unfence", "clusterB", "--yes"]).json().run().status(0));

    let nowhere = esdr.args(["salvage", "apply", "elsewhere", "--yes"]).json();
    refused(nowhere, "salvage_unreadable");
    drop(apply(&esdr, "report").run().status(0));
}
