//! Which address is asked, and that nothing is sent to another cluster.

use std::sync::Arc;

use super::*;
use crate::scripted::{Scripted, Several};

/// A node of the cluster with this UUID, that has a master or not.
fn node(uuid: &str, has_master: bool) -> Scripted {
    let root = format!(
        r#"{{"name":"n","cluster_name":"c","cluster_uuid":"{uuid}","version":{{"number":"8.19.21"}},"tagline":"You Know, for Search"}}"#
    );
    let master = if has_master { r#"{"master_node":"m"}"# } else { r#"{"master_node":null}"# };
    Scripted::new().get("/$", &root).get("/_cluster/state/master_node", master).on(
        Method::Put,
        "/x/_settings",
        200,
        r#"{"acknowledged":true}"#,
    )
}

fn gone() -> Scripted {
    Scripted::new().gone(Unanswered::Connect { reason: "refused".into() })
}

fn change() -> Request {
    Request::new(Method::Put, "/x/_settings")
}

/// Everything that may stand at the first of two addresses.
fn others() -> Vec<(&'static str, Scripted)> {
    let lost = r#"{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}"#;
    let page = |status: u16, body: &str| Scripted::new().on(Method::Get, "/", status, body);
    vec![
        ("no master", node("u", false)),
        ("never a master", node("_na_", false)),
        ("503 of no master", page(503, lost)),
        ("a stranger", node("stranger", true)),
        ("a redirect", page(301, "")),
        ("nothing at all", page(204, "")),
        ("a page", page(200, "<html>It works!</html>")),
        ("not found", page(404, r#"{"error":"not found"}"#)),
        ("busy", page(429, r#"{"error":{"type":"x"},"status":429}"#)),
        ("broken", page(500, "{}")),
        ("a gateway", page(503, "<html>503</html>")),
        ("a login", page(401, "{}")),
        ("nobody", gone()),
        ("silence", Scripted::new().silent(Method::Get, "/")),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_of_no_use_is_passed_over_and_gets_nothing_more() {
    for (what, other) in others() {
        let several = Arc::new(Several::default().at("one", other).at("two", node("u", true)));
        let es = Es::new("c", several.clone());
        es.expect_uuid("u");
        let began = Instant::now();
        let root = es.root().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(root.has_master && began.elapsed() <= ROOT_DEADLINE, "{what}");
        assert_eq!(es.address(), "two", "{what}");
        assert_eq!(es.passed_over().len(), 1, "{what}: {:?}", es.passed_over());
        es.send(change()).await.unwrap();
        let sent = |address| several.seen(address).iter().any(|line| line.starts_with("PUT"));
        assert!(!sent("one") && sent("two"), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_no_address_is_of_use_the_one_that_says_most_counts() {
    let cases = others();
    let words = |at: usize| cases[at].0;
    let expected = |what: &str| match what {
        "no master" | "never a master" | "503 of no master" => "no master",
        "a stranger" => "stranger",
        "a login" => "login",
        "nobody" | "silence" => "silence",
        "a gateway" => "gateway",
        _ => "odd",
    };
    let order = ["no master", "stranger", "login", "odd", "gateway", "silence"];
    let rank = |what: &str| order.iter().position(|it| *it == expected(what)).unwrap();
    for first in 0..cases.len() {
        for second in 0..cases.len() {
            let (one, two) = (others().swap_remove(first).1, others().swap_remove(second).1);
            let es = Es::new("c", Arc::new(Several::default().at("one", one).at("two", two)));
            es.expect_uuid("u");
            let found = match es.root().await {
                Ok(root) if !root.has_master => "no master",
                Err(error) if error.is_no_master() => "no master",
                Err(Error::WrongCluster { .. }) => "stranger",
                Err(error) if error.is_login() => "login",
                Err(Error::NotElasticsearch { status: 502..=504, .. }) => "gateway",
                Err(Error::Unanswered { .. }) => "silence",
                Err(_) => "odd",
                Ok(_) => "well",
            };
            let (a, b) = (words(first), words(second));
            assert_eq!(found, order[rank(a).min(rank(b))], "{a} and {b}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_dies_hands_over_what_it_did_not_take() {
    let several = Several::default().at("one", node("u", true)).at("two", node("u", true));
    let es = Es::new("c", Arc::new(several));
    es.root().await.unwrap();
    assert_eq!((es.address().as_str(), es.passed_over().len()), ("one", 0));
    let several = Arc::new(Several::default().at("one", gone()).at("two", node("u", true)));
    let moved = Es { transport: several.clone(), ..es };
    assert!(moved.send(Request::new(Method::Get, "/_cluster/state/master_node")).await.is_ok());
    assert_eq!(moved.address(), "two");
}

/// What stands at an address changes under a run's feet.
#[tokio::test(start_paused = true)]
async fn nothing_is_sent_to_another_cluster() {
    for answer in [node("stranger", true), Scripted::new().on(Method::Get, "/", 301, "")] {
        let own = Es::new("c", Arc::new(node("u", true)));
        own.root().await.unwrap();
        let other = Arc::new(answer.on(Method::Put, "/", 200, "{}"));
        let es = Es { transport: other.clone(), ..own };
        // The window: a moment after the answer that showed who it is.
        tokio::time::advance(PROVED_FOR).await;
        let error = es.send(change()).await.unwrap_err();
        let is_told = matches!(
            error,
            Error::WrongCluster { .. } | Error::NotElasticsearch { status: 301, .. }
        );
        assert!(is_told, "{error}");
        assert_eq!(*other.seen.lock().unwrap(), ["GET /"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_says_who_is_meant_where_nobody_else_does() {
    let own = Es::new("c", Arc::new(node("u", true)));
    own.root().await.unwrap();
    let es = Es { transport: Arc::new(node("stranger", true)), ..own };
    let error = es.root().await.unwrap_err();
    let (expected, found) = ("u".to_owned(), "stranger".to_owned());
    assert_eq!(error, Error::WrongCluster { expected, found });
}

#[tokio::test(start_paused = true)]
async fn a_change_shortly_after_a_look_costs_no_question() {
    let node = Arc::new(node("u", true));
    let es = Es::new("c", node.clone());
    es.root().await.unwrap();
    for _ in 0..3 {
        es.send(change()).await.unwrap();
    }
    let asked = node.seen.lock().unwrap().iter().filter(|line| *line == "GET /").count();
    assert_eq!(asked, 1);
}
