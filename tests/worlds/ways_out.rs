//! Every state has a way out: from wherever a run ended, the commands that `esdr status` prints
//! under `Next`, typed one after another, lead to where one side takes writes.

use std::{collections::BTreeSet, sync::Arc};

use esdr::sandbox::{Fault, Personality, Site};

use super::{
    commands::protected,
    enumeration::{beside, say},
    machine::{Machine, Run, kill},
    world::{INDICES, World},
};

/// No way is longer.
const STEPS_MAX: usize = 8;

/// Words by which only a person decides.
const CHOICES: [&str; 3] = ["--accept-data-loss", "--confirm", "--discard"];

/// Where a walk has led.
#[derive(Default)]
struct Counts {
    states: usize,
    longest: usize,
    asked: usize,
    waiting: usize,
}

/// The sides on which every index takes writes, of those that are alive.
fn lead(world: &World, dead: Option<Site>) -> BTreeSet<String> {
    let alive = Site::BOTH.into_iter().filter(|site| Some(*site) != dead);
    let leads = alive.filter(|site| {
        let standing = world.pair.standing(*site);
        INDICES
            .iter()
            .all(|(name, _)| standing.iter().any(|it| it.index == *name && it.is_writable))
    });
    leads.map(|site| format!("{site:?}")).collect()
}

/// The first command under `Next` that is more than a look.
fn next(status: &Run) -> Option<String> {
    let lines = status.out.lines().skip_while(|line| !line.starts_with("Next  "));
    let commands = lines.filter_map(|line| line.get(6..)).filter(|it| it.starts_with("esdr "));
    let typed = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
    commands.map(typed).find(|command| !command.starts_with("esdr status"))
}

/// What is only looked at is then done, as the plan's own result proposes it.
async fn type_in(machine: &Machine<'_>, command: &str, case: &str) {
    let run = machine.run(&format!("{command} --yes -o json")).await;
    let exit = run.exit;
    let and_then = run.result()["next"][0]["command"].as_str().map(str::to_owned);
    if command.ends_with("--dry-run") {
        assert_eq!(exit, Some(5), "{case}: {command}\n{}", run.out);
        let command = and_then.unwrap_or_else(|| command.replace(" --dry-run", ""));
        let run = machine.run(&format!("{command} --yes -o json")).await;
        assert!(matches!(run.exit, Some(0 | 4 | 6)), "{case}: {command}\n{}", run.out);
        return;
    }
    assert!(matches!(exit, Some(0 | 4 | 6)), "{case}: {command}\n{}{}", run.out, run.err);
}

async fn walk(world: &World, machine: &Machine<'_>, dead: Option<Site>, case: &str) -> Counts {
    let mut counts = Counts { states: 1, ..Counts::default() };
    let mut typed = Vec::new();
    loop {
        let status = machine.run("esdr status").await;
        if lead(world, dead).len() == 1 {
            assert!(!status.out.contains("writable_nowhere"), "{case}: {}", status.out);
            break;
        }
        assert_eq!(status.exit, Some(5), "{case}: {typed:?}\n{}", status.out);
        let Some(command) = next(&status) else {
            // What took over by the record has died since: it is waited for.
            assert_eq!(dead, Some(Site::B), "{case}: a dead end after {typed:?}\n{}", status.out);
            let waits = !status.out.contains(" 0 of 2 indices moved");
            assert!(waits, "{case}: a dead end after {typed:?}\n{}", status.out);
            counts.waiting = 1;
            break;
        };
        counts.asked |= usize::from(CHOICES.iter().any(|word| command.contains(word)));
        type_in(machine, &command, case).await;
        typed.push(command);
        assert!(typed.len() <= STEPS_MAX, "{case}: {typed:?} leads nowhere");
    }
    counts.longest = typed.len();
    counts
}

/// A run is killed after each of its lines in turn, one cluster dies or none, and the operator
/// goes by what is printed, on the same machine or on one that knows nothing of it.
async fn walk_from_every_line(line: &str, counts: &mut Counts) {
    let protected = protected(Personality::V8_19).await;
    for lines in 1.. {
        let mut has_ended = false;
        for dead in [None, Some(Site::A), Some(Site::B)] {
            for on in ["here", "there"] {
                let world = protected.fork();
                let hook = move |count| {
                    if count == lines {
                        kill()
                    }
                };
                let run = Machine::new(&world, "here").run_and(line, Arc::new(hook)).await;
                has_ended = run.exit.is_some();
                if let Some(site) = dead {
                    // What only it has is given up where a person says so.
                    world.pair.allow_two_writable(true);
                    world.pair.fault(Fault::Kill(site));
                }
                let case = format!("`{line}` killed after line {lines}, {dead:?} dead, {on}");
                let ended = walk(&world, &Machine::new(&world, on), dead, &case).await;
                counts.states += ended.states;
                counts.longest = counts.longest.max(ended.longest);
                counts.asked += ended.asked;
                counts.waiting += ended.waiting;
            }
        }
        if has_ended {
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_printed_under_next_leads_out_of_every_state() {
    let _beside = beside();
    let mut counts = Counts::default();
    for line in ["esdr failover --to clusterB --yes", "esdr fence clusterA --yes"] {
        walk_from_every_line(line, &mut counts).await;
    }
    let Counts { states, longest, asked, waiting } = counts;
    say(format!(
        "ways out of {states} states: {longest} commands at most, {asked} by a person's word, {waiting} wait"
    ));
    assert!(states > 100 && longest > 0);
}

/// The healthy leader takes writes again though the standby is dead, and what waits for the
/// standby is done by the same command once it is back.
#[tokio::test(start_paused = true)]
async fn a_standby_that_dies_behind_the_fence_leaves_no_leader_blocked() {
    let _beside = beside();
    for personality in [Personality::V6_8, Personality::V8_19] {
        let world = protected(personality).await;
        let here = Machine::new(&world, "here");
        let fenced = Arc::clone(&world.pair);
        let hook = move |_| {
            if fenced.standing(Site::A).iter().any(|index| index.is_blocked) {
                kill()
            }
        };
        let run = here.run_and("esdr failover --to clusterB --yes", Arc::new(hook)).await;
        assert_eq!(run.exit, None, "killed behind the fence");
        world.pair.fault(Fault::Kill(Site::B));
        let there = Machine::new(&world, "there");
        let status = there.run("esdr status").await.status(5);
        assert!(status.out.contains("[writable_nowhere]"), "{}", status.out);
        let undo = next(&status).unwrap();
        assert!(undo.starts_with("esdr undo "), "{undo}");
        for _ in 0..2 {
            let undone = there.run(&format!("{undo} --yes -o json")).await.status(6);
            assert_eq!(undone.result()["problems"][0]["code"], "standby_left");
        }
        assert_eq!(lead(&world, Some(Site::B)), ["A".to_owned()].into());
        assert!(INDICES.iter().all(|(name, _)| world.clients().write(Site::A, name)));
        world.pair.fault(Fault::Restart(Site::B));
        drop(there.run(&format!("{undo} --yes -o json")).await.status(0));
        assert_eq!(lead(&world, None), ["A".to_owned()].into());
        drop(there.run("esdr failover --to clusterB --yes").await.status(0));
        assert_eq!(lead(&world, None), ["B".to_owned()].into());
        assert_eq!(world.pair.violations(), [""; 0]);
    }
}
