//! Repositories, and snapshots in them.

use serde_json::{Value, json};

use super::{calls::Calls, error, leader_settings};
use crate::support::{
    pair::{Pair, Site::A},
    reset::REPOSITORY,
    until::until_true,
};

pub fn a_repository_is_made_read_and_verified(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let path = format!("/_snapshot/{REPOSITORY}");
    let missing = error("repository_missing_exception", &format!("[{REPOSITORY}] missing"));
    calls.a(&format!("GET {path}"), (), 404, missing.clone());
    calls.a(&format!("POST {path}/_verify"), (), 404, missing.clone());
    calls.a(&format!("GET {path}/none"), (), 404, missing);
    let settings = json!({"location": REPOSITORY});
    let body = json!({"type": "fs", "settings": settings});
    calls.a(&format!("PUT {path}"), body, 200, json!({"acknowledged": true}));
    let told = json!({REPOSITORY: {"type": "fs", "settings": settings}});
    calls.a(&format!("GET {path}"), (), 200, told);
    let verified = json!({"nodes": {}});
    calls.a(&format!("POST {path}/_verify"), (), 200, verified);
    let readonly = json!({"location": REPOSITORY, "readonly": true});
    let body = json!({"type": "fs", "settings": readonly});
    calls.a(&format!("PUT {path}"), body, 200, json!({"acknowledged": true}));
    let told = json!({REPOSITORY: {"settings": {"readonly": "true"}}});
    calls.a(&format!("GET {path}"), (), 200, told);
    calls.done();
}

pub fn a_snapshot_is_taken_told_and_deleted(pair: &mut Pair) {
    let mut calls = Calls::on(pair);
    let repository = format!("/_snapshot/{REPOSITORY}");
    let one = format!("{repository}/one");
    calls.a("PUT /orders", leader_settings(2), 200, json!({}));
    calls.a("PUT /orders/_doc/1", json!({"n": 1}), 201, json!({}));
    // What refuses writes is taken too.
    let block = json!({"index.blocks.write": true});
    calls.a("PUT /orders/_settings", block, 200, json!({}));
    let body = json!({"type": "fs", "settings": {"location": REPOSITORY}});
    calls.a(&format!("PUT {repository}"), body, 200, json!({}));
    let reason = format!("[{REPOSITORY}:one] is missing");
    let missing = error("snapshot_missing_exception", &reason);
    calls.a(&format!("GET {one}"), (), 404, missing.clone());
    let body = json!({"indices": ["orders"], "include_global_state": false});
    let take = format!("PUT {one}?wait_for_completion=false");
    calls.a(&take, body.clone(), 200, json!({"accepted": true}));
    until_true(60, "the snapshot is whole", || {
        let (_, told) = pair.get(A, &one);
        told["snapshots"][0]["state"] == "SUCCESS"
    });
    let told = json!({"snapshots": [{
        "snapshot": "one", "uuid": "<string>", "state": "SUCCESS", "indices": ["orders"],
        "failures": [], "shards": {"total": 2, "failed": 0, "successful": 2},
    }]});
    calls.a(&format!("GET {one}"), (), 200, told);
    let status = json!({"snapshots": [{"shards_stats": {"done": 2, "failed": 0, "total": 2}}]});
    let path = format!("GET {one}/_status?filter_path=snapshots.shards_stats");
    calls.a(&path, (), 200, status);
    let exists = error(
        "invalid_snapshot_name_exception",
        &format!(
            "[{REPOSITORY}:one] Invalid snapshot name [one], snapshot with the same name already exists"
        ),
    );
    calls.a(&take, body, 400, exists);
    let body: Value = json!({"indices": ["none"]});
    let other = format!("PUT {repository}/other?wait_for_completion=false");
    calls.a(&other, body, 404, error("index_not_found_exception", "no such index"));
    calls.a(&format!("DELETE {one}"), (), 200, json!({"acknowledged": true}));
    calls.a(&format!("GET {one}"), (), 404, missing.clone());
    calls.a(&format!("DELETE {one}"), (), 404, missing);
    calls.done();
}
