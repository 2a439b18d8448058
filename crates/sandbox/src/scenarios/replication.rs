//! Followers, patterns and what must not happen to documents.

use serde_json::{Value, json};

use super::{
    super::{Fault, Pace, Site},
    NEW, OLD, call, joined, ok, promote, task,
};

#[tokio::test(start_paused = true)]
async fn followers_can_be_slow() {
    let pair = joined(NEW).await;
    pair.fault(Fault::Pace { site: Site::B, pace: Pace::Operations(1) });
    let lines = "{\"index\":{\"_index\":\"x\"}}\n{\"n\":1}\n".repeat(10);
    ok(&pair, Site::A, "POST /_bulk", json!(lines)).await;
    let first = task(&pair).await["follower_global_checkpoint"].as_i64().unwrap();
    pair.tick();
    let second = task(&pair).await["follower_global_checkpoint"].as_i64().unwrap();
    assert!(4 < first && first < second && second < 14, "{first} {second}");
}

#[tokio::test(start_paused = true)]
async fn on_6_8_writes_are_acknowledged_after_the_block() {
    let pair = joined(OLD).await;
    pair.fault(Fault::LateAcks { site: Site::A, bulks: 1 });
    ok(&pair, Site::A, "PUT /x/_settings", json!({"index.blocks.write": true})).await;
    let tasks = ok(&pair, Site::A, "GET /_tasks?actions=indices:data/write*", Value::Null).await;
    assert_ne!(tasks, json!({"nodes": {}}));
    let line = "{\"index\":{\"_index\":\"x\",\"_type\":\"_doc\",\"_id\":\"late\"}}\n{\"n\":1}\n";
    let late = ok(&pair, Site::A, "POST /_bulk", json!(line)).await;
    assert_eq!(late["errors"], false);
    let next = ok(&pair, Site::A, "POST /_bulk", json!(line)).await;
    assert_eq!(next["items"][0]["index"]["status"], 403);
    let tasks = ok(&pair, Site::A, "GET /_tasks?actions=indices:data/write*", Value::Null).await;
    assert_eq!(tasks, json!({"nodes": {}}));
}

#[tokio::test(start_paused = true)]
async fn two_writable_sides_and_discarded_documents_are_violations() {
    let pair = joined(NEW).await;
    ok(&pair, Site::A, "PUT /x/_block/write", Value::Null).await;
    promote(&pair).await;
    assert_eq!(pair.violations(), Vec::<String>::new());
    ok(&pair, Site::A, "PUT /x/_settings", json!({"index.blocks.write": null})).await;
    assert_eq!(pair.violations(), ["two writable sides: x on A, x on B"]);
    ok(&pair, Site::A, "PUT /x/_doc/orphan", json!({"n": 1})).await;
    ok(&pair, Site::A, "POST /x/_close", Value::Null).await;
    let back = json!({"remote_cluster": "b", "leader_index": "x"});
    ok(&pair, Site::A, "PUT /x/_ccr/follow", back).await;
    assert_eq!(pair.violations()[1], "follow over of x on A discards orphan v1");
    assert_eq!(pair.lost(Site::A), ["x/orphan v1"]);
    assert_eq!(pair.lost(Site::B), ["x/orphan v1"]);
}

#[tokio::test(start_paused = true)]
async fn a_clean_switch_and_a_clean_failback_violate_nothing() {
    for personality in [OLD, NEW] {
        let pair = joined(personality).await;
        ok(&pair, Site::A, "PUT /x/_settings", json!({"index.blocks.write": true})).await;
        promote(&pair).await;
        ok(&pair, Site::B, "PUT /x/_doc/new", json!({"n": 1})).await;
        ok(&pair, Site::A, "POST /x/_close", Value::Null).await;
        ok(
            &pair,
            Site::A,
            "PUT /x/_ccr/follow",
            json!({"remote_cluster": "b", "leader_index": "x"}),
        )
        .await;
        ok(&pair, Site::B, "DELETE /x/_doc/0", Value::Null).await;
        assert_eq!(pair.violations(), Vec::<String>::new());
        assert_eq!(pair.lost(Site::A), Vec::<String>::new());
        assert_eq!(pair.documents(Site::A, "x"), pair.documents(Site::B, "x"));
    }
}

#[tokio::test(start_paused = true)]
async fn patterns_follow_what_is_new_and_matched_once() {
    let pair = joined(NEW).await;
    let put = |name: &str| format!("PUT /_ccr/auto_follow/{name}");
    let body = json!({"remote_cluster": "a", "leader_index_patterns": ["d-*"]});
    ok(&pair, Site::A, "PUT /d-0", Value::Null).await;
    ok(&pair, Site::B, &put("one"), body.clone()).await;
    ok(&pair, Site::A, "PUT /d-1", Value::Null).await;
    ok(&pair, Site::B, "POST /_ccr/auto_follow/one/pause", Value::Null).await;
    ok(&pair, Site::A, "PUT /d-2", Value::Null).await;
    assert_eq!(call(&pair, Site::B, "GET /d-2/_ccr/info", Value::Null).await.0, 404);
    ok(&pair, Site::B, "POST /_ccr/auto_follow/one/resume", Value::Null).await;
    ok(&pair, Site::B, "DELETE /_ccr/auto_follow/one", Value::Null).await;
    ok(&pair, Site::A, "PUT /d-3", Value::Null).await;
    ok(&pair, Site::B, &put("one"), body.clone()).await;
    ok(&pair, Site::B, &put("two"), body).await;
    ok(&pair, Site::A, "PUT /d-4", Value::Null).await;
    let info = ok(&pair, Site::B, "GET /d-*/_ccr/info", Value::Null).await;
    let names: Vec<&str> = info["follower_indices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["follower_index"].as_str().unwrap())
        .collect();
    // d-0 existed, d-3 came while there was no pattern, d-4 is matched twice.
    assert_eq!(names, ["d-1", "d-2"]);
    let stats = ok(&pair, Site::B, "GET /_ccr/stats", Value::Null).await;
    assert_eq!(
        stats["auto_follow_stats"]["recent_auto_follow_errors"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn copies_and_opens_can_take_their_time() {
    let pair = joined(NEW).await;
    pair.fault(Fault::SlowBootstrap { site: Site::B, requests: 6 });
    let body = json!({"remote_cluster": "a", "leader_index": "x"});
    ok(&pair, Site::B, "PUT /y/_ccr/follow", body).await;
    let recovery = ok(&pair, Site::B, "GET /y/_recovery", Value::Null).await;
    assert_eq!(recovery["y"]["shards"][0]["stage"], "INDEX");
    let (status, body) = call(&pair, Site::B, "POST /y/_close", Value::Null).await;
    let reason = body["error"]["reason"].as_str().unwrap();
    assert!(
        status == 400 && reason.starts_with("Cannot close indices that are being restored: [[")
    );
    (0..6).for_each(|_| pair.tick());
    ok(&pair, Site::B, "POST /y/_close", Value::Null).await;
    pair.fault(Fault::SlowOpen { site: Site::B, calls: 1 });
    promote(&pair).await;
    let line = "GET /x/_stats?level=shards&filter_path=indices.*.shards.*.seq_no";
    assert_eq!(ok(&pair, Site::B, line, Value::Null).await, json!({}));
    assert_ne!(ok(&pair, Site::B, line, Value::Null).await, json!({}));
}
