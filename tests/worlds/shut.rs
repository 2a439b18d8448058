//! A set that is writable nowhere is never done with, whatever was asked for.

use esdr::sandbox::Personality;

use super::{commands::protected, enumeration::beside, machine::Machine, world::World};

/// Commands that find nothing to do, or only something else, where the operator's own fence stands.
#[tokio::test(start_paused = true)]
async fn no_command_but_a_fence_ends_well_while_a_fence_shuts_the_set() {
    let _beside = beside();
    for personality in [Personality::V6_8, Personality::V8_19] {
        for is_protected in [false, true] {
            let world =
                if is_protected { protected(personality).await } else { World::new(personality) };
            let here = Machine::new(&world, "here");
            drop(here.run("esdr fence clusterA --yes").await.status(0));
            for command in ["esdr failback", "esdr replicate", "esdr reprotect", "esdr undo"] {
                let run = here.run(&format!("{command} --yes -o json")).await;
                if run.exit == Some(3) {
                    continue;
                }
                let run = run.status(4);
                assert_eq!(run.result()["problems"][0]["code"], "writable_nowhere", "{run}");
                let hint = run.result()["problems"][0]["hint"].as_str().unwrap().to_owned();
                assert!(hint.starts_with("esdr unfence clusterA"), "{hint}");
            }
            drop(here.run("esdr fence clusterA --yes").await.status(0));
            drop(here.run("esdr unfence clusterA --yes").await.status(0));
            drop(here.run("esdr failback --yes").await.status(0));
        }
    }
}
