//! What histories have found, each as small as it can be told.

use std::sync::Arc;

use esdr::{
    es::transport::Method,
    sandbox::{Fault, Personality, Site},
};
use serde_json::{Value, json};

use super::{
    commands::protected,
    enumeration::beside,
    machine::{Hook, Machine, Run, kill},
    oracle,
    world::World,
};

const BOTH: [Personality; 2] = [Personality::V6_8, Personality::V8_19];

const AWAY: &str = "esdr failover --to clusterB --yes -o json";

/// A run that has not ended yet.
fn nothing() -> Run {
    Run { exit: None, out: String::new(), err: String::new(), lines: 0 }
}

async fn led_by(machine: &Machine<'_>) -> Option<Site> {
    oracle::way_out(machine, &nothing()).await.unwrap();
    oracle::one_side(&oracle::members(machine.world))
}

/// Histories 5, 191 and 1213.
#[tokio::test(start_paused = true)]
async fn what_is_born_on_the_former_leader_leads_again_on_the_way_home() {
    let _beside = beside();
    for personality in BOTH {
        let world = protected(personality).await;
        let here = Machine::new(&world, "here");
        drop(here.run(AWAY).await.status(0));
        // Whatever let it be born there, and a client write to it.
        world.create(Site::A, "orders-000003", 1);
        let open = json!({"index.blocks.write": null, "index.blocks.read_only": null});
        world.ok(Site::A, Method::Put, "/orders-000003/_settings", open);
        let alias = json!({"actions": [{"add": {"index": "orders-000003", "alias": "late"}}]});
        world.ok(Site::A, Method::Post, "/_aliases", alias);
        assert!(world.clients().write(Site::A, "orders-000003"));
        drop(here.run("esdr fence clusterA --yes").await.status(0));
        drop(here.run("esdr reprotect --yes").await.status(6));
        assert_eq!(led_by(&here).await, Some(Site::A), "all of it is there");
        assert_eq!(oracle::invariants(&world), Ok(()));
    }
}

/// History 2152: it follows by itself before the fence, and after the record was opened.
#[tokio::test(start_paused = true)]
async fn what_is_born_between_the_record_and_the_fence_is_on_record_before_it_is_fenced() {
    let _beside = beside();
    for personality in BOTH {
        for born in 1..=9 {
            for killed in [10, 13, 16, 19, 22] {
                let world = protected(personality).await;
                let here = Machine::new(&world, "here");
                let clients = world.clients();
                let hook: Hook = Arc::new(move |line| {
                    if line == born {
                        clients.roll_over();
                    }
                    if line == killed {
                        kill()
                    }
                });
                assert_eq!(here.run_and(AWAY, hook).await.exit, None);
                let leads = led_by(&here).await;
                assert!(leads.is_some(), "born after line {born}, killed after line {killed}");
                assert_eq!(oracle::invariants(&world), Ok(()));
            }
        }
    }
}

/// History 2264: what clients have deleted holds back nothing else.
#[tokio::test(start_paused = true)]
async fn a_switch_of_which_an_index_was_deleted_can_be_taken_back() {
    let _beside = beside();
    for personality in BOTH {
        let world = protected(personality).await;
        let here = Machine::new(&world, "here");
        let clients = world.clients();
        let hook: Hook = Arc::new(move |line| {
            if line == 4 {
                clients.delete_one();
            }
        });
        drop(here.run_and(AWAY, hook).await);
        drop(here.run("esdr fence clusterA --yes").await);
        assert_eq!(led_by(&here).await, Some(Site::A));
    }
}

/// Histories 320, 2475 and 2478: what the record says of the other indices is not turned round.
#[tokio::test(start_paused = true)]
async fn of_an_index_that_was_born_on_both_sides_no_side_is_named_that_may_not_go() {
    let _beside = beside();
    for personality in BOTH {
        let world = protected(personality).await;
        parted(&world).await;
        let here = Machine::new(&world, "here");
        for site in Site::BOTH {
            world.create(site, "orders-000003", 1);
            world.clients().write(site, "orders-000003");
        }
        let status = here.run("esdr status").await.status(5);
        let ways = oracle::from_status(&status.out);
        assert_eq!(ways, ["esdr reprotect --set orders --discard clusterA"], "{status}");
        // The leader is fenced by hand: that is lifted first, and then one side goes.
        drop(here.run("esdr fence clusterB --yes").await.status(0));
        let status = here.run("esdr status").await.status(5);
        let ways = oracle::from_status(&status.out);
        assert_eq!(ways, ["esdr fence clusterA --set orders"], "{status}");
        drop(here.run(&format!("{} --yes", ways[0])).await.status(0));
        assert_eq!(led_by(&here).await, Some(Site::B));
        assert_eq!(oracle::invariants(&world), Ok(()));
    }
}

/// A was dead, B took over, and A is back and takes writes.
async fn parted(world: &World) {
    world.pair.allow_two_writable(true);
    world.pair.fault(Fault::Cut { from: Site::B, to: Site::A });
    world.pair.fault(Fault::Kill(Site::A));
    let here = Machine::new(world, "here");
    let forced = "esdr failover --to clusterB --accept-data-loss --yes";
    drop(here.run(forced).await.status(6));
    world.pair.fault(Fault::Restart(Site::A));
    world.pair.fault(Fault::Mend { from: Site::B, to: Site::A });
    world.ok(Site::A, Method::Post, "/_refresh", Value::Null);
    world.write_everywhere();
}
