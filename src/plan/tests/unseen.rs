//! Every built-in playbook of sets over worlds in which a side that it speaks of is not seen:
//! nothing is planned, and "nothing to do" is not said.

use std::collections::BTreeSet;

use super::*;
use crate::{
    model::{unread::Part, world::License},
    plan::{consent::Consent, outline::outline, pair::Role},
};

/// How a cluster may fail to be seen.
#[derive(Clone, Copy, Debug)]
enum Blindness {
    Unreachable,
    /// It answers, and most of its answers are missing.
    Ill,
    NoPatterns,
    NoTasks,
    NoTemplates,
    NoLicence,
}

fn blind(world: &World, cluster: &str, how: Blindness) -> World {
    let mut world = world.clone();
    if matches!(how, Blindness::Unreachable | Blindness::Ill) {
        for sight in world.sights.iter_mut().filter(|it| it.from == cluster || it.to == cluster) {
            sight.answer = Answer::No;
        }
    }
    let seen = world.clusters.get_mut(cluster).unwrap();
    let Cluster::Ok(view) = seen else { panic!("it was seen") };
    match how {
        Blindness::Unreachable => *seen = Cluster::Unreachable { reason: "no answer".to_owned() },
        Blindness::Ill => {
            let view = Box::new(View { uuid: view.uuid.clone(), ..View::default() });
            *seen = Cluster::Ill { reason: "no master".to_owned(), view };
        }
        Blindness::NoPatterns => view.patterns = None,
        Blindness::NoTasks => drop(view.unread.insert(Part::Tasks)),
        Blindness::NoTemplates => {
            view.templates = None;
            view.unread.insert(Part::Templates);
        }
        Blindness::NoLicence => {
            view.license = License::default();
            view.unread.insert(Part::Licence);
        }
    }
    world
}

/// Worlds on the way there and back, by name.
fn worlds() -> Vec<(&'static str, World)> {
    let name = "orders-1";
    let begun = |fenced_ms, is_proved: bool| {
        let mut entry = finished("1", A, B, &[name]);
        entry.state = State::Open;
        entry.fenced_ms = fenced_ms;
        entry.hooks_done.clear();
        entry.members[0].checkpoints = None;
        if !is_proved {
            entry.members[0].proof = None;
        }
        vec![entry]
    };
    let follows = || vec![follower(B, A, name)];
    let switched = || vec![finished("1", A, B, &[name])];
    let home = || vec![finished("1", A, B, &[name]), finished("2", B, A, &[name])];
    vec![
        ("protected", world(vec![regular(A, name)], follows(), Vec::new())),
        ("begun", world(vec![regular(A, name)], follows(), begun(None, false))),
        ("fenced", world(vec![fenced(A, name)], follows(), begun(Some(1), false))),
        ("drained", world(vec![fenced(A, name)], follows(), begun(Some(1), true))),
        ("switched", world(vec![fenced(A, name)], vec![regular(B, name)], switched())),
        ("reprotected", world(vec![follower(A, B, name)], vec![regular(B, name)], switched())),
        ("home", world(vec![regular(A, name)], follows(), home())),
    ]
}

fn plan_of(world: &World, request: &PlanRequest, to: &str) -> (Switch, bool) {
    let topology = topology();
    let source = if to == A { B } else { A };
    let scope = Scope { world, set: &topology.sets[0], source, target: to, only: &[] };
    let context = Context::of(scope, &topology, request);
    let knows = outline(&context, &context.see()).iter().all(|due| due.unseen.is_empty());
    (assemble::switch(&context), knows)
}

/// Whom a playbook moves the lead to, or what it is about as its target.
const PLAYBOOKS: [(&str, &str); 9] = [
    ("failover", B),
    ("failover-forced", B),
    ("fence", B),
    ("unfence", B),
    ("undo", B),
    ("replicate", B),
    ("reprotect", A),
    ("failback", A),
    ("undo-carry", A),
];

fn request(playbook: &str) -> PlanRequest {
    let consent = Consent { data_loss: playbook == "failover-forced", ..Consent::default() };
    PlanRequest {
        consent,
        undo: playbook == "undo",
        max_carry_ops: (playbook == "undo-carry").then_some(1_000),
        ..PlanRequest::of(builtin::find(playbook).unwrap().playbook().unwrap())
    }
}

/// Each case that goes on although a side is not seen, and what it rests on.
#[test]
fn no_playbook_has_nothing_to_do_over_a_side_that_it_needs_and_that_is_not_seen() {
    let mut goes_on = BTreeSet::new();
    let mut checked = 0;
    for (name, to) in PLAYBOOKS {
        for (state, world) in worlds() {
            for sides in [&[A][..], &[B], &[A, B]] {
                for how in [Blindness::Unreachable, Blindness::Ill] {
                    let dark =
                        sides.iter().fold(world.clone(), |world, side| blind(&world, side, how));
                    let (switch, knows) = plan_of(&dark, &request(name), to);
                    checked += 1;
                    let both = sides.len() == 2;
                    assert!(!(both && switch.blocked.is_empty()), "{name} over {state}");
                    assert!(!(both && knows), "{name} over {state}");
                    if switch.blocked.is_empty() {
                        goes_on.insert(format!("{name} over {state} without {}", sides[0]));
                    }
                }
            }
        }
    }
    assert_eq!(checked, 378);
    let listed: Vec<&str> = goes_on.iter().map(String::as_str).collect();
    assert_eq!(listed, WITHOUT_A_SIDE);
}

/// A forced run waives the source by name; a fence is about one cluster alone; a leader that is
/// proved drained has nothing to give, and one that has led until a switch that is over neither.
const WITHOUT_A_SIDE: [&str; 20] = [
    "failover over drained without clusterA",
    "failover over reprotected without clusterA",
    "failover over switched without clusterA",
    "failover-forced over begun without clusterA",
    "failover-forced over drained without clusterA",
    "failover-forced over fenced without clusterA",
    "failover-forced over home without clusterA",
    "failover-forced over protected without clusterA",
    "failover-forced over reprotected without clusterA",
    "failover-forced over switched without clusterA",
    "fence over begun without clusterB",
    "fence over drained without clusterB",
    "fence over fenced without clusterB",
    "fence over home without clusterB",
    "fence over protected without clusterB",
    "fence over reprotected without clusterB",
    "fence over switched without clusterB",
    "unfence over home without clusterB",
    "unfence over protected without clusterB",
    "unfence over reprotected without clusterB",
];

/// What is wanted of it is the very part that is missing.
#[test]
fn a_part_that_could_not_be_read_is_not_taken_for_nothing() {
    let (_, world) = &worlds()[0];
    let codes_of = |name: &str, to, how| {
        let (switch, _) = plan_of(&blind(world, B, how), &request(name), to);
        codes(&switch).join(" ")
    };
    assert_eq!(codes_of("failover", B, Blindness::NoPatterns), "unseen");
    assert_eq!(codes_of("failover-forced", B, Blindness::NoPatterns), "unseen");
    assert_eq!(codes_of("replicate", B, Blindness::NoPatterns), "unseen");
    assert_eq!(codes_of("failover", B, Blindness::NoTasks), "unseen");
    assert_eq!(codes_of("replicate", B, Blindness::NoTasks), "unseen");
    assert_eq!(codes_of("failover", B, Blindness::NoTemplates), "unseen");
    assert_eq!(codes_of("failover-forced", B, Blindness::NoTemplates), "unseen");
    assert_eq!(codes_of("failover", B, Blindness::NoLicence), "unseen");
    assert_eq!(codes_of("replicate", B, Blindness::NoLicence), "unseen");
    // A fence is about the other side.
    assert_eq!(codes_of("fence", B, Blindness::NoTemplates), "");
    // Of a fence neither is asked.
    assert_eq!(codes_of("fence", B, Blindness::NoPatterns), "");
    assert_eq!(codes_of("fence", B, Blindness::NoTasks), "");
}

/// The roles that a step speaks of are those that it can act on.
#[test]
fn a_step_speaks_of_every_side_that_it_acts_on() {
    for (name, to) in PLAYBOOKS {
        let playbook = builtin::find(name).unwrap().playbook().unwrap();
        for step in &playbook.steps {
            if let Some(goal) = crate::plan::goal::IndexGoal::of(step) {
                let role = step.on.unwrap_or(Role::Target);
                assert!(goal.speaks_of().contains(&role), "{name} to {to}: {goal:?}");
            }
        }
    }
}
