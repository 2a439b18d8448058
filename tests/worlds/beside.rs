//! A run that is halted while another machine's command runs whole, and then goes on.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use super::{
    case::{Case, writes},
    machine::{Hook, Machine, Run, kill},
    oracle,
    places::{Course, Far, is_undisturbed},
    scene::Scene,
};

/// What has become of the run, or what was wrong with either of the two.
pub async fn halted(
    case: &Case,
    other: &'static Scene,
    (here, hook): (&Machine<'_>, Hook),
    before: &oracle::Members,
    told: &dyn Fn(&dyn fmt::Display),
) -> Result<Run, String> {
    let world = here.world;
    let (line, there) = (case.scene.typed(), case.there(world));
    let meanwhile = async {
        let now = oracle::members(world);
        told(&format!("halted: {}", oracle::picture(&now)));
        let second = there.run(&other.typed()).await;
        told(&format!("meanwhile: {second}"));
        let scenes = (other, case.scene);
        oracle::judge_one_of_two(scenes, &second, (before, &now), world)
    };
    let halted = here.halted_after(&line, case.line()).and(hook);
    let (run, second) = halted.while_it_stands(meanwhile).await;
    second.map_err(|why| format!("meanwhile: {why}"))?;
    oracle::invariants(world)?;
    // What it was before is not what it began with.
    if run.exit.is_some_and(|exit| exit != 3) {
        let scenes = (case.scene, other);
        oracle::judge_one_of_two(scenes, &run, (before, before), world)?;
    }
    Ok(run)
}

/// Clients write. A run beside which another has changed nothing is at an end with the step in which
/// it was halted: what it has lost of that step's time, it has not of the next one's.
pub fn ends_where_nothing_is_left(
    case: &Case,
    here: &Machine<'_>,
    course: &Arc<Course>,
    far: Far,
) -> Hook {
    let (at, clients, requests) = (case.line(), writes(here.world), here.requests());
    let (is_undisturbed, halted_in) = (is_undisturbed(course, here), Mutex::new(String::new()));
    Arc::new(move |line| {
        clients(line);
        let halted_in = &mut *halted_in.lock().unwrap();
        if line == at {
            *halted_in = requests.step();
        }
        let is_behind = line > at && requests.step() != *halted_in;
        if far == Far::AsNeeded && is_behind && is_undisturbed() {
            kill()
        }
    })
}
