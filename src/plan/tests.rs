//! Whole plans over worlds put together by hand: what a command may plan after a switch,
//! and what it must never plan.

mod own;
mod unseen;

use std::collections::BTreeMap;

use super::{Switch, action::Action, assemble, context::Context, request::PlanRequest};
use crate::{
    es::requests::{RANK, fence_template},
    model::{
        capacity::{Capacity, Disk},
        connection::Connection,
        lineage::{Entry, Member, Position, Salvaged, State},
        membership::Scope,
        template::Template,
        topology::{ClusterSpec, Hooks, SetSpec, Topology},
        world::{Answer, Cluster, Following, Index, License, Remote, Shard, Sight, View, World},
    },
    playbook::builtin,
};

const A: &str = "clusterA";
const B: &str = "clusterB";

fn topology() -> Topology {
    let cluster = |name: &str| ClusterSpec {
        name: name.to_owned(),
        uuid: None,
        remote: None,
        connection: Connection::default(),
    };
    Topology {
        clusters: vec![cluster(A), cluster(B)],
        sets: vec![SetSpec {
            name: "orders".to_owned(),
            home: Some(A.to_owned()),
            standby: Some(B.to_owned()),
            indices: vec!["orders-*".to_owned()],
            ..SetSpec::everything_found()
        }],
        bidi: Vec::new(),
        hooks: Hooks {
            before_fence: vec![vec!["./pause".to_owned()]],
            after_promote: vec![vec!["./redirect".to_owned()]],
            on_undo: Vec::new(),
        },
        concurrency: 1,
    }
}

/// An open, regular, writable index of one shard.
fn regular(on: &str, name: &str) -> Index {
    Index {
        name: name.to_owned(),
        uuid: format!("{name}@{on}"),
        open: true,
        shard_count: 1,
        soft_deletes: true,
        shards: vec![Shard::default()],
        ..Index::default()
    }
}

fn fenced(on: &str, name: &str) -> Index {
    Index { write_block: true, read_only: true, ..regular(on, name) }
}

fn follower(on: &str, of: &str, name: &str) -> Index {
    Index {
        following: Some(Following {
            remote: of.to_owned(),
            leader_index: name.to_owned(),
            active: true,
            ..Following::default()
        }),
        ..regular(on, name)
    }
}

/// The template by which new names of the set are born blocked.
fn fence() -> Template {
    let patterns = vec!["orders-*".to_owned()];
    Template {
        name: "esdr-fence-orders".to_owned(),
        is_legacy: true,
        body: fence_template(&patterns, RANK, true, true),
        patterns,
        rank: RANK.into(),
        is_own: true,
    }
}

fn world(on_a: Vec<Index>, on_b: Vec<Index>, lineage: Vec<Entry>) -> World {
    let view = |name: &str, other: &str, indices: Vec<Index>| {
        // A fence is both: blocks on what is there, a template for what is to be born.
        let is_fenced = indices.iter().any(|index| index.write_block);
        let remote = Remote { leads_to: Some(other.to_owned()), ..Remote::default() };
        let view = View {
            uuid: format!("uuid of {name}"),
            license: License {
                kind: "trial".to_owned(),
                status: "active".to_owned(),
                days_left: None,
            },
            remotes: BTreeMap::from([(other.to_owned(), remote)]),
            indices: indices.into_iter().map(|index| (index.name.clone(), index)).collect(),
            patterns: Some(Vec::new()),
            templates: Some(if is_fenced { vec![fence()] } else { Vec::new() }),
            ..View::default()
        };
        (name.to_owned(), Cluster::Ok(Box::new(view)))
    };
    let sight = |from: &str, to: &str| Sight {
        from: from.to_owned(),
        to: to.to_owned(),
        answer: Answer::Yes,
        evidence: "it answered".to_owned(),
        age_ms: Some(0),
    };
    World {
        clusters: BTreeMap::from([view(A, B, on_a), view(B, A, on_b)]),
        sights: vec![sight(A, B), sight(B, A)],
        lineage: lineage.into(),
        ..World::default()
    }
}

/// A switch that is on record as finished, with these indices.
fn finished(run: &str, from: &str, to: &str, names: &[&str]) -> Entry {
    let member = |name: &&str| Member {
        source_index: (*name).to_owned(),
        source_uuid: format!("{name}@{from}"),
        target_index: (*name).to_owned(),
        target_uuid: format!("{name}@{to}"),
        shard_count: 1,
        proof: Some(vec![Position::default()]),
        checkpoints: Some(vec![Position::default()]),
        ..Member::default()
    };
    Entry {
        run: run.to_owned(),
        set: "orders".to_owned(),
        source: from.to_owned(),
        target: to.to_owned(),
        state: State::Done,
        hooks_done: vec!["before_fence".to_owned(), "after_promote".to_owned()],
        members: names.iter().map(member).collect(),
        ..Entry::default()
    }
}

fn plan(world: &World, playbook: &str, to: &str, only: &[&str]) -> Switch {
    let topology = topology();
    let request = PlanRequest {
        only: only.iter().map(|&name| name.to_owned()).collect(),
        ..PlanRequest::of(builtin::find(playbook).unwrap().playbook().unwrap())
    };
    let (set, source) = (&topology.sets[0], if to == A { B } else { A });
    let scope = Scope { world, set, source, target: to, only: &request.only };
    assemble::switch(&Context::of(scope, &topology, &request))
}

fn words(switch: &Switch) -> Vec<String> {
    switch
        .actions()
        .map(|action| {
            let (word, cluster, name) = action.key();
            format!("{word} {cluster} {name}")
        })
        .collect()
}

fn codes(switch: &Switch) -> Vec<&str> {
    switch.blocked.iter().map(|r| r.code.word()).collect()
}

#[test]
fn a_finished_switch_plans_nothing_again() {
    let lineage = vec![finished("1", A, B, &["orders-1"])];
    let world = world(vec![fenced(A, "orders-1")], vec![regular(B, "orders-1")], lineage);
    let again = plan(&world, "failover", B, &[]);
    assert_eq!(codes(&again), [""; 0]);
    assert_eq!(words(&again), [""; 0]);
}

#[test]
fn a_former_leader_that_is_writable_again_is_fenced_and_nothing_else() {
    let lineage = vec![finished("1", A, B, &["orders-1"])];
    let world = world(vec![regular(A, "orders-1")], vec![regular(B, "orders-1")], lineage);
    let again = plan(&world, "failover", B, &[]);
    assert_eq!(codes(&again), [""; 0]);
    let whole = ["template clusterA esdr-fence-orders", "fence clusterA orders-1"];
    assert_eq!(words(&again), whole);
}

/// The newest writes are on B: it must never be told to follow A again.
#[test]
fn replicate_after_a_failover_is_refused_and_plans_no_call_on_an_index() {
    for on_a in [fenced(A, "orders-1"), regular(A, "orders-1")] {
        let lineage = vec![finished("1", A, B, &["orders-1"])];
        let world = world(vec![on_a], vec![regular(B, "orders-1")], lineage);
        let replicate = plan(&world, "replicate", B, &[]);
        assert_eq!(codes(&replicate), ["standby_leads"]);
        let touches = |action: &Action| action.index().is_some();
        assert!(!replicate.actions().any(touches), "{replicate:?}");
    }
}

#[test]
fn two_regular_indices_without_an_entry_are_unrelated_and_never_already_promoted() {
    let world = world(vec![regular(A, "orders-1")], vec![regular(B, "orders-1")], Vec::new());
    let failover = plan(&world, "failover", B, &[]);
    assert!(codes(&failover).contains(&"unrelated"), "{failover:?}");
    assert_eq!(codes(&plan(&world, "replicate", B, &[])), ["unrelated"]);
}

#[test]
fn an_entry_of_other_indices_of_the_same_names_says_nothing() {
    let mut other = finished("1", A, B, &["orders-1"]);
    other.members[0].target_uuid = "deleted since".to_owned();
    let world = world(vec![regular(A, "orders-1")], vec![regular(B, "orders-1")], vec![other]);
    let failover = plan(&world, "failover", B, &[]);
    assert!(codes(&failover).contains(&"unrelated"), "{failover:?}");
}

#[test]
fn after_a_switch_home_the_next_switch_away_is_a_new_one() {
    let lineage = vec![finished("1", A, B, &["orders-1"]), finished("2", B, A, &["orders-1"])];
    let world = world(vec![regular(A, "orders-1")], vec![follower(B, A, "orders-1")], lineage);
    let failover = plan(&world, "failover", B, &[]);
    assert_eq!(codes(&failover), [""; 0]);
    assert_eq!(failover.continues, None, "it opens an entry of its own");
    let promote = ["pause", "positions", "close", "unfollow", "open"];
    let planned = words(&failover);
    for word in promote {
        assert!(planned.contains(&format!("{word} clusterB orders-1")), "{planned:?}");
    }
}

#[test]
fn a_part_of_a_set_leaves_the_goals_of_the_set_to_the_last_part() {
    let both = || vec![regular(A, "orders-1"), regular(A, "orders-2")];
    let first =
        world(both(), vec![follower(B, A, "orders-1"), follower(B, A, "orders-2")], Vec::new());
    let hooks = |switch: &Switch| {
        let is_hook = |action: &&Action| matches!(action, Action::Hook { .. });
        switch.actions().filter(is_hook).count()
    };
    let part = plan(&first, "failover", B, &["orders-1"]);
    assert_eq!((part.members.len(), hooks(&part)), (1, 0));
    assert_eq!(hooks(&plan(&first, "failover", B, &[])), 2);

    let second = world(
        vec![fenced(A, "orders-1"), regular(A, "orders-2")],
        vec![regular(B, "orders-1"), follower(B, A, "orders-2")],
        vec![Entry { hooks_done: Vec::new(), ..finished("1", A, B, &["orders-1"]) }],
    );
    assert!(plan(&second, "failover", B, &["orders-1"]).is_empty());
    for rest in [&["orders-2"] as &[&str], &[]] {
        let rest = plan(&second, "failover", B, rest);
        assert_eq!(codes(&rest), [""; 0]);
        assert_eq!(hooks(&rest), 2, "they are due with the last index");
        let touches_first = |word: &String| word.ends_with(" orders-1");
        assert!(!words(&rest).iter().any(touches_first), "{rest:?}");
    }
}

/// B leads since a failover, an index of 100 bytes; A has one disk with so much left.
fn away(on_a: Index, available_bytes: u64) -> World {
    let sized = |index| Index { primaries_bytes: Some(100), stored_bytes: Some(100), ..index };
    let lineage = vec![finished("1", A, B, &["orders-1"])];
    let mut world = world(vec![sized(on_a)], vec![sized(regular(B, "orders-1"))], lineage);
    world.capacities = [(A, room(available_bytes)), (B, room(1_000))]
        .map(|(name, room)| (name.to_owned(), Ok(room)))
        .into();
    world
}

/// A single disk that is heeded by nobody.
fn room(available_bytes: u64) -> Capacity {
    let disks = vec![Disk { available_bytes, total_bytes: 1_000 }];
    Capacity { disks, ..Capacity::default() }
}

#[test]
fn without_room_for_its_copies_the_way_home_is_refused_once_for_each_cluster() {
    let world = away(fenced(A, "orders-1"), 99);
    for playbook in ["reprotect", "failback"] {
        let refused = plan(&world, playbook, A, &[]);
        assert_eq!(codes(&refused), ["no_room"], "{playbook}");
        assert_eq!(
            refused.blocked[0].detail,
            "1 copy of orders needs 100 B of disk on clusterA, which can take 99 B: 99 B free"
        );
    }
    let enough = away(fenced(A, "orders-1"), 100);
    assert_eq!(codes(&plan(&enough, "failback", A, &[])), [""; 0]);
    let mut neither = world;
    neither.capacities.insert(B.to_owned(), Ok(room(0)));
    let refused = plan(&neither, "failback", A, &[]);
    let subjects: Vec<&str> = refused.blocked.iter().map(|it| it.subject.as_str()).collect();
    assert_eq!(subjects, [A, B], "and it is copied back to B in the end");
    assert_eq!(codes(&plan(&neither, "reprotect", A, &[])).len(), 1);
}

/// Invariant: a re-run ends where an uninterrupted run would have.
#[test]
fn what_a_run_has_begun_is_not_held_up_for_room() {
    let closed = Index { open: false, shards: Vec::new(), ..fenced(A, "orders-1") };
    let mut discarded = away(closed.clone(), 0);
    assert_eq!(codes(&plan(&discarded, "reprotect", A, &[])), ["no_room"], "closed by hand");
    discarded.lineage[0].members[0].salvaged = Some(Salvaged::default());
    assert_eq!(codes(&plan(&discarded, "reprotect", A, &[])), [""; 0]);

    let mut promoted = away(regular(A, "orders-1"), 0);
    promoted.lineage.push(Entry { state: State::Open, ..finished("2", B, A, &["orders-1"]) });
    promoted.capacities.insert(B.to_owned(), Ok(room(0)));
    let forward = plan(&promoted, "failback", A, &[]);
    assert_eq!(codes(&forward), [""; 0]);
    assert!(!forward.is_empty(), "B is still to follow");
}

#[test]
fn room_that_could_not_be_seen_is_warned_of_and_stops_nothing() {
    let mut world = away(fenced(A, "orders-1"), 0);
    let told = |switch: &Switch| -> Vec<String> {
        switch.problems.iter().map(|it| format!("{} {}", it.code, it.detail)).collect()
    };
    world.capacities.insert(A.to_owned(), Err("403".to_owned()));
    let unseen = plan(&world, "reprotect", A, &[]);
    assert_eq!(codes(&unseen), [""; 0]);
    assert!(
        told(&unseen).contains(&"room_unseen room on clusterA could not be seen: 403".to_owned()),
        "{unseen:?}"
    );
    world.capacities.clear();
    let unasked = plan(&world, "reprotect", A, &[]);
    assert_eq!(codes(&unasked), [""; 0]);
    assert!(!told(&unasked).iter().any(|it| it.starts_with("room_unseen")), "{unasked:?}");
}
