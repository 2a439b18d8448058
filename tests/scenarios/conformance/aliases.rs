//! Aliases: filter, routing, and which index is written.

use serde_json::json;

use super::{calls::Calls, error, leader_settings};
use crate::support::pair::Pair;

pub fn an_alias_carries_filter_routing_and_write_flag(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders-1", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders-2", leader_settings(1), 200, json!({}));
    let acknowledged = json!({"acknowledged": true});
    let filter = json!({"term": {"kind": "paid"}});
    let actions = json!({"actions": [
        {"add": {"index": "orders-1", "alias": "orders", "is_write_index": true}},
        {"add": {"index": "orders-1", "alias": "paid", "filter": filter, "routing": "7"}},
    ]});
    calls.a("POST /_aliases", actions, 200, acknowledged.clone());
    let aliases = json!({
        "orders": {"is_write_index": true},
        "paid": {"filter": filter, "index_routing": "7", "search_routing": "7"},
    });
    calls.a("GET /orders-1/_alias", (), 200, json!({"orders-1": {"aliases": aliases}}));
    let one = json!({"orders-1": {"aliases": {"orders": {}, "paid": "<absent>"}}});
    calls.a("GET /_alias/orders", (), 200, one);
    let all = json!({"orders-1": {"aliases": "<object>"}, "orders-2": {"aliases": {}}});
    calls.a("GET /_alias", (), 200, all);
    let row = json!({"alias": "orders", "index": "orders-1"});
    calls.a("GET /_cat/aliases/orders?format=json", (), 200, json!([row]));
    let missing = json!({"error": "alias [missing] missing", "status": 404});
    calls.a("GET /_alias/missing", (), 404, missing);
    let second = json!({"actions": [
        {"add": {"index": "orders-2", "alias": "orders", "is_write_index": true}},
    ]});
    let refused =
        error("illegal_state_exception", "alias [orders] has more than one write index [*]");
    calls.a("POST /_aliases", second, 500, refused);
    let swap = json!({"actions": [
        {"add": {"index": "orders-1", "alias": "orders", "is_write_index": false}},
        {"add": {"index": "orders-2", "alias": "orders", "is_write_index": true}},
    ]});
    calls.a("POST /_aliases", swap, 200, acknowledged);
    let written = json!({"_index": "orders-2"});
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, written);
    calls.done();
}

pub fn an_alias_without_a_write_index_refuses_writes(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders-1", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders-2", leader_settings(1), 200, json!({}));
    let both = json!({"actions": [
        {"add": {"indices": ["orders-1", "orders-2"], "alias": "orders"}},
    ]});
    calls.a("POST /_aliases", both, 200, json!({"acknowledged": true}));
    let refused = error(
        "illegal_argument_exception",
        "no write index is defined for alias [orders]. The write index may be explicitly \
         disabled using is_write_index=false or the alias points to multiple indices without \
         one being designated as a write index",
    );
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 400, refused);
    let gone = json!({"actions": [{"remove": {"index": "orders-1", "alias": "orders"}}]});
    calls.a("POST /_aliases", gone.clone(), 200, json!({"acknowledged": true}));
    let none = error("aliases_not_found_exception", "aliases [orders] missing");
    calls.a("POST /_aliases", gone, 404, none);
    // The only index of an alias is written without being named.
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({"_index": "orders-2"}));
    let missing = json!({"actions": [{"add": {"index": "missing", "alias": "orders"}}]});
    let error = error("index_not_found_exception", "no such index");
    calls.a("POST /_aliases", missing, 404, error);
    calls.done();
}

pub fn a_rollover_passes_a_write_block(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let mut body = leader_settings(1);
    body["aliases"] = json!({"logs": {"is_write_index": true}});
    calls.a("PUT /logs-000001", body, 200, json!({}));
    calls.a("PUT /logs-000001/_settings", json!({"index.blocks.write": true}), 200, json!({}));
    let rolled = json!({
        "rolled_over": true, "old_index": "logs-000001", "new_index": "logs-000002",
    });
    calls.a("POST /logs/_rollover", (), 200, rolled);
    calls.a("PUT /logs/_doc/1", json!({"n": 1}), 201, json!({"_index": "logs-000002"}));
    calls.done();
}
