//! What keeps writers off an index, off its aliases, and off names that are still to be born.

use serde_json::{Value, json};

use super::{calls::Calls, error, following, leader_settings};
use crate::support::pair::{Pair, Site::B};

const LOGS: &str = "/logs-000001";

fn blocked(which: &str) -> Value {
    error("cluster_block_exception", &format!("*blocked by: {which};"))
}

const WRITE: &str = "[FORBIDDEN/8/index write (api)]";
const READ_ONLY: &str = "[FORBIDDEN/5/index read-only (api)]";

fn logs(calls: &mut Calls<'_>) {
    let mut body = leader_settings(1);
    body["aliases"] = json!({"logs": {"is_write_index": true}, "all": {}});
    calls.a(&format!("PUT {LOGS}"), body, 200, json!({}));
    calls.a(&format!("PUT {LOGS}/_doc/1"), json!({"n": 1}), 201, json!({}));
}

pub fn a_read_only_index_refuses_writes_and_every_change_of_its_metadata(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    logs(&mut calls);
    let acknowledged = json!({"acknowledged": true});
    let settings = format!("PUT {LOGS}/_settings");
    let both = json!({"index.blocks.write": true, "index.blocks.read_only": true});
    calls.a(&settings, both.clone(), 200, acknowledged.clone());
    calls.a(&settings, both, 200, acknowledged.clone());
    let written = calls.either(
        blocked(&format!("{WRITE};{READ_ONLY}")),
        error(
            "cluster_block_exception",
            "*blocked by: [FORBIDDEN/8/index write (api), FORBIDDEN/5/index read-only (api)];",
        ),
    );
    calls.a("PUT /logs/_doc/2", json!({"n": 2}), 403, written.clone());
    calls.a(&format!("PUT {LOGS}/_doc/2"), json!({"n": 2}), 403, written);
    let refused = || blocked(READ_ONLY);
    calls.a("POST /logs/_rollover", (), 403, refused());
    calls.a("POST /logs/_rollover/other-000001", json!({}), 403, refused());
    for action in [
        json!({"add": {"index": "logs-000001", "alias": "more"}}),
        json!({"remove": {"index": "logs-000001", "alias": "logs"}}),
        json!({"remove_index": {"index": "logs-000001"}}),
    ] {
        calls.a("POST /_aliases", json!({"actions": [action]}), 403, refused());
    }
    calls.a(&format!("POST {LOGS}/_close"), (), 403, refused());
    calls.a(&format!("DELETE {LOGS}"), (), 403, refused());
    let mapping = json!({"properties": {"more": {"type": "long"}}});
    calls.a(&format!("PUT {LOGS}/_mapping/_doc"), mapping, 403, refused());
    // One block alone is not lifted, nor set, under the other.
    calls.a(&settings, json!({"index.blocks.write": null}), 403, refused());
    calls.a(&settings, json!({"index.blocks.write": true}), 403, refused());
    calls.a(&settings, json!({"index.refresh_interval": "7s"}), 403, refused());
    let aliases = json!({"logs-000001": {"aliases": {"logs": {"is_write_index": true}, "all": {}, "more": "<absent>"}}});
    calls.a(&format!("GET {LOGS}/_alias"), (), 200, aliases);
    let keeps = json!({"index.blocks.read_only": true, "index.blocks.write": null});
    calls.a(&settings, keeps, 200, acknowledged.clone());
    calls.a("PUT /logs/_doc/2", json!({"n": 2}), 403, blocked(READ_ONLY));
    let lifted = json!({"index.blocks.read_only": null, "index.blocks.write": null});
    calls.a(&settings, lifted, 200, acknowledged);
    calls.a("PUT /logs/_doc/2", json!({"n": 2}), 201, json!({"_seq_no": 1}));
    let none = json!({"logs-000001": {"settings": {
        "index.blocks.read_only": "<absent>", "index.blocks.write": "<absent>",
    }}});
    calls.a(&format!("GET {LOGS}/_settings?flat_settings=true"), (), 200, none);
    calls.done();
}

pub fn a_follower_reads_from_a_read_only_leader_and_is_let_go_by_it(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({}));
    pair.connect(B);
    let follow = "PUT /orders/_ccr/follow?wait_for_active_shards=1";
    calls.b(follow, following("orders"), 200, json!({"index_following_started": true}));
    calls.a("PUT /orders/_doc/2", json!({"n": 2}), 201, json!({}));
    let both = json!({"index.blocks.write": true, "index.blocks.read_only": true});
    let acknowledged = json!({"acknowledged": true});
    calls.a("PUT /orders/_settings", both, 200, acknowledged.clone());
    calls.until_copied("orders", 2);
    let none = json!({"orders": {"settings": {
        "index.blocks.read_only": "<absent>", "index.blocks.write": "<absent>",
    }}});
    calls.b("GET /orders/_settings?flat_settings=true", (), 200, none);
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    calls.b("POST /orders/_close", (), 200, acknowledged.clone());
    calls.b("POST /orders/_ccr/unfollow", (), 200, acknowledged);
    calls.b("POST /orders/_open", (), 200, json!({"acknowledged": true}));
    calls.b("PUT /orders/_doc/3", json!({"n": 3}), 201, json!({"_seq_no": 2}));
    calls.done();
}

/// A template that says of what is born whether it is blocked, as the server's age takes it.
fn template(calls: &Calls<'_>, patterns: &[&str], rank: u32, blocks: bool) -> Value {
    let settings = json!({"index.blocks.write": blocks});
    calls.either(
        json!({"index_patterns": patterns, "order": rank, "settings": settings}),
        json!({"index_patterns": patterns, "priority": rank, "template": {"settings": settings}}),
    )
}

pub fn a_template_of_the_highest_rank_blocks_what_is_born(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let kind = calls.either("/_template", "/_index_template");
    let acknowledged = json!({"acknowledged": true});
    let missing = calls.either(json!({}), json!({"index_templates": []}));
    let status = calls.either(404, 200);
    calls.a(&format!("GET {kind}/esdr-fence-*"), (), status, missing);
    // The set's own, which says nothing of blocks, or that there are none.
    let own = template(&calls, &["logs-*"], 1, false);
    calls.a(&format!("PUT {kind}/esdr-tests"), own, 200, acknowledged.clone());
    let fence = template(&calls, &["logs-*"], 2_147_483_646, true);
    calls.a(&format!("PUT {kind}/esdr-fence-logs"), fence.clone(), 200, acknowledged.clone());
    calls.a(&format!("PUT {kind}/esdr-fence-logs"), fence, 200, acknowledged.clone());
    let shown = json!({"index": {"blocks": {"write": "true"}}});
    let one = calls.either(
        json!({"esdr-fence-logs": {
            "index_patterns": ["logs-*"], "order": 2_147_483_646, "settings": shown,
            "mappings": {}, "aliases": {},
        }}),
        json!({"index_templates": [{"name": "esdr-fence-logs", "index_template": {
            "index_patterns": ["logs-*"], "priority": 2_147_483_646,
            "template": {"settings": shown},
        }}]}),
    );
    calls.a(&format!("GET {kind}/esdr-fence-*"), (), 200, one);
    calls.a("PUT /logs-day-1/_doc/1", json!({"n": 1}), 403, blocked(WRITE));
    calls.a("PUT /logs-day-2", (), 200, json!({"acknowledged": true}));
    calls.a("PUT /logs-day-2/_doc/1", json!({"n": 1}), 403, blocked(WRITE));
    let born = json!({
        "logs-day-1": {"settings": {"index.blocks.write": "true"}},
        "logs-day-2": {"settings": {"index.blocks.write": "true"}},
    });
    calls.a("GET /logs-day-*/_settings?flat_settings=true", (), 200, born);
    // A rollover is not stopped by it, what it makes is.
    let mut body = leader_settings(1);
    body["settings"]["index"]["blocks.write"] = json!(false);
    body["aliases"] = json!({"logs": {"is_write_index": true}});
    calls.a(&format!("PUT {LOGS}"), body, 200, json!({}));
    calls.a(&format!("PUT {LOGS}/_doc/1"), json!({"n": 1}), 201, json!({}));
    calls.a("POST /logs/_rollover", (), 200, json!({"new_index": "logs-000002"}));
    calls.a("PUT /logs/_doc/2", json!({"n": 2}), 403, blocked(WRITE));
    // Who makes an index may say otherwise: an administrator, never a client's first write.
    let open = json!({"settings": {"index.blocks.write": false}});
    calls.a("PUT /logs-day-3", open, 200, json!({"acknowledged": true}));
    calls.a("PUT /logs-day-3/_doc/1", json!({"n": 1}), 201, json!({}));
    calls.a("PUT /other-1/_doc/1", json!({"n": 1}), 201, json!({}));
    calls.a(&format!("DELETE {kind}/esdr-fence-logs"), (), 200, acknowledged);
    calls.a("PUT /logs-day-4/_doc/1", json!({"n": 1}), 201, json!({}));
    calls.done();
}

pub fn names_that_are_left_out_have_a_template_of_a_higher_rank(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let kind = calls.either("/_template", "/_index_template");
    let acknowledged = json!({"acknowledged": true});
    let fence = template(&calls, &["logs-*"], 2_147_483_646, true);
    calls.a(&format!("PUT {kind}/esdr-fence-logs"), fence, 200, acknowledged.clone());
    let beside = template(&calls, &["logs-tmp-*"], 2_147_483_647, false);
    calls.a(&format!("PUT {kind}/esdr-fence-logs-but"), beside, 200, acknowledged);
    calls.a("PUT /logs-1/_doc/1", json!({"n": 1}), 403, blocked(WRITE));
    calls.a("PUT /logs-tmp-1/_doc/1", json!({"n": 1}), 201, json!({}));
    let twin = template(&calls, &["logs-*"], 2_147_483_646, true);
    if calls.is_6_8 {
        // Of one order there may be several.
        calls.a(&format!("PUT {kind}/esdr-tests-twin"), twin, 200, json!({"acknowledged": true}));
    } else {
        let refused = error("illegal_argument_exception", "*that have the same priority*");
        calls.a(&format!("PUT {kind}/esdr-tests-twin"), twin, 400, refused);
    }
    calls.done();
}
