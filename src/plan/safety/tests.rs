//! What is kept of an index that has diverged, over worlds put together by hand: clusterA led,
//! clusterB leads.

use super::*;
use crate::{
    model::{
        capacity::{Capacity, Disk},
        lineage::{Position, Salvaged, State},
        world::Version,
    },
    plan::{assemble, request::PlanRequest},
    playbook::builtin,
    status::tests::worlds::{self, fenced, leader, twin},
};

const RUN: &str = "1122-b0c4";

/// `orders-1` was switched when it stood at 100; A went on to 130.
fn diverged(minor: u16) -> World {
    let sized = |index| Index { primaries_bytes: Some(100), stored_bytes: Some(100), ..index };
    let on_a = sized(fenced(leader("orders-1", &[130])));
    let on_b = sized(twin("orders-1", &[250]));
    let mut world = worlds::pair(vec![on_a], vec![on_b]);
    world.lineage = vec![worlds::entry(&["orders-1"], State::Done, Some(100))].into();
    for cluster in world.clusters.values_mut() {
        if let crate::model::world::Cluster::Ok(view) = cluster {
            view.version = Version { major: 7, minor, patch: 0 };
        }
    }
    world
}

fn options() -> PlanRequest {
    let playbook = builtin::find("reprotect").unwrap().playbook().unwrap();
    PlanRequest { run: RUN.to_owned(), ..PlanRequest::of(playbook) }
}

fn plan(world: &World, options: &PlanRequest) -> Switch {
    let topology = worlds::topology(&[("orders", &["orders-*"])]);
    let set = &topology.sets[0];
    let scope = Scope { world, set, source: "clusterB", target: "clusterA", only: &[] };
    assemble::switch(&Context::of(scope, &topology, options))
}

/// The names under which the plan keeps whole copies.
fn kept(switch: &Switch) -> Vec<&str> {
    fn of(action: &Action) -> Option<&str> {
        match action {
            Action::Salvage { safety, .. } => safety.as_deref(),
            _ => None,
        }
    }
    switch.actions().filter_map(of).collect()
}

fn dropped(switch: &Switch) -> Vec<&str> {
    fn of(action: &Action) -> &[String] {
        match action {
            Action::Drop { copies, .. } => copies,
            _ => &[],
        }
    }
    switch.actions().flat_map(of).map(String::as_str).collect()
}

fn snapshots(switch: &Switch) -> Vec<(&str, &[String])> {
    fn of(action: &Action) -> Option<(&str, &[String])> {
        match action {
            Action::Snapshot { name, indices, .. } => Some((name, indices)),
            _ => None,
        }
    }
    switch.actions().filter_map(of).collect()
}

fn told(switch: &Switch) -> Vec<&str> {
    let notes = switch.problems.iter().filter(|problem| problem.code == Code::NoSafetyCopy);
    notes.map(|problem| problem.detail.as_str()).collect()
}

fn at(max_seq_no: i64) -> Vec<Position> {
    vec![Position { checkpoint: max_seq_no, max_seq_no, ..Position::default() }]
}

const COPY: &str = "esdr-safety-1122-b0c4-orders-1";

#[test]
fn a_diverged_index_is_cloned_from_7_4_on_and_before_that_is_told_once() {
    let planned = diverged(4);
    let planned = plan(&planned, &options());
    assert_eq!((kept(&planned), told(&planned)), (vec![COPY], vec![]));
    let old = plan(&diverged(3), &options());
    let said = "no safety copy is made on clusterA: 7.3.0 cannot clone an index. The salvage file \
                is all that stays";
    assert_eq!((kept(&old), told(&old)), (vec![], vec![said]));
    assert_eq!(old.blocked, [], "it is no reason to stop");
}

#[test]
fn an_index_that_is_clean_chosen_for_or_let_go_is_not_cloned() {
    let mut clean = diverged(4);
    clean.lineage = vec![worlds::entry(&["orders-1"], State::Done, Some(130))].into();
    assert_eq!(kept(&plan(&clean, &options())), [""; 0]);
    for choice in ["discard", "keep", "apply"] {
        let choices = [("orders-1".to_owned(), choice.parse().unwrap())].into();
        let chosen = PlanRequest { choices, ..options() };
        assert_eq!(kept(&plan(&diverged(4), &chosen)), [""; 0], "{choice}");
    }
    let let_go = PlanRequest { no_salvage: true, ..options() };
    assert_eq!(kept(&plan(&diverged(4), &let_go)), [""; 0]);
}

#[test]
fn one_that_is_on_record_is_gone_on_with_as_long_as_nothing_has_come_since() {
    let mut world = diverged(4);
    let begun = |max_seq_no| SafetyCopy {
        index: "esdr-safety-1121-0000-orders-1".to_owned(),
        positions: at(max_seq_no),
        ..SafetyCopy::default()
    };
    world.lineage[0].members[0].safety = vec![begun(130)];
    assert_eq!(kept(&plan(&world, &options())), ["esdr-safety-1121-0000-orders-1"]);
    world.lineage[0].members[0].safety = vec![begun(120)];
    assert_eq!(kept(&plan(&world, &options())), [COPY]);
}

/// Capacity on A for this many shards, `orders-1` and another one among them.
fn limited(shards_per_node: u64) -> World {
    let mut world = diverged(4);
    let disks = vec![Disk { available_bytes: 1_000_000_000_000, total_bytes: 2_000_000_000_000 }];
    let room = Capacity { disks, shards_per_node: Some(shards_per_node), ..Capacity::default() };
    world.capacities.insert("clusterA".to_owned(), Ok(room));
    world
}

#[test]
fn one_that_finds_no_room_is_left_out_and_nothing_is_refused() {
    let open = limited(0).view("clusterA").unwrap().open_shards();
    let fits = limited(open + 1);
    assert_eq!(kept(&plan(&fits, &options())), [COPY]);
    let full = limited(open);
    let planned = plan(&full, &options());
    assert_eq!(kept(&planned), [""; 0]);
    assert_eq!(planned.blocked, []);
    let said = told(&planned)[0];
    assert!(said.contains("1 open shards, and it may have"), "{said}");
}

#[test]
fn what_was_made_goes_where_that_is_asked_and_nothing_else() {
    let mut world = diverged(4);
    let drop_copies = PlanRequest { drop_copies: true, ..options() };
    assert_eq!(dropped(&plan(&world, &drop_copies)), [COPY], "its own in the end");
    let mut add = |name: &str, uuid: &str| {
        let copy = Index { name: name.to_owned(), uuid: uuid.to_owned(), ..Index::default() };
        let Some(crate::model::world::Cluster::Ok(view)) = world.clusters.get_mut("clusterA")
        else {
            panic!("clusterA answers")
        };
        view.indices.insert(name.to_owned(), copy);
    };
    add("esdr-safety-1121-0000-orders-1", "mine");
    add("esdr-safety-1120-0000-orders-1", "made anew");
    add("esdr-safety-1119-0000-orders-1", "by nobody");
    let on_record = |name: &str| SafetyCopy {
        index: name.to_owned(),
        uuid: "mine".to_owned(),
        positions: at(1),
        at_ms: 0,
    };
    world.lineage[0].members[0].safety = vec![
        on_record("esdr-safety-1120-0000-orders-1"),
        on_record("esdr-safety-1121-0000-orders-1"),
    ];
    let planned = plan(&world, &drop_copies);
    assert_eq!(dropped(&planned), ["esdr-safety-1121-0000-orders-1", COPY]);
    assert_eq!(dropped(&plan(&world, &options())), [""; 0]);
}

#[test]
fn a_snapshot_takes_the_place_of_safety_copies_and_is_taken_once() {
    let asked = PlanRequest { snapshot: Some("nightly".to_owned()), ..options() };
    let mut world = diverged(4);
    let planned = plan(&world, &asked);
    assert_eq!((kept(&planned), told(&planned)), (vec![], vec![]));
    let orders = ["orders-1".to_owned()];
    assert_eq!(snapshots(&planned), [("esdr-1122-b0c4-orders", &orders[..])]);

    // One that a killed run has begun.
    let begun = |is_taken, max_seq_no| Snapshot {
        repository: "nightly".to_owned(),
        name: "esdr-1121-0000-orders".to_owned(),
        positions: at(max_seq_no),
        at_ms: 0,
        is_taken,
    };
    world.lineage[0].members[0].snapshot = Some(begun(false, 130));
    let goes_on = plan(&world, &asked);
    assert_eq!(snapshots(&goes_on), [("esdr-1121-0000-orders", &orders[..])]);

    world.lineage[0].members[0].snapshot = Some(begun(true, 130));
    assert_eq!(snapshots(&plan(&world, &asked)), [], "it is in it");
    let elsewhere = PlanRequest { snapshot: Some("weekly".to_owned()), ..options() };
    assert_eq!(snapshots(&plan(&world, &elsewhere)).len(), 1, "not in that one");
    world.lineage[0].members[0].snapshot = Some(begun(true, 120));
    let later = plan(&world, &asked);
    assert_eq!(snapshots(&later), [("esdr-1122-b0c4-orders", &orders[..])], "more has come");
}

#[test]
fn what_is_salvaged_still_goes_into_a_snapshot_that_is_asked_for_and_a_clean_one_never_does() {
    let asked = PlanRequest { snapshot: Some("nightly".to_owned()), ..options() };
    let mut world = diverged(4);
    let salvaged = |ops| Some(Salvaged { positions: at(130), ops, ..Salvaged::default() });
    world.lineage[0].members[0].salvaged = salvaged(30);
    assert_eq!(snapshots(&plan(&world, &asked)).len(), 1);
    let let_go = PlanRequest { no_salvage: true, ..asked.clone() };
    assert_eq!(snapshots(&plan(&diverged(4), &let_go)).len(), 1, "all that stays of it");
    world.lineage[0].members[0].salvaged = salvaged(0);
    assert_eq!(snapshots(&plan(&world, &asked)), []);
}

#[test]
fn a_repository_of_no_use_is_refused_where_a_copy_is_to_go() {
    let asked = PlanRequest { snapshot: Some("nightly".to_owned()), ..options() };
    let mut world = diverged(4);
    let why = Err("there is no such repository".to_owned());
    world.repositories.insert("clusterA".to_owned(), why);
    let refused = plan(&world, &asked);
    let codes: Vec<&str> = refused.blocked.iter().map(|reason| reason.code.word()).collect();
    assert_eq!(codes, ["no_repository"]);
    assert_eq!(plan(&world, &options()).blocked, [], "nobody has asked for it");
}
