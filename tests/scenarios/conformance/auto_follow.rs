//! Auto-follow patterns.

use serde_json::{Value, json};

use super::{calls::Calls, error, leader_settings};
use crate::support::{
    pair::{Pair, Site::B},
    until::until_true,
};

const PATTERN: &str = "/_ccr/auto_follow/logs";

pub fn a_pattern_is_put_read_and_deleted(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    let body = json!({"remote_cluster": "clusterA", "leader_index_patterns": ["logs-*"]});
    let no_remote = error("no_such_remote_cluster_exception", "no such remote cluster: [clusterA]");
    calls.b(&format!("PUT {PATTERN}"), body.clone(), 404, no_remote);
    pair.connect(B);
    calls.b("GET /_ccr/auto_follow", (), 200, json!({"patterns": []}));
    calls.b(&format!("PUT {PATTERN}"), body.clone(), 200, acknowledged.clone());
    let mut renaming = body.clone();
    renaming["follow_index_pattern"] = json!("copy-{{leader_index}}");
    renaming["max_retry_delay"] = json!("1s");
    calls.b(&format!("PUT {PATTERN}"), renaming, 200, acknowledged.clone());
    let active = calls.either(json!("<absent>"), json!(true));
    let pattern = json!({
        "active": active, "remote_cluster": "clusterA",
        "leader_index_patterns": ["logs-*"], "follow_index_pattern": "copy-{{leader_index}}",
        "max_retry_delay": "1s",
    });
    let one = json!({"patterns": [{"name": "logs", "pattern": pattern}]});
    calls.b(&format!("GET {PATTERN}"), (), 200, one.clone());
    calls.b("GET /_ccr/auto_follow", (), 200, one);
    let missing = error("resource_not_found_exception", "auto-follow pattern [missing] is missing");
    calls.b("GET /_ccr/auto_follow/missing", (), 404, missing.clone());
    calls.b("DELETE /_ccr/auto_follow/missing", (), 404, missing);
    what_came_later(&mut calls, body);
    calls.b(&format!("DELETE {PATTERN}"), (), 200, acknowledged);
    calls.b("GET /_ccr/auto_follow", (), 200, json!({"patterns": []}));
    calls.done();
}

/// Pausing a pattern, and exclusions.
fn what_came_later(calls: &mut Calls<'_>, mut body: Value) {
    body["leader_index_exclusion_patterns"] = json!(["logs-tmp-*"]);
    let (pause, put) = (format!("POST {PATTERN}/pause"), format!("PUT {PATTERN}"));
    if calls.is_6_8 {
        let no_handler =
            "no handler found for uri [/_ccr/auto_follow/logs/pause] and method [POST]";
        calls.b(&pause, (), 400, json!({"error": no_handler}));
        let unknown =
            error("x_content_parse_exception", "*unknown field [leader_index_exclusion_patterns]*");
        calls.b(&put, body, 400, unknown);
        return;
    }
    let acknowledged = json!({"acknowledged": true});
    calls.b(&pause, (), 200, acknowledged.clone());
    let paused = json!({"patterns": [{"name": "logs", "pattern": {"active": false}}]});
    calls.b(&format!("GET {PATTERN}"), (), 200, paused);
    let resume = format!("POST {PATTERN}/resume");
    calls.b(&resume, (), 200, acknowledged.clone());
    calls.b(&put, body, 200, acknowledged);
    let pattern = json!({"active": true, "leader_index_exclusion_patterns": ["logs-tmp-*"]});
    let excluding = json!({"patterns": [{"pattern": pattern}]});
    calls.b(&format!("GET {PATTERN}"), (), 200, excluding);
}

pub fn a_pattern_follows_what_is_born_after_it(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /logs-1", leader_settings(1), 200, json!({}));
    pair.connect(B);
    let body = json!({"remote_cluster": "clusterA", "leader_index_patterns": ["logs-*"]});
    calls.b(&format!("PUT {PATTERN}"), body, 200, json!({"acknowledged": true}));
    calls.a("PUT /logs-2", leader_settings(1), 200, json!({}));
    calls.a("PUT /other", leader_settings(1), 200, json!({}));
    // Copied first and followed then: between the two it looks like one that was paused.
    until_true(60, "logs-2 is followed", || {
        let (_, info) = pair.get(B, "/logs-2/_ccr/info");
        info["follower_indices"][0]["status"] == "active"
    });
    let rows = json!({"follower_indices": [{"follower_index": "logs-2", "status": "active"}]});
    calls.b("GET /_all/_ccr/info", (), 200, rows);
    let missing = error("index_not_found_exception", "no such index");
    calls.b("GET /logs-1/_ccr/info", (), 404, missing);
    let stats = json!({"auto_follow_stats": {
        "number_of_successful_follow_indices": "<int>",
        "number_of_failed_follow_indices": "<int>", "recent_auto_follow_errors": "<list>",
        "auto_followed_clusters": [{"cluster_name": "clusterA"}],
    }});
    calls.b("GET /_ccr/stats", (), 200, stats);
    calls.done();
}
