//! What is seen, and what it is called.

#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod bidi;
mod under_way;
mod unseen;
pub(crate) mod worlds;

use expect_test::{Expect, expect};

use super::*;
use crate::model::{
    lineage::State as Switch,
    problem::Code,
    safety::SafetyCopy,
    world::{Cluster, Index, World},
};
use worlds::{entry, fenced, follower, leader, pair, paused, topology, twin, without};

/// One line an index, one for the set, one a problem.
fn told(world: &World) -> String {
    let status = build(world, &topology(&[("orders", &["orders-*"])]), &[]);
    let or_null = |number: Option<u64>| number.map_or("null".to_owned(), |n| n.to_string());
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "nobody".to_owned());
    let mut lines = Vec::new();
    for set in &status.sets {
        lines.push(format!(
            "{}: {} leads, {}{}, lag {} (>= {}) {}, would lose {}/{}",
            set.name,
            name(&set.leader),
            set.situation.word(),
            if set.protected { ", protected" } else { "" },
            or_null(set.lag_ops),
            or_null(set.lag_ops_at_least),
            set.evidence.word(),
            or_null(set.would_lose.known),
            or_null(set.would_lose.at_most),
        ));
        for index in &set.indices {
            lines.push(format!(
                "  {}: {} leads, {}, {}, lag {} {}",
                index.leader_index,
                name(&index.leader),
                index.situation.word(),
                index.state.map_or("null", State::word),
                or_null(index.lag_ops),
                index.evidence.word(),
            ));
        }
    }
    for problem in &status.problems {
        lines.push(format!("{:?} {}: {}", problem.level, problem.code, problem.detail));
    }
    lines.push(format!("exit {}", status.exit()));
    lines.join("\n")
}

fn check(world: World, expected: Expect) {
    expected.assert_eq(&told(&world));
}

#[test]
fn followers_that_run_are_in_step_or_behind_and_never_a_problem() {
    let world = pair(
        vec![leader("orders-1", &[100]), leader("orders-2", &[50, 60])],
        vec![follower("orders-1", &[100]), follower("orders-2", &[50, 48])],
    );
    check(
        world,
        expect![[r#"
        orders: clusterA leads, lagging, protected, lag 12 (>= null) measured, would lose 12/12
          orders-2: clusterA leads, lagging, following, lag 12 measured
          orders-1: clusterA leads, in_sync, following, lag 0 measured
        exit 0"#]],
    );
}

#[test]
fn a_leader_that_is_gone_leaves_lower_bounds_and_never_a_zero() {
    let restarted = {
        let mut index = follower("orders-2", &[60]);
        index.following.as_mut().unwrap().tasks[0].since_read_ms = -1;
        index
    };
    let mut behind = follower("orders-1", &[100]);
    behind.following.as_mut().unwrap().tasks[0].leader_checkpoint = 104;
    let world = pair(Vec::new(), vec![behind, restarted]);
    check(
        without(world, "clusterA"),
        expect![[r#"
        orders: clusterA leads, leader_lost, lag null (>= 4) unknown, would lose 4/null
          orders-1: clusterA leads, leader_lost, following, lag null reported
          orders-2: clusterA leads, leader_lost, following, lag null unknown
        Problem unreachable: clusterA does not answer: connect timed out after 2.0 s (2 addresses)
        exit 5"#]],
    );
}

#[test]
fn a_standby_that_is_gone_is_not_the_same_as_nothing_follows() {
    let world = pair(vec![leader("orders-1", &[100])], Vec::new());
    check(
        without(world, "clusterB"),
        expect![[r#"
        orders: clusterA leads, unknown, lag null (>= null) unknown, would lose null/null
          orders-1: clusterA leads, unknown, null, lag null unknown
        Problem unreachable: clusterB does not answer: connect timed out after 2.0 s (2 addresses)
        exit 5"#]],
    );
}

#[test]
fn a_stopped_follower_is_a_problem() {
    let mut fatal = follower("orders-1", &[90]);
    fatal.following.as_mut().unwrap().tasks[0].fatal = Some("operations are gone".to_owned());
    let mut failing = follower("orders-3", &[90]);
    failing.following.as_mut().unwrap().tasks[0].read_errors = vec!["connect refused".to_owned()];
    let world = pair(
        vec![leader("orders-1", &[100]), leader("orders-2", &[100]), leader("orders-3", &[100])],
        vec![fatal, paused(follower("orders-2", &[95])), failing],
    );
    check(
        world,
        expect![[r#"
        orders: clusterA leads, stalled, lag 25 (>= null) measured, would lose 25/25
          orders-1: clusterA leads, stalled, fatal, lag 10 measured
          orders-2: clusterA leads, stalled, paused, lag 5 measured
          orders-3: clusterA leads, stalled, following, lag 10 measured
        Problem fatal: orders-1 is stopped for good on clusterB; operations are gone
        Problem paused: orders-2 is paused on clusterB
        Problem stalled: orders-3 is without progress on clusterB; connect refused
        exit 5"#]],
    );
}

#[test]
fn an_index_that_nothing_follows_is_uncovered_and_its_loss_has_no_limit() {
    let world = pair(
        vec![leader("orders-1", &[100]), leader("orders-2", &[7])],
        vec![follower("orders-1", &[100])],
    );
    check(
        world,
        expect![[r#"
        orders: clusterA leads, unprotected, lag 0 (>= null) measured, would lose 0/null
          orders-2: clusterA leads, unprotected, absent, lag null unknown
          orders-1: clusterA leads, in_sync, following, lag 0 measured
        Problem uncovered: orders-2 is on clusterA and followed by nothing on clusterB
        exit 5"#]],
    );
}

#[test]
fn the_fence_of_a_switch_under_way_is_drained_and_can_be_undone() {
    let mut world = pair(
        vec![fenced(leader("orders-1", &[100])), fenced(leader("orders-2", &[100]))],
        vec![follower("orders-1", &[100]), paused(follower("orders-2", &[100]))],
    );
    world.lineage = vec![entry(&["orders-1", "orders-2"], Switch::Open, None)].into();
    check(
        world,
        expect![[r#"
            orders: clusterA leads, half_promoted, lag 0 (>= null) measured, would lose 0/0
              orders-2: clusterA leads, half_promoted, paused, lag 0 measured
              orders-1: clusterA leads, drained, following, lag 0 measured
            Problem writable_nowhere: orders-1 is writable nowhere: esdr's own write block stands on clusterA
            Problem half_promoted: orders-2 is in the middle of a promote, perhaps writable nowhere
            Problem unfinished_run: run 1120-7f3a moves orders from clusterA to clusterB and is not finished: 0 of 2 indices moved
            Warning fence_standing: 2 of orders refuse writes on clusterA by esdr's block of run 1120-7f3a: orders-1, orders-2
            exit 5"#]],
    );
}

#[test]
fn after_a_switch_the_standby_leads_and_the_fence_is_listed() {
    let mut world = pair(vec![fenced(leader("orders-1", &[100]))], vec![twin("orders-1", &[130])]);
    world.lineage = vec![entry(&["orders-1"], Switch::Done, Some(100))].into();
    check(
        world,
        expect![[r#"
        orders: clusterB leads, promoted, lag null (>= null) unknown, would lose null/null
          orders-1: clusterB leads, promoted, regular, lag null unknown
        Warning fence_standing: 1 of orders refuse writes on clusterA by esdr's block of run 1120-7f3a: orders-1
        exit 0"#]],
    );
}

#[test]
fn a_former_leader_is_known_by_the_record() {
    let mut stray = pair(vec![leader("orders-1", &[100])], vec![twin("orders-1", &[130])]);
    stray.lineage = vec![entry(&["orders-1"], Switch::Done, Some(100))].into();
    check(
        stray,
        expect![[r#"
        orders: clusterB leads, stray, lag null (>= null) unknown, would lose null/null
          orders-1: clusterB leads, stray, regular, lag null unknown
        Problem stray: orders-1 is led by clusterB by the record, and writable on clusterA too
        exit 5"#]],
    );
    let mut more = pair(vec![fenced(leader("orders-1", &[131]))], vec![twin("orders-1", &[130])]);
    more.lineage = vec![entry(&["orders-1"], Switch::Done, Some(100))].into();
    check(
        more,
        expect![[r#"
        orders: clusterB leads, diverged, lag null (>= null) unknown, would lose null/null
          orders-1: clusterB leads, diverged, regular, lag null unknown
        Problem diverged: orders-1 is led by clusterB, while clusterA holds operations that clusterB lacks
        Warning fence_standing: 1 of orders refuse writes on clusterA by esdr's block of run 1120-7f3a: orders-1
        exit 5"#]],
    );
    let world = pair(vec![leader("orders-1", &[100])], vec![twin("orders-1", &[130])]);
    check(
        world,
        expect![[r#"
            orders: nobody leads, unrelated, lag null (>= null) unknown, would lose null/null
              orders-1: nobody leads, unrelated, regular, lag null unknown
            Problem unrelated: orders-1 is regular on both clusters, and no record says that they were ever one; clusterA 101 operations, takes writes; clusterB 131 operations, takes writes
            exit 5"#]],
    );
}

#[test]
fn two_writable_sides_are_told_before_all_else() {
    let mut fatal = follower("orders-1", &[90]);
    fatal.following.as_mut().unwrap().tasks[0].fatal = Some("operations are gone".to_owned());
    let mut world = pair(
        vec![leader("logs-1", &[100]), leader("orders-1", &[100])],
        vec![fatal, twin("logs-1", &[100])],
    );
    let entry = entry(&["logs-1"], Switch::Done, Some(100));
    world.lineage = vec![crate::model::lineage::Entry { set: "logs".to_owned(), ..entry }].into();
    if let Some(Cluster::Ok(view)) = world.clusters.get_mut("clusterA") {
        view.license.status = "expired".to_owned();
    }
    let sets: [(&str, &[&str]); 2] = [("orders", &["orders-*"]), ("logs", &["logs-*"])];
    let problems = build(&world, &topology(&sets), &[]).problems;
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.word()).collect();
    assert_eq!(codes, ["stray", "licence", "fatal"]);
    assert_eq!(problems[0].hint, "esdr fence clusterA --set logs");
}

#[test]
fn a_fence_set_by_hand_is_no_switch_and_is_told_with_what_lifts_it() {
    let found = fenced(leader("orders-2", &[100]));
    let mut world = pair(
        vec![fenced(leader("orders-1", &[100])), found],
        vec![follower("orders-1", &[100]), follower("orders-2", &[100])],
    );
    world.lineage = vec![entry(&["orders-1"], Switch::Fenced, None)].into();
    let status = build(&world, &topology(&[("orders", &["orders-*"])]), &[]);
    assert_eq!(status.problems[0].hint, "esdr unfence clusterA --set orders");
    assert!(status.runs.is_empty(), "there is nothing to go on with");
    check(
        world,
        expect![[r#"
            orders: clusterA leads, drained, lag 0 (>= null) measured, would lose 0/0
              orders-1: clusterA leads, drained, following, lag 0 measured
              orders-2: clusterA leads, drained, following, lag 0 measured
            Problem writable_nowhere: orders-1 is writable nowhere: esdr's own write block stands on clusterA
            Problem writable_nowhere: orders-2 is writable nowhere: a write block that is not esdr's stands on clusterA
            Warning fence_standing: 1 of orders refuse writes on clusterA by esdr's block of run 1120-7f3a: orders-1
            Warning leader_blocked: writers are refused on clusterA by a block that is not esdr's: orders-2
            exit 5"#]],
    );
}

#[test]
fn a_former_leader_that_is_gone_unfenced_is_to_be_fenced_when_it_is_back() {
    let mut world = pair(Vec::new(), vec![twin("orders-1", &[130])]);
    let entry = entry(&["orders-1"], Switch::Done, Some(100));
    world.lineage = vec![crate::model::lineage::Entry { fenced_ms: None, ..entry }].into();
    let world = without(world, "clusterA");
    let problems = build(&world, &topology(&[("orders", &["orders-*"])]), &[]).problems;
    let unfenced = problems.iter().find(|problem| problem.code == Code::UnfencedLeader).unwrap();
    assert_eq!(unfenced.hint, "esdr fence clusterA --when-it-answers --for 48h");
}

#[test]
fn a_lease_that_is_left_tells_a_split_brain() {
    let mut one = leader("orders-1", &[100]);
    one.shards[0].leases = vec![crate::model::world::Lease {
        id: "clusterB/orders-1/uuid-b-orders-1-following-dc1/orders-1/uuid-a-orders-1".to_owned(),
        ..Default::default()
    }];
    check(
        pair(vec![one], vec![twin("orders-1", &[130])]),
        expect![[r#"
            orders: nobody leads, split_brain, lag null (>= null) unknown, would lose null/null
              orders-1: nobody leads, split_brain, regular, lag null unknown
            Problem split_brain: orders-1 is writable on both clusters, and no record says who leads; clusterA 101 operations, takes writes; clusterB 131 operations, takes writes
            exit 5"#]],
    );
}

#[test]
fn an_index_born_behind_the_fence_is_late() {
    let mut world = pair(
        vec![fenced(leader("orders-1", &[100])), leader("orders-2", &[3])],
        vec![twin("orders-1", &[130])],
    );
    world.lineage = vec![entry(&["orders-1"], Switch::Done, Some(100))].into();
    check(
        world,
        expect![[r#"
        orders: clusterB leads, late, lag null (>= null) unknown, would lose null/null
          orders-2: clusterA leads, late, absent, lag null unknown
          orders-1: clusterB leads, promoted, regular, lag null unknown
        Problem late_index: orders-2 is born on clusterA behind the fence, and not on clusterB
        Warning fence_standing: 1 of orders refuse writes on clusterA by esdr's block of run 1120-7f3a: orders-1
        exit 5"#]],
    );
}

#[test]
fn members_that_lead_on_both_sides_are_mixed() {
    let mut world = pair(
        vec![fenced(leader("orders-1", &[100])), leader("orders-2", &[3])],
        vec![twin("orders-1", &[130]), follower("orders-2", &[3])],
    );
    world.lineage = vec![entry(&["orders-1"], Switch::Done, Some(100))].into();
    check(
        world,
        expect![[r#"
            orders: nobody leads, mixed, lag null (>= 0) unknown, would lose 0/null
              orders-1: clusterB leads, promoted, regular, lag null unknown
              orders-2: clusterA leads, in_sync, following, lag 0 measured
            Warning fence_standing: 1 of orders refuse writes on clusterA by esdr's block of run 1120-7f3a: orders-1
            exit 0"#]],
    );
}

#[test]
fn safety_copies_are_listed_by_set_and_those_of_nobody_apart() {
    let copy = |name: &str, uuid: &str| Index {
        name: name.to_owned(),
        uuid: uuid.to_owned(),
        stored_bytes: Some(3_000_000),
        ..Index::default()
    };
    let mut world = pair(
        vec![
            leader("orders-1", &[9]),
            copy("esdr-safety-1119-0001-orders-1", "one"),
            copy("esdr-safety-1120-0002-orders-1", "two"),
            copy("esdr-safety-1120-0003-orders-1", "made anew"),
        ],
        vec![follower("orders-1", &[9])],
    );
    let mut switch = entry(&["orders-1"], Switch::Done, Some(5));
    let on_record = |name: &str, uuid: &str, days: i64| SafetyCopy {
        index: name.to_owned(),
        uuid: uuid.to_owned(),
        at_ms: worlds::NOW_MS - days * 86_400_000,
        ..SafetyCopy::default()
    };
    switch.members[0].safety = vec![
        on_record("esdr-safety-1119-0001-orders-1", "one", 3),
        on_record("esdr-safety-1120-0002-orders-1", "two", 2),
        on_record("esdr-safety-1120-0003-orders-1", "three", 1),
    ];
    world.lineage = vec![switch].into();
    let status = build(&world, &topology(&[("orders", &["orders-*"])]), &[]);
    let copies = status.problems.iter().filter(|problem| problem.code == Code::SafetyCopy);
    let told: Vec<String> =
        copies.map(|it| format!("{:?}: {}; {}", it.level, it.detail, it.hint)).collect();
    expect![[r#"
        Warning: clusterA keeps 2 safety copies of orders, 5.7 MB, the oldest made 3 d ago: esdr-safety-1119-0001-orders-1, esdr-safety-1120-0002-orders-1; esdr reprotect --set orders --drop-safety-copies
        Warning: clusterA keeps a safety copy, 2.8 MB: esdr-safety-1120-0003-orders-1; no record says whose they are: DELETE /esdr-safety-1120-0003-orders-1 on clusterA"#]].assert_eq(&told.join("\n"));
}

#[test]
fn what_lifecycle_management_has_finished_is_complete_and_wants_nothing() {
    let done = |index| crate::model::world::Index { complete: true, ..index };
    let world = pair(
        vec![done(leader("orders-1", &[100])), leader("orders-2", &[3])],
        vec![done(twin("orders-1", &[100])), follower("orders-2", &[3])],
    );
    check(
        world,
        expect![[r#"
        orders: clusterA leads, in_sync, protected, lag 0 (>= null) measured, would lose 0/0
          orders-2: clusterA leads, in_sync, following, lag 0 measured
          orders-1: clusterA leads, complete, regular, lag null unknown
        exit 0"#]],
    );
}

#[test]
fn without_sets_the_pairs_that_followers_connect_are_the_default_set() {
    let world = pair(vec![leader("anything", &[9])], vec![follower("anything", &[9])]);
    let status = build(&world, &topology(&[]), &[]);
    let sets: Vec<_> = status.sets.iter().map(|set| (set.name.as_str(), set.protected)).collect();
    assert_eq!(sets, [("default", true)]);
    let nothing = build(&pair(Vec::new(), Vec::new()), &topology(&[]), &[]);
    assert_eq!(nothing.problems[0].code, Code::NothingReplicated);
}
