//! What can go wrong with the pair, told as short stories.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{Fault, Misbehaviour, Pace, Pair, Personality, Rule, Site};
use crate::es::transport::{Method, Request, Unanswered};

const OLD: Personality = Personality::V6_8;
const NEW: Personality = Personality::V8_19;

/// Sends `METHOD path` with a body (`null` for none) and waits at most two seconds.
async fn try_call(
    pair: &Arc<Pair>,
    site: Site,
    line: &str,
    body: Value,
) -> Result<(u16, Value), Unanswered> {
    let (method, path) = line.split_once(' ').unwrap();
    let method = match method {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        _ => Method::Delete,
    };
    let mut request = Request::new(method, path).within(Duration::from_secs(2));
    request = match body {
        Value::Null => request,
        Value::String(lines) => request.lines(lines),
        body => request.json(body),
    };
    let response = pair.transport(site).send(request).await?;
    Ok((
        response.status,
        serde_json::from_str(&response.body).unwrap_or(json!(response.body)),
    ))
}

async fn call(pair: &Arc<Pair>, site: Site, line: &str, body: Value) -> (u16, Value) {
    try_call(pair, site, line, body).await.unwrap()
}

/// The body of a call that must succeed.
async fn ok(pair: &Arc<Pair>, site: Site, line: &str, body: Value) -> Value {
    let (status, body) = call(pair, site, line, body).await;
    assert!(status < 300, "{line}: {status} {body}");
    body
}

/// A pair joined both ways; B follows `x` of A, which holds the documents 0 to 4.
async fn joined(personality: Personality) -> Arc<Pair> {
    let pair = Pair::new(personality);
    for (site, alias) in [(Site::A, "b"), (Site::B, "a")] {
        let seeds = json!([pair.seed(site.other())]);
        let remote = json!({"persistent": {"cluster": {"remote": {alias: {"seeds": seeds}}}}});
        ok(&pair, site, "PUT /_cluster/settings", remote).await;
    }
    let mut settings = json!({"number_of_shards": 1, "number_of_replicas": 0});
    if personality == OLD {
        settings["soft_deletes.enabled"] = json!(true);
    }
    ok(&pair, Site::A, "PUT /x", json!({"settings": settings})).await;
    for id in 0..5 {
        ok(
            &pair,
            Site::A,
            &format!("PUT /x/_doc/{id}"),
            json!({"n": id}),
        )
        .await;
    }
    follow(&pair).await;
    pair
}

async fn follow(pair: &Arc<Pair>) {
    let body = json!({"remote_cluster": "a", "leader_index": "x"});
    ok(
        pair,
        Site::B,
        "PUT /x/_ccr/follow?wait_for_active_shards=1",
        body,
    )
    .await;
}

async fn promote(pair: &Arc<Pair>) {
    for step in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
        ok(pair, Site::B, &format!("POST /x/{step}"), Value::Null).await;
    }
}

async fn task(pair: &Arc<Pair>) -> Value {
    ok(pair, Site::B, "GET /x/_ccr/stats", Value::Null).await["indices"][0]["shards"][0].clone()
}

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
        assert_eq!(
            shard["read_exceptions"][0]["exception"]["type"],
            "connect_transport_exception"
        );
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
    pair.fault(Fault::Pace {
        site: Site::B,
        pace: Pace::StopAt(4),
    });
    ok(&pair, Site::A, "PUT /x/_doc/9", json!({"n": 9})).await;
    let shard = task(&pair).await;
    assert_eq!(
        (
            &shard["leader_global_checkpoint"],
            &shard["follower_global_checkpoint"]
        ),
        (&json!(5), &json!(4))
    );
    pair.fault(Fault::Kill(Site::A));
    pair.fault(Fault::Restart(Site::B));
    let shard = task(&pair).await;
    assert_eq!(shard["leader_global_checkpoint"], 4);
    assert_eq!(shard["read_exceptions"], json!([]));
    assert_eq!(shard["time_since_last_read_millis"], -1);
    pair.fault(Fault::Restart(Site::A));
    pair.fault(Fault::Pace {
        site: Site::B,
        pace: Pace::Free,
    });
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
    assert!(
        try_call(&pair, Site::B, "POST /x/_ccr/unfollow", Value::Null)
            .await
            .is_err()
    );
    ok(&pair, Site::B, "POST /x/_open", Value::Null).await;
    ok(&pair, Site::B, "PUT /x/_doc/new", json!({"n": 1})).await;
    // What was asked of the frozen process is done once it goes on.
    assert!(
        try_call(&pair, Site::A, "PUT /x/_doc/late", json!({"n": 2}))
            .await
            .is_err()
    );
    assert!(!pair.documents(Site::A, "x").contains("late"));
    pair.allow_two_writable(true);
    pair.fault(Fault::Thaw(Site::A));
    assert!(pair.documents(Site::A, "x").contains("late"));
    let stats = ok(&pair, Site::A, "GET /x/_stats?level=shards", Value::Null).await;
    let leases = stats["indices"]["x"]["shards"]["0"][0]["retention_leases"]["leases"].clone();
    assert!(
        leases
            .as_array()
            .unwrap()
            .iter()
            .all(|lease| lease["source"] != "ccr")
    );
    assert_eq!(pair.lost(Site::B), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_cut_link_leaves_both_sides_answering() {
    let pair = joined(OLD).await;
    pair.fault(Fault::Cut {
        from: Site::B,
        to: Site::A,
    });
    ok(&pair, Site::A, "PUT /x/_doc/7", json!({"n": 7})).await;
    let shard = task(&pair).await;
    assert_eq!(shard["follower_global_checkpoint"], 4);
    assert_eq!(shard["read_exceptions"][0]["from_seq_no"], 5);
    assert_eq!(pair.lost(Site::B), ["x/7 v1"]);
    pair.fault(Fault::Mend {
        from: Site::B,
        to: Site::A,
    });
    assert_eq!(task(&pair).await["read_exceptions"], json!([]));
    assert_eq!(pair.lost(Site::B), Vec::<String>::new());
    pair.fault(Fault::FreezeLink {
        from: Site::B,
        to: Site::A,
    });
    assert!(
        try_call(&pair, Site::B, "GET /_remote/info", Value::Null)
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn followers_can_be_slow() {
    let pair = joined(NEW).await;
    pair.fault(Fault::Pace {
        site: Site::B,
        pace: Pace::Operations(1),
    });
    let lines: String = (10..20)
        .map(|id| format!("{{\"index\":{{\"_index\":\"x\",\"_id\":\"{id}\"}}}}\n{{\"n\":1}}\n"))
        .collect();
    ok(&pair, Site::A, "POST /_bulk", json!(lines)).await;
    let first = task(&pair).await["follower_global_checkpoint"]
        .as_i64()
        .unwrap();
    pair.tick();
    let second = task(&pair).await["follower_global_checkpoint"]
        .as_i64()
        .unwrap();
    assert!(
        4 < first && first < second && second < 14,
        "{first} {second}"
    );
}

#[tokio::test(start_paused = true)]
async fn single_requests_misbehave_by_rule() {
    let pair = joined(NEW).await;
    let rule = |what| Fault::Request(Rule::next(Site::A, "/_doc/", what).method(Method::Put));
    pair.fault(rule(Misbehaviour::Drop));
    let dropped = try_call(&pair, Site::A, "PUT /x/_doc/r1", json!({"n": 1})).await;
    assert!(matches!(dropped, Err(Unanswered::Broken { .. })));
    pair.fault(rule(Misbehaviour::DoneButAnswered {
        status: 502,
        body: "<html>".into(),
    }));
    assert_eq!(
        call(&pair, Site::A, "PUT /x/_doc/r2", json!({"n": 1})).await,
        (502, json!("<html>"))
    );
    pair.fault(rule(Misbehaviour::DoneButSilent));
    assert!(
        try_call(&pair, Site::A, "PUT /x/_doc/r3", json!({"n": 1}))
            .await
            .is_err()
    );
    pair.fault(rule(Misbehaviour::Refused {
        status: 429,
        body: "{}".into(),
    }));
    assert_eq!(
        call(&pair, Site::A, "PUT /x/_doc/r4", json!({"n": 1})).await,
        (429, json!({}))
    );
    pair.fault(rule(Misbehaviour::Twice));
    let twice = ok(&pair, Site::A, "PUT /x/_doc/r5", json!({"n": 1})).await;
    assert_eq!(twice["_version"], 2);
    pair.fault(rule(Misbehaviour::Delay(Duration::from_secs(5))));
    assert!(
        try_call(&pair, Site::A, "PUT /x/_doc/r6", json!({"n": 1}))
            .await
            .is_err()
    );
    let skipping = Rule::next(Site::A, "/_doc/", Misbehaviour::Drop)
        .skip(1)
        .times(2);
    pair.fault(Fault::Request(skipping));
    ok(&pair, Site::A, "PUT /x/_doc/r7", json!({"n": 1})).await;
    for _ in 0..2 {
        assert!(
            try_call(&pair, Site::A, "PUT /x/_doc/r8", json!({"n": 1}))
                .await
                .is_err()
        );
    }
    ok(&pair, Site::A, "PUT /x/_doc/r9", json!({"n": 1})).await;
    let there = pair.documents(Site::A, "x");
    let there: Vec<&str> = there
        .iter()
        .map(String::as_str)
        .filter(|id| id.starts_with('r'))
        .collect();
    assert_eq!(there, ["r2", "r3", "r5", "r7", "r9"]);
    assert!(
        pair.requests(Site::A)
            .iter()
            .any(|line| line == "PUT /x/_doc/r1")
    );
}

#[tokio::test(start_paused = true)]
async fn on_6_8_writes_are_acknowledged_after_the_block() {
    let pair = joined(OLD).await;
    pair.fault(Fault::LateAcks {
        site: Site::A,
        bulks: 1,
    });
    ok(
        &pair,
        Site::A,
        "PUT /x/_settings",
        json!({"index.blocks.write": true}),
    )
    .await;
    let tasks = ok(
        &pair,
        Site::A,
        "GET /_tasks?actions=indices:data/write*",
        Value::Null,
    )
    .await;
    assert_ne!(tasks, json!({"nodes": {}}));
    let line = "{\"index\":{\"_index\":\"x\",\"_type\":\"_doc\",\"_id\":\"late\"}}\n{\"n\":1}\n";
    let late = ok(&pair, Site::A, "POST /_bulk", json!(line)).await;
    assert_eq!(late["errors"], false);
    let next = ok(&pair, Site::A, "POST /_bulk", json!(line)).await;
    assert_eq!(next["items"][0]["index"]["status"], 403);
    let tasks = ok(
        &pair,
        Site::A,
        "GET /_tasks?actions=indices:data/write*",
        Value::Null,
    )
    .await;
    assert_eq!(tasks, json!({"nodes": {}}));
}

#[tokio::test(start_paused = true)]
async fn two_writable_sides_and_discarded_documents_are_violations() {
    let pair = joined(NEW).await;
    ok(&pair, Site::A, "PUT /x/_block/write", Value::Null).await;
    promote(&pair).await;
    assert_eq!(pair.violations(), Vec::<String>::new());
    ok(
        &pair,
        Site::A,
        "PUT /x/_settings",
        json!({"index.blocks.write": null}),
    )
    .await;
    assert_eq!(pair.violations(), ["two writable sides: x on A, x on B"]);
    ok(&pair, Site::A, "PUT /x/_doc/orphan", json!({"n": 1})).await;
    ok(&pair, Site::A, "POST /x/_close", Value::Null).await;
    let back = json!({"remote_cluster": "b", "leader_index": "x"});
    ok(&pair, Site::A, "PUT /x/_ccr/follow", back).await;
    assert_eq!(
        pair.violations()[1],
        "follow over of x on A discards orphan v1"
    );
    assert_eq!(pair.lost(Site::A), ["x/orphan v1"]);
    assert_eq!(pair.lost(Site::B), ["x/orphan v1"]);
}

#[tokio::test(start_paused = true)]
async fn a_clean_switch_and_a_clean_failback_violate_nothing() {
    for personality in [OLD, NEW] {
        let pair = joined(personality).await;
        ok(
            &pair,
            Site::A,
            "PUT /x/_settings",
            json!({"index.blocks.write": true}),
        )
        .await;
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
    ok(
        &pair,
        Site::B,
        "POST /_ccr/auto_follow/one/pause",
        Value::Null,
    )
    .await;
    ok(&pair, Site::A, "PUT /d-2", Value::Null).await;
    assert_eq!(
        call(&pair, Site::B, "GET /d-2/_ccr/info", Value::Null)
            .await
            .0,
        404
    );
    ok(
        &pair,
        Site::B,
        "POST /_ccr/auto_follow/one/resume",
        Value::Null,
    )
    .await;
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
        stats["auto_follow_stats"]["recent_auto_follow_errors"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn switches_of_a_cluster() {
    let pair = joined(OLD).await;
    pair.fault(Fault::Ill(Site::A));
    let (status, body) = call(&pair, Site::A, "PUT /y", Value::Null).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (503, &json!("master_not_discovered_exception"))
    );
    ok(&pair, Site::A, "GET /", Value::Null).await;
    pair.fault(Fault::Well(Site::A));
    pair.fault(Fault::AutoCreate {
        site: Site::A,
        is_on: false,
    });
    assert_eq!(
        call(&pair, Site::A, "PUT /y/_doc/1", json!({})).await.0,
        404
    );
    pair.fault(Fault::Red {
        site: Site::A,
        index: "x".into(),
        is_red: true,
    });
    let health = ok(&pair, Site::A, "GET /_cluster/health/x", Value::Null).await;
    assert_eq!(health["status"], "red");
    pair.fault(Fault::Red {
        site: Site::A,
        index: "x".into(),
        is_red: false,
    });
    pair.fault(Fault::DiskFull {
        site: Site::A,
        is_full: true,
    });
    let (status, body) = call(&pair, Site::A, "PUT /x/_doc/1", json!({})).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (403, &json!("cluster_block_exception"))
    );
    pair.fault(Fault::License {
        site: Site::B,
        kind: "basic".into(),
        is_active: true,
    });
    assert_eq!(
        call(&pair, Site::B, "GET /x/_ccr/stats", Value::Null)
            .await
            .0,
        403
    );
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
    pair.fault(Fault::Gap {
        site: Site::B,
        index: "x".into(),
        shard: 0,
        seq_no: 2,
    });
    let stats = ok(&pair, Site::B, "GET /x/_stats?level=shards", Value::Null).await;
    let seq_no = &stats["indices"]["x"]["shards"]["0"][0]["seq_no"];
    assert_eq!(
        *seq_no,
        json!({"max_seq_no": 4, "local_checkpoint": 1, "global_checkpoint": 1})
    );
    pair.fault(Fault::Kill(Site::A));
    for step in ["_ccr/pause_follow", "_close"] {
        ok(&pair, Site::B, &format!("POST /x/{step}"), Value::Null).await;
    }
    let health = ok(&pair, Site::B, "GET /_cluster/health/x", Value::Null).await;
    assert_eq!(health["status"], "red");
    assert_eq!(
        call(&pair, Site::B, "POST /x/_ccr/unfollow", Value::Null)
            .await
            .0,
        500
    );
    ok(&pair, Site::B, "POST /x/_open", Value::Null).await;
    assert_eq!(pair.lost(Site::B), ["x/2 v1"]);
}

#[tokio::test(start_paused = true)]
async fn searches_page_through_everything() {
    for personality in [OLD, NEW] {
        let pair = joined(personality).await;
        let first = ok(
            &pair,
            Site::A,
            "POST /x/_search?scroll=1m&size=3",
            json!({"sort": ["_seq_no"]}),
        )
        .await;
        let id = first["_scroll_id"].clone();
        let next = ok(
            &pair,
            Site::A,
            "POST /_search/scroll",
            json!({"scroll": "1m", "scroll_id": id}),
        )
        .await;
        assert_eq!(next["hits"]["hits"].as_array().unwrap().len(), 2);
        ok(
            &pair,
            Site::A,
            "DELETE /_search/scroll",
            json!({"scroll_id": [id]}),
        )
        .await;
        let query = json!({"query": {"bool": {"filter": [{"range": {"_seq_no": {"gt": 1}}}],
            "must_not": [{"term": {"n": 3}}]}}, "sort": [{"n": "desc"}], "search_after": [4]});
        let page = ok(&pair, Site::A, "POST /x/_search?version=true", query).await;
        let hits = page["hits"]["hits"].as_array().unwrap();
        assert_eq!(
            hits.iter()
                .map(|hit| hit["_id"].as_str().unwrap())
                .collect::<Vec<_>>(),
            ["2"]
        );
        let across = ok(&pair, Site::B, "GET /a:x/_search?size=1", Value::Null).await;
        assert_eq!(across["_clusters"]["successful"], 1);
        assert_eq!(across["hits"]["hits"][0]["_index"], "a:x");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollover_passes_a_fence() {
    let pair = joined(NEW).await;
    let aliases = json!({"aliases": {"r": {"is_write_index": true}}});
    ok(&pair, Site::A, "PUT /r-000001", aliases).await;
    ok(&pair, Site::A, "PUT /r-000001/_block/write", Value::Null).await;
    let rolled = ok(&pair, Site::A, "POST /r/_rollover", Value::Null).await;
    assert_eq!(rolled["new_index"], "r-000002");
    let written = ok(&pair, Site::A, "POST /r/_doc", json!({"n": 1})).await;
    assert_eq!(written["_index"], "r-000002");
}

#[tokio::test]
async fn the_pair_answers_on_loopback_http() {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };
    let pair = joined(OLD).await;
    let served = pair.serve(Site::A, 0).await.unwrap();
    let mut stream = TcpStream::connect(served.addr).await.unwrap();
    // Twice over one connection: it is kept alive.
    for _ in 0..2 {
        stream
            .write_all(b"GET /x/_count HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        let mut buffer = [0; 1024];
        let count = stream.read(&mut buffer).await.unwrap();
        let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
        assert!(
            text.starts_with("HTTP/1.1 200 OK") && text.contains("{\"count\":5,"),
            "{text}"
        );
    }
    pair.fault(Fault::Kill(Site::A));
    let mut stream = TcpStream::connect(served.addr).await.unwrap();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest).await;
    assert!(read.is_err() || rest.is_empty());
    let addr = served.addr;
    drop(served);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn versions_can_be_mixed() {
    let pair = Pair::versions([OLD, NEW]);
    let a = ok(&pair, Site::A, "GET /", Value::Null).await;
    let b = ok(&pair, Site::B, "GET /", Value::Null).await;
    assert_eq!(
        (&a["version"]["number"], &b["version"]["number"]),
        (&json!("6.8.23"), &json!("8.19.21"))
    );
}
