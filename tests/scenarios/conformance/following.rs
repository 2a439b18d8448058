//! Beginning to follow, and what is seen of a follower.

use serde_json::json;

use super::{calls::Calls, error, following, leader_settings, peer};
use crate::support::pair::{Pair, Site::B};

pub fn a_follow_that_cannot_be_is_refused(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    let settings = json!({"settings": {"index.number_of_replicas": 0}});
    calls.a("PUT /plain", settings, 200, json!({}));
    let no_remote = error("no_such_remote_cluster_exception", "no such remote cluster: [clusterA]");
    calls.b("PUT /orders/_ccr/follow", following("orders"), 404, no_remote);
    pair.connect(B);
    let missing = error("index_not_found_exception", "no such index");
    calls.b("PUT /orders/_ccr/follow", following("missing"), 404, missing);
    // Later versions know no index without soft deletes.
    if calls.is_6_8 {
        let plain = error(
            "illegal_argument_exception",
            "leader index [plain] does not have soft deletes enabled. *",
        );
        calls.b("PUT /plain/_ccr/follow", following("plain"), 400, plain);
    }
    let unknown = error("x_content_parse_exception", "*unknown field [leader_indices]*");
    calls.b("PUT /orders/_ccr/follow", json!({"leader_indices": "orders"}), 400, unknown);
    let timeout = error("illegal_argument_exception", "*unrecognized parameter: [timeout]");
    calls.b("PUT /orders/_ccr/follow?timeout=1s", following("orders"), 400, timeout);
    calls.b("GET /_cat/indices?format=json&h=index", (), 200, json!([]));
    calls.done();
}

pub fn a_follower_is_seen_and_is_read_only(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({}));
    pair.connect(B);
    let started = json!({
        "follow_index_created": true, "follow_index_shards_acked": true,
        "index_following_started": true,
    });
    let path = "PUT /orders/_ccr/follow?wait_for_active_shards=1";
    calls.b(path, following("orders"), 200, started);
    calls.until_copied("orders", 1);
    let open = "cannot restore index [orders] because an open index with same name already exists*";
    let exists = error("snapshot_restore_exception", &format!("*{open}"));
    calls.b(path, following("orders"), 500, exists);
    seen(&mut calls);
    let engine =
        "a following engine does not accept operations without an assigned sequence number";
    let refusal = error("status_exception", engine);
    calls.b("PUT /orders/_doc/2", json!({"n": 2}), 403, refusal.clone());
    let bulk = "{\"index\":{\"_id\":\"2\"}}\n{\"n\":2}\n".to_owned();
    let item = json!({"index": {"status": 403, "error": refusal["error"]}});
    calls.b("POST /orders/_doc/_bulk", bulk, 200, json!({"errors": true, "items": [item]}));
    let flag = json!({"index.xpack.ccr.following_index": false});
    let internal = error(
        "illegal_argument_exception",
        "can not update internal setting [index.xpack.ccr.following_index]; this setting is \
         managed via a dedicated API",
    );
    calls.b("PUT /orders/_settings", flag, 400, internal);
    let alias = json!({"actions": [{"add": {"index": "orders", "alias": "all"}}]});
    if calls.is_6_8 {
        calls.b("POST /_aliases", alias, 200, json!({"acknowledged": true}));
    } else {
        let refused = "can't modify aliases on indices [orders]; aliases of following indices are \
                       self-replicated from their leader indices";
        let refused = error("status_exception", refused);
        calls.b("POST /_aliases", alias, 403, refused);
    }
    calls.done();
}

/// Everything by which esdr knows a follower, on a follower that runs.
fn seen(calls: &mut Calls<'_>) {
    let row = json!({
        "follower_index": "orders", "remote_cluster": "clusterA", "leader_index": "orders",
        "status": "active",
        "parameters": {
            "max_read_request_operation_count": 5120, "max_outstanding_read_requests": 12,
            "max_read_request_size": "32mb", "max_write_request_operation_count": 5120,
            "max_write_request_size": "9223372036854775807b",
            "max_outstanding_write_requests": 9, "max_write_buffer_count": 2_147_483_647,
            "max_write_buffer_size": "512mb", "max_retry_delay": "500ms",
            "read_poll_timeout": "1s",
        },
    });
    calls.b("GET /orders/_ccr/info", (), 200, json!({"follower_indices": [row]}));
    let shard = json!({
        "remote_cluster": "clusterA", "leader_index": "orders", "follower_index": "orders",
        "shard_id": 0, "leader_global_checkpoint": 0, "leader_max_seq_no": 0,
        "follower_global_checkpoint": 0, "follower_max_seq_no": 0, "last_requested_seq_no": 0,
        "outstanding_read_requests": "<int>", "outstanding_write_requests": 0,
        "write_buffer_operation_count": 0, "failed_read_requests": 0,
        "failed_write_requests": 0, "operations_written": "<int>", "read_exceptions": [],
        "time_since_last_read_millis": "<int>", "fatal_exception": "<absent>",
    });
    let one = json!({"index": "orders", "shards": [shard]});
    calls.b("GET /orders/_ccr/stats", (), 200, json!({"indices": [one]}));
    // A node tells the errors of patterns that are long deleted, until it is restarted.
    let all = json!({
        "auto_follow_stats": {
            "recent_auto_follow_errors": "<list>", "auto_followed_clusters": [],
        },
        "follow_stats": {"indices": [one]},
    });
    calls.b("GET /_ccr/stats", (), 200, all);
    let flag = json!({"orders": {"settings": {"index.xpack.ccr.following_index": "true"}}});
    let path = "GET /_settings/index.xpack.ccr.following_index?flat_settings=true";
    calls.b(path, (), 200, flag);
    let lease = json!({"id": "clusterB/orders/*-following-clusterA/orders/*",
        "retaining_seq_no": "<int>", "timestamp": "<int>", "source": "ccr"});
    let leased = json!({"indices": {"orders": {"shards": {"0": [
        {"retention_leases": {"leases": calls.either(json!([lease]), json!([peer(), lease]))}},
    ]}}}});
    calls.a("GET /orders/_stats?level=shards", (), 200, leased);
    let task = json!({
        "id": "*-0", "assignment": {"executor_node": "<string>", "explanation": "<string>"},
        "task": {"xpack/ccr/shard_follow_task": {"params": {
            "remote_cluster": "clusterA", "leader_shard_index": "orders",
            "leader_shard_index_uuid": "<string>", "leader_shard_shard": 0,
            "follow_shard_index": "orders", "follow_shard_index_uuid": "<string>",
            "follow_shard_shard": 0,
        }}},
    });
    let state = json!({"metadata": {"persistent_tasks": {"tasks": [task]}}});
    calls.b("GET /_cluster/state/metadata?filter_path=metadata.persistent_tasks", (), 200, state);
    let copied = json!({"orders": {"shards": [{
        "type": "SNAPSHOT", "stage": "DONE",
        "source": {"repository": "_ccr_clusterA", "snapshot": "_latest_"},
    }]}});
    calls.b("GET /orders/_recovery", (), 200, copied);
}

pub fn what_does_not_follow_is_seen_as_such(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.b("GET /_ccr/stats", (), 200, json!({"follow_stats": {"indices": []}}));
    calls.b("GET /_all/_ccr/info", (), 200, json!({"follower_indices": []}));
    calls.b("PUT /plain", leader_settings(1), 200, json!({}));
    let none = json!({"follower_indices": []});
    calls.b("GET /plain/_ccr/info", (), 200, none.clone());
    calls.b("GET /pla*/_ccr/info", (), 200, none);
    let missing = error("index_not_found_exception", "no such index");
    calls.b("GET /missing/_ccr/info", (), 404, missing);
    let no_task =
        error("resource_not_found_exception", "No shard follow tasks for follower indices [plain]");
    calls.b("GET /plain/_ccr/stats", (), 404, no_task);
    let none =
        calls.either("no shard follow tasks for [plain]", "index [plain] is not a follower index");
    let none = error("illegal_argument_exception", none);
    calls.b("POST /plain/_ccr/pause_follow", (), 400, none);
    let none = error("illegal_argument_exception", "no shard follow tasks for [missing]");
    let missing = error("index_not_found_exception", "no such index");
    let (status, none) = calls.either((400, none), (404, missing));
    calls.b("POST /missing/_ccr/pause_follow", (), status, none);
    let regular = "follow index [plain] does not have ccr metadata";
    let refused = error("illegal_argument_exception", regular);
    calls.b("POST /plain/_ccr/resume_follow", (), 400, refused);
    let refused = error("illegal_argument_exception", "index [plain] is not a follower index");
    calls.b("POST /plain/_ccr/unfollow", (), 400, refused);
    let missing = error("index_not_found_exception", "no such index");
    calls.b("POST /missing/_ccr/unfollow", (), 404, missing.clone());
    calls.b("POST /missing/_ccr/resume_follow", (), 404, missing);
    calls.done();
}
