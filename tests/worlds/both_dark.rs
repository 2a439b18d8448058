//! Both clusters go out of this machine's sight at a request that would change something, and stay
//! there until the run has ended. What the run says then is so for everybody else, too.

use std::sync::{Arc, Mutex};

use esdr::{es::transport::Method, sandbox::Personality};

use super::{
    enumeration::{alone, on_a_paused_clock, say, side_by_side},
    machine::Machine,
    oracle,
    scene::{HERE, SCENES, Scene},
    wire::Answer,
    world::{Still, World},
};

/// Somebody who has no file of the run's.
const ELSEWHERE: &str = "elsewhere";

/// The requests that may change something, by their numbers in a run that is not disturbed.
async fn changing(world: &World, scene: &Scene) -> Vec<usize> {
    let here = Machine::new(world, HERE);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    here.tap(Box::new(move |sent| {
        let searches = sent.request.path.contains("_search");
        if sent.request.method != Method::Get && !searches {
            noted.lock().unwrap().push(sent.number);
        }
        None
    }));
    drop(here.run(&scene.typed()).await);
    let seen = seen.lock().unwrap();
    seen.clone()
}

/// Who comes next: the same operator, or somebody else first. Each on one version is enough: how
/// they go about the record does not differ.
fn next_of(personality: Personality) -> &'static str {
    if personality == Personality::V6_8 { HERE } else { ELSEWHERE }
}

/// Out of sight from the request of this number on. Whoever comes next types the same command.
async fn dark_from(world: &World, scene: &Scene, from: usize, next: &str) -> Result<(), String> {
    let here = Machine::new(world, HERE);
    here.tap(Box::new(move |sent| (sent.number >= from).then_some(Answer::Refused)));
    let run = here.run(&scene.typed()).await;
    let wrong = |why: &str| Err(format!("{why}: {run}"));
    if !matches!(run.exit, Some(0 | 3 | 4 | 6)) {
        return wrong("it did not end as a run does");
    }
    oracle::invariants(world)?;
    let elsewhere = Machine::new(world, ELSEWHERE);
    let status = elsewhere.run("esdr status -o json").await.result();
    let unfinished = status["runs"].as_array().map_or(0, Vec::len);
    if run.exit == Some(0) && unfinished > 0 {
        return wrong(&format!("done, and unfinished for everybody else: {}", status["runs"]));
    }
    oracle::status(&elsewhere).await?;
    here.tap(Box::new(|_| None));
    if next == ELSEWHERE {
        drop(elsewhere.run(&scene.typed()).await);
        oracle::invariants(world)?;
        oracle::status(&elsewhere).await?;
    }
    let again = here.run(&scene.typed()).await;
    if again.exit == Some(0) {
        let status = elsewhere.run("esdr status -o json").await.result();
        if status["runs"].as_array().is_some_and(|runs| !runs.is_empty()) {
            return wrong(&format!("the same command ends it here alone: {again}"));
        }
    }
    let clusters = status["clusters"].as_array().map_or(&[][..], Vec::as_slice);
    // The walk is for somebody who sees both, which the scene of a dead leader does not give.
    if clusters.iter().all(|cluster| cluster["state"] == "ok") {
        let walked = oracle::way_out(&elsewhere, &again).await;
        walked.map_err(|why| format!("{why}\nfirst: {run}\nagain: {again}"))?;
    }
    oracle::invariants(world)
}

#[test]
fn a_run_that_loses_sight_of_both_clusters_at_any_change_is_over_for_nobody_or_for_all() {
    let _alone = alone();
    let mut cases: Vec<(Arc<Still>, &Scene, Personality, usize)> = Vec::new();
    for scene in &SCENES {
        for personality in [Personality::V6_8, Personality::V8_19] {
            let still = Arc::new(on_a_paused_clock(scene.set(personality)));
            let places = on_a_paused_clock(async { changing(&still.world(), scene).await });
            cases.extend(places.into_iter().map(|at| (Arc::clone(&still), scene, personality, at)));
        }
    }
    let ends = side_by_side(&cases, |(still, scene, personality, from)| {
        let end = on_a_paused_clock(async {
            let world = still.world();
            dark_from(&world, scene, *from, next_of(*personality)).await
        });
        end.map_err(|why| format!("{} on {personality:?} from request {from}: {why}", scene.name))
    });
    let wrong: Vec<String> = ends.into_iter().filter_map(Result::err).collect();
    say(format!("both dark from a change on: {} cases, {} wrong", cases.len(), wrong.len()));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
