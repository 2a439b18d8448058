//! A fence that holds while it stands: by index, by alias, by a name that is still to be born, and
//! by rollover; and that is lifted without a trace.

use std::{env, time::Duration, time::Instant};

use serde_json::{Map, Value, json};

use super::sets::{leader_with, write};
use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{A, B},
    },
};

const LOGS: &str = r#"
[sets.logs]
home = "clusterA"
standby = "clusterB"
indices = ["logs-*", "-logs-tmp-*"]
"#;

/// Rounds of attempts at the least; `ESDR_FENCE_SECONDS` asks for as long as it says.
const ROUNDS: usize = 3;

/// So many rounds try names of their own, those after them the same once more: each leaves indices,
/// and a cluster may have a thousand shards.
const NAMES: usize = 100;

/// The set and its template, with an alias that has a write flag and one that has none.
fn protected(pair: &Pair) -> Esdr {
    let settings = json!({"index.number_of_shards": 1, "index.number_of_replicas": 0, "index.soft_deletes.enabled": true});
    let aliases = json!({"days": {}});
    let (path, body) = if pair.is_6_8() {
        let body = json!({"index_patterns": ["logs-day-*"], "order": 1, "settings": settings, "aliases": aliases});
        ("/_template/esdr-tests", body)
    } else {
        let settings = json!({"index.number_of_shards": 1, "index.number_of_replicas": 0});
        let template = json!({"settings": settings, "aliases": aliases});
        let body = json!({"index_patterns": ["logs-day-*"], "priority": 1, "template": template});
        ("/_index_template/esdr-tests", body)
    };
    pair.ok("PUT", A, path, body);
    leader_with(pair, "logs-000001", 1, json!({"logs": {"is_write_index": true}}));
    leader_with(pair, "logs-solo-000001", 1, json!({"solo": {}}));
    for name in ["logs-000001", "logs-solo-000001", "logs-day-0"] {
        write(pair, A, name, "first");
    }
    let esdr = Esdr::on(pair).toml(LOGS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    esdr
}

/// Everything of cluster A that a fence could leave a trace in.
fn everything(pair: &Pair) -> Value {
    let all = pair.ok("GET", A, "/logs-*?flat_settings=true&expand_wildcards=all", ());
    let mut templates = Map::new();
    for kind in ["_template", "_index_template"] {
        templates.insert(kind.to_owned(), pair.get(A, &format!("/{kind}/esdr-*")).1);
    }
    let settings = pair.ok("GET", A, "/_cluster/settings?flat_settings=true", ());
    json!({"indices": all, "templates": templates, "cluster": settings})
}

/// One round of all that a client, and lifecycle management, could try. Returns how many writes
/// into the set were acknowledged, each with the way that it took.
fn attempt(pair: &Pair, round: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let day = format!("logs-day-{}", round + 1);
    let document = json!({"n": round});
    let mut put = |path: String| {
        let (status, body) = pair.put(A, &path, document.clone());
        if status < 300 {
            acknowledged.push(format!("{path}: {status} {body}"));
        }
    };
    for name in ["logs-000001", "logs-solo-000001", "logs-day-0", "logs", "solo", &day] {
        put(format!("/{name}/_doc/{round}"));
    }
    // By hand, and then a write.
    pair.put(A, &format!("/logs-made-{round}"), ());
    put(format!("/logs-made-{round}/_doc/1"));
    for path in ["logs/_rollover", "solo/_rollover", "logs/_rollover/logs-other"] {
        let (status, body) = pair.post(A, &format!("/{path}"), json!({}));
        assert_eq!(status, 403, "{path}: {body}");
        put("/logs/_doc/rolled".to_owned());
        put("/solo/_doc/rolled".to_owned());
    }
    for action in [
        json!({"remove": {"index": "logs-000001", "alias": "logs"}}),
        json!({"add": {"index": "logs-000001", "alias": "more"}}),
    ] {
        let (status, body) = pair.post(A, "/_aliases", json!({"actions": [action]}));
        assert_eq!(status, 403, "{body}");
    }
    for (verb, path) in [("DELETE", "/logs-000001"), ("POST", "/logs-000001/_close")] {
        let (status, body) = match verb {
            "DELETE" => pair.delete(A, path),
            _ => pair.post(A, path, ()),
        };
        assert_eq!(status, 403, "{verb} {path}: {body}");
    }
    acknowledged
}

/// Many rounds, for as long as the environment asks for.
fn assert_holds(pair: &Pair) {
    let seconds = env::var("ESDR_FENCE_SECONDS").ok().and_then(|text| text.parse().ok());
    let started = Instant::now();
    let ends = started + Duration::from_secs(seconds.unwrap_or(0));
    let mut round = 0;
    while round < ROUNDS || Instant::now() < ends {
        let acknowledged = attempt(pair, round % NAMES);
        assert_eq!(acknowledged, [""; 0], "in round {round}");
        round += 1;
    }
    // What is not of the set is nobody's business.
    for name in ["other", "logs-tmp-1"] {
        pair.ok("PUT", A, &format!("/{name}/_doc/{round}"), json!({"n": 1}));
    }
    let took = started.elapsed().as_secs_f32();
    println!("{round} rounds of attempts in {took:.0} s, nothing acknowledged");
}

pub fn a_fence_holds_against_every_way_in_and_is_lifted_without_a_trace(pair: &mut Pair) {
    let esdr = protected(pair);
    let before = everything(pair);
    let dry = esdr.args(["fence", "clusterA", "--dry-run"]).run().status(5);
    assert!(dry.stdout.contains("esdr-fence-logs"), "{}", dry.stdout);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    assert_holds(pair);
    drop(esdr.args(["unfence", "clusterA", "--yes"]).json().run().status(0));
    assert_eq!(pair.violations(), [""; 0]);
    pair.ok("DELETE", A, "/logs-tmp-1", ());
    let after = everything(pair);
    assert_eq!(after["indices"], before["indices"]);
    assert_eq!(after, before);
    write(pair, A, "logs-day-9", "first");
    write(pair, A, "logs", "second");
}

pub fn a_former_leader_is_kept_shut_until_it_leads_again(pair: &mut Pair) {
    let esdr = protected(pair);
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    assert_holds(pair);
    let status = esdr.args(["status"]).json().run().result();
    let codes: Vec<&str> = status["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["code"].as_str())
        .collect();
    assert!(!codes.contains(&"late_index"), "what clients have left is empty: {status}");
    // A new day is born where the set leads; a client has left an empty one of its name here.
    let settings = json!({"index.number_of_shards": 1, "index.number_of_replicas": 0, "index.soft_deletes.enabled": true});
    pair.ok("PUT", B, "/logs-day-1", json!({ "settings": settings }));
    write(pair, B, "logs-day-1", "there");
    drop(esdr.args(["failback", "--yes"]).json().run().status(0));
    assert_eq!(pair.get(A, "/logs-day-1/_doc/there").0, 200);
    for name in ["logs-day-2", "logs-made-0"] {
        assert_eq!(pair.get(A, &format!("/{name}")).0, 404, "{name}");
    }
    let kind = if pair.is_6_8() { "_template" } else { "_index_template" };
    let left = pair.get(A, &format!("/{kind}/esdr-fence-*")).1;
    assert!(!left.to_string().contains("esdr-fence-"), "{left}");
    for name in ["logs", "solo", "logs-day-0", "logs-day-9"] {
        write(pair, A, name, "home");
    }
    assert_eq!(pair.violations(), [""; 0]);
}
