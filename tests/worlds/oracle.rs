//! What must be true whatever happened: of the clusters, and of what esdr said about them.

use std::collections::BTreeMap;

use esdr::{
    report::text::rfc3339,
    sandbox::{Site, Standing},
};
use serde_json::Value;

use super::{
    machine::{Machine, Run},
    scene::{Scene, Wanted},
    world::World,
};

/// What both clusters hold, by index: on A and on B.
pub type Members = BTreeMap<String, [Option<Standing>; 2]>;

/// The members of the set, as they stand; not what a client has deleted, whose copy may be left.
pub fn members(world: &World) -> Members {
    let mut members = Members::new();
    for site in Site::BOTH {
        for standing in world.pair.standing(site) {
            let is_deleted = world.clients().has_deleted(&standing.index);
            if standing.index.starts_with("orders-0") && !is_deleted {
                let sides = members.entry(standing.index.clone()).or_default();
                sides[site as usize] = Some(standing);
            }
        }
    }
    members.retain(|_, sides| !is_placeholder(sides));
    members
}

/// A name that clients have tried behind a fence, on that side only: an index born blocked, by the
/// fence's template alone, with nothing in it.
fn is_placeholder(sides: &[Option<Standing>; 2]) -> bool {
    let is_born = |side: &Standing| {
        side.is_blocked && !side.is_read_only && side.is_empty && side.aliases.is_empty()
    };
    matches!(sides, [Some(side), None] | [None, Some(side)] if is_born(side))
}

pub fn takes_writes(sides: &[Option<Standing>; 2], site: Site) -> bool {
    sides[site as usize].as_ref().is_some_and(|standing| standing.is_writable)
}

fn is_copying(sides: &[Option<Standing>; 2], site: Site) -> bool {
    let leader = sides[site.other() as usize].as_ref().map(|standing| &standing.uuid);
    sides[site as usize].as_ref().is_some_and(|it| it.is_copying && it.follows.as_ref() == leader)
}

/// Whether a command has brought about what was asked for.
pub fn holds(members: &Members, wanted: Wanted) -> bool {
    let leads =
        |sides: &_, site: Site| takes_writes(sides, site) && !takes_writes(sides, site.other());
    members.values().all(|sides| match wanted {
        Wanted::Leads(site) => leads(sides, site),
        Wanted::Protected(site) => leads(sides, site) && is_copying(sides, site.other()),
        Wanted::Refuses(site) => !takes_writes(sides, site),
        Wanted::Lifted(site) => sides[site as usize].as_ref().is_none_or(|it| !it.is_blocked),
    })
}

/// The side that alone takes writes, of every member; none where there is no such side.
pub fn one_side(members: &Members) -> Option<Site> {
    Site::BOTH.into_iter().find(|site| holds(members, Wanted::Leads(*site)))
}

/// Whether the exit status and the outcome of a run are true to the world: `before` is how it was.
pub fn judge(scene: &Scene, run: &Run, before: &Members, world: &World) -> Result<(), String> {
    let Some(exit) = run.exit else { return Ok(()) };
    let now = members(world);
    let outcome = run.outcome();
    let wrong = |what: &str| Err(format!("exit {exit} \"{outcome}\", and {what}"));
    match exit {
        0 if !holds(&now, scene.wanted) => wrong(&format!("not so: {}", picture(&now))),
        // A copy that was made anew is not what is undone.
        3 if outcome == "undone" && !is_taken_back(&writers(before), &writers(&now)) => {
            wrong(&format!("other writers: {}", picture(&now)))
        }
        3 if outcome != "undone" && now != *before => wrong(&format!("changed: {}", picture(&now))),
        6 if !matches!(scene.wanted, Wanted::Leads(_)) => Ok(()),
        6 if !leads_at_least(&told_apart(&now, run), scene.wanted) => {
            wrong(&format!("not so: {}", picture(&now)))
        }
        1 => wrong(&run.err),
        _ if outcome.is_empty() => wrong(&format!("no result: {}", run.err)),
        _ => Ok(()),
    }
}

/// The same of one of two commands that meet: what it has brought about may have been turned round
/// by the other once it was over, or it finds it so and leaves it.
pub fn judge_one_of_two(
    (scene, other): (&Scene, &Scene),
    run: &Run,
    (began, before): (&Members, &Members),
    world: &World,
) -> Result<(), String> {
    let now = members(world);
    let is_as_before =
        [before, began].iter().any(|then| is_taken_back(&writers(then), &writers(&now)));
    // It has ended before the other has begun, or has found nothing to do.
    let is_excused = was_over(run, world) || run.result()["run"].is_null();
    if run.exit == Some(0) && is_excused && (holds(&now, other.wanted) || is_as_before) {
        return Ok(());
    }
    // It has taken back what the other had begun.
    if run.exit == Some(0) && scene.line == "esdr undo" && is_as_before {
        return Ok(());
    }
    // The other has turned the lead, and the copy is made on the side that it has left.
    if let Wanted::Protected(site) = scene.wanted
        && scene.line == "esdr reprotect"
        && run.exit == Some(0)
        && holds(&now, Wanted::Protected(site.other()))
    {
        return Ok(());
    }
    judge(scene, run, before, world)
}

/// Whether a run had gone through its last line when the other command met its lock, which takes
/// seconds: what it says was so at its own end.
fn was_over(run: &Run, world: &World) -> bool {
    let lines = run.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut times = lines.filter_map(|line| line["at"].as_str().map(str::to_owned));
    times.next_back().is_some_and(|at| at < rfc3339(world.pair.now_ms() - 1000))
}

/// Whether each member takes writes where it did; of two sides that both did one may be left, the
/// other's copy having been salvaged and made anew.
fn is_taken_back(before: &[(&String, [bool; 2])], now: &[(&String, [bool; 2])]) -> bool {
    let is_one = |sides: [bool; 2]| sides[0] != sides[1];
    before.len() == now.len()
        && before
            .iter()
            .zip(now)
            .all(|(was, is)| was == is || (was.0 == is.0 && was.1 == [true, true] && is_one(is.1)))
}

/// Where each member takes writes.
fn writers(members: &Members) -> Vec<(&String, [bool; 2])> {
    let of = |sides: &_| Site::BOTH.map(|site| takes_writes(sides, site));
    members.iter().map(|(name, sides)| (name, of(sides))).collect()
}

/// Without what the result says was left on the other side.
fn told_apart(members: &Members, run: &Run) -> Members {
    let problems = run.result()["problems"].as_array().cloned().unwrap_or_default();
    let is_told =
        |name: &str| problems.iter().any(|it| it["code"] == "late_index" && it["subject"] == name);
    let left = members.iter().filter(|(name, _)| !is_told(name));
    left.map(|(name, sides)| (name.clone(), sides.clone())).collect()
}

fn leads_at_least(members: &Members, wanted: Wanted) -> bool {
    let Wanted::Leads(site) = wanted else { return true };
    members.values().all(|sides| takes_writes(sides, site))
}

/// What never may be.
pub fn invariants(world: &World) -> Result<(), String> {
    if let Some(violation) = world.pair.violations().first() {
        return Err(format!("violation: {violation}"));
    }
    let lost = world.pair.lost_everywhere(&world.path("salvage"));
    // What a client has deleted itself is not lost.
    let is_there = |write: &&String| !world.clients().has_deleted(write.split('/').next().unwrap());
    match lost.iter().find(is_there) {
        Some(write) => Err(format!("lost: {write}")),
        None => Ok(()),
    }
}

/// Looks from a machine that sees everything, and holds what is said against what is so.
pub async fn status(machine: &Machine<'_>) -> Result<Value, String> {
    let run = machine.run("esdr status -o json").await;
    let (exit, said) = (run.exit.unwrap_or_default(), run.result());
    let now = members(machine.world);
    let leader = said["sets"][0]["leader"].as_str().unwrap_or_default();
    let nowhere =
        now.values().any(|sides| Site::BOTH.iter().all(|site| !takes_writes(sides, *site)));
    if nowhere && exit != 5 {
        return Err(format!("status exits {exit}, writable nowhere: {}", picture(&now)));
    }
    if exit == 0 {
        let Some(side) = one_side(&now) else {
            return Err(format!("status exits 0, no one side: {}", picture(&now)));
        };
        if leader != name(side) {
            return Err(format!("status names {leader}, it is {side:?}: {}", picture(&now)));
        }
    }
    let protected = said["sets"][0]["protected"] == true;
    if protected && !Site::BOTH.iter().any(|site| holds(&now, Wanted::Protected(*site))) {
        return Err(format!("status says protected: {}", picture(&now)));
    }
    Ok(said)
}

/// No more commands than these are typed one after another.
const STEPS_MAX: usize = 8;

/// Types what is printed under `Next`, until one side takes writes. Returns how many it took.
pub async fn way_out(machine: &Machine<'_>, after: &Run) -> Result<usize, String> {
    let mut typed: Vec<String> = Vec::new();
    let mut offered = from_result(after);
    loop {
        if one_side(&members(machine.world)).is_some() {
            drop(status(machine).await?);
            return Ok(typed.len());
        }
        let looked = machine.run("esdr status").await;
        let mut all = from_status(&looked.out);
        all.append(&mut offered);
        let Some(next) = all.into_iter().find(|next| !typed.contains(next)) else {
            let now = picture(&members(machine.world));
            return Err(format!("no way out after {typed:?}: {now}\n{}", looked.out));
        };
        if typed.len() == STEPS_MAX {
            return Err(format!("no end of {typed:?}"));
        }
        let run = machine.run(&format!("{next} --yes -o json")).await;
        typed.push(next);
        offered = from_result(&run);
        invariants(machine.world)?;
    }
}

/// Whole commands that change something.
fn is_way(command: &str) -> bool {
    command.starts_with("esdr ")
        && !command.starts_with("esdr status")
        && !command.contains("--dry-run")
        && !command.contains('<')
}

fn from_result(run: &Run) -> Vec<String> {
    let result = run.result();
    let next = result["next"].as_array().cloned().unwrap_or_default();
    let commands = next.iter().filter_map(|next| next["command"].as_str());
    commands.filter(|command| is_way(command)).map(str::to_owned).collect()
}

pub fn from_status(text: &str) -> Vec<String> {
    under_next(text).filter(|command| is_way(command)).collect()
}

/// Whatever is proposed under `Next` and changes something; what is only to be looked at first, done.
pub fn proposed(text: &str) -> Vec<String> {
    let all = under_next(text).map(|command| command.replace(" --dry-run", ""));
    all.filter(|command| is_way(command)).collect()
}

fn under_next(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().skip_while(|line| !line.starts_with("Next"));
    lines.filter_map(|line| {
        let line = line.trim_start_matches("Next").trim_start();
        line.split("   ").next().map(|command| command.trim().to_owned())
    })
}

pub fn name(site: Site) -> &'static str {
    match site {
        Site::A => "clusterA",
        Site::B => "clusterB",
    }
}

/// Both sides in a word each: `W` takes writes, `b` blocked, `c` copies, `f` follows, `x` closed,
/// `-` not there.
pub fn picture(members: &Members) -> String {
    let word = |side: &Option<Standing>| match side {
        None => "-",
        Some(it) if it.is_writable => "W",
        Some(it) if it.is_copying => "c",
        Some(it) if it.follows.is_some() && it.is_open => "f",
        Some(it) if it.follows.is_some() => "fx",
        Some(it) if !it.is_open => "x",
        Some(it) if it.is_blocked => "b",
        Some(_) => "?",
    };
    let pairs = members.values().map(|[a, b]| format!("{}|{}", word(a), word(b)));
    pairs.collect::<Vec<_>>().join(" ")
}

/// What is not seen is no change of the world, and no step's whole time: it is asked for again, or that
/// it could not be seen is said.
pub fn is_no_false_excuse(run: &Run) -> Result<(), String> {
    let problems = run.result()["problems"].as_array().cloned().unwrap_or_default();
    let is_excuse =
        |it: &&Value| ["deadline", "drift", "licence"].iter().any(|code| it["code"] == *code);
    match problems.iter().find(is_excuse) {
        Some(problem) => Err(format!("something was not seen, and it says: {problem}")),
        None => Ok(()),
    }
}
