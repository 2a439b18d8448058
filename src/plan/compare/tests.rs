//! What is found of an index, over worlds put together by hand: clusterA led, clusterB leads.

use super::*;
use crate::{
    model::{
        lineage::{Entry, State},
        membership::Scope,
        world::World,
    },
    plan::request::PlanRequest,
    playbook::builtin,
    status::tests::worlds::{self, entry, fenced, follower, leader, twin},
};

/// What `reprotect` finds, in the order of the names.
fn found(world: &World) -> Vec<Finding> {
    of("reprotect", world).into_iter().map(|held| held.compared.finding).collect()
}

fn of(playbook: &str, world: &World) -> Vec<Held> {
    let topology = worlds::topology(&[("orders", &["orders-*"])]);
    let request = PlanRequest::of(builtin::find(playbook).unwrap().playbook().unwrap());
    let set = &topology.sets[0];
    let scope = Scope { world, set, source: "clusterB", target: "clusterA", only: &[] };
    let context = Context::of(scope, &topology, &request);
    compare(&context, &context.see())
}

/// `orders-1` was switched when it stood at 100.
fn switched(on_a: Vec<Index>, on_b: Vec<Index>) -> World {
    let mut world = worlds::pair(on_a, on_b);
    world.lineage = vec![entry(&["orders-1"], State::Done, Some(100))].into();
    world
}

fn closed(index: Index) -> Index {
    Index { open: false, shards: Vec::new(), ..index }
}

fn diverged(ops: u64, since: Option<u64>) -> Diverged {
    Diverged {
        shards: vec![0],
        shard_count: 1,
        ops,
        leader_ops_since: since,
        ..Diverged::default()
    }
}

#[test]
fn a_former_leader_with_nothing_above_the_promoted_positions_is_clean() {
    let world = switched(vec![fenced(leader("orders-1", &[100]))], vec![twin("orders-1", &[250])]);
    assert_eq!(found(&world), [Finding::Clean]);
    let gone = switched(Vec::new(), vec![twin("orders-1", &[250])]);
    assert_eq!(found(&gone), [Finding::Clean], "its copy was removed: nothing is left to lose");
}

#[test]
fn one_with_operations_above_them_has_diverged() {
    let world = switched(vec![leader("orders-1", &[131])], vec![twin("orders-1", &[250])]);
    let held = of("failback", &world);
    assert_eq!(held[0].compared.finding, Finding::Diverged(diverged(31, Some(150))));
    assert_eq!(held[0].compared.run.as_deref(), Some("1120-7f3a"));
    assert_eq!(held[0].above, [Above { shard: 0, promoted: 100, max_seq_no: 131 }]);
    assert_eq!(of("failover", &world), [], "no copy goes");
}

#[test]
fn where_the_leader_cannot_be_read_what_it_took_since_is_unknown() {
    let world = switched(vec![leader("orders-1", &[131])], vec![closed(twin("orders-1", &[250]))]);
    assert_eq!(found(&world), [Finding::Diverged(diverged(31, None))]);
    let silent = worlds::without(world, "clusterB");
    assert_eq!(found(&silent), [Finding::Diverged(diverged(31, None))], "the record is enough");
}

#[test]
fn what_the_leader_has_no_more_was_deleted_there() {
    let world = switched(vec![fenced(leader("orders-1", &[131]))], Vec::new());
    let deleted = |ops| Deleted { ops, switched_ms: worlds::NOW_MS - 60_000, ..Deleted::default() };
    assert_eq!(found(&world), [Finding::Deleted(deleted(Some(132)))]);
    let unread = switched(vec![closed(leader("orders-1", &[131]))], Vec::new());
    assert_eq!(found(&unread), [Finding::Deleted(deleted(None))]);
}

#[test]
fn what_the_leader_alone_has_was_born_there() {
    let on_b = vec![twin("orders-1", &[250]), twin("orders-2", &[9])];
    let world = switched(vec![fenced(leader("orders-1", &[100]))], on_b);
    assert_eq!(found(&world), [Finding::Clean, Finding::Born]);
}

#[test]
fn what_lifecycle_management_has_finished_on_both_sides_is_complete() {
    let done = |index: Index| Index { complete: true, ..index };
    let on_a = vec![fenced(leader("orders-1", &[100])), done(leader("orders-0", &[7]))];
    let on_b = vec![twin("orders-1", &[250]), done(twin("orders-0", &[7]))];
    assert_eq!(found(&switched(on_a, on_b)), [Finding::Clean, Finding::Complete]);
}

#[test]
fn an_index_that_was_made_anew_on_either_side_is_unrelated() {
    let anew = |index: Index| Index { uuid: "anew".to_owned(), ..index };
    let on_b = || vec![twin("orders-1", &[250])];
    let former = switched(vec![anew(leader("orders-1", &[131]))], on_b());
    assert_eq!(found(&former), [Finding::Unrelated]);
    let leads = switched(vec![leader("orders-1", &[131])], vec![anew(twin("orders-1", &[3]))]);
    assert_eq!(found(&leads), [Finding::Unrelated]);
    let unrecorded = worlds::pair(vec![leader("orders-1", &[131])], on_b());
    assert_eq!(found(&unrecorded), [Finding::Unrelated]);
}

#[test]
fn what_cannot_be_looked_at_is_unknown_and_never_clean() {
    let why = |world: &World| match &found(world)[..] {
        [Finding::Unknown { why }] => why.clone(),
        other => panic!("{other:?}"),
    };
    let on_b = || vec![twin("orders-1", &[250])];
    let shut = switched(vec![closed(leader("orders-1", &[131]))], on_b());
    assert_eq!(why(&shut), "it is closed on clusterA: its positions cannot be read");
    let red = Index { shards: Vec::new(), ..leader("orders-1", &[131]) };
    assert_eq!(why(&switched(vec![red], on_b())), "not every shard of it can be read on clusterA");
    let silent = worlds::without(switched(vec![leader("orders-1", &[131])], on_b()), "clusterA");
    assert_eq!(why(&silent), "clusterA does not answer");
}

#[test]
fn a_closed_copy_that_was_salvaged_is_known_by_the_record() {
    let salvaged = |max_seq_no: i64, ops, documents| {
        let mut world =
            switched(vec![closed(leader("orders-1", &[131]))], vec![twin("orders-1", &[250])]);
        let position = Position { checkpoint: max_seq_no, max_seq_no, ..Position::default() };
        let positions = vec![position];
        let salvaged = Salvaged { positions, ops, documents, ..Salvaged::default() };
        world.lineage[0].members[0].salvaged = Some(salvaged);
        found(&world)
    };
    let known = Diverged { documents: Some(30), ..diverged(31, Some(150)) };
    assert_eq!(salvaged(131, 31, 30), [Finding::Diverged(known)]);
    assert_eq!(salvaged(100, 0, 0), [Finding::Clean]);
}

#[test]
fn of_what_follows_already_or_leads_there_nothing_is_said() {
    let mut follows = follower("orders-1", &[250]);
    follows.following.as_mut().unwrap().remote = "dc2".to_owned();
    assert_eq!(found(&switched(vec![follows], vec![twin("orders-1", &[250])])), []);
    let mut home: Entry = entry(&["orders-1"], State::Done, Some(250));
    std::mem::swap(&mut home.source, &mut home.target);
    std::mem::swap(&mut home.source_uuid, &mut home.target_uuid);
    let member = &mut home.members[0];
    std::mem::swap(&mut member.source_uuid, &mut member.target_uuid);
    let mut world = switched(vec![leader("orders-1", &[251])], vec![twin("orders-1", &[250])]);
    world.lineage.push(home);
    assert_eq!(found(&world), [], "clusterA leads again");
}

/// As if the lead had gone over before the first operation: since when, nobody knows.
#[test]
fn by_the_operators_word_the_whole_copy_is_its_own() {
    let mut world = switched(vec![leader("orders-1", &[9])], vec![twin("orders-1", &[250])]);
    let entry = &mut world.lineage[0];
    entry.playbook = declared_leader::PLAYBOOK.to_owned();
    let nothing = Position { checkpoint: -1, max_seq_no: -1, ..Position::default() };
    entry.members[0].checkpoints = Some(vec![nothing]);
    assert_eq!(found(&world), [Finding::Diverged(diverged(10, None))]);
}
