//! Every status with every kind of content as the answer to `GET /`: what a cluster is then.

use super::*;

/// What may stand in an answer, by a name for it.
const CONTENTS: [(&str, &str); 9] = [
    ("itself", ROOT_A),
    (
        "opensearch",
        r#"{"name":"o","cluster_name":"c","cluster_uuid":"u","version":{"distribution":"opensearch","number":"2.11.0"},"tagline":"The OpenSearch Project: https://opensearch.org/"}"#,
    ),
    (
        "no master",
        r#"{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}"#,
    ),
    (
        "busy",
        r#"{"error":{"type":"circuit_breaking_exception","reason":"too large"},"status":429}"#,
    ),
    (
        "login",
        r#"{"error":{"type":"security_exception","reason":"action is unauthorized"},"status":403}"#,
    ),
    ("json", r#"{"message":"not here"}"#),
    ("list", "[]"),
    ("page", "<html>It works!</html>"),
    ("empty", ""),
];

const STATUSES: [u16; 17] =
    [200, 201, 204, 301, 302, 307, 308, 400, 401, 403, 404, 429, 500, 501, 502, 503, 504];

/// What each comes to. Only what shows itself to be Elasticsearch is well or ill; only a gateway
/// that says that nothing is behind it is silence.
fn expected(status: u16, content: &str) -> &'static str {
    match (status, content) {
        (200, "itself") => "ok",
        // So 6.8 answers without a master, and a node that cannot say more.
        (503, "itself" | "no master") => "ill",
        (401 | 403, _) => "login",
        (502..=504, _) => "unreachable",
        _ => "not elasticsearch",
    }
}

fn found(cluster: &Cluster) -> &'static str {
    match cluster {
        Cluster::Ok(_) => "ok",
        Cluster::Ill { .. } => "ill",
        Cluster::Unreachable { .. } => "unreachable",
        Cluster::Refused { reason: Refusal::Login { .. } } => "login",
        Cluster::Refused { reason: Refusal::NotElasticsearch { .. } } => "not elasticsearch",
        Cluster::Refused { .. } => "refused otherwise",
    }
}

#[tokio::test(start_paused = true)]
async fn every_status_with_every_content_is_what_it_shows_itself_to_be() {
    let mut wrong = Vec::new();
    for status in STATUSES {
        for (content, body) in CONTENTS {
            // All but the first question is answered as a healthy leader does.
            let script = Scripted::new().on(Method::Get, "/$", status, body).or(leader());
            let cluster = observe_cluster(&watched("clusterA", "dc1", script)).await;
            let (expected, found) = (expected(status, content), found(&cluster));
            if expected != found {
                wrong.push(format!("{status} {content}: {found}, expected {expected}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}
