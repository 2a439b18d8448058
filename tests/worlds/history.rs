//! One history: what is done in it, as its seed says.

use std::{collections::BTreeMap, fmt};

use esdr::sandbox::{Personality, Site};
use fastrand::Rng;

use super::{
    acts::{Act, Happening},
    course::Course,
    happened::happen,
    machine::Machine,
    world::World,
};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// What may have been done before; by which a cluster has died where a loss is accepted.
const BEFORE: [&[&str]; 8] = [
    &[],
    &[REPLICATE],
    &[REPLICATE],
    &[REPLICATE],
    &[REPLICATE, AWAY],
    &[REPLICATE, AWAY, "esdr reprotect"],
    &[REPLICATE, AWAY, "esdr failback"],
    &[REPLICATE, WITHOUT],
];

const REPLICATE: &str = "esdr replicate";
const AWAY: &str = "esdr failover --to clusterB";
const WITHOUT: &str = "esdr failover --to clusterB --accept-data-loss";

/// A history as it is drawn from its seed.
pub struct History {
    personality: Personality,
    /// What was done before.
    before: &'static [&'static str],
    /// How far each operator's clock is ahead.
    ahead_ms: Vec<i64>,
    pub acts: Vec<Act>,
}

/// What a history came to.
#[derive(Debug, Default)]
pub struct Ended {
    /// How its commands ended.
    pub exits: BTreeMap<String, usize>,
    /// How many mishaps met a command that got so far.
    pub struck: BTreeMap<&'static str, usize>,
    /// How it stood before the way out was walked.
    pub left: String,
    /// How it stands in the end.
    pub end: &'static str,
    pub walked: usize,
}

impl History {
    pub fn drawn(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let clocks = [0, 0, 600_000, -2 * DAY_MS, 2 * DAY_MS];
        let machines = 2 + usize::from(rng.u8(..3) == 0);
        let personality = [Personality::V6_8, Personality::V8_19][rng.usize(..2)];
        let ahead_ms = (0..machines).map(|_| clocks[rng.usize(..clocks.len())]).collect();
        let acts = (0..rng.usize(4..=8)).map(|_| Act::drawn(rng, machines)).collect();
        let before = BEFORE[rng.usize(..BEFORE.len())];
        Self { personality, before, ahead_ms, acts }
    }
}

impl History {
    /// Carries it out, and says what was wrong.
    pub async fn run(&self, told: &dyn Fn(&dyn fmt::Display)) -> Result<Ended, String> {
        let world = World::new(self.personality);
        told(&format!("{:?}, clocks ahead by {:?} ms", self.personality, self.ahead_ms));
        let machine = |(at, ahead_ms): (usize, &i64)| {
            let mut machine = Machine::new(&world, &format!("operator-{at}"));
            machine.ahead_ms = *ahead_ms;
            machine
        };
        let machines: Vec<_> = self.ahead_ms.iter().enumerate().map(machine).collect();
        for line in self.before {
            told(&format!("before: {line}"));
            if *line == WITHOUT {
                world.pair.allow_two_writable(true);
                happen(&world.clients(), &world, Happening::Cut(Site::B));
                happen(&world.clients(), &world, Happening::Dies(Site::A));
            }
            let run = machines[0].run(&format!("{line} --yes")).await;
            assert!(matches!(run.exit, Some(0 | 6)), "{line}: {run}");
            for what in [Happening::Restarted, Happening::LinksMended] {
                happen(&world.clients(), &world, what);
            }
        }
        let mut course = Course {
            observer: Machine::new(&world, "observer"),
            dead: [false; 2],
            blind: vec![[false; 2]; machines.len()],
            machines,
            world: &world,
            last: None,
            told,
            ended: Ended::default(),
        };
        for act in &self.acts {
            told(&format!("--- {act}"));
            course.act(act).await.map_err(|why| format!("{act}: {why}"))?;
            course.look().await.map_err(|why| format!("after {act}: {why}"))?;
        }
        course.end().await.map_err(|why| format!("in the end: {why}"))?;
        Ok(course.ended)
    }
}
