//! What a cluster tells of the room that it has.

use serde_json::{Value, json};

use super::{calls::Calls, leader_settings};
use crate::support::pair::Pair;

const ALLOCATION: &str = "GET /_cat/allocation?format=json&bytes=b";
const SETTINGS: &str = "GET /_cluster/settings?include_defaults=true&flat_settings=true";
const HIGH: &str = "cluster.routing.allocation.disk.watermark.high";
const LOW: &str = "cluster.routing.allocation.disk.watermark.low";

fn node() -> Value {
    json!({
        "node": "clusterA-1", "ip": "127.0.0.1",
        "disk.avail": "<string>", "disk.total": "<string>",
    })
}

pub fn a_cluster_tells_its_disks_and_its_watermarks(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a(ALLOCATION, (), 200, json!([node()]));
    let defaults = json!({
        "cluster.max_shards_per_node": "1000", LOW: "85%", HIGH: "90%",
        "cluster.routing.allocation.disk.threshold_enabled": "<string>",
    });
    calls.a(SETTINGS, (), 200, json!({"persistent": {LOW: "<absent>"}, "defaults": defaults}));
    // One that is a size asks for all of them as sizes.
    let sizes = json!({"persistent": {
        LOW: "3gb", HIGH: "2gb", "cluster.routing.allocation.disk.watermark.flood_stage": "1mb",
    }});
    calls.a("PUT /_cluster/settings?flat_settings=true", sizes.clone(), 200, sizes);
    let set = json!({
        "persistent": {LOW: "3gb", HIGH: "2gb"},
        "defaults": {LOW: "<absent>", HIGH: "<absent>"},
    });
    calls.a(SETTINGS, (), 200, set);
    calls.done();
}

pub fn shards_without_a_node_have_a_row_of_their_own(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.a(ALLOCATION, (), 200, json!([node()]));
    let replicas = json!({"index.number_of_replicas": 1});
    calls.a("PUT /orders/_settings", replicas, 200, json!({"acknowledged": true}));
    let nowhere = json!({
        "node": "UNASSIGNED", "shards": "1", "ip": null, "disk.avail": null, "disk.total": null,
    });
    calls.a(ALLOCATION, (), 200, json!([node(), nowhere]));
    calls.done();
}
