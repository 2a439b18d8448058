//! Bad input and bad worlds: each is refused with the contract's status and a stable code,
//! and nothing is changed, neither on a cluster nor on this machine.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::sets::leader;
use crate::support::{
    esdr::{Esdr, Invocation, Output},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders*"]
"#;

/// Runs what must be refused, and returns its problems by code and subject.
#[track_caller]
pub fn refused(
    pair: &Pair,
    esdr: &Esdr,
    run: Invocation<'_>,
    status: i32,
) -> Vec<(String, String)> {
    let before = Snapshot::of(pair, esdr);
    let output = run.json().run().status(status);
    before.assert_unchanged(pair, esdr);
    let result = output.result();
    let outcome = if status == 2 { "usage" } else { "refused" };
    assert_eq!(result["outcome"], outcome, "{result}");
    assert_eq!(result["exit"], status, "{result}");
    assert_eq!(result["run"], Value::Null, "nothing was run: {result}");
    problems(&output)
}

#[track_caller]
fn problems(output: &Output) -> Vec<(String, String)> {
    let result = output.result();
    let problems = result["problems"].as_array().expect("a list").clone();
    assert!(!problems.is_empty(), "every refusal says why: {result}");
    let text = |problem: &Value, key: &str| problem[key].as_str().expect("a text").to_owned();
    for problem in &problems {
        assert_ne!(text(problem, "detail"), "", "{problem}");
        assert_ne!(text(problem, "hint"), "", "every refusal says what to do: {problem}");
    }
    problems.iter().map(|problem| (text(problem, "code"), text(problem, "subject"))).collect()
}

pub fn only(code: &str, subject: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), subject.to_owned())]
}

/// A configuration with other addresses than the pair's, or with more keys.
fn with_clusters(pair: &Pair, clusters: [(&str, String, &str); 2], sets: &str) -> Esdr {
    let esdr = Esdr::bare();
    let mut text = String::new();
    for (site, (name, url, more)) in Site::BOTH.into_iter().zip(clusters) {
        writeln!(text, "[clusters.{name}]\nurls = [{url:?}]\n{more}").unwrap();
        if let Some(seed) = pair.seed(site) {
            writeln!(text, "remote = {{ seeds = [{seed:?}] }}\n").unwrap();
        }
    }
    esdr.write("esdr.toml", &(text + sets));
    esdr
}

/// Where nobody listens: the port is reserved, and free of any server by convention.
const NOBODY: &str = "http://127.0.0.1:1";

fn protected(pair: &Pair) -> Esdr {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    esdr
}

pub fn a_name_that_the_file_does_not_define_is_refused(pair: &mut Pair) {
    let esdr = protected(pair);
    let run = esdr.args(["failover", "--to", "clusterC", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    let run = esdr.args(["failover", "--to", "clusterB", "--set", "order", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    let run = esdr.args(["replicate", "--set", "order", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    let run = esdr.args(["undo", "0101-abcd", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));

    let esdr = esdr.toml("prioritty = 3\n");
    for command in [&["replicate", "--yes"][..], &["failover", "--to", "clusterB", "--yes"]] {
        let run = command.iter().fold(esdr.args([]), |run, arg| run.arg(arg));
        assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    }
}

pub fn an_index_in_two_sets_is_refused(pair: &mut Pair) {
    leader(pair, "orders-eu", 1);
    let second = ORDERS.replace("sets.orders", "sets.europe").replace("orders*", "*-eu");
    let esdr = Esdr::on(pair).toml(ORDERS).toml(&second);
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    drop(esdr.args(["replicate", "--set", "europe", "--yes"]).json().run().status(0));
    // Each set by itself is sound; both at once would move the index twice.
    let run = esdr.args(["failover", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
}

pub fn a_cluster_that_does_not_answer_is_refused_for_a_planned_switch(pair: &mut Pair) {
    drop(protected(pair));
    let failover = ["failover", "--to", "clusterB", "--yes"];
    let (a, b) = (pair.url(A), pair.url(B));
    let clusters = [("clusterA", NOBODY.to_owned(), ""), ("clusterB", b, "")];
    let esdr = with_clusters(pair, clusters, ORDERS);
    let run = esdr.args(failover);
    assert_eq!(refused(pair, &esdr, run, 3), only("leader_alive", "clusterA"));
    let clusters = [("clusterA", a, ""), ("clusterB", NOBODY.to_owned(), "")];
    let esdr = with_clusters(pair, clusters, ORDERS);
    let run = esdr.args(failover);
    assert_eq!(refused(pair, &esdr, run, 3), only("target_unreachable", "clusterB"));
    // The other way round it is the same, and replicate needs both as well.
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("target_unreachable", "clusterB"));
}

pub fn two_names_for_one_cluster_are_refused(pair: &mut Pair) {
    drop(protected(pair));
    let clusters = [("clusterA", pair.url(A), ""), ("clusterB", pair.url(A), "")];
    let esdr = with_clusters(pair, clusters, ORDERS);
    for run in
        [esdr.args(["failover", "--to", "clusterB", "--yes"]), esdr.args(["replicate", "--yes"])]
    {
        let problems = refused(pair, &esdr, run, 3);
        assert_eq!(problems, only("same_cluster", "clusterB"));
    }
    for command in ["fence clusterB", "unfence clusterB", "undo", "reprotect", "failback"] {
        let run = command.split(' ').fold(esdr.args(["--yes"]), Invocation::arg);
        assert_eq!(refused(pair, &esdr, run, 3), only("same_cluster", ""), "{command}");
    }
}

pub fn another_cluster_than_the_pinned_one_is_refused(pair: &mut Pair) {
    drop(protected(pair));
    let uuid = |site| pair.get(site, "/").1["cluster_uuid"].as_str().unwrap().to_owned();
    let pin = |site| format!("uuid = {:?}", uuid(site));
    // Both addresses swapped: each answers, and neither is the one meant.
    let clusters = [("clusterA", pair.url(B), &*pin(A)), ("clusterB", pair.url(A), &*pin(B))];
    let esdr = with_clusters(pair, clusters, ORDERS);
    let run = esdr.args(["failover", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("wrong_uuid", ""));
    let clusters = [("clusterA", pair.url(A), &*pin(A)), ("clusterB", pair.url(B), &*pin(B))];
    let esdr = with_clusters(pair, clusters, ORDERS);
    drop(esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run().status(0));
}

pub fn an_index_that_is_not_there_is_refused(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let sets = ORDERS.replace("orders*", "orders\", \"invoices");
    let esdr = Esdr::on(pair).toml(&sets);
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("index_missing", "invoices"));
    // A pattern that matches nothing is no member either: there is nothing to protect.
    let sets = ORDERS.replace("orders*", "invoices-*");
    let esdr = Esdr::on(pair).toml(&sets);
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("index_missing", "orders"));
}

pub fn a_leader_without_soft_deletes_is_refused(pair: &mut Pair) {
    // Later versions cannot switch them off.
    if !pair.is_6_8() {
        return;
    }
    leader(pair, "orders", 1);
    pair.ok("PUT", A, "/orders-old", json!({"settings": {"index.number_of_replicas": 0}}));
    let esdr = Esdr::on(pair).toml(ORDERS);
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("soft_deletes_off", "orders-old"));
}

pub fn without_a_terminal_and_without_yes_nothing_is_done(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    let run = esdr.args(["replicate"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("refused", ""));
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let before = Snapshot::of(pair, &esdr);
    // An answer in a pipe is nobody's answer.
    let output = esdr.args(["failover", "--to", "clusterB"]).stdin("yes\n").run().status(3);
    assert_eq!(output.stderr.lines().count(), 3, "{}", output.stderr);
    before.assert_unchanged(pair, &esdr);
}

pub fn a_switch_without_any_follower_is_refused(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    let run = esdr.args(["failover", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("nothing_replicated", "orders"));
    // The same where no set is defined, and so everything that follows is meant.
    let esdr = Esdr::on(pair);
    let run = esdr.args(["failover", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("nothing_replicated", "default"));
}

pub fn a_playbook_in_an_unsafe_order_is_refused(pair: &mut Pair) {
    let esdr = protected(pair);
    let unsafe_order = r#"name = "mine"
summary = "Promotes without a fence."
promise = "None."
data_loss = "none"

[[step]]
do = "record"
within = "60s"

[[step]]
do = "promote"
on = "target"
within = "90s"
"#;
    esdr.write("mine.toml", unsafe_order);
    let run = esdr.args(["run", "mine.toml", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    esdr.write("mine.toml", &unsafe_order.replace("do = \"record\"", "do = \"rekord\""));
    let run = esdr.args(["run", "mine.toml", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
    let run = esdr.args(["run", "other.toml", "--to", "clusterB", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
}

/// A dry run says by its status whether there is anything to do, and does none of it.
pub fn a_dry_run_tells_what_there_is_to_do(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    let dry = |command: &[&str], status: i32| {
        let before = Snapshot::of(pair, &esdr);
        let run = command.iter().fold(esdr.args(["--dry-run"]), |run, arg| run.arg(arg));
        let output = run.json().run().status(status);
        before.assert_unchanged(pair, &esdr);
        output
    };
    let failover = ["failover", "--to", "clusterB"];
    let blocked = dry(&failover, 3);
    assert_eq!(problems(&blocked), only("nothing_replicated", "orders"));
    assert_eq!(blocked.result()["outcome"], "refused");

    let changes = dry(&["replicate"], 5);
    assert_eq!(changes.result()["outcome"], "planned");
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    assert_eq!(dry(&["replicate"], 0).result()["outcome"], "planned");

    assert_eq!(dry(&failover, 5).result()["outcome"], "planned");
    // With --yes as well: a dry run is one whatever else is said.
    assert_eq!(dry(&["failover", "--to", "clusterB", "--yes"], 5).result()["outcome"], "planned");
    drop(esdr.args(failover).arg("--yes").json().run().status(0));
    assert_eq!(dry(&failover, 0).result()["outcome"], "planned");
}

/// Where exclusions cannot be given to the server's own pattern, the two wishes cannot both
/// be had.
pub fn exclusions_with_auto_follow_are_refused_where_the_server_has_none(pair: &mut Pair) {
    leader(pair, "orders", 1);
    leader(pair, "orders-tmp", 1);
    let sets = ORDERS.replace("orders*\"]", "orders*\", \"-*-tmp\"]\nauto_follow = true");
    let esdr = Esdr::on(pair).toml(&sets);
    if pair.is_6_8() {
        let run = esdr.args(["replicate", "--yes"]);
        assert_eq!(refused(pair, &esdr, run, 2), only("usage", ""));
        return;
    }
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    let (_, body) = pair.get(B, "/_ccr/auto_follow");
    let pattern = &body["patterns"][0]["pattern"];
    assert_eq!(pattern["leader_index_patterns"], json!(["orders*"]), "{body}");
    assert_eq!(pattern["leader_index_exclusion_patterns"], json!(["*-tmp"]), "{body}");
    assert_eq!(pair.get(B, "/orders-tmp").0, 404, "what is excluded is not followed");
}
