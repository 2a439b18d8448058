//! Many names in one call, and what happens to all when one of them is missing.

use serde_json::json;

use super::{calls::Calls, error, leader_settings};
use crate::support::{
    pair::{Pair, Site::A},
    until::until_true,
};

pub fn one_missing_name_refuses_the_whole_list(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    for name in ["one", "two"] {
        calls.a(&format!("PUT /{name}"), leader_settings(1), 200, json!({"index": name}));
    }
    let missing = error("index_not_found_exception", "no such index");
    calls.a("POST /one,two/_close", (), 200, acknowledged.clone());
    calls.a("POST /one,missing,two/_open", (), 404, missing.clone());
    let closed = json!([{"index": "one", "status": "close"}]);
    calls.a("GET /_cat/indices/one?format=json&h=index,status", (), 200, closed);
    calls.a("POST /one,two/_open", (), 200, acknowledged.clone());
    let block = json!({"index.blocks.write": true});
    calls.a("PUT /one,missing/_settings", block.clone(), 404, missing.clone());
    calls.a("PUT /one,two/_settings", block, 200, acknowledged.clone());
    let both = json!({
        "one": {"settings": {"index.blocks.write": "true"}},
        "two": {"settings": {"index.blocks.write": "true"}},
    });
    calls.a("GET /one,two/_settings/index.blocks.*?flat_settings=true", (), 200, both.clone());
    calls.a("GET /one,missing/_settings", (), 404, missing.clone());
    let path = "GET /one,two,missing/_settings?flat_settings=true&ignore_unavailable=true";
    calls.a(path, (), 200, both);
    calls.a("GET /one,missing/_stats?level=shards", (), 404, missing.clone());
    // For a moment after they were opened no shard of theirs is told of.
    until_true(60, "both are told of", || {
        let (_, stats) = pair.get(A, "/one,two/_stats?level=shards");
        stats["indices"].as_object().is_some_and(|indices| indices.len() == 2)
    });
    let stats = json!({"indices": {"one": "<object>", "two": "<object>"}});
    calls.a("GET /one,two/_stats?level=shards", (), 200, stats);
    calls.a("GET /one,missing/_alias", (), 404, missing.clone());
    calls.a("GET /one,missing/_ccr/info", (), 404, missing.clone());
    calls.a("DELETE /one,missing", (), 404, missing);
    calls.a("DELETE /one,two", (), 200, acknowledged);
    calls.a("GET /_cat/indices?format=json", (), 200, json!([]));
    calls.done();
}

pub fn a_pattern_that_matches_nothing_is_no_error(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("GET /none-*/_settings", (), 200, json!({}));
    calls.a("GET /none-*/_stats?level=shards", (), 200, json!({"indices": {}}));
    calls.a("GET /none-*/_count", (), 200, json!({"count": 0}));
    calls.a("GET /_cat/indices/none-*?format=json", (), 200, json!([]));
    if calls.is_known("DELETE of a pattern, refused from 8.0 on") {
        calls.a("DELETE /none-*", (), 200, json!({"acknowledged": true}));
    }
    calls.done();
}
