//! What `esdr status` says where one of its questions is not answered, or not by the cluster that
//! it was put to: what it would have said, or that it does not know.

use std::time::Duration;

use esdr::sandbox::{Personality, Site, without_chance};
use tokio::time::Instant;

use super::{
    enumeration::{alone, beside, on_a_paused_clock, side_by_side},
    machine::{Machine, Run},
    scene::{HERE, SCENES, Scene},
    wire::Answer,
    world::Still,
};

#[test]
fn of_what_was_not_answered_status_does_not_say_that_all_is_well() {
    let _alone = alone();
    let both = [Personality::V6_8, Personality::V8_19];
    let worlds: Vec<_> =
        SCENES.iter().flat_map(|scene| both.map(|personality| (scene, personality))).collect();
    let found = side_by_side(&worlds, |(scene, personality)| {
        on_a_paused_clock(every_question_of(scene, *personality))
    });
    let cases: usize = found.iter().map(|(cases, _)| cases).sum();
    let wrong: Vec<_> = found.into_iter().flat_map(|(_, wrong)| wrong).collect();
    println!("{cases} questions answered otherwise, {} of them with a false 0", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What an operator waits for who has just been woken, by the paused clock.
const ANSWER_MAX: Duration = Duration::from_secs(5);

#[test]
fn status_has_an_answer_in_five_seconds_whoever_is_silent() {
    let _beside = beside();
    let silent: [&[Site]; 4] = [&[], &[Site::A], &[Site::B], &Site::BOTH];
    let took = silent.map(|sites| {
        on_a_paused_clock(async {
            let world = SCENES[1].set(Personality::V8_19).await.world();
            let here = Machine::new(&world, HERE);
            here.tap(Box::new(move |sent| sites.contains(&sent.site).then_some(Answer::Silent)));
            let began = Instant::now();
            let run = here.run("esdr status -o json").await;
            assert_eq!(run.exit, Some(if sites.is_empty() { 0 } else { 5 }), "{sites:?}: {run}");
            began.elapsed()
        })
    });
    assert!(took.iter().all(|took| *took <= ANSWER_MAX), "{took:?}");
    assert!(took[1..].iter().all(|waited| *waited > took[0]), "{took:?}");
}

/// How many cases there are over what was there before a command, and those that are wrong.
async fn every_question_of(scene: &Scene, personality: Personality) -> (usize, Vec<String>) {
    let still = scene.set(personality).await;
    // No request has the number 0.
    let (whole, questions) = status(&still, 0, Answer::Refused).await;
    let mut wrong = Vec::new();
    for nth in 1..=questions {
        for how in Answer::ALL {
            let (run, _) = status(&still, nth, how).await;
            if run.exit == Some(0) && (whole.exit != Some(0) || sets(&run) != sets(&whole)) {
                let case = format!("{}, {personality:?}, {nth}, {}", scene.name, how.word());
                wrong.push(format!("{case}: {}", sets(&run)));
            }
        }
    }
    (questions * Answer::ALL.len(), wrong)
}

/// The command, one request of which is answered so, and how many it has sent.
async fn status(still: &Still, nth: usize, how: Answer) -> (Run, usize) {
    let world = still.world();
    let here = Machine::new(&world, HERE);
    here.answer(nth, how);
    let run = here.run("esdr status -o json").await;
    (run, here.sent())
}

fn sets(run: &Run) -> String {
    without_chance(&run.result()["sets"].to_string())
}
