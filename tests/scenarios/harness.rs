//! The harness itself, before anything is said about esdr.

use serde_json::json;

use crate::support::{
    esdr::Esdr,
    http,
    ledger::{Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::{seconds, until_true},
};

const INDEX: &str = "orders";

/// Follows, parts, mends and promotes with nothing but HTTP calls.
pub fn the_pair_replicates_an_index_by_hand(pair: &mut Pair) {
    create_leader(pair, A, INDEX);
    pair.connect(B);
    follow(pair, B, INDEX);

    let writer = Writer::start(&pair.url(A), INDEX);
    writer.until_acked_more(200);
    until_true(60, "the follower holds some of it", || pair.count(B, INDEX) > Some(0));

    if pair.can_harm() {
        pair.cut_link(B);
        // What was under way when the link was cut may still arrive; nothing after it can.
        writer.until_acked_more(500);
        let held = pair.count(B, INDEX);
        writer.until_acked_more(500);
        assert_eq!(pair.count(B, INDEX), held, "nothing passes a link that is cut");
        assert!(pair.count(A, INDEX) > held, "the leader goes on");
        pair.mend_link(B);
    }

    let ledger = writer.stop();
    assert_eq!(ledger.refused_last(), None);
    until_true(90, "the follower has caught up", || {
        ledger.missing_on(&pair.url(B), INDEX).is_empty()
    });
    assert_eq!(pair.count(A, INDEX), pair.count(B, INDEX));
    assert_eq!(pair.count(B, INDEX), Some(ledger.documents() as u64));

    promote(pair, B, INDEX);
    let writer = Writer::start(&pair.url(B), INDEX);
    writer.until_acked_more(100);
    writer.stop().assert_all_on(&pair.url(B), INDEX);
}

/// Refusals are counted and claim nothing; what was acknowledged is looked for by content.
pub fn the_ledger_knows_what_was_acknowledged(pair: &mut Pair) {
    create_leader(pair, A, INDEX);
    create_leader(pair, B, INDEX);
    let url = pair.url(A);
    let load = Load { updates_of_ten: 3, deletes_of_ten: 2, ..Load::default() };
    let writer = Writer::with(&url, INDEX, load);
    writer.until_acked_more(300);
    pair.ok("PUT", A, "/orders/_settings", json!({"index.blocks.write": true}));
    until_true(30, "a write is refused", || writer.refused() > 0);
    pair.ok("PUT", A, "/orders/_settings", json!({"index.blocks.write": null}));
    writer.until_acked_more(300);
    let ledger = writer.stop();
    assert!(ledger.refused_with(403) > 0, "{:?}", ledger.refused());
    assert!(ledger.pause_max() > std::time::Duration::ZERO);
    ledger.assert_all_on(&url, INDEX);
    assert_eq!(pair.count(A, INDEX), Some(ledger.documents() as u64));

    let missing = ledger.missing_on(&pair.url(B), INDEX);
    assert_eq!(missing.len(), ledger.documents(), "an empty index lacks every document");
}

/// An application that is redirected is followed to the other side.
pub fn a_writer_is_redirected_while_it_writes(pair: &mut Pair) {
    for site in Site::BOTH {
        create_leader(pair, site, INDEX);
    }
    let load = Load { updates_of_ten: 0, ..Load::default() };
    let writer = Writer::with(&pair.url(A), INDEX, load);
    writer.until_acked_more(100);
    writer.redirect(&pair.url(B), INDEX);
    writer.until_acked_more(100);
    let ledger = writer.stop();
    let (on_a, on_b) = (pair.count(A, INDEX).unwrap(), pair.count(B, INDEX).unwrap());
    assert!(on_a > 0 && on_b > 0, "{on_a} on A, {on_b} on B");
    assert_eq!(on_a + on_b, ledger.documents() as u64);
}

/// Each harm is felt by a client, and is over once it is undone.
pub fn a_cluster_is_frozen_and_killed_and_comes_back(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    create_leader(pair, B, INDEX);
    pair.ok("PUT", B, "/orders/_doc/1", json!({"n": 1}));
    let url = pair.url(B);
    let answers = || http::send("GET", &url, "/", (), seconds(2)).is_ok();
    assert!(answers());
    pair.freeze(B);
    assert!(!answers(), "a frozen cluster does not answer");
    assert_eq!(pair.get(A, "/").0, 200, "the other one does");
    pair.thaw(B);
    until_true(30, "a thawed cluster answers", answers);
    pair.kill(B);
    assert!(!answers(), "a killed cluster does not answer");
    pair.restart(B);
    until_true(60, "its data is back", || pair.count(B, INDEX) == Some(1));
}

/// Connections stay open and carry nothing, while both sides go on answering.
pub fn a_frozen_link_holds_what_is_written(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    create_leader(pair, A, INDEX);
    pair.connect(B);
    follow(pair, B, INDEX);
    pair.ok("PUT", A, "/orders/_doc/1", json!({"n": 1}));
    until_true(60, "the first arrives", || pair.count(B, INDEX) == Some(1));
    pair.freeze_link(B);
    for id in 2..=50 {
        pair.ok("PUT", A, &format!("/orders/_doc/{id}"), json!({"n": id}));
    }
    assert_eq!(pair.count(A, INDEX), Some(50));
    assert_eq!(pair.count(B, INDEX), Some(1), "nothing passes a frozen link");
    pair.mend_link(B);
    until_true(90, "the others arrive", || pair.count(B, INDEX) == Some(50));
}

/// The real binary runs in a folder of its own, with what it prints caught.
pub fn the_binary_runs_beside_its_configuration(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml("[sets.orders]\nhome = \"clusterA\"\nstandby = \"clusterB\"\n");
    let written = std::fs::read_to_string(esdr.path("esdr.toml")).unwrap();
    assert!(written.contains(&pair.url(B)) && written.contains("[sets.orders]"), "{written}");
    let output = esdr.args(["--help"]).run().status(0);
    assert_eq!(output.complaint(), "");
}

/// An index that can be followed, on every version.
pub fn create_leader(pair: &Pair, site: Site, index: &str) {
    let settings = json!({
        "number_of_shards": 2,
        "number_of_replicas": 0,
        "soft_deletes.enabled": true,
    });
    pair.ok("PUT", site, &format!("/{index}"), json!({ "settings": { "index": settings } }));
}

/// Follows the index of the same name on the other side; soon after a mended link.
pub fn follow(pair: &Pair, site: Site, index: &str) {
    let body = json!({
        "remote_cluster": site.other().name(),
        "leader_index": index,
        // It also caps how long a read that failed waits before the next try.
        "read_poll_timeout": "1s",
        "max_retry_delay": "1s",
    });
    let path = format!("/{index}/_ccr/follow?wait_for_active_shards=1");
    let body = pair.ok("PUT", site, &path, body);
    assert_eq!(body["index_following_started"], true, "{body}");
}

/// Makes a follower a regular index.
pub fn promote(pair: &Pair, site: Site, index: &str) {
    for call in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
        pair.ok("POST", site, &format!("/{index}/{call}"), ());
    }
}
