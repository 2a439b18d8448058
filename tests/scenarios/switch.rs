//! The planned switch, with everything that moves with it.

use serde_json::{Value, json};

use super::sets::{
    aliases, assert_nothing_left, follows, hook_runs, is_regular, journalled, leader, leader_with,
    logging_hook, running_patterns, takes_writes, write,
};
use crate::support::{
    esdr::{Esdr, Output},
    ledger::Writer,
    pair::{
        Pair,
        Site::{A, B},
    },
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

fn replicate(esdr: &Esdr) {
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
}

fn fail_over(esdr: &Esdr) -> Output {
    let output = esdr.args(["failover", "--to", "clusterB", "--yes"]).json().run();
    let output = output.status(0);
    assert_eq!(output.result()["outcome"], "converged");
    output
}

/// Shows 2: 20 indices of 1 to 7 shards, three of them under bulk load. On real servers, which take
/// long to make a shard and its copy, all but the second and the seventh have one.
pub fn twenty_indices_under_load_are_switched_with_nothing_lost(pair: &mut Pair) {
    let names: Vec<String> = (1..=20).map(|n| format!("orders-{n:02}")).collect();
    for (nth, name) in (0..).zip(&names) {
        let is_small = pair.is_real() && ![1, 6].contains(&nth);
        let shards = if is_small { 1 } else { 1 + nth % 7 };
        leader(pair, name, shards);
        write(pair, A, name, "first");
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    let written = ["orders-01", "orders-07", "orders-20"];
    let writers = written.map(|name| Writer::start(&pair.url(A), name));
    replicate(&esdr);
    for writer in &writers {
        writer.until_acked_more(200);
    }
    let result = fail_over(&esdr).result();
    assert_eq!(result["indices"], json!({"total": 20, "done": 20}));
    assert!(result["writers_refused_ms"].is_u64(), "{result}");
    assert_eq!(result["lost_ops"], json!({"known": 0, "at_most": 0}));

    for (writer, name) in writers.into_iter().zip(written) {
        let ledger = writer.stop();
        assert!(ledger.refused_with(403) > 0, "the old leader refuses writes");
        ledger.assert_all_on(&pair.url(B), name);
    }
    for name in &names {
        assert_eq!(pair.get(B, &format!("/{name}/_doc/first")).0, 200, "{name}");
        assert!(!takes_writes(pair, A, name), "{name} goes on refusing");
        assert!(takes_writes(pair, B, name), "{name} takes writes");
    }
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

pub fn an_idle_set_is_fenced_before_it_is_promoted(pair: &mut Pair) {
    leader(pair, "orders-1", 1);
    leader(pair, "orders-2", 3);
    let esdr = Esdr::on(pair).toml(ORDERS);
    replicate(&esdr);
    fail_over(&esdr);
    for name in ["orders-1", "orders-2"] {
        assert!(!takes_writes(pair, A, name), "{name} is fenced");
        assert!(takes_writes(pair, B, name), "{name} leads");
    }
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

/// Filters, routing and the write flag arrive as they were, in one atomic call.
pub fn aliases_arrive_whole_in_one_call(pair: &mut Pair) {
    let paid = json!({
        "paid": {"filter": {"term": {"paid": true}}, "index_routing": "1", "search_routing": "1,2"},
        "orders": {"is_write_index": false},
    });
    leader_with(pair, "orders-1", 2, paid);
    let open = json!({"orders": {"is_write_index": true}, "open": {"routing": "7"}});
    leader_with(pair, "orders-2", 1, open);
    leader(pair, "orders-3", 1);
    let esdr = Esdr::on(pair).toml(ORDERS);
    replicate(&esdr);
    let wanted = aliases(pair, A, "orders-*");
    fail_over(&esdr);
    assert_eq!(aliases(pair, B, "orders-*"), wanted);
    let calls = journalled(&esdr);
    let calls = calls
        .iter()
        .filter(|event| event["kind"] == "started" && event["detail"]["verb"] == "aliases");
    assert_eq!(calls.count(), 1, "one call for all of them");
    pair.ok("PUT", B, "/orders/_doc/1", json!({"n": 1}));
    assert_eq!(pair.get(B, "/orders-2/_doc/1").0, 200, "the write flag is on orders-2");
    assert_nothing_left(&esdr, "clusterB");
}

/// A large set is promoted in batches of fifty, and says so.
pub fn hundreds_of_indices_are_promoted_in_batches(pair: &mut Pair) {
    let count = 300;
    for n in 0..count {
        leader(pair, &format!("orders-{n:03}"), 1);
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    replicate(&esdr);
    let result = fail_over(&esdr).result();
    assert_eq!(result["indices"], json!({"total": count, "done": count}));
    let events = journalled(&esdr);
    let batches: Vec<&Value> = events
        .iter()
        .map(|event| &event["detail"])
        .filter(|detail| detail["what"] == "batch")
        .collect();
    assert_eq!(batches.len(), count / 50);
    assert_eq!(batches[count / 50 - 1]["done"], count);
    for n in [0, count / 2, count - 1] {
        let name = format!("orders-{n:03}");
        assert!(!takes_writes(pair, A, &name));
        assert!(takes_writes(pair, B, &name));
    }
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

/// With `--index` only those move; what is the set's as a whole waits for the last one.
pub fn part_of_a_set_moves_and_the_rest_follows_later(pair: &mut Pair) {
    const SET: &str = r#"auto_follow = true
hooks = { before_fence = ["./before.sh"], after_promote = ["./after.sh"] }
"#;
    let esdr = Esdr::on(pair).toml(ORDERS).toml(SET);
    for hook in ["before", "after"] {
        logging_hook(&esdr, hook);
    }
    for name in ["orders-1", "orders-2", "orders-3"] {
        leader_with(pair, name, 1, json!({format!("the-{name}"): {}}));
        write(pair, A, name, "first");
    }
    replicate(&esdr);
    let part = ["failover", "--to", "clusterB", "--index", "orders-1", "--yes"];
    let result = esdr.args(part).json().run().status(0).result();
    assert_eq!(result["indices"], json!({"total": 1, "done": 1}));
    assert!(!takes_writes(pair, A, "orders-1"));
    assert!(takes_writes(pair, B, "orders-1"));
    assert!(aliases(pair, B, "orders-1").to_string().contains("the-orders-1"));
    for name in ["orders-2", "orders-3"] {
        assert!(takes_writes(pair, A, name), "{name} stays");
        assert!(follows(pair, B, name), "{name} stays");
    }
    assert_eq!(running_patterns(pair, B), ["orders"], "it is the set's");
    assert_eq!(
        (hook_runs(&esdr, "before"), hook_runs(&esdr, "after")),
        (0, 0),
        "they are the set's"
    );
    let again = esdr.args(part).json().run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "nothing is left of this part");

    let result = fail_over(&esdr).result();
    assert_eq!(result["indices"], json!({"total": 3, "done": 3}));
    for name in ["orders-1", "orders-2", "orders-3"] {
        assert!(!takes_writes(pair, A, name));
        assert!(is_regular(pair, B, name) && takes_writes(pair, B, name));
        assert!(aliases(pair, B, name).to_string().contains(&format!("the-{name}")));
        assert_eq!(pair.get(B, &format!("/{name}/_doc/first")).0, 200, "{name}");
    }
    assert_eq!(running_patterns(pair, B), [""; 0]);
    assert_eq!((hook_runs(&esdr, "before"), hook_runs(&esdr, "after")), (1, 1));
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}

/// The last index moved by name brings the set's own goals with it.
pub fn the_last_part_of_a_set_completes_the_switch(pair: &mut Pair) {
    let esdr = Esdr::on(pair).toml(ORDERS).toml("auto_follow = true\n");
    for name in ["orders-1", "orders-2"] {
        leader(pair, name, 1);
    }
    replicate(&esdr);
    for (index, running) in [("orders-1", 1), ("orders-2", 0)] {
        let args = ["failover", "--to", "clusterB", "--index", index, "--yes"];
        drop(esdr.args(args).json().run().status(0));
        assert_eq!(running_patterns(pair, B).len(), running, "after {index}");
    }
    assert_nothing_left(&esdr, "clusterB");
    assert_eq!(pair.violations(), [""; 0]);
}
