//! A run that is halted while another machine's command runs whole, and then goes on.

use std::{fmt, sync::Arc};

use super::{
    case::{Case, writes},
    in_turn::{InTurn, Turn},
    machine::{Machine, Run, kill},
    oracle,
    scene::Scene,
};

/// What has become of the run, or what was wrong with it or with one of the others.
pub async fn halted(
    case: &Case,
    other: &'static Scene,
    (here, in_turn): (&Machine<'_>, &Arc<InTurn>),
    before: &oracle::Members,
    told: &dyn Fn(&dyn fmt::Display),
) -> Result<Run, String> {
    let world = here.world;
    let (line, there) = (case.scene.typed(), case.there(world));
    let mut wrong = Ok(());
    let meanwhile = async || {
        let now = oracle::members(world);
        told(&format!("halted: {}", oracle::picture(&now)));
        let second = there.run(&other.typed()).await;
        told(&format!("meanwhile: {second}"));
        let scenes = (other, case.scene);
        let judged = oracle::judge_one_of_two(scenes, &second, (before, &now), world);
        let judged = judged.map_err(|why| format!("meanwhile: {why}"));
        wrong = std::mem::replace(&mut wrong, Ok(())).and(judged);
    };
    let (clients, in_turn) = (writes(world), Arc::clone(in_turn));
    let halts = Arc::new(move |line| {
        clients(line);
        match in_turn.after(line) {
            Turn::IsOver => kill(),
            turn => turn == Turn::Happens,
        }
    });
    let run = here.halted_where(&line, halts).each_time_it_stands(meanwhile).await;
    wrong?;
    oracle::invariants(world)?;
    // What it was before is not what it began with.
    if run.exit.is_some_and(|exit| exit != 3) {
        let scenes = (case.scene, other);
        oracle::judge_one_of_two(scenes, &run, (before, before), world)?;
    }
    Ok(run)
}
