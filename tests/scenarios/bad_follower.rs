//! Followers in a bad state before a planned failover: what can be mended is mended, the
//! rest is named before any writer is refused.

use serde_json::{Value, json};

use super::{
    emergency::{assert_tells, planned},
    sets::{follows, is_regular, leader, takes_writes, write},
};
use crate::support::{
    esdr::Esdr,
    faults::{ClusterFault, is_fatal},
    ledger::Writer,
    pair::{
        Pair,
        Site::{A, B},
    },
    until::{seconds, until, until_true},
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

const BAD: &str = "orders-1";
const GOOD: &str = "orders-2";

fn protect(pair: &Pair) -> Esdr {
    for index in [BAD, GOOD] {
        leader(pair, index, 2);
        write(pair, A, index, "first");
    }
    replicate(pair)
}

fn replicate(pair: &Pair) -> Esdr {
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    esdr
}

fn fault(index: &str, of: fn(String) -> ClusterFault) -> ClusterFault {
    of(index.to_owned())
}

/// Behind by some writes that only a follower that runs can bring over.
fn write_behind(pair: &Pair) {
    for number in 0..20 {
        write(pair, A, BAD, &format!("behind-{number}"));
    }
}

fn assert_switched(pair: &Pair) {
    for index in [BAD, GOOD] {
        assert!(!takes_writes(pair, A, index), "{index}");
        assert!(is_regular(pair, B, index) && takes_writes(pair, B, index), "{index}");
        assert_eq!(pair.get(B, &format!("/{index}/_doc/first")).0, 200, "{index}");
    }
    for number in 0..20 {
        let (status, _) = pair.get(B, &format!("/{BAD}/_doc/behind-{number}"));
        assert_eq!(status, 200, "it was drained");
    }
    assert_eq!(pair.violations(), [""; 0]);
}

/// With the parameters on record, which the server forgets while a follower is paused.
pub fn a_paused_follower_is_resumed_as_it_was_and_drained(pair: &mut Pair) {
    for index in [BAD, GOOD] {
        leader(pair, index, 2);
        write(pair, A, index, "first");
    }
    pair.connect(B);
    let body = json!({"remote_cluster": "clusterA", "leader_index": BAD,
        "max_read_request_operation_count": 77, "read_poll_timeout": "7s"});
    pair.ok("PUT", B, &format!("/{BAD}/_ccr/follow?wait_for_active_shards=1"), body);
    let esdr = replicate(pair);
    pair.ok("POST", B, &format!("/{BAD}/_ccr/pause_follow"), ());
    write_behind(pair);

    let running = planned(&esdr).spawn();
    let parameters = until(seconds(60), "the follower runs again", || {
        let (_, info) = pair.get(B, &format!("/{BAD}/_ccr/info"));
        let follower = &info["follower_indices"][0];
        assert!(!follower.is_null(), "it was promoted as it was");
        (follower["status"] == "active").then(|| follower["parameters"].clone())
    });
    assert_eq!(parameters["max_read_request_operation_count"], 77, "{parameters}");
    assert_eq!(parameters["read_poll_timeout"], "7s", "{parameters}");
    drop(running.wait().status(0));
    assert_switched(pair);
}

pub fn a_closed_follower_is_opened_resumed_and_drained(pair: &mut Pair) {
    let esdr = protect(pair);
    for call in ["_ccr/pause_follow", "_close"] {
        pair.ok("POST", B, &format!("/{BAD}/{call}"), ());
    }
    write_behind(pair);
    drop(planned(&esdr).run().status(0));
    assert_switched(pair);
}

/// What ended its tasks is over: they are started once more.
pub fn a_follower_that_stopped_for_good_is_resumed_once(pair: &mut Pair) {
    let esdr = protect(pair);
    if !pair.fault(B, &fault(BAD, |index| ClusterFault::Fatal { index })) {
        return;
    }
    assert!(is_fatal(&pair.url(B), BAD));
    write_behind(pair);
    drop(planned(&esdr).run().status(0));
    assert_switched(pair);
}

/// Its leader is another index of the same name: no resume brings it back.
pub fn a_follower_of_an_index_that_is_gone_is_named_and_the_others_go(pair: &mut Pair) {
    let esdr = protect(pair);
    pair.ok("DELETE", A, &format!("/{BAD}"), ());
    until_true(90, "its tasks end for good", || is_fatal(&pair.url(B), BAD));
    leader(pair, BAD, 2);
    named_and_left_out(pair, &esdr, "fatal_follower");
}

pub fn a_red_follower_is_named_and_the_others_go(pair: &mut Pair) {
    let esdr = protect(pair);
    if !pair.fault(B, &fault(BAD, |index| ClusterFault::Red { index })) {
        return;
    }
    named_and_left_out(pair, &esdr, "red_follower");
}

/// Its copy was being made when its cluster went down, or its disk failed: what it has cannot be
/// read any more, and is its leader's anyway. The next `replicate` makes it anew.
pub fn a_follower_that_the_cluster_has_given_up_is_made_anew(pair: &mut Pair) {
    given_up(pair, &protect(pair));
}

/// No task tells what it follows, as of one whose cluster went down before it first ran: its
/// server does, asked to resume it.
pub fn a_paused_follower_that_the_cluster_has_given_up_is_made_anew(pair: &mut Pair) {
    let esdr = protect(pair);
    pair.ok("POST", B, &format!("/{BAD}/_ccr/pause_follow"), ());
    given_up(pair, &esdr);
}

/// As of one whose cluster went down before its shard was on the disk, and as where a node is away:
/// that one has a minute to come back.
pub fn a_paused_follower_of_which_no_node_has_a_copy_is_made_anew(pair: &mut Pair) {
    let esdr = protect(pair);
    pair.ok("POST", B, &format!("/{BAD}/_ccr/pause_follow"), ());
    if !pair.fault(B, &fault(BAD, |index| ClusterFault::Red { index })) {
        return;
    }
    let done = esdr.args(["replicate", "--yes"]).json().run().status(0);
    let told = format!("no node of clusterB has a copy of {BAD}");
    assert!(done.stdout.contains(&told), "the wait is told: {}", done.stdout);
    assert!(follows(pair, B, BAD) && follows(pair, B, GOOD));
}

fn given_up(pair: &mut Pair, esdr: &Esdr) {
    if !pair.fault(B, &fault(BAD, |index| ClusterFault::GivenUp { index })) {
        return;
    }
    let refused = planned(esdr).run().status(3).result();
    assert_tells(&refused, "red_follower");
    assert!(takes_writes(pair, A, BAD), "no writer is refused");
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    assert!(follows(pair, B, BAD) && follows(pair, B, GOOD));
    write_behind(pair);
    drop(planned(esdr).run().status(0));
    assert_switched(pair);
}

/// No writer is refused for what cannot be promoted; the sound one is moved by name.
fn named_and_left_out(pair: &Pair, esdr: &Esdr, code: &str) {
    let writer = Writer::start(&pair.url(A), GOOD);
    writer.until_acked_more(200);
    let result = planned(esdr).run().status(3).result();
    // One that stopped for good is resumed once before it is given up, which is a run.
    assert_tells(&result, code);
    let named = result["problems"].as_array().expect("a list").iter();
    let named: Vec<&Value> = named.filter(|problem| problem["code"] == code).collect();
    assert_eq!(named.len(), 1, "{result}");
    assert!(named[0].to_string().contains(BAD), "{result}");
    writer.until_acked_more(200);
    assert!(takes_writes(pair, A, BAD), "no writer of the bad one is refused either");
    assert!(follows(pair, B, GOOD), "the good one follows as before");

    drop(planned(esdr).arg("--index").arg(GOOD).run().status(0));
    let ledger = writer.stop();
    ledger.assert_all_on(&pair.url(B), GOOD);
    assert!(is_regular(pair, B, GOOD) && takes_writes(pair, B, GOOD));
    assert!(!takes_writes(pair, A, GOOD));
    assert!(takes_writes(pair, A, BAD), "it stays where it leads");
}

/// A cluster closes no index of which it takes a snapshot: that is told, and waited for.
pub fn a_snapshot_that_holds_an_index_is_waited_for(pair: &mut Pair) {
    let esdr = protect(pair);
    write_behind(pair);
    until_true(60, "the follower has it all", || pair.count(B, BAD) == Some(21));
    if !pair.fault(B, &fault(BAD, |index| ClusterFault::Snapshot { index })) {
        return;
    }
    let running = planned(&esdr).spawn();
    until_true(90, "the snapshot is named", || {
        let lines = running.stdout_so_far();
        assert!(!lines.contains("\"outcome\""), "it did not wait: {lines}");
        let waiting = lines.lines().filter(|line| line.contains("\"type\":\"waiting\""));
        waiting.into_iter().any(|line| line.contains("snapshot") && line.contains(BAD))
    });
    pair.relieve(B);
    drop(running.wait().status(0));
    assert_switched(pair);
}
