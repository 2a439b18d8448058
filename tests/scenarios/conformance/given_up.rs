//! A copy whose shards fail each time that they are started.

use serde_json::{Value, json};

use super::{calls::Calls, error, following, leader_settings};
use crate::support::{
    faults::{ClusterFault, until_given_up},
    pair::{
        Pair,
        Site::{A, B},
    },
};

const SHARDS: &str =
    "GET /_cluster/state/routing_table/orders,gone?filter_path=routing_table.indices";

const FOLLOW: &str = "PUT /orders/_ccr/follow?wait_for_active_shards=1";

/// `orders` with one shard, followed by B.
fn follow(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.done();
    pair.connect(B);
    let mut calls = Calls::on(pair);
    calls.b(FOLLOW, following("orders"), 200, json!({"index_following_started": true}));
    calls.done();
}

fn primary(state: &str) -> Value {
    json!({"index": "orders", "primary": true, "shard": 0, "state": state})
}

fn routed(primary: Value) -> Value {
    json!({"routing_table": {"indices": {"orders": {"shards": {"0": [primary]}}}}})
}

/// Closed it is taken as any other index that is closed: followed over.
pub fn a_copy_that_is_given_up_says_so_and_is_followed_over_once_it_is_closed(pair: &mut Pair) {
    follow(pair);
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    calls.b(SHARDS, (), 200, routed(primary("STARTED")));
    calls.done();
    if !pair.fault(B, &ClusterFault::GivenUp { index: "orders".to_owned() }) {
        return;
    }
    let mut calls = Calls::on(pair);
    let mut given_up = primary("UNASSIGNED");
    given_up["unassigned_info"] = json!({"reason": "ALLOCATION_FAILED", "failed_attempts": 5});
    calls.b(SHARDS, (), 200, routed(given_up));
    calls.b("GET /_cat/indices?format=json&h=health", (), 200, json!([{"health": "red"}]));
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    // Its primary is asked for last: whose leader is another index is refused for that.
    let refused = |reason| error("illegal_argument_exception", reason);
    let inactive = "The primary shard of a follower index [orders][0]*[deciders_no]] is not active";
    calls.b("POST /orders/_ccr/resume_follow", (), 400, refused(inactive));
    calls.a("DELETE /orders", (), 200, acknowledged.clone());
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    let another = "follow index [orders] should reference [*] as leader index but instead reference [*] as leader index";
    calls.b("POST /orders/_ccr/resume_follow", (), 400, refused(another));
    calls.b("POST /orders/_close", (), 200, acknowledged);
    calls.b(FOLLOW, following("orders"), 200, json!({"index_following_started": true}));
    calls.b(SHARDS, (), 200, routed(primary("STARTED")));
    calls.done();
}

/// A restore is tried once. Of a copy that was never whole no task tells what it follows.
pub fn a_copy_whose_leader_goes_down_meanwhile_is_given_up_at_once(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    for number in 0..200 {
        let document = json!({"text": number.to_string().repeat(99)});
        calls.a(&format!("PUT /orders/_doc/{number}"), document, 201, json!({}));
    }
    calls.done();
    pair.connect(B);
    assert!(pair.fault(B, &ClusterFault::SlowCopies));
    let mut calls = Calls::on(pair);
    let begun = json!({"follow_index_created": true, "follow_index_shards_acked": false});
    calls.b("PUT /orders/_ccr/follow", following("orders"), 200, begun);
    calls.done();
    pair.kill(A);
    until_given_up(&pair.url(B), "orders", 1);
    let mut given_up = primary("UNASSIGNED");
    given_up["recovery_source"] = json!({"type": "SNAPSHOT"});
    given_up["unassigned_info"] = json!({"reason": "ALLOCATION_FAILED", "failed_attempts": 1});
    let mut calls = Calls::on(pair);
    calls.b(SHARDS, (), 200, routed(given_up));
    calls.done();
    pair.restart(A);
    pair.relieve(B);
    let mut calls = Calls::on(pair);
    let refused = |reason| error("illegal_argument_exception", reason);
    calls.b(
        "POST /orders/_ccr/pause_follow",
        (),
        400,
        refused("no shard follow tasks for [orders]"),
    );
    let inactive = "The primary shard of a follower index [orders][0]*[deciders_no]] is not active";
    calls.b("POST /orders/_ccr/resume_follow", (), 400, refused(inactive));
    calls.b("POST /orders/_close", (), 200, acknowledged);
    calls.b(FOLLOW, following("orders"), 200, json!({"index_following_started": true}));
    calls.b(SHARDS, (), 200, routed(primary("STARTED")));
    calls.done();
}

pub fn a_copy_that_no_node_has_is_not_resumed_and_followed_over_once_it_is_closed(pair: &mut Pair) {
    follow(pair);
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    calls.done();
    if !pair.fault(B, &ClusterFault::Red { index: "orders".to_owned() }) {
        return;
    }
    let mut calls = Calls::on(pair);
    let mut lost = primary("UNASSIGNED");
    lost["unassigned_info"] = json!({"reason": "CLUSTER_RECOVERED"});
    calls.b(SHARDS, (), 200, routed(lost));
    let inactive =
        "The primary shard of a follower index [orders][0]*[no_valid_shard_copy]] is not active";
    let refused = error("illegal_argument_exception", inactive);
    calls.b("POST /orders/_ccr/resume_follow", (), 400, refused);
    calls.b("POST /orders/_close", (), 200, acknowledged);
    calls.b(FOLLOW, following("orders"), 200, json!({"index_following_started": true}));
    calls.b(SHARDS, (), 200, routed(primary("STARTED")));
    calls.done();
}
