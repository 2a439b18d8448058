//! The changing commands, each with the world in which it is typed and what it is to bring about.

use std::{sync::Arc, time::Duration};

use esdr::sandbox::{Fault, Personality, Site};

use super::{
    machine::{Machine, kill, typed},
    world::{Still, World},
};

/// What a command that says that it is done has brought about, index by index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// This side takes writes and the other does not.
    Leads(Site),
    /// The same, and the other copies it.
    Protected(Site),
    /// This side refuses writes.
    Refuses(Site),
    /// No block is left on this side.
    Lifted(Site),
}

/// One command in one world.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scene {
    pub name: &'static str,
    pub line: &'static str,
    pub wanted: Wanted,
    /// Two writable sides may be.
    pub is_forced: bool,
    /// The cluster that is gone from the beginning.
    pub dead: Option<Site>,
    before: Before,
}

/// What has happened before, from a set that is protected on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Before {
    /// Not even that.
    Nothing,
    Protected,
    Fenced,
    /// A failover was killed behind its fence.
    Begun,
    Moved,
    /// A was dead, B took over, and A is back and takes writes.
    Parted,
}

const fn scene(name: &'static str, line: &'static str, wanted: Wanted, before: Before) -> Scene {
    Scene { name, line, wanted, is_forced: false, dead: None, before }
}

/// Every changing command.
pub const SCENES: [Scene; 11] = [
    scene("replicate", "esdr replicate", Wanted::Protected(Site::A), Before::Nothing),
    scene("failover", "esdr failover --to clusterB", Wanted::Leads(Site::B), Before::Protected),
    scene("failback", "esdr failback", Wanted::Protected(Site::A), Before::Moved),
    scene("reprotect", "esdr reprotect", Wanted::Protected(Site::B), Before::Moved),
    scene("undo", "esdr undo", Wanted::Protected(Site::A), Before::Begun),
    scene("fence", "esdr fence clusterA", Wanted::Refuses(Site::A), Before::Protected),
    scene("unfence", "esdr unfence clusterA", Wanted::Lifted(Site::A), Before::Fenced),
    scene("carry", "esdr undo --max-carry 100000", Wanted::Leads(Site::A), Before::Moved),
    Scene {
        is_forced: true,
        dead: Some(Site::A),
        ..scene(
            "forced",
            "esdr failover --to clusterB --accept-data-loss",
            Wanted::Leads(Site::B),
            Before::Protected,
        )
    },
    Scene {
        is_forced: true,
        ..scene("home", "esdr failback", Wanted::Protected(Site::A), Before::Parted)
    },
    Scene {
        is_forced: true,
        ..scene("rejoin", "esdr reprotect", Wanted::Protected(Site::B), Before::Parted)
    },
];

/// The name of the machine on which everything was typed before.
pub const HERE: &str = "here";

impl Scene {
    /// The command line, as it is typed: nobody is there to answer, and the result is JSON.
    pub fn typed(&self) -> String {
        typed(self.line)
    }

    /// A command that is to bring this about, typed in whatever world there is.
    pub const fn anywhere(wanted: Wanted) -> Self {
        scene("anywhere", "", wanted, Before::Nothing)
    }

    /// The world right before the command.
    pub async fn set(&self, personality: Personality) -> Still {
        let world = World::new(personality);
        let here = Machine::new(&world, HERE);
        let carried_out = async |line: &str| {
            let run = here.run(&format!("{line} --yes")).await;
            assert!(matches!(run.exit, Some(0 | 6)), "{line}: {run}");
        };
        if self.before != Before::Nothing {
            carried_out("esdr replicate").await;
            world.write_everywhere();
        }
        match self.before {
            Before::Nothing | Before::Protected => {}
            Before::Fenced => carried_out("esdr fence clusterA").await,
            Before::Begun => {
                let hook = |line| {
                    if line == 14 {
                        kill()
                    }
                };
                drop(here.run_and("esdr failover --to clusterB --yes", Arc::new(hook)).await);
            }
            Before::Moved => carried_out("esdr failover --to clusterB").await,
            Before::Parted => {
                world.pair.allow_two_writable(true);
                world.pair.fault(Fault::Cut { from: Site::B, to: Site::A });
                world.write_everywhere();
                world.pair.fault(Fault::Kill(Site::A));
                carried_out("esdr failover --to clusterB --accept-data-loss").await;
                world.write_side(Site::B);
                world.pair.fault(Fault::Restart(Site::A));
                world.pair.fault(Fault::Mend { from: Site::B, to: Site::A });
                world.write_everywhere();
            }
        }
        if self.before != Before::Nothing {
            world.write_everywhere();
        }
        if self.is_forced {
            world.pair.allow_two_writable(true);
        }
        if let Some(dead) = self.dead {
            world.pair.fault(Fault::Kill(dead));
        }
        world.pair.pass(Duration::from_millis(1));
        world.still()
    }
}
