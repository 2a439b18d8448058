//! What a follower's cluster answers when the leader is gone, in each of the three ways.

use serde_json::json;

use super::{calls::Calls, error, following, leader_settings};
use crate::support::{
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

/// False where nothing can be broken, or another version answers.
fn can_lose_a_leader(pair: &Pair) -> bool {
    if !pair.can_harm() {
        return false;
    }
    pair.ok("PUT", A, "/orders", leader_settings(1));
    pair.ok("PUT", A, "/orders/_doc/1", json!({"n": 1}));
    pair.connect(B);
    let path = "/orders/_ccr/follow?wait_for_active_shards=1";
    pair.ok("PUT", B, path, following("orders"));
    until_true(60, "the document arrives", || pair.count(B, "orders") == Some(1));
    true
}

pub fn a_killed_leader_does_not_hold_a_promotion_up(pair: &mut Pair) {
    if can_lose_a_leader(pair) {
        pair.kill(A);
        the_leader_refuses(pair);
    }
}

pub fn a_cut_link_looks_like_a_killed_leader(pair: &mut Pair) {
    if can_lose_a_leader(pair) {
        pair.cut_link(B);
        the_leader_refuses(pair);
        assert_eq!(pair.get(A, "/").0, 200, "it answers everybody else");
    }
}

fn the_leader_refuses(pair: &Pair) {
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    until_true(60, "the follower's reads fail", || {
        let (_, stats) = pair.get(B, "/orders/_ccr/stats");
        stats["indices"][0]["shards"][0]["read_exceptions"]
            .as_array()
            .is_some_and(|e| !e.is_empty())
    });
    // It says that nothing is behind, and that it follows.
    let shard = json!({
        "leader_global_checkpoint": 0, "follower_global_checkpoint": 0,
        "failed_read_requests": "<int>", "fatal_exception": "<absent>",
        "read_exceptions": [{"from_seq_no": 1, "retries": "<int>", "exception": {
            "type": "<string>", "reason": "<string>",
        }}],
    });
    calls.b("GET /orders/_ccr/stats", (), 200, json!({"indices": [{"shards": [shard]}]}));
    let active = json!({"follower_indices": [{"status": "active"}]});
    calls.b("GET /orders/_ccr/info", (), 200, active);
    let apart = json!({"clusterA": {"connected": false, "num_nodes_connected": 0}});
    calls.b("GET /_remote/info", (), 200, apart);
    let unknown = error(
        "status_exception",
        "can not fetch remote index [clusterA:orders] metadata as \
        the license state of the remote cluster [clusterA] could not be determined",
    );
    calls.b("PUT /copy/_ccr/follow", following("orders"), 400, unknown.clone());
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    calls.b("POST /orders/_ccr/resume_follow", (), 400, unknown);
    calls.b("POST /orders/_close", (), 200, acknowledged.clone());
    // It has taken effect, whatever it says.
    let lease = json!({"error": {
        "type": "exception", "reason": "<string>",
        "failed_to_remove_retention_leases": "clusterB/orders/*-following-clusterA/orders/*",
    }});
    calls.b("POST /orders/_ccr/unfollow", (), 500, lease);
    calls.b("GET /orders/_ccr/info", (), 200, json!({"follower_indices": []}));
    let done = error("illegal_argument_exception", "index [orders] is not a follower index");
    calls.b("POST /orders/_ccr/unfollow", (), 400, done);
    calls.b("POST /orders/_open", (), 200, acknowledged);
    calls.b("PUT /orders/_doc/2", json!({"n": 2}), 201, json!({"_seq_no": 1}));
    if calls.is_known("a search of a remote that refuses, skipped from 8.15 on") {
        let probe = "GET /clusterA:esdr-probe-*/_search?size=0&ignore_unavailable=true";
        calls.b(probe, (), 500, json!({"error": {"type": "<string>"}}));
    }
    calls.done();
}

pub fn a_frozen_leader_keeps_answers_back_and_no_effects(pair: &mut Pair) {
    if can_lose_a_leader(pair) {
        pair.freeze(A);
        the_leader_is_silent(pair);
    }
}

pub fn a_frozen_link_looks_like_a_frozen_leader(pair: &mut Pair) {
    if can_lose_a_leader(pair) {
        pair.freeze_link(B);
        the_leader_is_silent(pair);
        assert_eq!(pair.get(A, "/").0, 200, "it answers everybody else");
    }
}

fn the_leader_is_silent(pair: &Pair) {
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    let shard = json!({
        "leader_global_checkpoint": 0, "follower_global_checkpoint": 0, "read_exceptions": [],
        "fatal_exception": "<absent>",
    });
    calls.b("GET /orders/_ccr/stats", (), 200, json!({"indices": [{"shards": [shard]}]}));
    if calls.is_6_8 {
        calls.b_unanswered("GET /_remote/info", ());
    } else {
        // Wrongly so.
        let info = json!({"clusterA": {"connected": true, "num_nodes_connected": 1}});
        calls.b("GET /_remote/info", (), 200, info);
    }
    calls.b_unanswered("GET /clusterA:esdr-probe-*/_search?size=0&ignore_unavailable=true", ());
    calls.b_unanswered("PUT /copy/_ccr/follow", following("orders"));
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    calls.b("POST /orders/_close", (), 200, acknowledged.clone());
    calls.b_unanswered("POST /orders/_ccr/unfollow", ());
    calls.b("GET /orders/_ccr/info", (), 200, json!({"follower_indices": []}));
    let done = error("illegal_argument_exception", "index [orders] is not a follower index");
    calls.b("POST /orders/_ccr/unfollow", (), 400, done);
    calls.b("POST /orders/_open", (), 200, acknowledged);
    calls.b("PUT /orders/_doc/2", json!({"n": 2}), 201, json!({"_seq_no": 1}));
    calls.done();
}
