//! What breaks, and how it shows.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    super::{Fault, Misbehaviour, Pace, Pair, Rule, Site},
    NEW, OLD, call, joined, ok, promote, task, try_call,
};
use esdr_es::transport::{Method, Unanswered};

#[tokio::test(start_paused = true)]
async fn with_a_killed_leader_unfollow_fails_and_has_worked() {
    for personality in [OLD, NEW] {
        let pair = joined(personality).await;
        pair.fault(Fault::Kill(Site::A));
        let refused = try_call(&pair, Site::A, "GET /", Value::Null).await;
        assert!(matches!(refused, Err(Unanswered::Connect { .. })));
        let info = ok(&pair, Site::B, "GET /_remote/info", Value::Null).await;
        assert_eq!(info["a"]["connected"], false);
        let shard = task(&pair).await;
        assert_eq!(shard["read_exceptions"][0]["exception"]["type"], "connect_transport_exception");
        for step in ["_ccr/pause_follow", "_close"] {
            ok(&pair, Site::B, &format!("POST /x/{step}"), Value::Null).await;
        }
        let (status, body) = call(&pair, Site::B, "POST /x/_ccr/unfollow", Value::Null).await;
        assert_eq!(status, 500);
        assert!(body["error"]["failed_to_remove_retention_leases"].is_string());
        let info = ok(&pair, Site::B, "GET /x/_ccr/info", Value::Null).await;
        assert_eq!(info, json!({"follower_indices": []}));
        let body = json!({"remote_cluster": "a", "leader_index": "x"});
        let (status, body) = call(&pair, Site::B, "PUT /y/_ccr/follow", body).await;
        assert_eq!(status, 400);
        let reason = body["error"]["reason"].as_str().unwrap();
        assert!(
            reason.ends_with("license state of the remote cluster [a] could not be determined")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_starts_over_without_its_leader_says_lag_0() {
    let pair = joined(NEW).await;
    pair.fault(Fault::Pace { site: Site::B, pace: Pace::StopAt(4) });
    ok(&pair, Site::A, "PUT /x/_doc/9", json!({"n": 9})).await;
    let shard = task(&pair).await;
    assert_eq!(
        (&shard["leader_global_checkpoint"], &shard["follower_global_checkpoint"]),
        (&json!(5), &json!(4))
    );
    pair.fault(Fault::Kill(Site::A));
    pair.fault(Fault::Restart(Site::B));
    let shard = task(&pair).await;
    assert_eq!(shard["leader_global_checkpoint"], 4);
    assert_eq!(shard["read_exceptions"], json!([]));
    assert_eq!(shard["time_since_last_read_millis"], -1);
    pair.fault(Fault::Restart(Site::A));
    pair.fault(Fault::Pace { site: Site::B, pace: Pace::Free });
    assert_eq!(task(&pair).await["follower_global_checkpoint"], 5);
    assert_eq!(pair.lost(Site::B), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_frozen_leader_is_seen_by_its_silence_only() {
    let pair = joined(NEW).await;
    pair.fault(Fault::Freeze(Site::A));
    pair.pass(Duration::from_secs(90));
    let silent = try_call(&pair, Site::A, "GET /", Value::Null).await;
    assert!(matches!(silent, Err(Unanswered::Timeout { .. })));
    let info = ok(&pair, Site::B, "GET /_remote/info", Value::Null).await;
    assert_eq!(info["a"]["connected"], true);
    let shard = task(&pair).await;
    assert_eq!(shard["read_exceptions"], json!([]));
    assert!(shard["time_since_last_read_millis"].as_u64().unwrap() > 75_000);
    let probe = "GET /a:none-*/_search?size=0&ignore_unavailable=true";
    assert!(try_call(&pair, Site::B, probe, Value::Null).await.is_err());
    for step in ["_ccr/pause_follow", "_close"] {
        ok(&pair, Site::B, &format!("POST /x/{step}"), Value::Null).await;
    }
    assert!(try_call(&pair, Site::B, "POST /x/_ccr/unfollow", Value::Null).await.is_err());
    ok(&pair, Site::B, "POST /x/_open", Value::Null).await;
    ok(&pair, Site::B, "PUT /x/_doc/new", json!({"n": 1})).await;
    // What was asked of the frozen process is done once it goes on.
    assert!(try_call(&pair, Site::A, "PUT /x/_doc/late", json!({"n": 2})).await.is_err());
    assert!(!pair.documents(Site::A, "x").contains("late"));
    pair.allow_two_writable(true);
    pair.fault(Fault::Thaw(Site::A));
    assert!(pair.documents(Site::A, "x").contains("late"));
    let stats = ok(&pair, Site::A, "GET /x/_stats?level=shards", Value::Null).await;
    let leases = stats["indices"]["x"]["shards"]["0"][0]["retention_leases"]["leases"].clone();
    assert!(leases.as_array().unwrap().iter().all(|lease| lease["source"] != "ccr"));
    assert_eq!(pair.lost(Site::B), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_cut_link_leaves_both_sides_answering() {
    let pair = joined(OLD).await;
    pair.fault(Fault::Cut { from: Site::B, to: Site::A });
    ok(&pair, Site::A, "PUT /x/_doc/7", json!({"n": 7})).await;
    let shard = task(&pair).await;
    assert_eq!(shard["follower_global_checkpoint"], 4);
    assert_eq!(shard["read_exceptions"][0]["from_seq_no"], 5);
    assert_eq!(pair.lost(Site::B), ["x/7 v1"]);
    pair.fault(Fault::Mend { from: Site::B, to: Site::A });
    assert_eq!(task(&pair).await["read_exceptions"], json!([]));
    assert_eq!(pair.lost(Site::B), Vec::<String>::new());
    pair.fault(Fault::FreezeLink { from: Site::B, to: Site::A });
    assert!(try_call(&pair, Site::B, "GET /_remote/info", Value::Null).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn single_requests_misbehave_by_rule() {
    let pair = joined(NEW).await;
    let rule = |what| Fault::Request(Rule::next(Site::A, "/_doc/", what).method(Method::Put));
    pair.fault(rule(Misbehaviour::Drop));
    let dropped = try_call(&pair, Site::A, "PUT /x/_doc/r1", json!({"n": 1})).await;
    assert!(matches!(dropped, Err(Unanswered::Broken { .. })));
    pair.fault(rule(Misbehaviour::DoneButAnswered { status: 502, body: "<html>".into() }));
    assert_eq!(
        call(&pair, Site::A, "PUT /x/_doc/r2", json!({"n": 1})).await,
        (502, json!("<html>"))
    );
    pair.fault(rule(Misbehaviour::DoneButSilent));
    assert!(try_call(&pair, Site::A, "PUT /x/_doc/r3", json!({"n": 1})).await.is_err());
    pair.fault(rule(Misbehaviour::Refused { status: 429, body: "{}".into() }));
    assert_eq!(call(&pair, Site::A, "PUT /x/_doc/r4", json!({"n": 1})).await, (429, json!({})));
    pair.fault(rule(Misbehaviour::Twice));
    let twice = ok(&pair, Site::A, "PUT /x/_doc/r5", json!({"n": 1})).await;
    assert_eq!(twice["_version"], 2);
    pair.fault(rule(Misbehaviour::Delay(Duration::from_secs(5))));
    assert!(try_call(&pair, Site::A, "PUT /x/_doc/r6", json!({"n": 1})).await.is_err());
    let skipping = Rule::next(Site::A, "/_doc/", Misbehaviour::Drop).skip(1).times(2);
    pair.fault(Fault::Request(skipping));
    ok(&pair, Site::A, "PUT /x/_doc/r7", json!({"n": 1})).await;
    for _ in 0..2 {
        assert!(try_call(&pair, Site::A, "PUT /x/_doc/r8", json!({"n": 1})).await.is_err());
    }
    ok(&pair, Site::A, "PUT /x/_doc/r9", json!({"n": 1})).await;
    let there = pair.documents(Site::A, "x");
    let there: Vec<&str> =
        there.iter().map(String::as_str).filter(|id| id.starts_with('r')).collect();
    assert_eq!(there, ["r2", "r3", "r5", "r7", "r9"]);
    assert!(pair.requests(Site::A).iter().any(|line| line == "PUT /x/_doc/r1"));
}

#[tokio::test(start_paused = true)]
async fn switches_of_a_cluster() {
    let pair = joined(OLD).await;
    pair.fault(Fault::Ill(Site::A));
    let (status, body) = call(&pair, Site::A, "PUT /y", Value::Null).await;
    assert_eq!((status, &body["error"]["type"]), (503, &json!("master_not_discovered_exception")));
    ok(&pair, Site::A, "GET /", Value::Null).await;
    pair.fault(Fault::Well(Site::A));
    pair.fault(Fault::AutoCreate { site: Site::A, is_on: false });
    assert_eq!(call(&pair, Site::A, "PUT /y/_doc/1", json!({})).await.0, 404);
    pair.fault(Fault::Red { site: Site::A, index: "x".into(), is_red: true });
    let health = ok(&pair, Site::A, "GET /_cluster/health/x", Value::Null).await;
    assert_eq!(health["status"], "red");
    pair.fault(Fault::Red { site: Site::A, index: "x".into(), is_red: false });
    pair.fault(Fault::DiskFull { site: Site::A, is_full: true });
    let (status, body) = call(&pair, Site::A, "PUT /x/_doc/1", json!({})).await;
    assert_eq!((status, &body["error"]["type"]), (403, &json!("cluster_block_exception")));
    pair.fault(Fault::License { site: Site::B, kind: "basic".into(), is_active: true });
    assert_eq!(call(&pair, Site::B, "GET /x/_ccr/stats", Value::Null).await.0, 403);
    promote_without_licence(&pair).await;
}

/// Promotion needs no licence.
async fn promote_without_licence(pair: &Arc<Pair>) {
    promote(pair).await;
    assert_eq!(pair.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_gap_turns_a_closed_follower_red_and_is_filled_at_the_open() {
    let pair = joined(NEW).await;
    pair.fault(Fault::Gap { site: Site::B, index: "x".into(), shard: 0, seq_no: 2 });
    let stats = ok(&pair, Site::B, "GET /x/_stats?level=shards", Value::Null).await;
    let seq_no = &stats["indices"]["x"]["shards"]["0"][0]["seq_no"];
    assert_eq!(*seq_no, json!({"max_seq_no": 4, "local_checkpoint": 1, "global_checkpoint": 1}));
    pair.fault(Fault::Kill(Site::A));
    for step in ["_ccr/pause_follow", "_close"] {
        ok(&pair, Site::B, &format!("POST /x/{step}"), Value::Null).await;
    }
    let health = ok(&pair, Site::B, "GET /_cluster/health/x", Value::Null).await;
    assert_eq!(health["status"], "red");
    assert_eq!(call(&pair, Site::B, "POST /x/_ccr/unfollow", Value::Null).await.0, 500);
    ok(&pair, Site::B, "POST /x/_open", Value::Null).await;
    assert_eq!(pair.lost(Site::B), ["x/2 v1"]);
}

#[tokio::test(start_paused = true)]
async fn another_history_or_a_fatal_task_needs_more_than_patience() {
    let pair = joined(NEW).await;
    let exception = json!({"type": "illegal_state_exception", "reason": "trap 5"});
    pair.fault(Fault::Fatal { site: Site::B, index: "x".into(), exception });
    assert_eq!(task(&pair).await["fatal_exception"]["reason"], "trap 5");
    assert_eq!(call(&pair, Site::B, "POST /x/_ccr/resume_follow", Value::Null).await.0, 400);
    ok(&pair, Site::B, "POST /x/_ccr/pause_follow", Value::Null).await;
    ok(&pair, Site::B, "POST /x/_ccr/resume_follow", Value::Null).await;
    assert!(task(&pair).await.get("fatal_exception").is_none());
    pair.fault(Fault::NewHistory { site: Site::A, index: "x".into() });
    let fatal = task(&pair).await["fatal_exception"]["reason"].clone();
    assert!(fatal.as_str().unwrap().starts_with("unexpected history uuid, expected ["));
    ok(&pair, Site::B, "POST /x/_ccr/pause_follow", Value::Null).await;
    let (status, body) = call(&pair, Site::B, "POST /x/_ccr/resume_follow", Value::Null).await;
    assert_eq!(status, 400);
    assert!(
        body["error"]["reason"]
            .as_str()
            .unwrap()
            .starts_with("leader shard [x][0] should reference [")
    );
}
