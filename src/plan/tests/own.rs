//! A run lifts only its own, and only while no later entry stands: over every order of a switch and
//! an operator's own fence.

use super::*;
use crate::{model::problem::Code, plan::fences};

const NAME: &str = "orders-1";

/// A failover that was begun, and has fenced.
fn begun(run: &str, number: u64, fenced_before: bool) -> Entry {
    let mut entry = finished(run, A, B, &[NAME]);
    entry.state = State::Open;
    entry.number = number;
    entry.fenced_ms = Some(1);
    entry.hooks_done.clear();
    entry.members[0].checkpoints = None;
    entry.members[0].proof = None;
    entry.members[0].fenced_before = fenced_before;
    entry
}

/// `esdr fence clusterA`.
fn by_hand(run: &str, number: u64) -> Entry {
    let mut entry = begun(run, number, false);
    entry.state = State::Fenced;
    entry
}

fn behind(lineage: Vec<Entry>) -> World {
    world(vec![fenced(A, NAME)], vec![follower(B, A, NAME)], lineage)
}

/// What clusterA is let do again.
fn made(world: &World, playbook: &str, undo: bool) -> Switch {
    let topology = topology();
    let playbook = builtin::find(playbook).unwrap().playbook().unwrap();
    let scope = Scope { world, set: &topology.sets[0], source: A, target: B, only: &[] };
    let request = PlanRequest { undo, ..PlanRequest::of(playbook) };
    assemble::switch(&Context::of(scope, &topology, &request))
}

fn told(switch: &Switch) -> Vec<(&str, &str)> {
    let told = switch.problems.iter().filter(|it| it.code == Code::FenceStanding);
    told.map(|it| (it.detail.as_str(), it.hint.as_str())).collect()
}

fn lifts(switch: &Switch) -> bool {
    words(switch).iter().any(|word| word.contains(NAME) && word.contains("unfence"))
}

#[test]
fn an_undo_lifts_what_its_own_switch_alone_has_fenced() {
    let undo = made(&behind(vec![begun("1", 1, false)]), "undo", true);
    assert!(lifts(&undo), "{:?}", words(&undo));
    assert_eq!((codes(&undo).len(), told(&undo).len()), (0, 0));
}

#[test]
fn an_undo_leaves_the_fence_that_an_operator_had_set_before() {
    let undo = made(&behind(vec![by_hand("1", 1), begun("2", 2, true)]), "undo", true);
    assert_eq!((codes(&undo), lifts(&undo)), (vec![], false), "{:?}", words(&undo));
    let (detail, hint) = told(&undo)[0];
    assert!(detail.starts_with("1 of orders go on refusing writes on clusterA: run 1 of "));
    assert_eq!(hint, "esdr unfence clusterA --set orders");
    // Somebody had let writers in before the switch began: that fence was its own.
    let undo = made(&behind(vec![by_hand("1", 1), begun("2", 2, false)]), "undo", true);
    assert!(lifts(&undo) && told(&undo).is_empty(), "{:?}", words(&undo));
    // The operator has lifted the fence since: nobody but the switch stands for it.
    let lifted = Entry { state: State::Undone, ..by_hand("1", 1) };
    let undo = made(&behind(vec![lifted, begun("2", 2, true)]), "undo", true);
    assert!(lifts(&undo) && told(&undo).is_empty(), "{:?}", words(&undo));
}

#[test]
fn an_undo_is_refused_while_a_fence_stands_that_was_set_since() {
    let mut world = behind(vec![begun("1", 1, false), by_hand("2", 2)]);
    let undo = made(&world, "undo", true);
    assert_eq!(codes(&undo), ["superseded"]);
    assert_eq!(undo.blocked[0].hint, "esdr unfence clusterA --set orders, then esdr undo 1");
    assert!(undo.blocked[0].detail.contains("has fenced orders on clusterA since run 1"));
    // That fence is lifted, and the switch's own stays.
    let unfence = made(&world, "unfence", false);
    assert_eq!((codes(&unfence), lifts(&unfence)), (vec![], false), "{:?}", words(&unfence));
    assert!(unfence.unclosed);
    assert_eq!(told(&unfence)[0].1, "esdr undo 1");
    // Where its block is gone, it stands no more.
    let Some(Cluster::Ok(view)) = world.clusters.get_mut(A) else { panic!() };
    view.indices.insert(NAME.to_owned(), regular(A, NAME));
    assert_eq!(codes(&made(&world, "undo", true)), [""; 0]);
}

#[test]
fn a_fence_that_stands_before_an_unfinished_switch_is_lifted_behind_its_undo() {
    let unfence = made(&behind(vec![by_hand("1", 1), begun("2", 2, true)]), "unfence", false);
    assert_eq!(codes(&unfence), ["unfinished_run"]);
    assert_eq!(unfence.blocked[0].hint, "esdr undo 2");
}

#[test]
fn a_fence_by_hand_is_on_record_also_where_a_switch_has_set_the_blocks() {
    let records = |lineage| {
        let fence = made(&behind(lineage), "fence", false);
        words(&fence).iter().any(|word| word.contains("record"))
    };
    assert!(records(vec![begun("1", 1, false)]));
    assert!(!records(vec![begun("1", 1, false), by_hand("2", 2)]), "it is already");
    assert!(!records(vec![by_hand("1", 1)]), "it is already");
}

#[test]
fn what_stands_after_an_entry_is_told_by_places_and_never_by_clocks() {
    let own = begun("own", 5, false);
    let after = |entry: Entry| {
        let world = behind(vec![own.clone(), entry]);
        fences::later(&world, &own).map(|it| it.run.clone())
    };
    let late = |number| Entry { at_ms: 1, ..by_hand("other", number) };
    assert_eq!(after(late(4)), None);
    assert_eq!(after(late(6)), Some("other".to_owned()));
    assert_eq!(after(late(5)), Some("other".to_owned()), "neither knew of the other");
    let switch = |number, state| Entry { at_ms: 1, state, ..begun("other", number, false) };
    for state in [State::Open, State::Done] {
        assert_eq!(after(switch(6, state)), Some("other".to_owned()));
        assert_eq!(after(switch(4, state)), None);
    }
    for state in [State::Undone, State::Protected] {
        assert_eq!(after(switch(6, state)), None, "it moved no lead, or does no more");
    }
    let elsewhere = Entry { set: "bills".to_owned(), ..late(6) };
    assert_eq!(after(elsewhere), None);
    let on_b = Entry { source: B.to_owned(), target: A.to_owned(), ..late(6) };
    assert_eq!(after(on_b), None, "writers are let in on the other side");
}
