//! What may be carried, over worlds put together by hand: clusterA led, clusterB leads.

use super::*;
use crate::{
    model::{
        lineage::{Salvaged, State},
        world::World,
    },
    plan::{Switch, action::Action, assemble, request::PlanRequest},
    playbook::builtin,
    status::tests::worlds::{self, entry, fenced, follower, leader, twin},
};

fn planned(world: &World, max_carry_ops: u64) -> Switch {
    let topology = worlds::topology(&[("orders", &["orders-*"])]);
    let playbook = builtin::find("undo-carry").unwrap().playbook().unwrap();
    let request = PlanRequest { max_carry_ops: Some(max_carry_ops), ..PlanRequest::of(playbook) };
    let set = &topology.sets[0];
    let scope = Scope { world, set, source: "clusterB", target: "clusterA", only: &[] };
    assemble::switch(&Context::of(scope, &topology, &request))
}

/// The words of its calls, in order.
fn words(switch: &Switch) -> Vec<&'static str> {
    assert_eq!(switch.blocked, []);
    switch.actions().map(Action::word).collect()
}

/// Why it is refused, the first reason.
fn refused(world: &World, max_carry_ops: u64) -> (Code, String) {
    let blocked = planned(world, max_carry_ops).blocked;
    let reason = blocked.first().expect("a reason");
    (reason.code, reason.detail.clone())
}

/// `orders-1` was switched by a proof when it stood at 100.
fn switched(on_a: Index, on_b: Index) -> World {
    let mut world = worlds::pair(vec![on_a], vec![on_b]);
    let mut entry = entry(&["orders-1"], State::Done, Some(100));
    entry.members[0].proof = entry.members[0].checkpoints.clone();
    world.lineage = vec![entry].into();
    world
}

fn left_behind() -> World {
    switched(fenced(leader("orders-1", &[100])), twin("orders-1", &[130]))
}

/// The way back, as it is on record after it has put documents into files.
fn begun(world: &mut World, max_seq_no: i64) {
    let there = &world.lineage[0];
    let member = &there.members[0];
    let position = Position { checkpoint: max_seq_no, max_seq_no, ..Position::default() };
    let member = Member {
        source_index: member.target_index.clone(),
        source_uuid: member.target_uuid.clone(),
        target_index: member.source_index.clone(),
        target_uuid: member.source_uuid.clone(),
        shard_count: 1,
        salvaged: Some(Salvaged { positions: vec![position], ..Salvaged::default() }),
        ..Member::default()
    };
    let back = Entry {
        run: "1120-8b1c".to_owned(),
        playbook: "undo-carry".to_owned(),
        source: there.target.clone(),
        target: there.source.clone(),
        source_uuid: there.target_uuid.clone(),
        target_uuid: there.source_uuid.clone(),
        at_ms: there.at_ms + 1_000,
        state: State::Open,
        carries: true,
        members: vec![member],
        ..there.clone()
    };
    world.lineage.push(back);
}

#[test]
fn what_was_taken_since_is_counted_and_carried_behind_a_fence() {
    let planned = planned(&left_behind(), 30);
    // In the end clusterA leads again, and its own fence goes.
    let whole = ["record", "record", "template", "fence", "unfence", "carry", "drop template"];
    assert_eq!(words(&planned), whole);
    let carry = planned.actions().find(|action| action.word() == "carry").unwrap();
    assert!(matches!(carry, Action::Carry { cluster, from, ops: Some(30), .. }
        if cluster == "clusterA" && from == "clusterB"));
    let text = "orders has taken 30 operations on clusterB since, and --max-carry allows 29";
    assert_eq!(refused(&left_behind(), 29), (Code::TooManyToCarry, text.to_owned()));
}

#[test]
fn a_former_leader_that_is_not_as_it_was_left_is_no_place_to_carry_to() {
    let why = |on_a: Index| refused(&switched(on_a, twin("orders-1", &[130])), 30).1;
    assert_eq!(why(leader("orders-1", &[100])), "orders-1 on clusterA takes writes");
    let text = "orders-1 on clusterA has 3 operations of its own since";
    assert_eq!(why(fenced(leader("orders-1", &[103]))), text);
    let shut = Index { open: false, shards: Vec::new(), ..fenced(leader("orders-1", &[100])) };
    assert_eq!(why(shut), "orders-1 on clusterA is closed");
    let anew = Index { uuid: "anew".to_owned(), ..fenced(leader("orders-1", &[100])) };
    assert!(why(anew).contains("not the index that was left behind"));
    let mut follows = follower("orders-1", &[100]);
    follows.following.as_mut().unwrap().remote = "dc2".to_owned();
    follows.uuid = "uuid-a-orders-1".to_owned();
    assert_eq!(why(follows), "orders-1 on clusterA follows clusterB already");
}

#[test]
fn without_the_proof_of_a_planned_switch_nothing_is_carried() {
    let mut world = left_behind();
    world.lineage[0].members[0].proof = None;
    assert_eq!(refused(&world, 30).0, Code::CannotCarry);
    world.lineage = Vec::new().into();
    let text = "no finished failover of orders from clusterA to clusterB is on record";
    assert!(planned(&world, 30).blocked.iter().any(|reason| reason.detail == text));
}

#[test]
fn an_index_that_is_gone_or_another_on_the_new_leader_is_not_carried() {
    let mut gone = left_behind();
    let first = gone.lineage[0].members[0].clone();
    gone.lineage[0].members.push(Member {
        source_index: "orders-2".to_owned(),
        source_uuid: "uuid-a-orders-2".to_owned(),
        target_index: "orders-2".to_owned(),
        target_uuid: "uuid-b-orders-2".to_owned(),
        ..first
    });
    assert_eq!(refused(&gone, 30).1, "orders-2 on clusterB is not the index that was promoted");
    let anew = Index { uuid: "anew".to_owned(), ..twin("orders-1", &[3]) };
    let anew = switched(fenced(leader("orders-1", &[100])), anew);
    assert_eq!(refused(&anew, 30).1, "orders-1 on clusterB is not the index that was promoted");
}

/// What has been written there already is no operation of its own; and the limit was judged.
#[test]
fn what_is_half_carried_goes_on_whatever_the_former_leader_has_by_now() {
    let mut world = switched(leader("orders-1", &[117]), fenced(twin("orders-1", &[130])));
    begun(&mut world, 130);
    assert_eq!(words(&planned(&world, 0)), ["carry"]);
    begun(&mut world, 125);
    world.lineage = vec![world.lineage[0].clone(), world.lineage[2].clone()].into();
    let text = "orders-1 on clusterB has taken writes since carrying was begun";
    assert_eq!(refused(&world, 30), (Code::CannotCarry, text.to_owned()));
}

#[test]
fn what_is_carried_leaves_nothing_to_do_and_nothing_that_only_the_new_leader_had() {
    let mut world = switched(leader("orders-1", &[117]), fenced(twin("orders-1", &[130])));
    begun(&mut world, 130);
    let back = &mut world.lineage[1];
    back.state = State::Done;
    let left_at = back.members[0].salvaged.clone().unwrap().positions;
    let here = Position { checkpoint: 117, max_seq_no: 117, ..Position::default() };
    back.members[0].checkpoints = Some(vec![here]);
    back.members[0].left_at = Some(left_at);
    assert_eq!(words(&planned(&world, 0)), [""; 0]);
    let (member, former) = (&world.lineage[1].members[0], twin("orders-1", &[130]));
    let above = crate::model::divergence::above(member, &former).unwrap();
    assert_eq!(above.iter().map(Above::ops).sum::<u64>(), 0, "each counts for itself");
}
