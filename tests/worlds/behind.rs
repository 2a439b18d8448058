//! A standby that is far behind because its copies do not run: nothing arrives there, and waiting
//! for it leads nowhere. The failover lets them run again before it asks how fast they are.

use std::sync::Arc;

use esdr::{
    es::transport::Method,
    sandbox::{Personality, Site, Standing},
};
use serde_json::json;

use super::{
    commands::protected,
    enumeration::beside,
    machine::{Hook, Machine, kill},
    oracle,
    world::{INDICES, World},
};

const BOTH: [Personality; 2] = [Personality::V6_8, Personality::V8_19];
const AWAY: &str = "esdr failover --to clusterB --yes -o json";

/// More than is drained whatever the pace.
fn fall_behind(world: &World) {
    for _ in 0..1_200 {
        assert!(world.clients().write(Site::A, INDICES[0].0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_was_paused_by_hand_is_resumed_and_taken_over() {
    let _beside = beside();
    for personality in BOTH {
        let world = protected(personality).await;
        let pause = format!("/{}/_ccr/pause_follow", INDICES[0].0);
        world.ok(Site::B, Method::Post, &pause, json!({}));
        fall_behind(&world);
        let here = Machine::new(&world, "here");
        drop(here.run(AWAY).await.status(0));
        assert_eq!(oracle::one_side(&oracle::members(&world)), Some(Site::B));
        assert_eq!(oracle::invariants(&world), Ok(()));
    }
}

/// Kills a run as soon as this is so.
fn dies_once(is_so: impl Fn() -> bool + Send + Sync + 'static) -> Hook {
    Arc::new(move |_| {
        if is_so() {
            kill()
        }
    })
}

/// Seen with real servers, two operators and a lock that was broken: one run has paused the copies,
/// or closed them, and hangs; the other one lifts the fence and ends there.
#[tokio::test(start_paused = true)]
async fn copies_that_stand_still_for_a_promote_are_led_out_of_it_however_far_behind() {
    let _beside = beside();
    let halted: [fn(&Standing) -> bool; 2] = [|index| !index.is_copying, |index| !index.is_open];
    for (personality, is_halted) in BOTH.into_iter().flat_map(|it| halted.map(|how| (it, how))) {
        let world = protected(personality).await;
        let here = Machine::new(&world, "here");
        let pair = Arc::clone(&world.pair);
        let stands_still = move || pair.standing(Site::B).iter().any(is_halted);
        let killed = here.run_and(AWAY, dies_once(stands_still)).await;
        assert_eq!(killed.exit, None, "{killed}");
        let pair = Arc::clone(&world.pair);
        let takes_writes = move || pair.standing(Site::A).iter().all(|index| index.is_writable);
        let killed = here.run_and("esdr undo --yes -o json", dies_once(takes_writes)).await;
        assert_eq!(killed.exit, None, "{killed}");
        fall_behind(&world);
        let ways = oracle::from_status(&here.run("esdr status").await.status(5).out);
        assert!(ways.contains(&"esdr failover --to clusterB --set orders".to_owned()), "{ways:?}");
        for way in ways {
            let world = world.fork();
            let here = Machine::new(&world, "another");
            drop(here.run(&format!("{way} --yes -o json")).await.status(0));
            assert!(oracle::one_side(&oracle::members(&world)).is_some(), "{way}");
            assert_eq!(oracle::invariants(&world), Ok(()));
        }
    }
}
