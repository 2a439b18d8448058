//! A run lifts only its own: the fence of an operator stands before it, beside it and after it.

use std::sync::Arc;

use esdr::{
    es::transport::Method,
    sandbox::{Personality, Site},
};
use serde_json::json;

use super::{
    commands::protected,
    enumeration::beside,
    machine::{Machine, Run, kill},
    oracle,
    wire::Until,
    world::World,
};

const BOTH: [Personality; 2] = [Personality::V6_8, Personality::V8_19];

const FENCE: &str = "esdr fence clusterA --yes -o json";
const UNFENCE: &str = "esdr unfence clusterA --yes -o json";
const FAILOVER: &str = "esdr failover --to clusterB --yes -o json";

fn picture(world: &World) -> String {
    oracle::picture(&oracle::members(world))
}

fn codes(run: &Run) -> Vec<String> {
    let problems = run.result()["problems"].as_array().cloned().unwrap_or_default();
    problems.iter().map(|it| it["code"].as_str().unwrap_or_default().to_owned()).collect()
}

fn run_of(run: &Run) -> String {
    run.result()["run"].as_str().unwrap().to_owned()
}

/// Kills a command after this line of its journal; whether it got so far.
async fn killed(machine: &Machine<'_>, line: &str, after: usize) -> bool {
    let hook = move |lines| {
        if lines == after {
            kill()
        }
    };
    machine.run_and(line, Arc::new(hook)).await.exit.is_none()
}

/// The lead has not moved yet, by what the record says of it.
async fn has_begun(machine: &Machine<'_>) -> bool {
    machine.run("esdr status").await.out.contains(": 0 of 2 indices moved")
}

#[tokio::test(start_paused = true)]
async fn a_switch_over_an_operators_fence_that_is_undone_after_any_line_leaves_the_fence() {
    let _beside = beside();
    let mut undone = 0;
    for personality in BOTH {
        let world = protected(personality).await;
        drop(Machine::new(&world, "here").run(FENCE).await.status(0));
        let still = world.still();
        for line in 1.. {
            let world = still.world();
            let here = Machine::new(&world, "here");
            if !killed(&here, FAILOVER, line).await {
                break;
            }
            let there = Machine::new(&world, "there");
            if !has_begun(&there).await {
                continue;
            }
            let status = there.run("esdr status").await.status(5);
            let run = there.run("esdr undo --yes -o json").await;
            // Behind the line of no return there is only the way on.
            if run.exit == Some(3) {
                continue;
            }
            let run = run.status(4);
            assert_eq!(codes(&run), ["writable_nowhere", "fence_standing"], "{line}: {run}");
            assert_eq!(run.result()["problems"][0]["hint"], "esdr unfence clusterA --set orders");
            assert_eq!(picture(&world), "b|c b|c", "{line}: {status}");
            let status = there.run("esdr status").await.status(5);
            assert!(status.out.contains("Runs            none unfinished"), "{line}: {status}");
            assert!(status.out.contains("esdr unfence clusterA --set orders"), "{line}: {status}");
            drop(there.run(UNFENCE).await.status(0));
            assert_eq!(picture(&world), "W|c W|c", "{line}");
            drop(there.run(FAILOVER).await.status(0));
            undone += 1;
        }
    }
    println!("{undone} undone");
    assert!(undone > 10);
}

#[tokio::test(start_paused = true)]
async fn a_switch_over_an_operators_fence_that_gives_itself_up_leaves_the_fence_and_says_so() {
    let _beside = beside();
    let mut undone = 0;
    for personality in BOTH {
        let world = protected(personality).await;
        let fence = run_of(&Machine::new(&world, "here").run(FENCE).await.status(0));
        let still = world.still();
        for line in 1..=24 {
            let world = still.world();
            let here = Machine::new(&world, "here");
            let wire = Arc::clone(here.wire(Site::B));
            let hook = move |lines| {
                if lines == line {
                    wire.lose(Until::OneLook);
                }
            };
            let run = here.run_and(FAILOVER, Arc::new(hook)).await;
            if run.outcome() != "undone" {
                continue;
            }
            assert_eq!(picture(&world), "b|c b|c", "{line}: {run}");
            assert!(codes(&run).contains(&"fence_standing".to_owned()), "{line}: {run}");
            assert!(run.out.contains(&format!("run {fence} of ")), "{line}: {run}");
            drop(here.run(UNFENCE).await.status(0));
            assert_eq!(picture(&world), "W|c W|c", "{line}");
            undone += 1;
        }
    }
    println!("{undone} undone");
    assert!(undone > 2);
}

/// Of what the operator had fenced and what the switch has.
#[tokio::test(start_paused = true)]
async fn an_undo_lifts_what_its_switch_fenced_beside_an_operators_fence() {
    let _beside = beside();
    for personality in BOTH {
        let world = protected(personality).await;
        let here = Machine::new(&world, "here");
        drop(here.run(FENCE).await.status(0));
        // Somebody has let writers into one of the two.
        let open = json!({"index.blocks.write": null, "index.blocks.read_only": null});
        world.ok(Site::A, Method::Put, "/orders-000001/_settings", open);
        assert_eq!(picture(&world), "W|c b|c");
        let fenced = Arc::clone(&world.pair);
        let hook = move |_| {
            if fenced.standing(Site::A).iter().all(|index| !index.is_writable) {
                kill()
            }
        };
        assert_eq!(here.run_and(FAILOVER, Arc::new(hook)).await.exit, None);
        assert_eq!(picture(&world), "b|c b|c");
        drop(here.run("esdr undo --yes -o json").await.status(4));
        assert_eq!(picture(&world), "W|c b|c");
        drop(here.run(UNFENCE).await.status(0));
        assert_eq!(picture(&world), "W|c W|c");
    }
}

#[tokio::test(start_paused = true)]
async fn a_switch_is_not_taken_back_while_a_fence_stands_that_was_set_since() {
    let _beside = beside();
    let mut refused = 0;
    for personality in BOTH {
        let still = protected(personality).await.still();
        for line in 1.. {
            let world = still.world();
            let here = Machine::new(&world, "here");
            if !killed(&here, FAILOVER, line).await {
                break;
            }
            if !has_begun(&here).await
                || oracle::one_side(&oracle::members(&world)) == Some(Site::B)
            {
                continue;
            }
            let there = Machine::new(&world, "there");
            let fence = there.run(FENCE).await;
            let fence = fence.status(0);
            assert!(!fence.result()["run"].is_null(), "{line}: {fence}");
            let before = picture(&world);
            let undo = here.run("esdr undo --yes -o json").await.status(3);
            if codes(&undo).contains(&"past_no_return".to_owned()) {
                continue;
            }
            assert_eq!(codes(&undo), ["superseded"], "{line}: {undo}");
            let problem = &undo.result()["problems"][0];
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.starts_with(&format!("run {} of ", run_of(&fence))), "{line}: {undo}");
            let hint = problem["hint"].as_str().unwrap();
            assert!(hint.starts_with("esdr unfence clusterA --set orders"), "{line}: {undo}");
            assert_eq!(picture(&world), before, "{line}");
            // What is printed leads out.
            let steps = oracle::way_out(&there, &undo).await.unwrap();
            assert!((1..=2).contains(&steps), "{line}: {steps} steps");
            assert_eq!(picture(&world), "W|c W|c", "{line}");
            refused += 1;
        }
    }
    println!("{refused} refused");
    assert!(refused > 10);
}
