//! What is read from a plan file, from a cluster's record or from the command line as the name of
//! a run is a name: it never leads out of the folder of its own.

use std::fs;

use serde_json::{Value, json};

use super::sets::{leader, state_index, write};
use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{A, B},
    },
    snapshot::Snapshot,
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

/// Names that lead from the folder of the runs to a place beside the configuration.
fn evil(esdr: &Esdr) -> Vec<String> {
    let absolute = esdr.path("evil").display().to_string();
    let relative = ["../../evil", "../evil", "..", ".", "", "a/b", "runs/../../../evil"];
    relative.iter().map(|&name| name.to_owned()).chain([absolute]).collect()
}

/// However the lines are broken.
#[track_caller]
fn assert_says(text: &str, part: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(part), "{text}");
}

fn assert_nothing_outside(esdr: &Esdr) {
    for place in ["evil", "state/evil", "evil.orders.json", "state/evil.orders.json"] {
        assert!(!esdr.path(place).exists(), "{place}");
    }
}

pub fn the_run_of_a_plan_file_never_leads_out_of_its_folder(pair: &mut Pair) {
    let esdr = protected(pair);
    drop(esdr.args(["plan", "failover", "--to", "clusterB", "--out", "f.plan"]).run().status(0));
    let whole = fs::read_to_string(esdr.path("f.plan")).unwrap();
    let before = Snapshot::of(pair, &esdr);
    for name in evil(&esdr) {
        let mut plan: Value = serde_json::from_str(&whole).unwrap();
        plan["id"] = json!(name);
        esdr.write("f.plan", &plan.to_string());
        for args in [["apply", "f.plan", "--yes"], ["apply", "f.plan", "--dry-run"]] {
            let refused = esdr.args(args).run().status(2);
            assert_says(&refused.stderr, "is not the name of a run");
        }
        drop(esdr.args(["plan", "show", "f.plan"]).run().status(2));
        before.assert_unchanged(pair, &esdr);
        assert_nothing_outside(&esdr);
    }
}

pub fn a_run_is_named_on_the_command_line_and_no_path(pair: &mut Pair) {
    let esdr = protected(pair);
    let before = Snapshot::of(pair, &esdr);
    for name in evil(&esdr).iter().filter(|name| !name.is_empty()) {
        let refused = esdr.args(["undo", "--yes"]).arg(name).run().status(2);
        assert_says(&refused.stderr, "is not the name of a run");
        before.assert_unchanged(pair, &esdr);
        assert_nothing_outside(&esdr);
    }
}

pub fn the_run_of_an_entry_on_a_cluster_never_leads_out_of_its_folder(pair: &mut Pair) {
    let esdr = protected(pair);
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
    let (index, entry) = entry_on_b(pair);
    for name in evil(&esdr) {
        let mut document = entry.clone();
        document["run"] = json!(name);
        document["data"]["entry"]["run"] = json!(name);
        document["data"]["entry"]["state"] = json!("open");
        pair.ok("PUT", B, &format!("/{index}/_doc/evil?refresh=true"), document);
        let before = Snapshot::of(pair, &esdr);
        for args in [
            &["undo", "--yes"][..],
            &["failback", "--yes"],
            &["reprotect", "--yes"],
            &["failover", "--to", "clusterA", "--yes"],
        ] {
            let run = args.iter().fold(esdr.args([]), |run, arg| run.arg(arg));
            let refused = run.run().status(3);
            assert_says(&refused.stderr, "is not the name of a run");
            assert_says(&refused.stderr, "esdr-state-");
        }
        before.assert_unchanged(pair, &esdr);
        assert_nothing_outside(&esdr);
    }
}

/// The state index of clusterB, and the document of its only entry.
fn entry_on_b(pair: &Pair) -> (String, Value) {
    let index = state_index(pair, B);
    let body = json!({"query": {"term": {"kind": "entry"}}, "sort": [{"at_ms": "desc"}]});
    let found = pair.ok("POST", B, &format!("/{index}/_search"), body);
    (index, found["hits"]["hits"][0]["_source"].clone())
}
