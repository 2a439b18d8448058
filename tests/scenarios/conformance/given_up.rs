//! A copy whose shards fail each time that they are started.

use serde_json::{Value, json};

use super::{calls::Calls, error, following, leader_settings};
use crate::support::{
    faults::ClusterFault,
    pair::{Pair, Site::B},
};

const SHARDS: &str = "GET /_cat/shards/orders?format=json&h=index,prirep,state,unassigned.reason";

fn row(state: &str, reason: Value) -> Value {
    json!([{"index": "orders", "prirep": "p", "state": state, "unassigned.reason": reason}])
}

/// Closed it is taken as any other index that is closed: followed over.
pub fn a_copy_that_is_given_up_says_so_and_is_followed_over_once_it_is_closed(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    pair.connect(B);
    let follow = "PUT /orders/_ccr/follow?wait_for_active_shards=1";
    calls.b(follow, following("orders"), 200, json!({"index_following_started": true}));
    calls.b(SHARDS, (), 200, row("STARTED", Value::Null));
    calls.done();
    if !pair.fault(B, &ClusterFault::GivenUp { index: "orders".to_owned() }) {
        return;
    }
    let mut calls = Calls::on(pair);
    calls.b(SHARDS, (), 200, row("UNASSIGNED", json!("ALLOCATION_FAILED")));
    calls.b("GET /_cat/indices?format=json&h=health", (), 200, json!([{"health": "red"}]));
    calls.b("POST /orders/_ccr/pause_follow", (), 200, acknowledged.clone());
    let refused = error(
        "illegal_argument_exception",
        "The primary shard of a follower index [orders][0]*[deciders_no]] is not active",
    );
    calls.b("POST /orders/_ccr/resume_follow", (), 400, refused);
    calls.b("POST /orders/_close", (), 200, acknowledged);
    calls.b(follow, following("orders"), 200, json!({"index_following_started": true}));
    calls.b(SHARDS, (), 200, row("STARTED", Value::Null));
    calls.done();
}
