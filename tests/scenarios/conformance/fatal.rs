//! A follower that has stopped for good, though it says that it follows.

use serde_json::json;

use super::{calls::Calls, error, following, leader_settings};
use crate::support::{
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

pub fn a_deleted_leader_is_fatal_and_another_of_its_name_is_another(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    pair.connect(B);
    let follow = "PUT /orders/_ccr/follow?wait_for_active_shards=1";
    calls.b(follow, following("orders"), 200, json!({"index_following_started": true}));
    pair.ok("DELETE", A, "/orders", ());
    until_true(60, "the task stops for good", || {
        let (_, stats) = pair.get(B, "/orders/_ccr/stats");
        stats["indices"][0]["shards"][0]["fatal_exception"].is_object()
    });
    let active = json!({"follower_indices": [{"status": "active"}]});
    calls.b("GET /orders/_ccr/info", (), 200, active);
    let fatal = json!({"fatal_exception": {"type": "index_not_found_exception"}});
    calls.b("GET /orders/_ccr/stats", (), 200, json!({"indices": [{"shards": [fatal]}]}));
    let running = error("index_not_found_exception", "no such index");
    calls.b("POST /orders/_ccr/resume_follow", (), 404, running.clone());
    calls.b("POST /orders/_ccr/pause_follow", (), 200, json!({"acknowledged": true}));
    calls.b("POST /orders/_ccr/resume_follow", (), 404, running);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    let other = error(
        "illegal_argument_exception",
        "*should reference [*] as leader index but instead reference [*] as leader index",
    );
    calls.b("POST /orders/_ccr/resume_follow", (), 400, other);
    // A follower whose leader is gone is promoted all the same; its lease went with it.
    for call in ["_close", "_ccr/unfollow", "_open"] {
        calls.b(&format!("POST /orders/{call}"), (), 200, json!({"acknowledged": true}));
    }
    calls.done();
}
