//! A history under way: each act is carried out, and then looked at.

use std::{fmt, sync::Arc, time::Duration};

use esdr::sandbox::Site;

use super::{
    acts::{Act, Happening, Mishap, What},
    happened::{happen, happen_among, writes},
    history::Ended,
    judged::{judge, judge_beside},
    machine::{Hook, Machine, Run, kill, typed},
    oracle,
    scene::Wanted,
    wire::{Answer, Until},
    world::World,
};

/// A history under way.
pub struct Course<'w> {
    pub world: &'w World,
    pub machines: Vec<Machine<'w>>,
    /// Sees everything that runs.
    pub observer: Machine<'w>,
    pub dead: [bool; 2],
    /// That a machine cannot reach a cluster.
    pub blind: Vec<[bool; 2]>,
    pub last: Option<(usize, Run)>,
    pub told: &'w dyn Fn(&dyn fmt::Display),
    pub ended: Ended,
}

impl Course<'_> {
    pub async fn act(&mut self, act: &Act) -> Result<(), String> {
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
                    Some(way) => {
                        self.typed(*on, way, mishaps).await?;
                        self.is_not_refused(*on, mishaps)
                    }
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

    /// What status has proposed to one who saw everything, typed at once.
    fn is_not_refused(&self, on: usize, mishaps: &[(Mishap, usize)]) -> Result<(), String> {
        let is_calm = mishaps.is_empty() && self.dead == [false; 2] && self.blind[on] == [false; 2];
        // A link that is down is found out by asking; and clients write on while it is typed.
        let is_told = |run: &Run| {
            let problems = run.result()["problems"].as_array().cloned().unwrap_or_default();
            let codes = ["link_down", "too_many_to_carry"];
            problems.iter().any(|it| codes.contains(&it["code"].as_str().unwrap_or_default()))
        };
        match &self.last {
            Some((_, run)) if is_calm && run.exit == Some(3) && !is_told(run) => {
                Err(format!("what status proposes is refused: {}", run.result()["problems"]))
            }
            _ => Ok(()),
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
        // What was not halted, or behind its last line, had ended before the other began.
        let is_over = run.lines <= at;
        let judged = if is_over || run.exit == Some(3) {
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
    pub async fn look(&mut self) -> Result<(), String> {
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
            // Who typed last has the newest records of its own.
            let last = self.last.as_ref().map_or(0, |(on, _)| *on);
            if self.blind[last] == [false; 2] {
                drop(oracle::status(&self.machines[last]).await?);
            }
        } else if self.observer.run("esdr status").await.exit == Some(0) {
            return Err("status exits 0 while a cluster is dead".to_owned());
        }
        oracle::invariants(self.world)
    }

    /// Everything is put right, and one operator walks the way out.
    pub async fn end(&mut self) -> Result<(), String> {
        for what in [Happening::Restarted, Happening::LinksMended, Happening::Seen] {
            happen(&self.world.clients(), self.world, what);
            self.note(what);
        }
        (self.told)(&"--- everything is put right");
        self.world.pair.pass(Duration::from_secs(60));
        self.world.pair.tick();
        self.look().await?;
        self.ended.left = oracle::picture(&oracle::members(self.world));
        let machine = self.last.as_ref().map_or(0, |(on, _)| *on);
        let nothing = Run { exit: None, out: String::new(), err: String::new(), lines: 0 };
        let last = self.last.as_ref().map_or(&nothing, |(_, run)| run);
        let machine = &self.machines[machine];
        self.may_be_two(&machine.run("esdr status").await.out);
        self.may_be_two(&last.out);
        self.ended.walked = oracle::way_out(machine, last).await?;
        let now = oracle::members(self.world);
        (self.told)(&format!("in the end {}", oracle::picture(&now)));
        oracle::invariants(self.world)?;
        self.ended.end = self.whole().await?;
        oracle::invariants(self.world)
    }

    /// One side leads: where what is proposed leads from there.
    async fn whole(&self) -> Result<&'static str, String> {
        let machine = &self.machines[0];
        let mut typed_before: Vec<String> = Vec::new();
        loop {
            let status = machine.run("esdr status").await;
            let now = oracle::members(self.world);
            let side = oracle::one_side(&now);
            let is_protected = |side| oracle::holds(&now, Wanted::Protected(side));
            if status.exit == Some(0) {
                return Ok(if side.is_some_and(is_protected) { "well" } else { "well, by status" });
            }
            let proposed = oracle::proposed(&status.out);
            let next = proposed.into_iter().find(|next| !typed_before.contains(next));
            let Some(next) = next else {
                (self.told)(&status);
                return Ok(if side.is_some() { "one side leads" } else { "no one side" });
            };
            self.may_be_two(&next);
            let run = machine.run(&typed(&next)).await;
            (self.told)(&format!("{next}: {run}"));
            typed_before.push(next);
            oracle::invariants(self.world)?;
        }
    }
}
