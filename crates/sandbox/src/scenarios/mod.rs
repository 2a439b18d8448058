//! What can go wrong with the pair, told as short stories.

mod calls;
mod outages;
mod replication;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{Pair, Personality, Site};

use esdr_es::transport::{Method, Request, Unanswered};

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
    Ok((response.status, serde_json::from_str(&response.body).unwrap_or(json!(response.body))))
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
        ok(&pair, Site::A, &format!("PUT /x/_doc/{id}"), json!({"n": id})).await;
    }
    follow(&pair).await;
    pair
}

async fn follow(pair: &Arc<Pair>) {
    let body = json!({"remote_cluster": "a", "leader_index": "x"});
    ok(pair, Site::B, "PUT /x/_ccr/follow?wait_for_active_shards=1", body).await;
}

async fn promote(pair: &Arc<Pair>) {
    for step in ["_ccr/pause_follow", "_close", "_ccr/unfollow", "_open"] {
        ok(pair, Site::B, &format!("POST /x/{step}"), Value::Null).await;
    }
}

async fn task(pair: &Arc<Pair>) -> Value {
    ok(pair, Site::B, "GET /x/_ccr/stats", Value::Null).await["indices"][0]["shards"][0].clone()
}
