//! Calls that read and write.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::{Fault, Pair, Site},
    NEW, OLD, call, joined, ok,
};

#[tokio::test(start_paused = true)]
async fn searches_page_through_everything() {
    for personality in [OLD, NEW] {
        let pair = joined(personality).await;
        let first =
            ok(&pair, Site::A, "POST /x/_search?scroll=1m&size=3", json!({"sort": ["_seq_no"]}))
                .await;
        let id = first["_scroll_id"].clone();
        let next =
            ok(&pair, Site::A, "POST /_search/scroll", json!({"scroll": "1m", "scroll_id": id}))
                .await;
        assert_eq!(next["hits"]["hits"].as_array().unwrap().len(), 2);
        ok(&pair, Site::A, "DELETE /_search/scroll", json!({"scroll_id": [id]})).await;
        let query = json!({"query": {"bool": {"filter": [{"range": {"_seq_no": {"gt": 1}}}],
            "must_not": [{"term": {"n": 3}}]}}, "sort": [{"n": "desc"}], "search_after": [4]});
        let page = ok(&pair, Site::A, "POST /x/_search?version=true", query).await;
        let hits = page["hits"]["hits"].as_array().unwrap();
        assert_eq!(hits.iter().map(|hit| hit["_id"].as_str().unwrap()).collect::<Vec<_>>(), ["2"]);
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
        stream.write_all(b"GET /x/_count HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut buffer = [0; 1024];
        let count = stream.read(&mut buffer).await.unwrap();
        let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
        assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("{\"count\":5,"), "{text}");
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
    for (site, alias) in [(Site::A, "b"), (Site::B, "a")] {
        let seeds = json!([pair.seed(site.other())]);
        let remote = json!({"persistent": {"cluster": {"remote": {alias: {"seeds": seeds}}}}});
        ok(&pair, site, "PUT /_cluster/settings", remote).await;
    }
    ok(&pair, Site::B, "PUT /x", Value::Null).await;
    let body = json!({"remote_cluster": "b", "leader_index": "x"});
    let (status, body) = call(&pair, Site::A, "PUT /x/_ccr/follow", body).await;
    assert_eq!((status, &body["error"]["type"]), (500, &json!("snapshot_restore_exception")));
}

#[tokio::test(start_paused = true)]
async fn searches_can_lag_behind_until_a_refresh() {
    let pair = joined(NEW).await;
    pair.fault(Fault::LazyRefresh { site: Site::A, is_on: true });
    ok(&pair, Site::A, "PUT /x/_doc/0", json!({"n": 100})).await;
    ok(&pair, Site::A, "PUT /x/_doc/7", json!({"n": 7})).await;
    let old = ok(
        &pair,
        Site::A,
        "GET /x/_search?q=*&size=50",
        json!({"query": {"ids": {"values": ["0", "7"]}}}),
    )
    .await;
    assert_eq!(old["hits"]["hits"][0]["_source"]["n"], 0);
    assert_eq!(ok(&pair, Site::A, "GET /x/_count", Value::Null).await["count"], 5);
    ok(&pair, Site::A, "POST /x/_refresh", Value::Null).await;
    assert_eq!(ok(&pair, Site::A, "GET /x/_count", Value::Null).await["count"], 6);
    ok(&pair, Site::A, "PUT /x/_doc/8?refresh=true", json!({"n": 8})).await;
    assert_eq!(ok(&pair, Site::A, "GET /x/_count", Value::Null).await["count"], 7);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_replicated_is_kept_as_given() {
    let pair = joined(NEW).await;
    ok(&pair, Site::A, "PUT /_ilm/policy/p", json!({"policy": {"phases": {}}})).await;
    let policies = ok(&pair, Site::A, "GET /_ilm/policy", Value::Null).await;
    assert_eq!(policies["p"]["policy"], json!({"phases": {}}));
    assert_eq!(ok(&pair, Site::B, "GET /_ilm/policy", Value::Null).await, json!({}));
    ok(&pair, Site::A, "PUT /_index_template/t", json!({"index_patterns": ["l-*"]})).await;
    let templates = ok(&pair, Site::A, "GET /_index_template", Value::Null).await;
    assert_eq!(templates["index_templates"][0]["name"], "t");
    assert_eq!(call(&pair, Site::A, "GET /_ingest/pipeline/none", Value::Null).await.0, 404);
    assert_eq!(
        ok(&pair, Site::A, "GET /_data_stream", Value::Null).await,
        json!({"data_streams": []})
    );
}
