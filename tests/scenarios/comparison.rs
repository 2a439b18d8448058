//! What the plan of the way home says of each index.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    diverged::diverge,
    emergency::{codes, forced, only_on_a, positions},
    sets::{leader, write},
};
use crate::support::{
    esdr::{Esdr, Invocation},
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
indices = ["orders-*"]
"#;

/// By what is found of them in the end. Of two shards the one that has diverged.
const INDICES: [(&str, u32); 4] =
    [("orders-anew", 1), ("orders-clean", 1), ("orders-gone", 1), ("orders-parted", 2)];

/// There before the night, on both sides.
const OLD: [&str; 4] = ["1", "2", "3", "4"];

fn put(pair: &Pair, site: Site, path: &str, source: Value) {
    pair.ok("PUT", site, path, source);
}

/// A set whose silent leader took writes that never arrived, while the standby leads and goes
/// on. On both sides there is an index that lifecycle management has finished.
fn parted(pair: &mut Pair) -> Esdr {
    for (index, shards) in INDICES {
        leader(pair, index, shards);
        for id in OLD {
            write(pair, A, index, id);
        }
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    until_true(90, "the standby has all of it", || {
        INDICES.iter().all(|(index, _)| pair.count(B, index) == Some(OLD.len() as u64))
    });
    let finished = json!({"settings": {
        "index.number_of_shards": 1,
        "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true,
        "index.lifecycle.indexing_complete": true
    }});
    for site in [A, B] {
        put(pair, site, "/orders-finished", finished.clone());
    }
    pair.freeze_link(B);
    diverge(pair, "orders-parted");
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    esdr
}

/// Five operations of the new leader's own on `orders-parted`: of the former leader's documents
/// two were changed here too, one is the same on both sides; and what else happens on B.
fn go_on(pair: &Pair) {
    put(pair, B, "/orders-parted/_doc/1", json!({"changed": "on B"}));
    // A number: a server maps the field by the first document that it sees.
    put(pair, B, "/orders-parted/_doc/late-0", json!({"late": 100}));
    put(pair, B, "/orders-parted/_doc/late-1", json!({"late": 1}));
    put(pair, B, "/orders-parted/_doc/4", json!({"changed": "on B"}));
    put(pair, B, "/orders-parted/_doc/new", json!({"from": "B"}));
    let settings = json!({"settings": {
        "index.number_of_shards": 1,
        "index.number_of_replicas": 0,
        "index.soft_deletes.enabled": true
    }});
    put(pair, B, "/orders-born", settings.clone());
    pair.ok("DELETE", B, "/orders-gone", ());
    pair.ok("DELETE", B, "/orders-anew", ());
    put(pair, B, "/orders-anew", settings);
}

fn dry_run<'e>(esdr: &'e Esdr, command: &str) -> Invocation<'e> {
    esdr.args([command, "--dry-run"]).json()
}

/// What a plan says of each index, by its name.
fn comparison(lines: &[Value]) -> BTreeMap<String, Value> {
    let line = lines.iter().find(|line| line["detail"]["what"] == "switch").unwrap();
    let all = line["detail"]["comparison"].as_array().unwrap();
    all.iter().map(|it| (it["former_index"].as_str().unwrap().to_owned(), it.clone())).collect()
}

/// The shards of `orders-parted` on which clusterA has gone on.
fn shards_gone_on(pair: &Pair, before: &[i64]) -> Vec<usize> {
    let now = positions(pair, A, "orders-parted");
    let shards = before.iter().zip(&now).enumerate();
    shards.filter(|(_, (then, now))| now > then).map(|(shard, _)| shard).collect()
}

/// Counted on both sides to the document; nothing is changed by it.
pub fn the_plan_of_the_way_home_says_what_was_found_of_each_index(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = parted(pair);
    let promoted = positions(pair, B, "orders-parted");
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    until_true(60, "clusterA answers again", || pair.get(A, "/orders-parted/_count").0 == 200);
    assert_eq!(only_on_a(pair, "orders-parted"), 24, "20 new, 3 changes, 1 delete");
    go_on(pair);
    pair.ok("POST", A, "/orders-*/_refresh", ());
    let before = (Snapshot::of(pair, &esdr), positions(pair, A, "orders-parted"));

    for command in ["reprotect", "failback"] {
        let output = dry_run(&esdr, command).run().status(3);
        let mut refused =
            codes(&output.result()).into_iter().map(str::to_owned).collect::<Vec<_>>();
        refused.sort_unstable();
        assert_eq!(refused, ["deleted", "unrelated"], "{}", output.stdout);
        let found = comparison(&output.lines());
        let kinds: Vec<(&str, &str)> =
            found.iter().map(|(name, it)| (name.as_str(), it["kind"].as_str().unwrap())).collect();
        let expected = [
            ("orders-anew", "unrelated"),
            ("orders-born", "born"),
            ("orders-clean", "clean"),
            ("orders-finished", "complete"),
            ("orders-gone", "deleted"),
            ("orders-parted", "diverged"),
        ];
        assert_eq!(kinds, expected, "{command}");
        let run = &found["orders-clean"]["run"];
        assert!(run.is_string(), "the run of the failover: {found:?}");
        let diverged = json!({
            "former_index": "orders-parted",
            "leader_index": "orders-parted",
            "run": run,
            "choice": null,
            "kind": "diverged",
            "shards": shards_gone_on(pair, &promoted),
            "shard_count": 2,
            "ops": 24,
            "documents": 22,
            "overwritten_or_deleted": 2,
            "changed_on_both": 2,
            "changed_on_both_at_least": null,
            "compared_documents": 22,
            "leader_ops_since": 5,
            "unread": null,
        });
        assert_eq!(found["orders-parted"], diverged, "{command}");
        let gone = &found["orders-gone"];
        assert_eq!((&gone["ops"], &gone["documents"]), (&json!(4), &json!(4)), "{command}");
    }
    before.0.assert_unchanged(pair, &esdr);
    assert_eq!(positions(pair, A, "orders-parted"), before.1, "nothing was written");
    assert_eq!(pair.violations(), [""; 0]);
}

/// What `apply` promises is what it does; a plan file keeps what was found.
pub fn what_the_plan_says_of_an_index_is_what_comes_of_it(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = parted(pair);
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    until_true(60, "clusterA answers again", || pair.get(A, "/orders-parted/_count").0 == 200);
    put(pair, B, "/orders-parted/_doc/1", json!({"changed": "on B"}));
    pair.ok("POST", A, "/orders-*/_refresh", ());

    let resolved = ["plan", "reprotect", "--resolve", "orders-parted=apply", "--out", "back.plan"];
    drop(esdr.args(resolved).json().run().status(0));
    let shown = esdr.args(["plan", "show", "back.plan"]).json().run().status(0);
    let parted = &comparison(&shown.lines())["orders-parted"];
    assert_eq!(parted["choice"], "apply", "{parted}");
    assert_eq!((&parted["documents"], &parted["changed_on_both"]), (&json!(22), &json!(1)));
    let screen = esdr.args(["plan", "show", "back.plan"]).run().status(0).screen();
    assert!(screen.contains("write 21 to clusterB; clusterB wins the 1, reported"), "{screen}");

    let output = esdr.args(["apply", "back.plan", "--yes"]).json().run().status(0);
    let events = output.events();
    let applied = events.iter().find(|event| event["detail"]["what"] == "applied").unwrap();
    let counts = json!({"what": "applied", "written": 21, "already": 0, "conflicts": 1});
    assert_eq!(applied["detail"], counts);
    let again = dry_run(&esdr, "reprotect").run().status(0);
    let left = comparison(&again.lines());
    let names: Vec<&String> = left.keys().collect();
    assert_eq!(names, ["orders-finished"], "what follows is not told any more");
    assert_eq!(pair.violations(), [""; 0]);
}
