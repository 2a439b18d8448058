//! A whole command in process is what it is as a process of its own, and what may happen to it
//! happens where it is said.

use std::sync::Arc;

use esdr::sandbox::{Personality, Site};

use super::{
    enumeration::beside,
    machine::{Machine, kill},
    wire::Until,
    world::World,
};

const FAILOVER: &str = "esdr failover --to clusterB --yes -o json";

pub async fn protected(personality: Personality) -> World {
    let world = World::new(personality);
    drop(Machine::new(&world, "first").run("esdr replicate --yes -o json").await.status(0));
    world
}

/// The sides that take writes.
fn writable(world: &World) -> Vec<Site> {
    let takes = |site: &Site| world.pair.standing(*site).iter().any(|index| index.is_writable);
    Site::BOTH.into_iter().filter(takes).collect()
}

#[tokio::test(start_paused = true)]
async fn a_command_line_runs_whole_in_process() {
    let _beside = beside();
    for personality in [Personality::V6_8, Personality::V8_19] {
        let world = protected(personality).await;
        let here = Machine::new(&world, "here");
        let run = here.run(FAILOVER).await.status(0);
        assert_eq!(run.outcome(), "converged");
        assert_eq!(writable(&world), [Site::B]);
        assert!(here.run("esdr status").await.status(0).out.contains("led by clusterB"));
        drop(here.run("esdr failback --yes").await.status(0));
        assert_eq!(writable(&world), [Site::A]);
        assert_eq!(world.pair.violations(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_there_to_be_asked_unless_the_test_says_so() {
    let _beside = beside();
    let world = protected(Personality::V8_19).await;
    let run = Machine::new(&world, "here").run("esdr failover --to clusterB").await.status(3);
    assert!(run.err.contains("--yes"), "{}", run.err);
    assert_eq!(writable(&world), [Site::A]);
}

#[tokio::test(start_paused = true)]
async fn killed_after_every_line_the_same_command_ends_it_on_another_machine() {
    let _beside = beside();
    let still = protected(Personality::V8_19).await.still();
    for line in 1.. {
        let world = still.world();
        let hook = move |lines| {
            if lines == line {
                kill()
            }
        };
        let run = Machine::new(&world, "here").run_and(FAILOVER, Arc::new(hook)).await;
        if run.exit.is_some() {
            assert_eq!((run.exit, run.lines), (Some(0), line - 1));
            break;
        }
        assert_eq!(run.lines, line);
        drop(Machine::new(&world, "there").run(FAILOVER).await.status(0));
        assert_eq!(writable(&world), [Site::B], "killed after line {line}");
        assert_eq!(world.pair.violations(), [""; 0], "killed after line {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_is_halted_after_a_line_while_another_command_runs_whole() {
    let _beside = beside();
    let world = protected(Personality::V8_19).await;
    let (here, there) = (Machine::new(&world, "here"), Machine::new(&world, "there"));
    let halted = here.halted_after(FAILOVER, 9);
    let before = world.pair.standing(Site::A);
    let (run, status) = halted
        .while_it_stands(async {
            let status = there.run("esdr status").await;
            assert_eq!(world.pair.standing(Site::A), before, "nothing goes out of a halted run");
            status
        })
        .await;
    assert!(status.out.contains("[unfinished_run]"), "{}", status.out);
    drop(run.status(0));
    assert_eq!(writable(&world), [Site::B]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_is_out_of_sight_for_one_machine_alone_and_comes_back() {
    let _beside = beside();
    let world = protected(Personality::V8_19).await;
    let (here, there) = (Machine::new(&world, "here"), Machine::new(&world, "there"));
    here.wire(Site::B).lose(Until::Mended);
    drop(here.run(FAILOVER).await.status(3));
    drop(there.run("esdr status").await.status(0));
    here.wire(Site::B).lose(Until::OneLook);
    drop(here.run(FAILOVER).await.status(3));
    drop(here.run(FAILOVER).await.status(0));
    assert_eq!(writable(&world), [Site::B]);
}
