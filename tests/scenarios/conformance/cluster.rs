//! The cluster as such: who it is, how it is, what it may do and whom it knows.

use serde_json::json;

use super::{calls::Calls, error};
use crate::support::{
    http,
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

pub fn a_cluster_says_who_it_is_and_what_it_may(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let version = calls.either("6.8.23", "8.19.21");
    let root = json!({
        "name": "<string>", "cluster_name": "clusterA", "cluster_uuid": "<string>",
        "version": {"number": version, "build_flavor": "default"},
        "tagline": "You Know, for Search",
    });
    calls.a("GET /", (), 200, root);
    // Only by this, and by what stands in `GET /`, esdr knows who answers.
    for path in ["/", "/_cat/indices", "/no-such-index"] {
        let product = http::header(&pair.url(A), path, "x-elastic-product");
        assert_eq!(product.as_deref(), calls.either(None, Some("Elasticsearch")), "{path}");
    }
    let license = json!({"license": {
        "status": "active", "type": "trial", "uid": "<string>",
        "expiry_date_in_millis": "<int>",
    }});
    calls.a("GET /_license", (), 200, license);
    let trial = json!({"eligible_to_start_trial": false});
    calls.a("GET /_xpack/license/trial_status", (), 200, trial);
    let again = json!({
        "acknowledged": true, "trial_was_started": false,
        "error_message": "Operation failed: Trial was already activated.",
    });
    calls.a("POST /_xpack/license/start_trial?acknowledge=true", (), 403, again);
    let xpack = json!({
        "license": {"type": "trial", "mode": "trial", "status": "active"},
        "features": {"ccr": {"available": true, "enabled": true}, "security": {"enabled": false}},
    });
    calls.a("GET /_xpack", (), 200, xpack);
    let unknown = error(
        "illegal_argument_exception",
        "request [/_cat/indices] contains unrecognized parameter: [nonsense]",
    );
    calls.a("GET /_cat/indices?nonsense=1", (), 400, unknown);
    if calls.is_known("_resolve/cluster of an alias that there is not") {
        // A newer call: 6.8 takes it for a document of an index.
        let missing = error("index_not_found_exception", "no such index");
        calls.a("GET /_resolve/cluster/x:*", (), 404, missing);
    }
    let long = format!("GET /{}/_stats", "a".repeat(4100));
    let kind = calls.either("too_long_frame_exception", "too_long_http_line_exception");
    let refused = error(kind, "An HTTP line is larger than 4096 bytes.");
    calls.a(&long, (), 400, refused);
    let fits = format!("GET /{}/_count", "a,".repeat(2000) + "a");
    calls.a(&fits, (), 404, error("index_not_found_exception", "no such index"));
    calls.done();
}

pub fn health_is_told_in_time(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let healthy = json!({
        "cluster_name": "clusterA", "status": "green", "timed_out": false,
        "number_of_nodes": 1, "unassigned_shards": 0, "initializing_shards": 0,
        "number_of_pending_tasks": "<int>", "task_max_waiting_in_queue_millis": "<int>",
    });
    calls.a("GET /_cluster/health", (), 200, healthy);
    let late = json!({"timed_out": true, "status": "red"});
    calls.a("GET /_cluster/health/missing?timeout=1s", (), 408, late);
    let replicas = json!({"settings": {"index": {"number_of_shards": 1, "number_of_replicas": 1}}});
    calls.a("PUT /wide", replicas, 200, json!({}));
    let yellow = json!({"status": "yellow", "unassigned_shards": 1, "indices": {"wide": {"status": "yellow"}}});
    calls.a("GET /_cluster/health/wide?level=indices", (), 200, yellow);
    let unmet = "GET /_cluster/health/wide?wait_for_status=green&timeout=100ms";
    calls.a(unmet, (), 408, json!({"timed_out": true, "status": "yellow"}));
    calls.done();
}

pub fn a_remote_is_set_seen_and_removed(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let seed = pair.seed(B.other()).expect("a seed");
    calls.b("GET /_remote/info", (), 200, json!({"clusterA": "<absent>"}));
    pair.connect(B);
    let info = json!({"clusterA": {
        "seeds": [seed], "connected": true, "num_nodes_connected": 1,
        "skip_unavailable": calls.either(false, true),
    }});
    until_true(60, "B is connected to A", || {
        let (_, info) = pair.get(B, "/_remote/info");
        info["clusterA"]["connected"] == true
    });
    calls.b("GET /_remote/info", (), 200, info);
    let settings = json!({"persistent": {"cluster.remote.clusterA.seeds": [seed]}});
    calls.b("GET /_cluster/settings?flat_settings=true", (), 200, settings);
    // A search of the other side that matches nothing proves that it is reached.
    let probe = "GET /clusterA:esdr-probe-*/_search?size=0&ignore_unavailable=true";
    let reached = json!({"_clusters": {"total": 1, "successful": 1, "skipped": 0}});
    calls.b(probe, (), 200, reached);
    if calls.is_known("a search of an unknown remote") {
        let nobody = error("index_not_found_exception", "no such index");
        calls.b("GET /clusterZ:x/_search?size=0", (), 404, nobody);
    }
    let dotted = json!({"persistent": {"cluster.remote.a.b.seeds": [seed]}});
    let refused =
        error("illegal_argument_exception", "*setting [cluster.remote.a.b.seeds], not recognized");
    calls.b("PUT /_cluster/settings", dotted, 400, refused);
    let gone = json!({"persistent": {"cluster.remote.clusterA.seeds": null}});
    let answer = json!({"acknowledged": true, "persistent": {}, "transient": {}});
    calls.b("PUT /_cluster/settings", gone, 200, answer);
    calls.b("GET /_remote/info", (), 200, json!({"clusterA": "<absent>"}));
    calls.done();
}
