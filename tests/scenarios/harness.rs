//! The harness itself, before anything is said about esdr.

use serde_json::json;

use crate::support::{
    ledger::Writer,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::until_true,
};

const INDEX: &str = "orders";

/// Follows, parts, mends and promotes with nothing but HTTP calls.
pub fn the_pair_replicates_an_index_by_hand(pair: &mut Pair) {
    create_leader(pair, A, INDEX);
    pair.connect(B);
    follow(pair, B, INDEX);

    let writer = Writer::start(&pair.url(A), INDEX);
    writer.until_acked_more(200);
    until_true(60, "the follower holds some of it", || {
        pair.count(B, INDEX) > Some(0)
    });

    if pair.can_harm() {
        pair.cut_link(B);
        // What was under way when the link was cut may still arrive; nothing after it can.
        writer.until_acked_more(500);
        let held = pair.count(B, INDEX);
        writer.until_acked_more(500);
        assert_eq!(
            pair.count(B, INDEX),
            held,
            "nothing passes a link that is cut"
        );
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

/// An index that can be followed, on every version.
pub fn create_leader(pair: &Pair, site: Site, index: &str) {
    let settings = json!({
        "number_of_shards": 2,
        "number_of_replicas": 0,
        "soft_deletes.enabled": true,
    });
    pair.ok(
        "PUT",
        site,
        &format!("/{index}"),
        json!({ "settings": { "index": settings } }),
    );
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
