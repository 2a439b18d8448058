//! One case of the enumeration: a scene, what happens in the middle of it, and where.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use esdr::sandbox::{Fault, Personality, Site};

use super::{
    machine::{Hook, Machine, Run, kill},
    oracle,
    scene::{HERE, Scene},
    wire::{Answer, Until},
    world::{Still, World},
};

/// What happens at a place in a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    Killed,
    /// These clusters are out of the machine's sight.
    Unseen(&'static [Site], Back),
    /// A request, counted from 1, is answered so.
    Request(Answer),
    /// Another command runs whole while this one is halted.
    Halted(&'static Scene),
    /// Something happens to the clusters.
    Change(Change),
}

/// When clusters are back in sight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Back {
    /// Only when everything is over.
    Never,
    AfterOneLook,
    ForTheRerun,
}

/// What clients and people do to the clusters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    RolledOver,
    Created,
    Deleted,
}

/// Which machine types the command again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Again {
    Same,
    /// Another, which knows nothing of the run, with a right clock.
    Other,
    /// Another, whose clock is two days behind.
    Late,
}

/// One case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub scene: &'static Scene,
    pub event: Event,
    /// After this line of the journals, or at this request.
    pub at: usize,
    pub again: Again,
    pub personality: Personality,
}

impl Case {
    /// The kind that it is one of: the command and what happens.
    pub fn kind(&self) -> String {
        let sites = |sites: &[Site]| match sites {
            [Site::A] => "a",
            [Site::B] => "b",
            _ => "both",
        };
        let event = match self.event {
            Event::Killed => "killed".to_owned(),
            Event::Unseen(lost, back) => {
                let back = match back {
                    Back::Never => "never",
                    Back::AfterOneLook => "one-look",
                    Back::ForTheRerun => "rerun",
                };
                format!("unseen-{}-{back}", sites(lost))
            }
            Event::Request(how) => format!("request-{}", how.word()),
            Event::Halted(other) => format!("halted-{}", other.name),
            Event::Change(Change::RolledOver) => "rolled-over".to_owned(),
            Event::Change(Change::Created) => "created".to_owned(),
            Event::Change(Change::Deleted) => "deleted".to_owned(),
        };
        let late = if self.again == Again::Late { "-late" } else { "" };
        format!("{}/{event}{late}", self.scene.name)
    }

    /// The case as it is asked for by name.
    pub fn id(&self) -> String {
        let again = match self.again {
            Again::Same => "same",
            Again::Other => "other",
            Again::Late => "late",
        };
        let version = match self.personality {
            Personality::V6_8 => "6.8",
            Personality::V8_19 => "8.19",
        };
        format!("{}/{}/{again}/{version}", self.kind(), self.at)
    }

    /// Carries it out, and says what was wrong.
    pub async fn run(&self, still: &Still, told: &dyn Fn(&dyn fmt::Display)) -> Result<(), String> {
        let world = still.world();
        let here = Machine::new(&world, HERE);
        let mut there = Machine::new(&world, "there");
        there.ahead_ms = if self.again == Again::Late { -2 * 24 * 3600 * 1000 } else { 0 };
        let again = if self.again == Again::Same { &here } else { &there };
        let before = oracle::members(&world);
        let run = self.first(&world, &here, &there, &before, told).await?;
        self.mend_for_the_rerun(again);
        let before = oracle::members(&world);
        let rerun = again.run(&self.scene.typed()).await;
        told(&format!("again: {rerun}"));
        let blame = |why| format!("again: {why}");
        let judged = match self.event {
            Event::Halted(other) => {
                let scenes = (self.scene, other);
                oracle::judge_one_of_two(scenes, &rerun, (&before, &before), &world)
            }
            _ => oracle::judge(self.scene, &rerun, &before, &world),
        };
        judged.map_err(blame)?;
        oracle::invariants(&world).map_err(blame)?;
        [&here, &there].into_iter().for_each(Machine::see_everything);
        if let Some(dead) = self.scene.dead {
            world.pair.fault(Fault::Restart(dead));
        }
        drop(oracle::status(again).await?);
        let last = if rerun.exit.is_some() { &rerun } else { &run };
        oracle::way_out(again, last).await?;
        oracle::invariants(&world)
    }

    /// The run in which it happens.
    async fn first(
        &self,
        world: &World,
        here: &Machine<'_>,
        there: &Machine<'_>,
        before: &oracle::Members,
        told: &dyn Fn(&dyn fmt::Display),
    ) -> Result<Run, String> {
        let line = self.scene.typed();
        let run = match self.event {
            Event::Halted(other) => {
                let meanwhile = async {
                    let now = oracle::members(world);
                    told(&format!("halted: {}", oracle::picture(&now)));
                    let second = there.run(&other.typed()).await;
                    told(&format!("meanwhile: {second}"));
                    let scenes = (other, self.scene);
                    oracle::judge_one_of_two(scenes, &second, (before, &now), world)
                };
                let halted = here.halted_after(&line, self.at);
                let (run, second) = halted.while_it_stands(meanwhile).await;
                told(&format!("first: {run}"));
                second.map_err(|why| format!("meanwhile: {why}"))?;
                oracle::invariants(world)?;
                // What it was before is not what it began with.
                if run.exit != Some(3) {
                    let scenes = (self.scene, other);
                    oracle::judge_one_of_two(scenes, &run, (before, before), world)?;
                }
                return Ok(run);
            }
            Event::Request(how) => {
                here.answer(self.at, how);
                let run = here.run_and(&line, writes(world)).await;
                here.see_everything();
                run
            }
            _ => here.run_and(&line, self.hook(world, here)).await,
        };
        told(&format!("first: {run}"));
        for site in Site::BOTH {
            let sent = world.pair.requests(site);
            told(&format!("{site:?} was asked:\n{}", sent.join("\n")));
        }
        if !matches!(self.event, Event::Change(_)) {
            oracle::judge(self.scene, &run, before, world)?;
        }
        oracle::invariants(world)?;
        Ok(run)
    }

    fn hook(&self, world: &World, here: &Machine<'_>) -> Hook {
        let (at, event) = (self.at, self.event);
        let wires = here.wires.clone();
        let clients = writes(world);
        let clusters = world.clients();
        Arc::new(move |line| {
            clients(line);
            if line != at {
                return;
            }
            match event {
                Event::Killed => kill(),
                Event::Unseen(sites, back) => {
                    let until = match back {
                        Back::AfterOneLook => Until::OneLook,
                        Back::Never | Back::ForTheRerun => Until::Mended,
                    };
                    for site in sites {
                        wires[*site as usize].lose(until);
                    }
                }
                Event::Change(Change::RolledOver) => clusters.roll_over(),
                Event::Change(Change::Created) => clusters.create_newcomer(),
                Event::Change(Change::Deleted) => clusters.delete_one(),
                Event::Request(_) | Event::Halted(_) => {}
            }
        })
    }

    fn mend_for_the_rerun(&self, again: &Machine<'_>) {
        let Event::Unseen(sites, back) = self.event else { return };
        for site in sites {
            let wire = again.wire(*site);
            if back == Back::Never { wire.lose(Until::Mended) } else { wire.mend() }
        }
    }
}

/// Clients go on writing, on either side, an index after the other.
fn writes(world: &World) -> Hook {
    let (clients, turn) = (world.clients(), AtomicUsize::new(0));
    Arc::new(move |_| clients.write_in_turn(turn.fetch_add(1, Ordering::Relaxed)))
}
