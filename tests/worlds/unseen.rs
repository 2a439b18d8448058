//! Unseen is not done: from after a line of every command one cluster, or both, can no longer
//! be reached from the operator's machine. Nothing is said to be done that is not, and the same
//! command ends it once they can.

use std::{env, sync::Arc};

use esdr::sandbox::{Personality, Site};

use super::{
    enumeration::beside,
    machine::{Machine, Run, kill},
    wire::{Until, Wire},
    world::World,
};

/// What is typed, over what, and what holds when it is done.
struct Case {
    line: &'static str,
    given: &'static [&'static str],
    /// Who takes writes.
    leads: Option<Site>,
    /// Who follows.
    follows: Option<Site>,
}

const REPLICATE: &str = "esdr replicate --yes -o json";
const FAILOVER: &str = "esdr failover --to clusterB --yes -o json";
const FENCE: &str = "esdr fence clusterA --yes -o json";

/// A failover that was killed behind its fence.
const KILLED: &str = "killed";

const CASES: [Case; 8] = [
    Case { line: REPLICATE, given: &[], leads: Some(Site::A), follows: Some(Site::B) },
    Case { line: FAILOVER, given: &[REPLICATE], leads: Some(Site::B), follows: None },
    Case {
        line: "esdr reprotect --yes -o json",
        given: &[REPLICATE, FAILOVER],
        leads: Some(Site::B),
        follows: Some(Site::A),
    },
    Case {
        line: "esdr failback --yes -o json",
        given: &[REPLICATE, FAILOVER],
        leads: Some(Site::A),
        follows: Some(Site::B),
    },
    Case {
        line: "esdr undo --max-carry 100 --yes -o json",
        given: &[REPLICATE, FAILOVER],
        leads: Some(Site::A),
        follows: None,
    },
    Case {
        line: "esdr undo --yes -o json",
        given: &[REPLICATE, KILLED],
        leads: Some(Site::A),
        follows: Some(Site::B),
    },
    Case { line: FENCE, given: &[REPLICATE], leads: None, follows: Some(Site::B) },
    Case {
        line: "esdr unfence clusterA --yes -o json",
        given: &[REPLICATE, FENCE],
        leads: Some(Site::A),
        follows: Some(Site::B),
    },
];

impl Case {
    async fn world(&self, personality: Personality) -> World {
        let world = World::new(personality);
        let machine = Machine::new(&world, "given");
        for line in self.given {
            if *line == KILLED {
                let hook = |world: Arc<esdr::sandbox::Pair>| {
                    move |_| {
                        if world.standing(Site::A).iter().all(|index| !index.is_writable) {
                            kill()
                        }
                    }
                };
                let hook = Arc::new(hook(Arc::clone(&world.pair)));
                assert_eq!(machine.run_and(FAILOVER, hook).await.exit, None);
            } else {
                drop(machine.run(line).await.status(0));
                world.write_everywhere();
            }
        }
        world
    }

    /// Whether what it promises holds.
    fn holds(&self, world: &World) -> bool {
        Site::BOTH.into_iter().all(|site| {
            let standing = world.pair.standing(site);
            let leads = standing.iter().any(|index| index.is_writable);
            let follows = standing.iter().any(|index| index.follows.is_some());
            leads == (self.leads == Some(site)) && follows == (self.follows == Some(site))
        })
    }
}

fn lose(wires: &[Arc<Wire>; 2], sites: &[Site]) {
    for site in sites {
        wires[usize::from(*site == Site::B)].lose(Until::Mended);
    }
}

/// The sides on which clients are taken.
fn writable(world: &World) -> [bool; 2] {
    Site::BOTH.map(|site| world.pair.standing(site).iter().any(|index| index.is_writable))
}

/// `was`: the sides that took clients before the command.
fn check(case: &Case, world: &World, was: [bool; 2], run: &Run, because: &str) {
    if run.exit == Some(0) {
        assert!(case.holds(world), "a false 0: {because}\n{}", run.out);
    }
    if run.outcome() == "undone" {
        assert_eq!(writable(world), was, "a false `undone`: {because}\n{}", run.out);
    }
    assert_eq!(world.pair.violations(), [""; 0], "{because}");
}

/// A command and its repetition take a debug build about a second: of six lines one is taken, by
/// each command another; with `ESDR_TEST_EVERY_LINE` all are.
fn is_taken(line: usize) -> bool {
    line.is_multiple_of(6) || env::var_os("ESDR_TEST_EVERY_LINE").is_some()
}

async fn out_of_sight(personality: Personality, sites: &[Site]) {
    let (mut counted, mut left_out) = (0, 0);
    for (at, case) in CASES.iter().enumerate() {
        let start = case.world(personality).await;
        let whole = Machine::new(&start.fork(), "whole").run(case.line).await.status(0);
        assert!(whole.lines > 1, "{}: {}", case.line, whole.out);
        for line in 1..=whole.lines {
            if !is_taken(at + line) {
                left_out += 1;
                continue;
            }
            let because = format!("{} without {sites:?} after line {line}", case.line);
            let world = start.fork();
            let machine = Machine::new(&world, "here");
            let wires = machine.wires.clone();
            let gone = sites.to_vec();
            let hook = move |lines| {
                if lines == line {
                    lose(&wires, &gone);
                }
            };
            let run = machine.run_and(case.line, Arc::new(hook)).await;
            check(case, &world, writable(&start), &run, &because);
            if sites.len() == 2 && run.exit == Some(0) {
                // The last look was over by then.
                assert!(line + 2 >= whole.lines, "{because}: {}", run.out);
            }
            for wire in &machine.wires {
                wire.mend();
            }
            let again = machine.run(case.line).await;
            assert_eq!(again.exit, Some(0), "again, {because}: {}\n{}", run.out, again.out);
            assert!(case.holds(&world), "again, {because}: {}", again.out);
            check(case, &world, writable(&start), &again, &because);
            counted += 1;
        }
    }
    println!("{counted} runs on {personality:?} without {sites:?}, {left_out} lines left out");
}

#[tokio::test(start_paused = true)]
async fn with_both_clusters_out_of_sight_after_any_line_nothing_is_called_done_that_is_not() {
    let _beside = beside();
    for personality in [Personality::V6_8, Personality::V8_19] {
        out_of_sight(personality, &Site::BOTH).await;
    }
}

#[tokio::test(start_paused = true)]
async fn with_one_cluster_out_of_sight_after_any_line_nothing_is_called_done_that_is_not() {
    let _beside = beside();
    for personality in [Personality::V6_8, Personality::V8_19] {
        out_of_sight(personality, &[Site::A]).await;
        out_of_sight(personality, &[Site::B]).await;
    }
}
