//! Reading and writing documents, and where a shard stands.

use serde_json::json;

use super::{calls::Calls, error, leader_settings, peer};
use crate::support::{
    pair::{Pair, Site},
    until::until_true,
};

pub fn documents_are_written_counted_and_found_by_sequence(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    let created = json!({
        "_index": "orders", "_type": "_doc", "_id": "1", "_version": 1, "result": "created",
        "_seq_no": 0, "_primary_term": 1,
    });
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, created);
    let updated = json!({"_version": 2, "result": "updated", "_seq_no": 1});
    calls.a("PUT /orders/_doc/1", json!({"n": 2}), 200, updated);
    calls.a("PUT /orders/_doc/2", json!({"n": 3}), 201, json!({"_seq_no": 2}));
    let deleted = json!({"_version": 2, "result": "deleted", "_seq_no": 3});
    calls.a("DELETE /orders/_doc/2", (), 200, deleted);
    calls.a("DELETE /orders/_doc/9", (), 404, json!({"result": "not_found"}));
    let found = json!({"found": true, "_version": 2, "_seq_no": 1, "_source": {"n": 2}});
    calls.a("GET /orders/_doc/1", (), 200, found);
    calls.a("GET /orders/_doc/2", (), 404, json!({"found": false}));
    let shards = json!({"_shards": {"total": 1, "successful": 1, "failed": 0}});
    calls.a("POST /orders/_refresh", (), 200, shards);
    calls.a("GET /orders/_count", (), 200, json!({"count": 1}));
    let query = json!({
        "seq_no_primary_term": true, "version": true, "sort": ["_seq_no"],
        "query": {"range": {"_seq_no": {"gt": 0}}},
    });
    let hit = json!({
        "_id": "1", "_seq_no": 1, "_primary_term": 1, "_version": 2, "_source": {"n": 2},
        "sort": [1],
    });
    let hits = json!({"hits": {"total": 1, "hits": [hit]}});
    calls.a("POST /orders/_search?size=10", query, 200, hits);
    let above = json!({"query": {"range": {"_seq_no": {"gt": 0}}}});
    let one = json!({"total": 1, "successful": 1, "failed": 0});
    let counted = json!({"count": 1, "_shards": one});
    calls.a("POST /orders/_count?preference=_shards:0", above, 200, counted);
    let above = json!({"query": {"range": {"_seq_no": {"gt": 1}}}});
    let counted = json!({"count": 0, "_shards": one});
    calls.a("POST /orders/_count?preference=_shards:0", above, 200, counted);
    let docs = json!({"docs": [{"_id": "1", "found": true}, {"_id": "2", "found": false}]});
    calls.a("POST /orders/_mget", json!({"ids": ["1", "2"]}), 200, docs);
    calls.a("GET /missing/_count", (), 404, error("index_not_found_exception", "no such index"));
    calls.done();
}

pub fn a_bulk_request_answers_item_by_item(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    let lines = "{\"index\":{\"_id\":\"1\"}}\n{\"n\":1}\n\
                 {\"create\":{\"_id\":\"1\"}}\n{\"n\":2}\n\
                 {\"delete\":{\"_id\":\"1\"}}\n";
    let conflict = json!({"type": "version_conflict_engine_exception"});
    let items = json!([
        {"index": {"_id": "1", "status": 201, "result": "created", "_seq_no": 0}},
        {"create": {"_id": "1", "status": 409, "error": conflict}},
        {"delete": {"_id": "1", "status": 200, "result": "deleted", "_seq_no": 1}},
    ]);
    let answer = json!({"errors": true, "took": "<int>", "items": items});
    calls.a("POST /orders/_doc/_bulk", lines.to_owned(), 200, answer);
    let external = "{\"index\":{\"_id\":\"5\",\"version\":7,\"version_type\":\"external\"}}\n{}\n";
    let stored = json!({"errors": false, "items": [{"index": {"status": 201, "_version": 7}}]});
    calls.a("POST /orders/_doc/_bulk", external.to_owned(), 200, stored);
    let again = json!({"errors": true, "items": [{"index": {"status": 409, "error": conflict}}]});
    calls.a("POST /orders/_doc/_bulk", external.to_owned(), 200, again);
    calls.done();
}

/// What a lock is made of.
pub fn a_document_is_created_once_and_changed_only_as_it_was_read(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /locks", leader_settings(1), 200, json!({}));
    let conflict = json!({"error": {"type": "version_conflict_engine_exception"}, "status": 409});
    let create = "PUT /locks/_doc/lock.orders?op_type=create";
    let created = json!({"result": "created", "_seq_no": 0, "_primary_term": 1});
    calls.a(create, json!({"n": 1}), 201, created);
    calls.a(create, json!({"n": 2}), 409, conflict.clone());
    let put = |seq_no: i64, term: i64| {
        format!("PUT /locks/_doc/lock.orders?if_seq_no={seq_no}&if_primary_term={term}")
    };
    let updated = json!({"result": "updated", "_seq_no": 1, "_primary_term": 1, "_version": 2});
    calls.a(&put(0, 1), json!({"n": 3}), 200, updated);
    for (seq_no, term) in [(0, 1), (1, 2), (2, 1)] {
        calls.a(&put(seq_no, term), json!({"n": 4}), 409, conflict.clone());
    }
    let found = json!({"found": true, "_seq_no": 1, "_primary_term": 1, "_source": {"n": 3}});
    calls.a("GET /locks/_doc/lock.orders", (), 200, found);
    let delete = |seq_no: i64| {
        format!("DELETE /locks/_doc/lock.orders?if_seq_no={seq_no}&if_primary_term=1")
    };
    calls.a(&delete(0), (), 409, conflict.clone());
    calls.a(&delete(1), (), 200, json!({"result": "deleted", "_seq_no": 2}));
    calls.a("GET /locks/_doc/lock.orders", (), 404, json!({"found": false}));
    calls.a(&delete(1), (), 409, conflict.clone());
    calls.a(create, json!({"n": 5}), 201, json!({"result": "created", "_seq_no": 3}));
    calls.a(create, json!({"n": 6}), 409, conflict);
    let missing = error("index_not_found_exception", "no such index");
    calls.a("GET /missing/_doc/lock.orders", (), 404, missing);
    calls.done();
}

/// What is not refreshed is not copied; what is there as new stays.
pub fn documents_are_copied_to_another_index_by_a_task(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    if !calls.is_known("what a reindex and its task say") {
        return;
    }
    calls.a("PUT /orders", leader_settings(2), 200, json!({}));
    calls.a("PUT /copy", leader_settings(1), 200, json!({}));
    for id in 1..=3 {
        calls.a(&format!("PUT /orders/_doc/{id}"), json!({"n": id}), 201, json!({}));
    }
    calls.a("PUT /orders/_doc/3", json!({"n": 4}), 200, json!({"_version": 2}));
    calls.a("POST /orders/_refresh", (), 200, json!({}));
    let order = json!({
        "conflicts": "proceed",
        "source": {"index": "orders"},
        "dest": {"index": "copy", "version_type": "external"},
    });
    let path = "/_reindex?wait_for_completion=false&refresh=true";
    for created in [3, 0] {
        let begun = pair.ok("POST", Site::A, path, order.clone());
        let task = begun["task"].as_str().expect("a task").to_owned();
        until_true(60, "the task ends", || {
            pair.get(Site::A, &format!("/_tasks/{task}")).1["completed"] == true
        });
        let response = json!({"total": 3, "created": created, "failures": []});
        let answer = json!({"completed": true, "response": response});
        calls.a(&format!("GET /_tasks/{task}"), (), 200, answer);
    }
    calls.a("GET /copy/_count", (), 200, json!({"count": 3}));
    calls.a("GET /copy/_doc/3", (), 200, json!({"_version": 2, "_source": {"n": 4}}));
    calls.a(
        "GET /_tasks/none:1",
        (),
        404,
        json!({"error": {"type": "resource_not_found_exception"}}),
    );
    calls.done();
}

pub fn shard_statistics_tell_checkpoints(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({}));
    let leases = calls.either(json!([]), json!([peer()]));
    let copy = json!({
        "routing": {"state": "STARTED", "primary": true, "node": "<string>"},
        "seq_no": {"max_seq_no": 0, "local_checkpoint": 0, "global_checkpoint": 0},
        "indexing": {"index_current": 0},
        "retention_leases": {"primary_term": "<int>", "version": "<int>", "leases": leases},
        "commit": {"user_data": {"history_uuid": "<string>"}},
    });
    let one = json!({"uuid": "<string>", "shards": {"0": [copy]}});
    calls.a("GET /orders/_stats?level=shards", (), 200, json!({"indices": {"orders": one}}));
    let empty =
        json!({"seq_no": {"max_seq_no": -1, "local_checkpoint": -1, "global_checkpoint": -1}});
    calls.a("PUT /empty", leader_settings(1), 200, json!({}));
    let shards = json!({"indices": {"empty": {"shards": {"0": [empty]}}}});
    calls.a("GET /empty/_stats?level=shards", (), 200, shards);
    let missing = error("index_not_found_exception", "no such index");
    calls.a("GET /missing/_stats?level=shards", (), 404, missing);
    calls.done();
}
