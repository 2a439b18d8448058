//! Whether both sides hold the same: equal sets say so, and nothing that differs is missed.

use serde_json::{Value, json};

use super::{
    emergency::{assert_tells, codes},
    sets::{IDS, INDICES, follows, leader, protect, write},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::until_true,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

pub fn full(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["verify", "--full"]).json()
}

/// Documents of one bulk request.
const BATCH: usize = 5000;

/// The first index of the first set.
fn first(verification: &Value) -> &Value {
    &verification["sets"][0]["indices"][0]
}

/// What differs, by id, with what is wrong with it.
fn differing(index: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = index["differing"].as_array().expect("a list");
    let mut all: Vec<_> = all.iter().map(|it| (text(&it["id"]), text(&it["what"]))).collect();
    all.sort();
    all
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(id, what)| ((*id).to_owned(), (*what).to_owned())).collect()
}

/// Documents of one index: 0 to `count`, each with its number.
fn bulk(pair: &Pair, site: Site, index: &str, count: u64) {
    let kind = if pair.is_6_8() { r#","_type":"_doc""# } else { "" };
    let line = |n: u64| {
        let action = format!(r#"{{"index":{{"_index":"{index}"{kind},"_id":"{n}"}}}}"#);
        format!("{action}\n{{\"n\":{n},\"by\":\"test\"}}\n")
    };
    let lines: Vec<String> = (0..count).map(line).collect();
    for batch in lines.chunks(BATCH) {
        let answer = pair.ok("POST", site, "/_bulk", batch.concat());
        assert_eq!(answer["errors"], false, "{answer}");
    }
}

/// `orders-1` of so many documents on A, which B follows.
pub fn protected(pair: &Pair, shards: u32, documents: u64) -> Esdr {
    leader(pair, "orders-1", shards);
    bulk(pair, A, "orders-1", documents);
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    until_true(60, "all is copied", || pair.count(B, "orders-1") == Some(documents));
    esdr
}

/// The set of [`protect`], copied whole.
fn copied(pair: &Pair) -> Esdr {
    let esdr = protect(pair);
    for (index, _) in INDICES {
        until_true(60, "all is copied", || pair.count(B, index) == Some(IDS.len() as u64));
    }
    esdr
}

/// Makes the follower a regular index by hand, without any record.
fn part(pair: &Pair) {
    pair.expect_two_writable();
    for call in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
        pair.ok("POST", B, &format!("/orders-1/{call}"), ());
    }
    let path = "/_cluster/health/orders-1?wait_for_status=yellow&timeout=30s";
    pair.ok("GET", B, path, ());
}

/// The follower made regular, and one field of one of its documents changed, with the id and the
/// version that it has.
pub fn changed_by_hand(pair: &Pair, id: u64) {
    part(pair);
    let path = format!("/orders-1/_doc/{id}?version=1&version_type=external_gte");
    let changed = json!({"n": id, "by": "somebody"});
    pair.ok("PUT", B, &path, changed);
}

pub fn equal_sets_say_so(pair: &mut Pair) {
    let esdr = copied(pair);
    for args in [["verify", "--full"], ["verify", "--sample=2"]] {
        let output = esdr.args(args).json().run().status(0);
        let verification = output.result();
        assert_eq!(output.lines().len(), 1, "{}", output.stdout);
        assert_eq!(verification["type"], "verify");
        assert_eq!(verification["problems"], json!([]));
        let set = &verification["sets"][0];
        assert_eq!((&set["leader"], &set["follower"]), (&json!("clusterA"), &json!("clusterB")));
        let indices = set["indices"].as_array().expect("a list");
        assert_eq!(indices.len(), INDICES.len());
        for index in indices {
            assert_eq!(index["state"], "equal", "{index}");
            assert_eq!(index["differing_count"], 0, "{index}");
            assert_eq!(index["total_documents"], 3, "{index}");
            let checked = index["checked_documents"].as_u64().expect("a count");
            let wanted = if args[1] == "--full" { 3..=3 } else { 1..=3 };
            assert!(wanted.contains(&checked), "{index}");
        }
    }
    assert_eq!(pair.violations(), [""; 0]);
}

/// The same id and version, and one field of another content: only the content tells.
pub fn a_single_changed_field_is_found(pair: &mut Pair) {
    let esdr = protected(pair, 2, 1200);
    changed_by_hand(pair, 777);
    let verification = full(&esdr).run().status(5).result();
    assert_tells(&verification, "different");
    let index = first(&verification);
    assert_eq!(index["state"], "different", "{index}");
    assert_eq!(index["checked_documents"], 1200, "{index}");
    assert_eq!(index["differing_count"], 1, "{index}");
    assert_eq!(differing(index), pairs(&[("777", "source")]));
    let document = &index["differing"][0];
    assert_eq!(
        (&document["leader_version"], &document["follower_version"]),
        (&json!(1), &json!(1))
    );
}

pub fn missing_extra_and_newer_documents_are_told_apart(pair: &mut Pair) {
    let esdr = protected(pair, 2, 30);
    part(pair);
    pair.ok("DELETE", B, "/orders-1/_doc/3", ());
    write(pair, B, "orders-1", "new");
    write(pair, B, "orders-1", "7");
    // What says the same in another order is the same.
    let same = json!({"by": "test", "n": 9});
    pair.ok("PUT", B, "/orders-1/_doc/9?version=1&version_type=external_gte", same);
    let verification = full(&esdr).run().status(5).result();
    let index = first(&verification);
    let wanted = pairs(&[("3", "missing"), ("7", "version"), ("new", "extra")]);
    assert_eq!(differing(index), wanted, "{index}");
    assert_eq!(index["differing_count"], 3, "{index}");
}

/// Of many differences a few are listed, and all are counted.
pub fn of_many_differences_all_are_counted(pair: &mut Pair) {
    let esdr = protected(pair, 1, 700);
    part(pair);
    bulk(pair, B, "orders-1", 650);
    let verification = full(&esdr).run().status(5).result();
    let index = first(&verification);
    assert_eq!(index["differing_count"], 650, "{index}");
    assert_eq!(index["differing"].as_array().map(Vec::len), Some(12), "{index}");
    assert_eq!(index["checked_documents"], 700, "{index}");
}

/// Updates and deletes go on all the time, and none of them is a difference.
pub fn while_a_writer_goes_on_nothing_differs(pair: &mut Pair) {
    let esdr = protected(pair, 2, 200);
    let load = Load { updates_of_ten: 4, deletes_of_ten: 2, ..Load::default() };
    let writer = Writer::with(&pair.url(A), "orders-1", load);
    for _ in 0..3 {
        writer.until_acked_more(200);
        let verification = full(&esdr).run().status(0).result();
        let index = first(&verification);
        assert_eq!(index["state"], "equal", "{verification}");
        assert!(index["checked_documents"].as_u64() > Some(0), "{index}");
    }
    drop(writer);
}

pub fn a_follower_that_cannot_be_compared_is_not_called_equal(pair: &mut Pair) {
    let esdr = copied(pair);
    let steps = [("_ccr/pause_follow", "paused"), ("_close", "closed")];
    for (call, code) in steps {
        pair.ok("POST", B, &format!("/orders-1/{call}"), ());
        let verification = full(&esdr).run().status(5).result();
        assert_eq!(codes(&verification), [code], "{verification}");
        let index = first(&verification);
        assert_eq!(index["leader_index"], "orders-1", "the worst first");
        assert_eq!((&index["state"], &index["reason"]), (&json!("unknown"), &json!(code)));
        assert_eq!(index["checked_documents"], 0);
        assert_eq!(verification["sets"][0]["state"], "unknown");
    }
    pair.ok("DELETE", B, "/orders-1", ());
    let verification = full(&esdr).run().status(5).result();
    assert_eq!(codes(&verification), ["uncovered"], "{verification}");
}

/// The former leader stands fenced behind the promoted one, which goes on.
pub fn after_a_switch_what_the_former_leader_has_alone_is_told(pair: &mut Pair) {
    let esdr = copied(pair);
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    assert!(!follows(pair, B, "orders-1"));
    let verification = full(&esdr).run().status(0).result();
    assert_eq!(verification["sets"][0]["leader"], "clusterB", "{verification}");
    assert_eq!(verification["sets"][0]["state"], "equal", "{verification}");
    assert_eq!(first(&verification)["leader_only_ops"], 0, "{verification}");

    // What the promoted leader's own clients do is no difference.
    write(pair, B, "orders-1", "1");
    write(pair, B, "orders-1", "new");
    let verification = full(&esdr).run().status(0).result();
    assert_eq!(first(&verification)["leader_only_ops"], 2, "{verification}");
    assert_eq!(first(&verification)["state"], "equal", "{verification}");

    // A delete there and a document that has never arrived look alike.
    pair.ok("DELETE", B, "/orders-2/_doc/2", ());
    let verification = full(&esdr).run().status(0).result();
    assert_eq!(codes(&verification), ["deleted_since"], "{verification}");
    assert_eq!(first(&verification)["leader_index"], "orders-2");
    assert_eq!(first(&verification)["state"], "unknown", "{verification}");
    assert_eq!(first(&verification)["gone_count"], 1, "{verification}");

    // What the former leader takes in behind its fence is on one side only.
    pair.expect_two_writable();
    block(pair, Value::Null);
    write(pair, A, "orders-3", "late");
    write(pair, A, "orders-3", "3");
    block(pair, json!(true));
    let verification = full(&esdr).run().status(5).result();
    assert_tells(&verification, "different");
    assert_tells(&verification, "diverged");
    let index = first(&verification);
    assert_eq!(differing(index), pairs(&[("3", "version"), ("late", "extra")]), "{index}");
    assert_eq!(index["follower_only_ops"], 2, "{index}");
    let sampled = esdr.args(["verify", "--sample", "1"]).json().run().status(5).result();
    assert_tells(&sampled, "diverged");
}

fn block(pair: &Pair, value: Value) {
    let body = json!({"index.blocks.read_only": null, "index.blocks.write": value});
    pair.ok("PUT", A, "/orders-3/_settings", body);
}

/// One side alone says nothing of the other.
pub fn a_cluster_that_does_not_answer_is_refused(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = copied(pair);
    pair.kill(A);
    let output = full(&esdr).run().status(3);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("clusterA does not answer"), "{}", output.stderr);
    drop(esdr.args(["verify", "--set", "ordres"]).run().status(2));
}
