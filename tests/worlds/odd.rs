//! A leader that is not itself any more from some moment of a run on: it begins to answer oddly, for
//! good and to this machine alone, while the standby reads from it; or it falls silent for everybody.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use esdr::sandbox::{Fault, Personality, Site};

use super::{
    enumeration::{alone, on_a_paused_clock, side_by_side},
    machine::{Machine, Run},
    oracle,
    scene::{HERE, SCENES, Scene},
    wire::{Answer, Place},
    world::World,
};

const PLANNED: &str = "esdr failover --to clusterB --yes -o json";
const FORCED: &str = "esdr failover --to clusterB --accept-data-loss --yes -o json";

/// What an odd leader answers, over and over.
const ODD: [Answer; 4] = [Answer::Busy, Answer::NoMaster, Answer::Malformed, Answer::Stranger];

fn protected() -> &'static Scene {
    SCENES.iter().find(|scene| scene.name == "failover").unwrap()
}

/// The first request after each line of the journal, by its number.
async fn firsts(world: &World, line: &str) -> BTreeSet<usize> {
    let here = Machine::new(world, HERE);
    let seen = Arc::new(Mutex::new((0, BTreeSet::new())));
    let noted = Arc::clone(&seen);
    here.tap(Box::new(move |sent| {
        let Place { line, .. } = sent.place;
        let (last, firsts) = &mut *noted.lock().unwrap();
        if firsts.is_empty() || line != *last {
            (*last, _) = (line, firsts.insert(sent.number));
        }
        None
    }));
    drop(here.run(line).await.status(0));
    let (_, firsts) = &*seen.lock().unwrap();
    firsts.clone()
}

/// Odd from the request of this number on.
async fn odd_from(world: &World, line: &str, from: usize, how: Answer) -> Result<(), String> {
    let here = Machine::new(world, HERE);
    here.tap(Box::new(move |sent| (sent.site == Site::A && sent.number >= from).then_some(how)));
    let run = here.run(line).await;
    let wrong = |why: &str, run: &Run| Err(format!("{why}: {run}"));
    if matches!(run.exit, None | Some(1 | 2)) {
        return wrong("it did not end as a run does", &run);
    }
    if run.exit == Some(0) && oracle::one_side(&oracle::members(world)) != Some(Site::B) {
        return wrong("a false 0", &run);
    }
    oracle::invariants(world)?;
    oracle::status(&here).await?;
    // It answers as a leader again.
    here.see_everything();
    here.answer(0, Answer::Refused);
    oracle::way_out(&here, &run).await?;
    oracle::invariants(world)
}

#[test]
fn a_leader_that_begins_to_answer_oddly_in_the_middle_of_a_run_makes_no_second_one() {
    let _alone = alone();
    let both = [Personality::V6_8, Personality::V8_19];
    let lines = both.iter().flat_map(|it| [PLANNED, FORCED].map(|line| (*it, line)));
    let mut cases = Vec::new();
    for (personality, line) in lines {
        let still = on_a_paused_clock(protected().set(personality));
        let firsts = on_a_paused_clock(async { firsts(&still.world(), line).await });
        let still = Arc::new(still);
        for from in firsts {
            cases.extend(ODD.map(|how| (Arc::clone(&still), line, from, how)));
        }
    }
    none_is_wrong(&cases, |(still, line, from, how)| {
        let end = on_a_paused_clock(odd_from(&still.world(), line, *from, *how));
        end.map_err(|why| format!("{line}, {how:?} from request {from} on: {why}"))
    });
}

fn none_is_wrong<C: Sync>(cases: &[C], carry_out: impl Fn(&C) -> Result<(), String> + Sync) {
    let ends = side_by_side(cases, carry_out);
    let wrong: Vec<String> = ends.into_iter().filter_map(Result::err).collect();
    println!("{} cases, {} wrong", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Silent from a line of the planned run's journal on; what is left is done without it.
async fn silent_after(world: &World, line: usize) -> Result<(), String> {
    world.pair.allow_two_writable(true);
    let here = Machine::new(world, HERE);
    let pair = Arc::clone(&world.pair);
    let hook = move |lines| {
        if lines == line {
            pair.fault(Fault::Freeze(Site::A));
        }
    };
    let planned = here.run_and(PLANNED, Arc::new(hook)).await;
    let wrong = |why: &str, run: &Run| Err(format!("{why}: {run}"));
    if !matches!(planned.exit, Some(0 | 3 | 4 | 6)) {
        return wrong("it did not end as a run does", &planned);
    }
    let forced = here.run(FORCED).await;
    if !matches!(forced.exit, Some(0 | 6)) {
        return wrong("the standby cannot take over", &forced);
    }
    let now = oracle::members(world);
    if !now.values().all(|sides| oracle::takes_writes(sides, Site::B)) {
        return wrong("the standby does not lead", &forced);
    }
    let is_unfenced = now.values().any(|sides| oracle::takes_writes(sides, Site::A));
    if is_unfenced && !forced.out.contains("unfenced_leader") {
        return wrong("that the leader would take writes is not told", &forced);
    }
    if is_unfenced && [&planned, &forced].iter().any(|run| run.exit == Some(0)) {
        return wrong("a false 0", &forced);
    }
    oracle::invariants(world)?;
    world.pair.fault(Fault::Thaw(Site::A));
    oracle::way_out(&here, &forced).await?;
    oracle::invariants(world)
}

#[test]
fn a_leader_that_falls_silent_after_any_line_of_a_planned_failover_is_left_behind() {
    let _alone = alone();
    let both = [Personality::V6_8, Personality::V8_19];
    let mut cases = Vec::new();
    for personality in both {
        let still = Arc::new(on_a_paused_clock(protected().set(personality)));
        let lines = on_a_paused_clock(async {
            Machine::new(&still.world(), HERE).run(PLANNED).await.status(0).lines
        });
        cases.extend((1..=lines).map(|line| (Arc::clone(&still), personality, line)));
    }
    none_is_wrong(&cases, |(still, personality, line)| {
        let end = on_a_paused_clock(silent_after(&still.world(), *line));
        end.map_err(|why| format!("silent after line {line}, {personality:?}: {why}"))
    });
}
