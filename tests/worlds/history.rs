//! One history: what is done in it, act by act, and what must be so after each.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use esdr::sandbox::{Fault, Personality, Site};
use fastrand::Rng;

use super::{
    acts::{Act, Happening, Mishap, What},
    judged::{judge, judge_beside},
    machine::{Hook, Machine, Run, kill},
    oracle,
    scene::Wanted,
    wire::{Answer, Until},
    world::{Clients, World},
};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// A history as it is drawn from its seed.
pub struct History {
    personality: Personality,
    is_protected: bool,
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
        Self { personality, is_protected: rng.u8(..8) > 0, ahead_ms, acts }
    }
}

/// A history under way.
pub struct Course<'w> {
    world: &'w World,
    machines: Vec<Machine<'w>>,
    /// Sees everything that runs.
    observer: Machine<'w>,
    dead: [bool; 2],
    /// That a machine cannot reach a cluster.
    blind: Vec<[bool; 2]>,
    last: Option<(usize, Run)>,
    told: &'w dyn Fn(&dyn fmt::Display),
    ended: Ended,
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
        if self.is_protected {
            drop(machines[0].run("esdr replicate --yes").await.status(0));
            world.write_everywhere();
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

impl Course<'_> {
    async fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Typed { on, what, mishaps } => {
                let what = self.fitting(*what);
                let line = what.line(self.is_without_leader(*on, what));
                self.typed(*on, &line, mishaps).await
            }
            Act::Halted { on, what, at, other } => self.halted(*on, (*what, *other), *at).await,
            Act::Next { on, pick, mishaps } => {
                let status = self.machines[*on].run("esdr status").await;
                (self.told)(&status);
                let ways = oracle::from_status(&status.out);
                match ways.get(pick % ways.len().max(1)) {
                    Some(way) => self.typed(*on, way, mishaps).await,
                    None => Ok(()),
                }
            }
            Act::Happens(what) => {
                happen(&self.world.clients(), self.world, *what);
                self.note(*what);
                Ok(())
            }
        }
    }

    fn fitting(&self, what: What) -> What {
        let now = oracle::members(self.world);
        let side = oracle::one_side(&now);
        let is_protected = side.is_some_and(|side| oracle::holds(&now, Wanted::Protected(side)));
        what.fitting(side, is_protected)
    }

    /// Whether a machine cannot see what leads, so that a person may go on without it.
    fn is_without_leader(&self, on: usize, what: What) -> bool {
        let is_lost = |site: Site| self.dead[site as usize] || self.blind[on][site as usize];
        matches!(what, What::Failover(to) if is_lost(to.other()) && !is_lost(to))
    }

    fn note(&mut self, what: Happening) {
        match what {
            Happening::Dies(site) => self.dead[site as usize] = true,
            Happening::Restarted => self.dead = [false; 2],
            Happening::Seen => {
                self.machines.iter().for_each(Machine::see_everything);
                self.blind.iter_mut().for_each(|blind| *blind = [false; 2]);
            }
            _ => {}
        }
    }

    async fn typed(
        &mut self,
        on: usize,
        line: &str,
        mishaps: &[(Mishap, usize)],
    ) -> Result<(), String> {
        self.may_be_two(line);
        let before = oracle::members(self.world);
        let machine = &self.machines[on];
        for (mishap, at) in mishaps {
            if let Mishap::Request(how) = mishap {
                machine.answer(*at, *how);
            }
        }
        let run = machine.run_and(&typed(line), self.hook(on, mishaps)).await;
        let sent = machine.sent();
        machine.answer(0, Answer::Refused);
        let is_struck = |(mishap, at): &&(Mishap, usize)| {
            *at <= if matches!(mishap, Mishap::Request(_)) { sent } else { run.lines }
        };
        let struck: Vec<Mishap> =
            mishaps.iter().filter(is_struck).map(|(mishap, _)| *mishap).collect();
        for mishap in &struck {
            self.struck(on, *mishap);
        }
        self.ran(&run, line);
        let is_clients = |it: &Mishap| matches!(it, Mishap::Happens(what) if what.is_clients());
        let judged = judge(line, &run, &before, self.world);
        self.last = Some((on, run));
        if struck.iter().any(is_clients) { Ok(()) } else { judged }
    }

    /// What is left of a mishap behind its command.
    fn struck(&mut self, on: usize, mishap: Mishap) {
        *self.ended.struck.entry(mishap.kind()).or_default() += 1;
        match mishap {
            Mishap::Unseen(sites, Until::OneLook) => {
                for site in sites.iter().filter(|site| !self.blind[on][**site as usize]) {
                    self.machines[on].wire(*site).mend();
                }
            }
            Mishap::Unseen(sites, Until::Mended) => {
                for site in sites {
                    self.blind[on][*site as usize] = true;
                }
            }
            Mishap::Happens(what) => self.note(what),
            Mishap::Killed | Mishap::Request(_) => {}
        }
    }

    async fn halted(
        &mut self,
        on: usize,
        (what, other): (What, What),
        at: usize,
    ) -> Result<(), String> {
        let there = (on + 1) % self.machines.len();
        let (what, other) = (self.fitting(what), self.fitting(other));
        let line = what.line(self.is_without_leader(on, what));
        let second = other.line(self.is_without_leader(there, other));
        self.may_be_two(&line);
        self.may_be_two(&second);
        let before = oracle::members(self.world);
        let world = self.world;
        let meanwhile = async {
            let now = oracle::members(world);
            let run = self.machines[there].run_and(&typed(&second), writes(world)).await;
            let judged = judge_beside((&second, &line), &run, (&before, &now), world);
            (run, judged)
        };
        let typed = typed(&line);
        let halted = self.machines[on].halted_after(&typed, at);
        let (run, (other_run, judged)) = halted.while_it_stands(meanwhile).await;
        self.ran(&other_run, &format!("meanwhile, machine {there}: {second}"));
        self.ran(&run, &line);
        if run.lines >= at {
            *self.ended.struck.entry("halted").or_default() += 1;
        }
        judged.map_err(|why| format!("meanwhile, {second}: {why}"))?;
        let judged = if run.exit == Some(3) {
            Ok(())
        } else {
            judge_beside((&line, &second), &run, (&before, &before), world)
        };
        self.last = Some((on, run));
        judged
    }

    fn hook(&self, on: usize, mishaps: &[(Mishap, usize)]) -> Hook {
        let (clients, wires) = (self.world.clients(), self.machines[on].wires.clone());
        let (writes, mishaps) = (writes(self.world), mishaps.to_vec());
        Arc::new(move |line| {
            writes(line);
            for (mishap, _) in mishaps.iter().filter(|(_, at)| *at == line) {
                match *mishap {
                    Mishap::Killed => kill(),
                    Mishap::Unseen(sites, until) => {
                        for site in sites {
                            wires[*site as usize].lose(until);
                        }
                    }
                    Mishap::Happens(Happening::Seen) => wires.iter().for_each(|wire| wire.mend()),
                    Mishap::Happens(what) => happen_among(&clients, what),
                    Mishap::Request(_) => {}
                }
            }
        })
    }

    fn ran(&mut self, run: &Run, line: &str) {
        let how = run.exit.map_or("killed".to_owned(), |exit| exit.to_string());
        *self.ended.exits.entry(how).or_default() += 1;
        (self.told)(&format!("{line}: {run}"));
    }

    /// A person who accepts a loss may get two sides that take writes.
    fn may_be_two(&self, line: &str) {
        if ["--accept-data-loss", "--confirm", "--discard"].iter().any(|word| line.contains(word)) {
            self.world.pair.allow_two_writable(true);
        }
    }

    /// What must be so after each act.
    async fn look(&mut self) -> Result<(), String> {
        self.world.pair.tick();
        let now = oracle::members(self.world);
        (self.told)(&format!("now {}, dead {:?}", oracle::picture(&now), self.dead));
        oracle::invariants(self.world)?;
        let are_two = |sides: &_| Site::BOTH.iter().all(|it| oracle::takes_writes(sides, *it));
        if !now.values().any(are_two) {
            self.world.pair.allow_two_writable(false);
        }
        if self.dead == [false; 2] {
            drop(oracle::status(&self.observer).await?);
            for (machine, blind) in self.machines.iter().zip(&self.blind) {
                if *blind == [false; 2] {
                    drop(oracle::status(machine).await?);
                }
            }
        } else if self.observer.run("esdr status").await.exit == Some(0) {
            return Err("status exits 0 while a cluster is dead".to_owned());
        }
        oracle::invariants(self.world)
    }

    /// Everything is put right, and one operator walks the way out.
    async fn end(&mut self) -> Result<(), String> {
        for what in [Happening::Restarted, Happening::LinksMended, Happening::Seen] {
            happen(&self.world.clients(), self.world, what);
            self.note(what);
        }
        (self.told)(&"--- everything is put right");
        self.world.pair.pass(Duration::from_secs(60));
        self.world.pair.tick();
        self.look().await?;
        self.ended.left = oracle::picture(&oracle::members(self.world));
        // A person's word may be asked for on the way.
        let machine = self.last.as_ref().map_or(0, |(on, _)| *on);
        let nothing = Run { exit: None, out: String::new(), err: String::new(), lines: 0 };
        let last = self.last.as_ref().map_or(&nothing, |(_, run)| run);
        self.world.pair.allow_two_writable(true);
        self.ended.walked = oracle::way_out(&self.machines[machine], last).await?;
        let now = oracle::members(self.world);
        (self.told)(&format!("in the end {}", oracle::picture(&now)));
        self.ended.end = match oracle::one_side(&now) {
            Some(site) if oracle::holds(&now, Wanted::Protected(site)) => "protected",
            Some(_) => "one side leads",
            None => "no one side",
        };
        oracle::invariants(self.world)
    }
}

fn typed(line: &str) -> String {
    format!("{line} --yes -o json")
}

/// Clients write to an index after the other, a side after the other.
fn writes(world: &World) -> Hook {
    let (clients, turn) = (world.clients(), AtomicUsize::new(0));
    Arc::new(move |_| clients.write_in_turn(turn.fetch_add(1, Ordering::Relaxed)))
}

fn happen(clients: &Clients, world: &World, what: Happening) {
    if let Happening::Minutes(minutes) = what {
        world.pair.pass(Duration::from_secs(60 * u64::from(minutes)));
    }
    happen_among(clients, what);
    world.write_everywhere();
}

/// What may also happen between two lines of a journal.
fn happen_among(clients: &Clients, what: Happening) {
    let pair = clients.pair();
    match what {
        Happening::Dies(site) => pair.fault(Fault::Kill(site)),
        Happening::Restarted => {
            for site in Site::BOTH.into_iter().filter(|site| !clients.answers(*site)) {
                pair.fault(Fault::Restart(site));
            }
        }
        Happening::Cut(from) => pair.fault(Fault::Cut { from, to: from.other() }),
        Happening::LinksMended => {
            for from in Site::BOTH {
                pair.fault(Fault::Mend { from, to: from.other() });
            }
        }
        Happening::RolledOver => clients.roll_over(),
        Happening::Created(day) => {
            for site in Site::BOTH.into_iter().filter(|site| clients.leads(*site)) {
                clients.create_on(site, &format!("orders-00001{day}"));
            }
        }
        Happening::Deleted => {
            for site in Site::BOTH.into_iter().filter(|site| clients.leads(*site)) {
                clients.delete_on(site);
            }
        }
        Happening::Seen | Happening::Minutes(_) => {}
    }
}
