//! From follower to regular index and back, and each step asked for twice.

use serde_json::{Value, json};

use super::{calls::Calls, error, following, leader_settings, peer};
use crate::support::pair::{Pair, Site::B};

const FLAGS: &str = "GET /_settings/index.xpack.ccr.following_index?flat_settings=true";
const FOLLOW: &str = "PUT /orders/_ccr/follow?wait_for_active_shards=1";

fn a_follower(pair: &Pair) -> Calls<'_> {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({}));
    pair.connect(B);
    calls.b(FOLLOW, following("orders"), 200, json!({"index_following_started": true}));
    calls.until_copied("orders", 1);
    calls
}

pub fn a_follower_is_paused_once(pair: &mut Pair) {
    let mut calls = a_follower(pair);
    let acknowledged = json!({"acknowledged": true});
    let running = error("resource_already_exists_exception", "task with id {*-0} already exist");
    calls.b("POST /orders/_ccr/resume_follow", (), 400, running);
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    let paused = error("illegal_argument_exception", "no shard follow tasks for [orders]");
    calls.b("POST /orders/_ccr/pause_follow", (), 400, paused);
    let row = json!({
        "follower_index": "orders", "remote_cluster": "clusterA", "leader_index": "orders",
        "status": "paused", "parameters": "<absent>",
    });
    calls.b("GET /orders/_ccr/info", (), 200, json!({"follower_indices": [row]}));
    let none = "No shard follow tasks for follower indices [orders]";
    let none = error("resource_not_found_exception", none);
    calls.b("GET /orders/_ccr/stats", (), 404, none);
    calls.b("GET /_ccr/stats", (), 200, json!({"follow_stats": {"indices": []}}));
    calls.done();
}

pub fn a_follower_is_resumed_with_parameters_or_without(pair: &mut Pair) {
    let mut calls = a_follower(pair);
    let acknowledged = json!({"acknowledged": true});
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    let body = json!({"read_poll_timeout": "2s"});
    calls.b("POST /orders/_ccr/resume_follow", body, 200, acknowledged.clone());
    let kept = json!({"follower_indices": [{
        "status": "active",
        "parameters": {"read_poll_timeout": "2s", "max_retry_delay": "500ms"},
    }]});
    calls.b("GET /orders/_ccr/info", (), 200, kept);
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    // Without a body the parameters are the server's, not those of before.
    calls.b("POST /orders/_ccr/resume_follow", (), 200, acknowledged.clone());
    let lost = json!({"follower_indices": [{"parameters": {"read_poll_timeout": "1m"}}]});
    calls.b("GET /orders/_ccr/info", (), 200, lost);
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    calls.b("POST /orders/_close", (), 200, acknowledged);
    let closed = error("illegal_argument_exception", "leader and follow index must be open");
    calls.b("POST /orders/_ccr/resume_follow", (), 400, closed);
    calls.done();
}

pub fn a_follower_is_promoted_in_four_calls(pair: &mut Pair) {
    let mut calls = a_follower(pair);
    let acknowledged = json!({"acknowledged": true});
    let unfollow = "POST /orders/_ccr/unfollow";
    let order =
        "cannot convert the follower index [orders] to a non-follower, because it has not been";
    let open = error("illegal_argument_exception", &format!("{order} closed"));
    calls.b(unfollow, (), 400, open.clone());
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    calls.b(unfollow, (), 400, open);
    calls.b("POST /orders/_close", (), 200, acknowledged.clone());
    // A closed follower is still one, and its checkpoints cannot be read.
    let paused = json!({"follower_indices": [{"follower_index": "orders", "status": "paused"}]});
    calls.b("GET /orders/_ccr/info", (), 200, paused.clone());
    closed_but_still_following(&mut calls, &paused);
    calls.b(
        "POST /orders/_open",
        (),
        200,
        json!({"acknowledged": true, "shards_acknowledged": true}),
    );
    calls.b("GET /orders/_ccr/info", (), 200, paused);
    calls.b("POST /orders/_close", (), 200, acknowledged.clone());
    calls.b(unfollow, (), 200, acknowledged.clone());
    let done = error("illegal_argument_exception", "index [orders] is not a follower index");
    calls.b(unfollow, (), 400, done);
    calls.b("GET /orders/_ccr/info", (), 200, json!({"follower_indices": []}));
    calls.b(&format!("{FLAGS}&expand_wildcards=all"), (), 200, json!({"orders": "<absent>"}));
    let no_lease = json!({"indices": {"orders": {"shards": {"0": [
        {"retention_leases": {"leases": calls.either(json!([]), json!([peer()]))}},
    ]}}}});
    calls.a("GET /orders/_stats?level=shards", (), 200, no_lease);
    calls.b("POST /orders/_open", (), 200, acknowledged);
    calls.b("PUT /orders/_doc/2", json!({"n": 2}), 201, json!({"_seq_no": 1, "_version": 1}));
    calls.done();
}

/// What is closed is listed by some calls, and by others only when asked for.
fn closed_but_still_following(calls: &mut Calls<'_>, paused: &Value) {
    calls.b("GET /_all/_ccr/info", (), 200, paused.clone());
    let unlisted = json!({"orders": "<absent>"});
    calls.b("GET /_all/_settings?flat_settings=true", (), 200, unlisted.clone());
    if calls.is_known("closed indices in GET /_alias") {
        calls.b("GET /_alias", (), 200, unlisted.clone());
    }
    calls.b("GET /_all/_alias", (), 200, json!({"orders": {"aliases": {}}}));
    calls.b("GET /_stats?level=shards", (), 200, json!({"indices": unlisted}));
    calls.b("GET /_all/_recovery", (), 200, unlisted.clone());
    let closed = error("index_closed_exception", "closed");
    calls.b("GET /orders/_stats?level=shards", (), 400, closed);
    let flag = json!({"orders": {"settings": {"index.xpack.ccr.following_index": "true"}}});
    calls.b(FLAGS, (), 200, unlisted);
    calls.b(&format!("{FLAGS}&expand_wildcards=all"), (), 200, flag);
}

pub fn a_follow_goes_over_a_closed_copy_and_never_over_an_open_one(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({}));
    pair.connect(B);
    let mut stale = leader_settings(1);
    stale["aliases"] = json!({"all": {}});
    calls.b("PUT /orders", stale, 200, json!({}));
    for id in ["7", "8"] {
        calls.b(&format!("PUT /orders/_doc/{id}"), json!({"orphan": true}), 201, json!({}));
    }
    let open =
        "*cannot restore index [orders] because an open index with same name already exists*";
    calls.b(FOLLOW, following("orders"), 500, error("snapshot_restore_exception", open));
    calls.b("POST /orders/_close", (), 200, json!({"acknowledged": true}));
    calls.b(FOLLOW, following("orders"), 200, json!({"index_following_started": true}));
    calls.until_copied("orders", 1);
    calls.b("GET /orders/_doc/7", (), 404, json!({"found": false}));
    let aliases = json!({"orders": {"aliases": {"all": "<absent>"}}});
    calls.b("GET /orders/_alias", (), 200, aliases);
    // Another number of shards cannot be gone over.
    calls.b("PUT /wide", leader_settings(2), 200, json!({}));
    calls.b("POST /wide/_close", (), 200, json!({"acknowledged": true}));
    let wide = error("snapshot_restore_exception", "*with [2] shard*");
    calls.b("PUT /wide/_ccr/follow", following("orders"), 500, wide);
    calls.done();
}

pub fn a_leader_forgets_a_follower(pair: &mut Pair) {
    let mut calls = a_follower(pair);
    let info = pair.ok("GET", B, "/orders/_settings?flat_settings=true", ());
    let uuid = &info["orders"]["settings"]["index.uuid"];
    calls.b("POST /orders/_ccr/pause_follow", (), 200, json!({"acknowledged": true}));
    let body = json!({
        "follower_cluster": "clusterB", "follower_index": "orders",
        "follower_index_uuid": uuid, "leader_remote_cluster": "clusterA",
    });
    let forget = "POST /orders/_ccr/forget_follower";
    let done = json!({"_shards": {"total": 1, "successful": 1, "failed": 0}});
    calls.a(forget, body.clone(), 200, done);
    // Nothing left to forget is a failure within an answer of 200.
    let again =
        json!({"_shards": {"total": 1, "successful": 0, "failed": 1, "failures": "<list>"}});
    calls.a(forget, body.clone(), 200, again);
    let missing = error("index_not_found_exception", "no such index");
    calls.a("POST /missing/_ccr/forget_follower", body, 404, missing);
    calls.done();
}
