//! Two switches of a set on record that do not know of each other: told, refused, and decided by the
//! operator alone.

use serde_json::{Value, json};

use super::sets::{follows, leader, state_index, takes_writes, write};
use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders*"]
"#;

fn protected(pair: &Pair) -> Esdr {
    leader(pair, "orders", 1);
    write(pair, A, "orders", "first");
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    esdr
}

/// The header of the newest switch on record there.
fn newest(pair: &Pair, site: Site) -> Value {
    let body = json!({"query": {"term": {"kind": "entry"}}, "size": 100});
    let found = pair.ok("POST", site, &format!("/{}/_search", state_index(pair, site)), body);
    let entries = found["hits"]["hits"].as_array().unwrap().iter().map(|hit| &hit["_source"]);
    let switches = entries.filter(|it| it["data"]["entry"]["playbook"] == "failover");
    switches.max_by_key(|it| it["n"].as_i64()).unwrap().clone()
}

/// Another run's, on another machine that had seen the same record.
fn add(pair: &Pair, site: Site, entry: &Value, run: &str, state: &str) {
    let mut document = entry.clone();
    document["run"] = json!(run);
    document["data"]["entry"]["run"] = json!(run);
    document["data"]["entry"]["state"] = json!(state);
    document["data"]["entry"]["operator"] = json!("other@host");
    let path = format!("/{}/_doc/{run}.orders?refresh=true", state_index(pair, site));
    pair.ok("PUT", site, &path, document);
}

/// Everything that changes the set is refused, and names both runs and the ways to decide.
fn is_refused_everywhere(pair: &Pair, esdr: &Esdr, runs: [&str; 2]) {
    let before = Snapshot::of(pair, esdr);
    for args in [
        &["failover", "--to", "clusterA"][..],
        &["failover", "--to", "clusterB"],
        &["failover", "--to", "clusterB", "--accept-data-loss"],
        &["failback"],
        &["reprotect"],
        &["replicate"],
        &["fence", "clusterA"],
        &["unfence", "clusterA"],
    ] {
        let run = args.iter().fold(esdr.args([]).json(), |run, arg| run.arg(arg));
        let result = run.arg("--yes").run().status(3).result();
        let problem = &result["problems"][0];
        assert_eq!(problem["code"], "forked_record", "{args:?}: {result}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(runs.iter().all(|run| detail.contains(run)), "{detail}");
        let hint = problem["hint"].as_str().unwrap();
        for side in ["clusterA", "clusterB"] {
            let way = format!("esdr reprotect --set orders --discard {side}");
            assert!(hint.contains(&way), "{hint}");
        }
    }
    before.assert_unchanged(pair, esdr);
}

fn codes(status: &Value) -> Vec<String> {
    let problems = status["problems"].as_array().unwrap().iter();
    problems.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

pub fn two_switches_that_do_not_know_of_each_other_stop_every_command_until_a_side_is_named(
    pair: &mut Pair,
) {
    let esdr = protected(pair);
    let run = ["failover", "--to", "clusterB", "--yes"];
    let own = esdr.args(run).json().run().status(0).result()["run"].as_str().unwrap().to_owned();
    add(pair, B, &newest(pair, B), "1127-other", "done");

    let status = esdr.args(["status"]).json().run().status(5).result();
    assert!(codes(&status).contains(&"forked_record".to_owned()), "{status}");
    is_refused_everywhere(pair, &esdr, [&own, "1127-other"]);
    esdr.forget_state();
    is_refused_everywhere(pair, &esdr, [&own, "1127-other"]);

    write(pair, B, "orders", "second");
    let decide = ["reprotect", "--set", "orders", "--discard", "clusterA", "--yes"];
    drop(esdr.args(decide).json().run().status(0));
    let status = esdr.args(["status"]).json().run().status(0).result();
    assert_eq!(status["sets"][0]["leader"], "clusterB", "{status}");
    assert!(follows(pair, A, "orders") && takes_writes(pair, B, "orders"));
    until_true(20, "what was written is on both", || pair.count(A, "orders") == Some(3));
    drop(esdr.args(["failback", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, A, "orders"));
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn two_unfinished_switches_are_settled_where_a_side_is_named(pair: &mut Pair) {
    let esdr = protected(pair);
    // Killed right behind its fence.
    let run = esdr.args(["failover", "--to", "clusterB", "--yes"]).json();
    drop(run.env("ESDR_DIE_AFTER_LINES", "12").run());
    let entry = newest(pair, B);
    let own = entry["run"].as_str().unwrap().to_owned();
    assert_eq!(entry["data"]["entry"]["state"], "open", "{entry}");
    add(pair, B, &entry, "1127-other", "open");
    is_refused_everywhere(pair, &esdr, [&own, "1127-other"]);

    let decide = ["reprotect", "--set", "orders", "--discard", "clusterB", "--yes"];
    drop(esdr.args(decide).json().run().status(0));
    let status = esdr.args(["status"]).json().run().result();
    assert_eq!(status["runs"], json!([]), "{status}");
    assert!(!codes(&status).contains(&"forked_record".to_owned()), "{status}");
    drop(esdr.args(["unfence", "clusterA", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, A, "orders") && follows(pair, B, "orders"));
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, B, "orders"));
    assert_eq!(pair.violations(), [""; 0]);
}
