//! Copies take disk and shards. Where a cluster has not enough of them for those that a command
//! would make there, that is told before anything is changed.

use serde_json::{Value, json};

use super::{
    emergency::{codes, planned},
    sets::{INDICES, follows, leader, protect, takes_writes, write},
};
use crate::support::{
    esdr::Esdr,
    faults::ClusterFault,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
};

/// Watermarks that no disk is below, or the server's own again. The one past which the server
/// blocks writes by itself stays out of reach.
fn watermarks(pair: &Pair, site: Site, free: Option<&str>) {
    let place = "cluster.routing.allocation.disk";
    let settings = json!({"persistent": {
        format!("{place}.threshold_enabled"): free.map(|_| true),
        format!("{place}.watermark.low"): free,
        format!("{place}.watermark.high"): free,
        format!("{place}.watermark.flood_stage"): free.map(|_| "1kb"),
    }});
    pair.ok("PUT", site, "/_cluster/settings", settings);
}

/// A command is refused for one reason, which is about this cluster; returns what is said.
#[track_caller]
fn assert_no_room(pair: &Pair, esdr: &Esdr, command: &str, cluster: &str) -> String {
    let before = Snapshot::of(pair, esdr);
    let result = esdr.args([command, "--yes"]).json().run().status(3).result();
    assert_eq!(result["outcome"], "refused", "{command}: {result}");
    assert_eq!(result["run"], Value::Null, "{command}: {result}");
    assert_eq!(codes(&result), ["no_room"], "{command}: {result}");
    let problem = &result["problems"][0];
    assert_eq!(problem["subject"], cluster, "{command}: {result}");
    assert!(problem["hint"].as_str().is_some_and(|hint| hint.ends_with("the same command")));
    before.assert_unchanged(pair, esdr);
    problem["detail"].as_str().expect("a text").to_owned()
}

pub fn without_room_for_the_copies_nothing_is_begun(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));

    watermarks(pair, A, Some("10000gb"));
    for command in ["reprotect", "failback"] {
        let said = assert_no_room(pair, &esdr, command, "clusterA");
        assert!(said.starts_with("3 copies of orders need "), "{said}");
        assert!(said.contains(" of disk on clusterA, which can take 0 B: "), "{said}");
        assert!(said.ends_with(" free, high watermark 9.7 TB free") || !pair.is_6_8(), "{said}");
        let screen = esdr.args([command, "--dry-run"]).run().status(3);
        assert!(screen.stdout.contains("[no_room]"), "{}", screen.stdout);
    }
    watermarks(pair, A, None);

    // The way home ends with copies on the side that is left, which is known beforehand.
    watermarks(pair, B, Some("10000gb"));
    assert_no_room(pair, &esdr, "failback", "clusterB");
    watermarks(pair, B, None);

    if pair.fault(A, &ClusterFault::Disk { available_bytes: 20 }) {
        let said = assert_no_room(pair, &esdr, "failback", "clusterA");
        assert!(said.contains(" which can take 0 B: 20 B free, "), "{said}");
        assert!(said.ends_with(", high watermark 90 %"), "{said}");
        pair.relieve(A);
    }

    drop(esdr.args(["failback", "--yes"]).json().run().status(0));
    for (index, _) in INDICES {
        assert!(takes_writes(pair, A, index), "{index} leads at home");
        assert!(follows(pair, B, index), "{index} is protected again");
    }
    // What is done already needs no room.
    watermarks(pair, A, Some("10000gb"));
    for command in ["replicate", "failback"] {
        let again = esdr.args([command, "--yes"]).json().run().status(0).result();
        assert_eq!(again["run"], Value::Null, "{command}: {again}");
    }
    assert_eq!(pair.violations(), [""; 0]);
}

const INVOICES: &str = r#"
[sets.invoices]
home = "clusterA"
standby = "clusterB"
indices = ["invoices-1"]
"#;

/// 6.8 only warns of it. A copy that goes over another one adds no shard.
pub fn new_copies_are_held_against_the_shard_limit_where_it_is_enforced(pair: &mut Pair) {
    let limit = |site: Site, limit: Option<u32>| {
        let settings = json!({"persistent": {"cluster.max_shards_per_node": limit}});
        pair.ok("PUT", site, "/_cluster/settings", settings);
    };
    leader(pair, "invoices-1", 2);
    let esdr = Esdr::on(pair).toml(INVOICES);
    limit(B, Some(1));
    if !pair.is_6_8() {
        let said = assert_no_room(pair, &esdr, "replicate", "clusterB");
        let wanted =
            "1 copy of invoices needs 2 open shards on clusterB, which may have 1 and has ";
        assert!(said.starts_with(wanted), "{said}");
        limit(B, None);
    }
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    assert!(follows(pair, B, "invoices-1"));
    limit(B, None);

    drop(planned(&esdr).run().status(0));
    limit(A, Some(1));
    drop(esdr.args(["failback", "--yes"]).json().run().status(0));
    assert!(takes_writes(pair, A, "invoices-1"));
    assert!(follows(pair, B, "invoices-1"));
    assert_eq!(pair.violations(), [""; 0]);
}

const TWO: &str = r#"
[sets.invoices]
home = "clusterA"
standby = "clusterB"
indices = ["invoices-1"]
priority = 1

[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-1"]
"#;

/// Each of two sets would fit alone: the plan is refused as a whole, and the first is not begun.
pub fn sets_of_one_plan_share_what_room_there_is(pair: &mut Pair) {
    for index in ["invoices-1", "orders-1"] {
        leader(pair, index, 1);
        for id in 0..10 {
            write(pair, A, index, &id.to_string());
        }
    }
    // As much as either of them stores, and half of that again.
    if !pair.fault(B, &ClusterFault::Disk { available_bytes: (230 + 10 * 40) * 3 / 2 }) {
        return;
    }
    pair.ok(
        "PUT",
        B,
        "/_cluster/settings",
        json!({"persistent": {
            "cluster.routing.allocation.disk.threshold_enabled": false,
        }}),
    );
    let esdr = Esdr::on(pair).toml(TWO);
    let said = assert_no_room(pair, &esdr, "replicate", "clusterB");
    let wanted = "1 copy of orders, after those of other sets, needs 630 B of disk on clusterB, \
                  which can take 315 B: 945 B free";
    assert_eq!(said, wanted);
    drop(esdr.args(["replicate", "--set", "orders", "--yes"]).json().run().status(0));
    assert!(follows(pair, B, "orders-1"), "alone it fits");
}
