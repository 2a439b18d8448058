//! What a record on the cluster stands on: an index of its own, conditional writes, scrolls.

use serde_json::json;

use super::{calls::Calls, error, leader_settings};
use crate::support::pair::{Pair, Site::A};

const INDEX: &str = "esdr-state-0a1b2c3d";

pub fn a_record_is_written_on_condition(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let body = json!({
        "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
        "mappings": calls.either(
            json!({"_doc": {"dynamic": false}}),
            json!({"dynamic": false}),
        ),
    });
    calls.a(&format!("PUT /{INDEX}"), body, 200, json!({"acknowledged": true}));
    // Mappings without a type come with 7.
    if calls.is_6_8 {
        let typeless = json!({"mappings": {"dynamic": false}});
        let refused = error("class_cast_exception", "*");
        calls.a("PUT /typeless", typeless.clone(), 500, refused);
        calls.a(
            "PUT /typeless?include_type_name=false",
            typeless,
            200,
            json!({"acknowledged": true}),
        );
    }
    let record = format!("/{INDEX}/_doc/entry-1");
    let nothing = json!({"found": false, "_id": "entry-1"});
    calls.a(&format!("GET {record}"), (), 404, nothing);
    let first = json!({"result": "created", "_seq_no": 0, "_primary_term": 1});
    calls.a(&format!("PUT {record}?op_type=create"), json!({"n": 1}), 201, first);
    let exists = error("version_conflict_engine_exception", "*document already exists*");
    calls.a(&format!("PUT {record}?op_type=create"), json!({"n": 2}), 409, exists);
    let path = format!("PUT {record}?if_seq_no=0&if_primary_term=1");
    calls.a(&path, json!({"n": 3}), 200, json!({"result": "updated", "_seq_no": 1}));
    let conflict = error("version_conflict_engine_exception", "*required seqNo [0]*");
    calls.a(&path, json!({"n": 4}), 409, conflict);
    let path = format!("PUT {record}?refresh=true");
    calls.a(&path, json!({"n": 5}), 200, json!({"forced_refresh": true}));
    let path = format!("POST /{INDEX}/_search?size=100");
    let found = json!({"hits": {"total": 1, "hits": [{"_id": "entry-1", "_source": {"n": 5}}]}});
    calls.a(&path, json!({"query": {"match_all": {}}}), 200, found);
    let missing = error("index_not_found_exception", "no such index");
    calls.a("GET /esdr-state-missing/_doc/x", (), 404, missing);
    // Nothing keeps a write from making an index.
    calls.a("PUT /made/_doc/1", json!({"n": 1}), 201, json!({"result": "created"}));
    calls.done();
}

pub fn a_scroll_reads_to_the_end(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    calls.a("PUT /orders", leader_settings(1), 200, json!({}));
    for n in 0..3 {
        calls.a(&format!("PUT /orders/_doc/{n}"), json!({"n": n}), 201, json!({}));
    }
    calls.a("POST /orders/_refresh", (), 200, json!({}));
    let path = "/orders/_search?scroll=1m&size=2";
    let body = json!({"sort": ["_seq_no"], "seq_no_primary_term": true, "version": true});
    let (status, page) = pair.post(A, path, body);
    assert_eq!((status, page["hits"]["hits"].as_array().map(Vec::len)), (200, Some(2)), "{page}");
    let next = json!({"scroll": "1m", "scroll_id": page["_scroll_id"]});
    let last = json!({"_scroll_id": "<string>", "hits": {"hits": [
        {"_id": "2", "_seq_no": 2, "_version": 1, "_source": {"n": 2}},
    ]}});
    calls.a("POST /_search/scroll", next.clone(), 200, last);
    calls.a("POST /_search/scroll", next, 200, json!({"hits": {"hits": []}}));
    let id = page["_scroll_id"].as_str().expect("an id").to_owned();
    let freed = json!({"succeeded": true, "num_freed": "<int>"});
    calls.a(&format!("DELETE /_search/scroll/{id}"), (), 200, freed);
    calls.done();
}
