//! Names, layouts and set-ups as operators really have them.

use serde_json::{Value, json};

use super::sets::leader;
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{self, A, B},
    },
    snapshot::Snapshot,
    until::until_true,
};

/// A set of these patterns, with more keys.
fn set(name: &str, indices: &[&str], more: &str) -> String {
    format!(
        "[sets.{name}]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = {indices:?}\n{more}\n"
    )
}

fn failover(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["failover", "--to", "clusterB", "--yes"]).json()
}

fn replicate(esdr: &Esdr) -> Invocation<'_> {
    esdr.args(["replicate", "--yes"]).json()
}

fn documents(pair: &Pair, index: &str, count: u64) {
    for id in 0..count {
        pair.ok("PUT", A, &format!("/{index}/_doc/{id}"), json!({"n": id}));
    }
}

/// Follows by hand, under any alias and any name.
fn follow(pair: &Pair, remote: &str, leader_index: &str, follower: &str) {
    let body = json!({"remote_cluster": remote, "leader_index": leader_index});
    let path = format!("/{follower}/_ccr/follow?wait_for_active_shards=1");
    let body = pair.ok("PUT", B, &path, body);
    assert_eq!(body["index_following_started"], true, "{body}");
}

/// A remote connection made by hand, under any alias.
fn connect_as(pair: &Pair, from: Site, alias: &str) {
    let seed = pair.seed(from.other()).expect("a seed");
    let setting = format!("cluster.remote.{alias}.seeds");
    let body = json!({"persistent": {setting: [seed]}});
    pair.ok("PUT", from, "/_cluster/settings", body);
}

fn follows(pair: &Pair, index: &str) -> Option<Value> {
    let (status, body) = pair.get(B, &format!("/{index}/_ccr/info"));
    let follower = body["follower_indices"].get(0).cloned();
    follower.filter(|_| status == 200)
}

/// The switch has happened: all is there, and only the new leader takes writes.
#[track_caller]
fn assert_switched(pair: &Pair, leader_index: &str, follower: &str, count: u64) {
    assert_eq!(pair.count(B, follower), Some(count), "{follower}");
    let (status, _) = pair.post(A, &format!("/{leader_index}/_doc"), json!({"n": 1}));
    assert_eq!(status, 403, "{leader_index} refuses writes");
    let (status, _) = pair.post(B, &format!("/{follower}/_doc"), json!({"n": 1}));
    assert_eq!(status, 201, "{follower} takes writes");
}

/// The second run of a command has nothing to do, and does nothing.
#[track_caller]
fn assert_settled(pair: &Pair, esdr: &Esdr, again: Invocation<'_>) {
    let before = Snapshot::of(pair, esdr);
    let output = again.run().status(0);
    assert_eq!(output.result()["run"], Value::Null, "nothing was run");
    before.assert_unchanged(pair, esdr);
}

/// Request lines of 4,096 bytes take few such names, so that lists must be cut.
pub fn names_of_two_hundred_bytes_are_switched(pair: &mut Pair) {
    let names: Vec<String> = (0..24).map(|n| format!("orders-{n:0>193}")).collect();
    assert!(names.iter().all(|name| name.len() == 200));
    for name in &names {
        leader(pair, name, 1);
    }
    documents(pair, &names[23], 5);
    let esdr = Esdr::on(pair).toml(&set("orders", &["orders-*"], ""));
    drop(replicate(&esdr).run().status(0));
    let result = failover(&esdr).run().status(0).result();
    assert_eq!(result["indices"], json!({"total": 24, "done": 24}));
    assert_switched(pair, &names[23], &names[23], 5);
    assert_settled(pair, &esdr, failover(&esdr));
}

/// A remote's alias can hold no dot: the others know such a cluster with `_` in its place.
pub fn a_cluster_name_with_upper_case_and_dots_is_taken(pair: &mut Pair) {
    leader(pair, "orders", 1);
    documents(pair, "orders", 3);
    let text = std::fs::read_to_string(Esdr::on(pair).path("esdr.toml")).unwrap();
    let text = text.replace("[clusters.clusterA]", "[clusters.\"DC.East-1\"]");
    let esdr = Esdr::bare();
    let sets = set("orders", &["orders"], "").replace("clusterA", "DC.East-1");
    esdr.write("esdr.toml", &(text + &sets));
    drop(replicate(&esdr).run().status(0));
    let follower = follows(pair, "orders").expect("a follower");
    assert_eq!(follower["remote_cluster"], "DC_East-1");
    drop(failover(&esdr).run().status(0));
    assert_switched(pair, "orders", "orders", 3);
    assert_settled(pair, &esdr, failover(&esdr));
}

/// Followers that somebody named by hand, each in another way, are found by what they follow.
pub fn followers_named_by_hand_are_found(pair: &mut Pair) {
    pair.connect(B);
    for (index, follower) in [("orders", "orders2"), ("shop", "copy-of-shop")] {
        leader(pair, index, 1);
        documents(pair, index, 4);
        follow(pair, "clusterA", index, follower);
    }
    // In a named set, by their names at home.
    let esdr = Esdr::on(pair).toml(&set("orders", &["orders"], ""));
    let result = failover(&esdr).run().status(0).result();
    assert_eq!(result["indices"], json!({"total": 1, "done": 1}));
    assert_switched(pair, "orders", "orders2", 4);
    assert_settled(pair, &esdr, failover(&esdr));
    assert!(follows(pair, "copy-of-shop").is_some(), "what is of no set is left alone");

    // Without any set, what follows is the set.
    let esdr = Esdr::on(pair);
    let result = failover(&esdr).run().status(0).result();
    assert_eq!(result["indices"], json!({"total": 1, "done": 1}));
    assert_switched(pair, "shop", "copy-of-shop", 4);
    assert_settled(pair, &esdr, failover(&esdr));
}

/// The set says how new followers are named.
pub fn followers_are_named_by_a_template(pair: &mut Pair) {
    for name in ["orders", "shop"] {
        leader(pair, name, 1);
        documents(pair, name, 4);
    }
    let esdr = Esdr::on(pair)
        .toml(&set("orders", &["orders"], "follower = \"{{leader_index}}2\""))
        .toml(&set("shop", &["shop"], "follower = \"{{leader_index}}-copy\""));
    drop(replicate(&esdr).run().status(0));
    assert_settled(pair, &esdr, replicate(&esdr));
    drop(failover(&esdr).run().status(0));
    assert_switched(pair, "orders", "orders2", 4);
    assert_switched(pair, "shop", "shop-copy", 4);
    assert_settled(pair, &esdr, failover(&esdr));
}

/// Everything about an alias goes along: filter, routing, and which index it writes to.
pub fn aliases_are_carried_with_all_they_have(pair: &mut Pair) {
    leader(pair, "orders-1", 1);
    leader(pair, "orders-2", 1);
    documents(pair, "orders-2", 4);
    let actions = json!({"actions": [
        {"add": {"index": "orders-1", "alias": "orders-write", "is_write_index": false}},
        {"add": {"index": "orders-2", "alias": "orders-write", "is_write_index": true}},
        {"add": {"index": "orders-2", "alias": "big", "filter": {"range": {"n": {"gte": 2}}},
                 "index_routing": "1", "search_routing": "1,2"}},
        {"add": {"index": "orders-1", "alias": "plain"}},
    ]});
    pair.ok("POST", A, "/_aliases", actions);
    let aliases = |site| pair.get(site, "/orders-*/_alias").1;
    let before = aliases(A);
    let esdr = Esdr::on(pair).toml(&set("orders", &["orders-*"], "alias = \"orders-write\""));
    drop(replicate(&esdr).run().status(0));
    drop(failover(&esdr).run().status(0));
    assert_eq!(aliases(B), before, "as they were on the former leader");
    let (status, body) = pair.post(B, "/orders-write/_doc", json!({"n": 9}));
    assert_eq!((status, &body["_index"]), (201, &json!("orders-2")));
    assert_settled(pair, &esdr, failover(&esdr));
}

/// Which cluster a remote connection leads to is told by UUIDs, not by its alias: a pair set
/// up by hand under other names is protected already, and is switched as it is.
pub fn a_pair_set_up_by_hand_under_another_alias_is_protected_already(pair: &mut Pair) {
    connect_as(pair, A, "standby");
    connect_as(pair, B, "main_site");
    leader(pair, "orders", 2);
    documents(pair, "orders", 4);
    follow(pair, "main_site", "orders", "orders");
    let esdr = Esdr::on(pair).toml(&set("orders", &["orders"], ""));
    // Only esdr's own small index is missing; connections and followers are all there.
    drop(replicate(&esdr).run().status(0));
    let (_, settings) = pair.get(B, "/_cluster/settings?flat_settings=true");
    let remotes: Vec<&String> = settings["persistent"].as_object().unwrap().keys().collect();
    assert_eq!(remotes, ["cluster.remote.main_site.seeds"]);
    assert_settled(pair, &esdr, replicate(&esdr));
    drop(failover(&esdr).run().status(0));
    assert_switched(pair, "orders", "orders", 4);
}

/// What somebody removes by hand is put back by the same command that made it.
pub fn replicate_puts_back_what_was_removed_by_hand(pair: &mut Pair) {
    leader(pair, "orders", 1);
    leader(pair, "orders-2", 1);
    documents(pair, "orders", 4);
    let esdr = Esdr::on(pair).toml(&set("orders", &["orders*"], ""));
    drop(replicate(&esdr).run().status(0));

    pair.ok("POST", B, "/orders/_ccr/pause_follow", ());
    pair.ok("DELETE", B, "/orders", ());
    drop(replicate(&esdr).run().status(0));
    assert!(follows(pair, "orders").is_some());
    assert_eq!(pair.count(B, "orders"), Some(4));

    // The way back is a connection that nothing uses yet.
    let gone = json!({"persistent": {"cluster.remote.clusterB.seeds": null}});
    pair.ok("PUT", A, "/_cluster/settings", gone);
    drop(replicate(&esdr).run().status(0));
    let (_, remotes) = pair.get(A, "/_remote/info");
    assert!(remotes["clusterB"].is_object(), "{remotes}");
    assert_settled(pair, &esdr, replicate(&esdr));
}

/// With `auto_follow` a pattern on the standby takes what is born later, under the set's name
/// for followers.
pub fn auto_follow_takes_what_is_born_later(pair: &mut Pair) {
    leader(pair, "orders-1", 1);
    let more = "auto_follow = true\nfollower = \"{{leader_index}}-copy\"";
    let esdr = Esdr::on(pair).toml(&set("orders", &["orders-*"], more));
    drop(replicate(&esdr).run().status(0));
    leader(pair, "orders-2", 1);
    documents(pair, "orders-2", 4);
    until_true(90, "the new index is followed", || pair.count(B, "orders-2-copy") == Some(4));
    assert_settled(pair, &esdr, replicate(&esdr));
    drop(failover(&esdr).run().status(0));
    assert_switched(pair, "orders-2", "orders-2-copy", 4);
}

/// A pattern of all names would take the record along.
pub fn esdrs_own_indices_are_left_out_of_a_pattern_of_all_names(pair: &mut Pair) {
    leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(&set("all", &["*"], "auto_follow = true"));
    drop(replicate(&esdr).run().status(0));
    let (_, body) = pair.get(B, "/_ccr/auto_follow/all");
    let pattern = &body["patterns"][0]["pattern"];
    assert_eq!(pattern["leader_index_patterns"], json!(["*"]), "{body}");
    let own = json!(["esdr-state-*", "esdr-kept-*", "esdr-safety-*", "esdr-shield-*"]);
    // Before 7.14 none can be left out: they are followed, and are no members all the same.
    let wanted = if pair.is_6_8() { Value::Null } else { own };
    assert_eq!(pattern["leader_index_exclusion_patterns"], wanted, "{body}");
    assert_settled(pair, &esdr, replicate(&esdr));
}

/// Sets go one after another, the most important first; one that is refused holds up none.
pub fn sets_go_by_priority_and_one_that_fails_does_not_hold_the_next(pair: &mut Pair) {
    for name in ["alpha", "beta", "gamma"] {
        leader(pair, name, 1);
    }
    let esdr = Esdr::on(pair)
        .toml(&set("alpha", &["alpha"], ""))
        .toml(&set("beta", &["beta"], "priority = 10\nhooks = { before_fence = [[\"false\"]] }"))
        .toml(&set("gamma", &["gamma"], "priority = 20"));
    drop(replicate(&esdr).run().status(0));
    let output = failover(&esdr).run();
    let mut order: Vec<Value> = output.events().iter().map(|event| event["set"].clone()).collect();
    order.dedup();
    order.retain(|set| set.as_str().is_some_and(|set| !set.is_empty()));
    assert_eq!(order, ["gamma", "beta", "alpha"], "{}", output.stdout);
    assert_switched(pair, "gamma", "gamma", 0);
    assert_switched(pair, "alpha", "alpha", 0);
    // Stopped before its fence: as it was.
    assert!(follows(pair, "beta").is_some());
    assert_eq!(pair.post(A, "/beta/_doc", json!({"n": 1})).0, 201);
    let output = output.status(4);
    assert_eq!(output.result()["problems"][0]["code"], "hook_failed", "{}", output.stdout);
}
