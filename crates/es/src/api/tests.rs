//! Typed calls against what real clusters answered.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{Es, Probe, hits_total};
use crate::{
    error::Error,
    scripted::Scripted,
    transport::{Method, Request, Unanswered},
};

/// The error of a `POST /x` that is answered with this.
async fn error(status: u16, body: &str) -> Error {
    let es = Scripted::new().on(Method::Post, "/x", status, body).es("b");
    es.send(Request::new(Method::Post, "/x")).await.unwrap_err()
}

fn reason(kind: &str, reason: &str) -> String {
    json!({"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}})
        .to_string()
}

#[tokio::test]
async fn an_unfollow_that_worked_without_its_leader_says_so_and_is_no_missing_index() {
    let body = r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index"}],"type":"exception","reason":"RemoteTransportException[[b]]; nested: IndexNotFoundException[no such index];","failed_to_remove_retention_leases":"clusterA/rec-a/PX-following-clusterB/rec-a/7e","caused_by":{"type":"index_not_found_exception","reason":"no such index","index":"rec-a"}},"status":500}"#;
    let error = error(500, body).await;
    let leases = error.leases_left();
    assert_eq!(leases.as_deref(), Some("clusterA/rec-a/PX-following-clusterB/rec-a/7e"));
    assert!(!error.is_missing_index());
    let text = error.to_string();
    assert!(text.starts_with("POST /x: 500 exception: Remote"), "{text}");
    assert!(text.ends_with("(caused by index_not_found_exception: no such index)"), "{text}");
}

#[tokio::test]
async fn the_refusals_of_replication_are_told_apart() {
    let argument = |text: &str| reason("illegal_argument_exception", text);
    let paused = error(400, &argument("no shard follow tasks for [rec-a]")).await;
    assert!(paused.is_not_following());
    let regular = error(400, &argument("index [rec-a] is not a follower index")).await;
    assert!(regular.is_not_following());
    let kind = "resource_already_exists_exception";
    let active = error(400, &reason(kind, "task with id {u-0} already exist")).await;
    assert!(active.is_task_exists() && active.is_already_following() && !active.is_index_exists());
    let exists = error(400, &reason(kind, "index [rec-a/u] already exists")).await;
    assert!(exists.is_index_exists() && !exists.is_already_following());
    let taken = "[_ccr_clusterA:_latest_/_latest_] cannot restore index [rec-a] because an open index with same name already exists in the cluster.";
    let taken = error(500, &reason("snapshot_restore_exception", taken)).await;
    assert!(!taken.is_already_following());
    let shard = |state: &str, allocation: &str| {
        argument(&format!(
            "The primary shard of a follower index [rec-a][4], [P], s[{state}], unassigned_info[[reason=NEW_INDEX_RESTORED], allocation_status[{allocation}]] is not active"
        ))
    };
    for (state, allocation, starts) in [
        ("INITIALIZING", "deciders_throttled", true),
        ("UNASSIGNED", "deciders_throttled", true),
        ("UNASSIGNED", "deciders_no", false),
        ("UNASSIGNED", "no_valid_shard_copy", false),
    ] {
        let error = error(400, &shard(state, allocation)).await;
        assert!(error.is_starting() == starts && error.is_inactive(), "{state}");
        assert_eq!(error.has_no_copy(), allocation == "no_valid_shard_copy");
    }
}

#[tokio::test]
async fn login_licence_block_and_load_are_told_apart() {
    let security = |text: &str| reason("security_exception", text);
    let licence = error(403, &security("current license is non-compliant for [ccr]")).await;
    assert!(licence.is_licence() && !licence.is_login());
    let text = "action [indices:admin/close] is unauthorized for user [u]";
    assert!(error(403, &security(text)).await.is_login());
    let block = "index [rec-a] blocked by: [FORBIDDEN/8/index write (api)];";
    let block = error(403, &reason("cluster_block_exception", block)).await;
    assert!(!block.is_login());
    assert!(error(429, &reason("circuit_breaking_exception", "too large")).await.is_busy());
    let closing = "Cannot close indices that are being restored: [[a/u]]";
    assert!(error(400, &reason("illegal_argument_exception", closing)).await.is_restoring());
}

#[tokio::test]
async fn an_error_that_is_a_text_is_read_too() {
    let text =
        "Incorrect HTTP method for uri [/_license/trial_status] and method [GET], allowed: [POST]";
    let error = error(405, &json!({"error": text, "status": 405}).to_string()).await;
    assert_eq!(error.exception().unwrap().reason, text);
    let parameter =
        "request [/_cat/indices/rec-*] contains unrecognized parameter: [expand_wildcards]";
    let error = super::tests::error(400, &reason("illegal_argument_exception", parameter)).await;
    assert!(error.is_unknown_parameter());
}

#[tokio::test]
async fn a_page_is_no_answer() {
    let es = Scripted::new().on(Method::Post, "/x", 200, "<html>\n hello </html>").es("a");
    let error = es.send(Request::new(Method::Post, "/x")).await.unwrap_err();
    let Error::NotElasticsearch { snippet, .. } = error else { panic!() };
    assert_eq!(snippet, "<html> hello </html>");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_even_where_the_transport_forgets_it() {
    let es = Scripted::new().silent(Method::Post, "/").es("a");
    let error = es.with_deadline(Duration::from_millis(700)).unfollow("a").await.unwrap_err();
    let Error::Unanswered { cause, .. } = error else { panic!() };
    assert_eq!(cause, Unanswered::Timeout { deadline_ms: 700 });
}

#[tokio::test]
async fn a_probe_believes_only_a_cluster_that_counted_as_successful() {
    let probe = |status: u16, body: &'static str| async move {
        let es = Scripted::new().on(Method::Get, "/dc1:esdr-probe-*/_search?size=0", status, body);
        es.es("b").probe_remote("dc1").await
    };
    let reached = r#"{"_clusters":{"total":1,"successful":1,"skipped":0}}"#;
    assert_eq!(probe(200, reached).await, Probe::Reached);
    let skipped = r#"{"_clusters":{"total":1,"successful":0,"skipped":1}}"#;
    assert!(matches!(probe(200, skipped).await, Probe::NotReached { .. }));
    // An older server takes an unknown alias for an index name, which matches nothing.
    assert!(matches!(probe(200, r#"{"hits":{"total":0}}"#).await, Probe::NotReached { .. }));
    let killed = r#"{"error":{"type":"transport_exception","reason":"unable to communicate with remote cluster [dc1]"},"status":500}"#;
    assert!(matches!(probe(500, killed).await, Probe::NotReached { .. }));
    let refused = r#"{"error":{"type":"security_exception","reason":"unauthorized"},"status":403}"#;
    assert!(matches!(probe(403, refused).await, Probe::Refused { .. }));
}

#[tokio::test]
async fn a_node_without_a_master_answers_503_and_is_still_elasticsearch() {
    let body = r#"{"name":"a1","cluster_name":"clusterA","cluster_uuid":"_na_","version":{"number":"9.1.0-SNAPSHOT"},"tagline":"You Know, for Search"}"#;
    let root = Scripted::new().on(Method::Get, "/", 503, body).es("a").root().await.unwrap();
    assert_eq!((root.cluster_uuid.as_str(), root.version_numbers()), ("", (9, 1, 0)));
}

#[tokio::test]
async fn bulk_items_fail_one_by_one() {
    let body = r#"{"took":1,"errors":true,"items":[{"index":{"_index":"a","_id":"1","status":201}},
        {"delete":{"_index":"a","_id":"2","status":403,"error":{"type":"cluster_block_exception","reason":"index [a] blocked by: [x];"}}}]}"#;
    let es = Scripted::new().on(Method::Post, "/_bulk", 200, body).es("a");
    let items = es.bulk("{}\n".into()).await.unwrap();
    assert_eq!((items[0].status, items[1].status), (201, 403));
    assert_eq!(items[1].error.as_ref().unwrap().kind, "cluster_block_exception");
}

#[tokio::test]
async fn lists_of_names_go_out_in_order_in_as_few_lines_as_they_fit() {
    let script = Arc::new(Scripted::new().on(Method::Post, "/", 200, r#"{"acknowledged":true}"#));
    let names: Vec<String> = (0..500).map(|n| format!("catalog-eu-2026-{n:04}")).collect();
    let transport: Arc<dyn crate::transport::Transport> = script.clone();
    Es::new("a", transport).open(&names, 1).await.unwrap();
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    let sent: Vec<String> = seen
        .iter()
        .flat_map(|line| {
            let list = line.split(['/', ' ']).nth(2).unwrap().to_owned();
            list.split(',').map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(sent, names);
}

#[test]
fn totals_are_numbers_on_6_and_objects_later() {
    assert_eq!(hits_total(&json!({"hits": {"total": 6}})), Some(6));
    assert_eq!(hits_total(&json!({"hits": {"total": {"value": 6, "relation": "eq"}}})), Some(6));
}

#[tokio::test]
async fn a_licence_is_not_read_again_at_every_look() {
    let trial = r#"{"license":{"status":"active","type":"trial"}}"#;
    let scripted = Arc::new(Scripted::new().get("/_license", trial));
    let es = Es::new("b", scripted.clone());
    for es in [es.clone(), es.with_deadline(Duration::from_secs(1))] {
        assert_eq!(es.license().await.unwrap().kind, "trial");
    }
    assert_eq!(*scripted.seen.lock().unwrap(), ["GET /_license"]);
}
