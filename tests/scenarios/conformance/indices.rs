//! Creating, listing, blocking, closing, opening and deleting indices.

use serde_json::json;

use super::{calls::Calls, error, leader_settings};
use crate::support::pair::Pair;

const CAT: &str = "GET /_cat/indices?format=json\
    &h=index,uuid,status,health,pri,rep,pri.store.size,store.size&bytes=b";

pub fn an_index_is_created_listed_and_deleted(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let created = json!({"acknowledged": true, "shards_acknowledged": true, "index": "orders"});
    calls.a(CAT, (), 200, json!([]));
    calls.a("PUT /orders", leader_settings(2), 200, created);
    let exists = error("resource_already_exists_exception", "index [orders/*] already exists");
    calls.a("PUT /orders", leader_settings(2), 400, exists);
    let name =
        error("invalid_index_name_exception", "Invalid index name [Orders], must be lowercase");
    calls.a("PUT /Orders", (), 400, name);
    let row = json!({
        "index": "orders", "uuid": "<string>", "status": "open", "health": "green",
        "pri": "2", "rep": "0", "pri.store.size": "<string>", "store.size": "<string>",
    });
    calls.a(CAT, (), 200, json!([row]));
    let missing = error("index_not_found_exception", "no such index");
    calls.a("GET /_cat/indices/missing?format=json", (), 404, missing.clone());
    calls.a("GET /missing", (), 404, missing.clone());
    calls.a("DELETE /missing", (), 404, missing.clone());
    calls.a("GET /missing/_settings", (), 404, missing);
    calls.a("DELETE /orders", (), 200, json!({"acknowledged": true}));
    calls.a(CAT, (), 200, json!([]));
    calls.done();
}

pub fn settings_are_read_flat_and_filtered(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(2), 200, json!({}));
    let settings = json!({
        "index.number_of_shards": "2", "index.number_of_replicas": "0",
        "index.soft_deletes.enabled": "true", "index.uuid": "<string>",
        "index.creation_date": "<string>", "index.provided_name": "orders",
        "index.version.created": calls.either("6082399", "8*"),
    });
    let all = json!({"orders": {"settings": settings}});
    calls.a("GET /orders/_settings?flat_settings=true", (), 200, all);
    let one = json!({"orders": {"settings": {
        "index.number_of_shards": "2", "index.uuid": "<absent>",
    }}});
    calls.a("GET /_settings/index.number_of_shards?flat_settings=true", (), 200, one);
    let none = json!({"orders": "<absent>"});
    calls.a("GET /_settings/index.blocks.*?flat_settings=true", (), 200, none);
    let nested = json!({"orders": {"settings": {"index": {"number_of_shards": "2"}}}});
    calls.a("GET /orders/_settings", (), 200, nested);
    calls.done();
}

pub fn a_write_block_refuses_writes_and_says_so(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let acknowledged = json!({"acknowledged": true});
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    let block = json!({"index.blocks.write": true});
    calls.a("PUT /orders/_settings", block.clone(), 200, acknowledged.clone());
    calls.a("PUT /orders/_settings", block, 200, acknowledged.clone());
    let blocked = json!({"orders": {"settings": {"index.blocks.write": "true"}}});
    calls.a("GET /_settings/index.blocks.*?flat_settings=true", (), 200, blocked);
    let refusal = error(
        "cluster_block_exception",
        calls.either(
            "blocked by: [FORBIDDEN/8/index write (api)];",
            "index [orders] blocked by: [FORBIDDEN/8/index write (api)];",
        ),
    );
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 403, refusal.clone());
    calls.a("DELETE /orders/_doc/1", (), 403, refusal.clone());
    let bulk = "{\"index\":{\"_id\":\"1\"}}\n{\"n\":1}\n".to_owned();
    let item = json!({"index": {"_index": "orders", "_id": "1", "status": 403, "error": refusal["error"]}});
    calls.a("POST /orders/_doc/_bulk", bulk, 200, json!({"errors": true, "items": [item]}));
    // 6.8 has no call that waits for the writes under way: it takes this for a document.
    let document = error("parse_exception", "request body is required");
    // Where the block stands already there is nothing to wait for.
    let block = json!({"acknowledged": true, "shards_acknowledged": false, "indices": []});
    let (status, answer) = calls.either((400, document), (200, block));
    calls.a("PUT /orders/_block/write", (), status, answer);
    calls.a("PUT /orders/_settings", json!({"index.blocks.write": null}), 200, acknowledged);
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({"result": "created"}));
    calls.done();
}

pub fn an_index_is_closed_and_opened(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    close(&mut calls);
    let row = json!({"index": "orders", "status": "close", "health": "<absent>"});
    calls.a("GET /_cat/indices?format=json&h=index,uuid,status", (), 200, json!([row]));
    let refusal = error("index_closed_exception", "closed");
    calls.a("GET /orders/_count", (), 400, refusal.clone());
    calls.a("GET /orders/_stats?level=shards", (), 400, refusal.clone());
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 400, refusal);
    let opened = json!({"acknowledged": true, "shards_acknowledged": true});
    calls.a("POST /orders/_open", (), 200, opened.clone());
    calls.a("POST /orders/_open", (), 200, opened);
    let missing = error("index_not_found_exception", "no such index");
    calls.a("POST /missing/_close", (), 404, missing.clone());
    calls.a("POST /orders,missing/_close", (), 404, missing.clone());
    calls.a("POST /missing/_open", (), 404, missing);
    let open = json!([{"index": "orders", "status": "open"}]);
    calls.a("GET /_cat/indices?format=json&h=index,status", (), 200, open);
    calls.done();
}

/// Closes an index twice.
fn close(calls: &mut Calls<'_>) {
    const WAIT: &str = "POST /orders/_close?wait_for_active_shards=0";
    if !calls.is_6_8 {
        let closed = json!({"acknowledged": true, "shards_acknowledged": true, "indices": {
            "orders": {"closed": true},
        }});
        calls.a(WAIT, (), 200, closed);
        let already = json!({"acknowledged": true, "shards_acknowledged": false, "indices": {}});
        calls.a("POST /orders/_close", (), 200, already);
        return;
    }
    let wait = error(
        "illegal_argument_exception",
        "request [/orders/_close] contains unrecognized parameter: [wait_for_active_shards]",
    );
    calls.a(WAIT, (), 400, wait);
    let closed = json!({"acknowledged": true, "shards_acknowledged": "<absent>"});
    calls.a("POST /orders/_close", (), 200, closed.clone());
    calls.a("POST /orders/_close", (), 200, closed);
}
