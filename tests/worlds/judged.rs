//! Whether the end of a command, typed in whatever world there is, is true to that world.

use esdr::sandbox::Site;

use super::{
    machine::Run,
    oracle::{self, Members},
    scene::{Scene, Wanted},
    world::World,
};

/// What a command that says that it is done may have brought about, one or the other.
fn wanted(line: &str) -> Vec<Wanted> {
    let named = Site::BOTH.into_iter().find(|site| line.contains(oracle::name(*site)));
    let both = |wanted: fn(Site) -> Wanted| Site::BOTH.map(wanted).to_vec();
    let one = |wanted: fn(Site) -> Wanted| vec![wanted(named.unwrap_or(Site::A))];
    match line.split_whitespace().nth(1).unwrap_or_default() {
        "failover" => one(Wanted::Leads),
        "fence" => one(Wanted::Refuses),
        "unfence" => one(Wanted::Lifted),
        // Where no set is away from home there is nothing to do.
        "failback" => vec![Wanted::Protected(Site::A), Wanted::Leads(Site::A)],
        "undo" => both(Wanted::Leads),
        _ => both(Wanted::Protected),
    }
}

/// Whether the end of a run is true to the world.
pub fn judge(line: &str, run: &Run, before: &Members, world: &World) -> Result<(), String> {
    lost_nothing(line, run, world)?;
    let ends = wanted(line).into_iter().map(Scene::anywhere);
    any(ends.map(|scene| oracle::judge(&scene, run, before, world)))
}

/// Where a switch has ended well and says that nothing was lost, nothing is left behind.
fn lost_nothing(line: &str, run: &Run, world: &World) -> Result<(), String> {
    let moves = ["esdr failover", "esdr failback"].iter().any(|word| line.starts_with(word));
    if !moves || run.exit != Some(0) || run.result()["lost_ops"]["at_most"] != 0 {
        return Ok(());
    }
    let Some(leads) = oracle::one_side(&oracle::members(world)) else { return Ok(()) };
    let behind = world.pair.lost(leads.other());
    let clients = world.clients();
    let is_there = |write: &String| !clients.has_deleted(write.split('/').next().unwrap_or(""));
    let lacks = world.pair.lost(leads).into_iter().filter(is_there);
    match lacks.into_iter().find(|write| !behind.contains(write)) {
        Some(write) => Err(format!("nothing was lost, it says, and {leads:?} lacks {write}")),
        None => Ok(()),
    }
}

/// The same of one of two commands that meet.
pub fn judge_beside(
    (line, other): (&str, &str),
    run: &Run,
    then: (&Members, &Members),
    world: &World,
) -> Result<(), String> {
    let others: Vec<_> = wanted(other).into_iter().map(Scene::anywhere).collect();
    let ends = wanted(line).into_iter().map(Scene::anywhere);
    let pairs = ends.flat_map(|scene| others.iter().map(move |other| (scene, *other)));
    any(pairs.map(|(scene, other)| oracle::judge_one_of_two((&scene, &other), run, then, world)))
}

fn any(mut judged: impl Iterator<Item = Result<(), String>>) -> Result<(), String> {
    let first = judged.next().unwrap_or(Ok(()));
    if first.is_err() && judged.any(|it| it.is_ok()) { Ok(()) } else { first }
}
