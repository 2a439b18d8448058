//! One case of the enumeration: a scene, what happens in the middle of it, and where.

use std::{
    collections::HashSet,
    fmt,
    hash::{DefaultHasher, Hash, Hasher as _},
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use esdr::sandbox::{Fault, Personality, Site, without_chance};
use futures_util::FutureExt;

use super::{
    beside,
    in_turn::{InTurn, Turn},
    machine::{Hook, Machine, Run, kill},
    oracle,
    places::{Course, Disturbed, Far, left_by},
    scene::{HERE, Scene},
    wire::{Answer, Place, Until},
    world::{Still, World},
};

/// What happens at a place in a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    Killed,
    /// These clusters are out of the machine's sight.
    Unseen(&'static [Site], Back),
    /// A request is answered so.
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
#[derive(Clone, Debug)]
pub struct Case {
    pub scene: &'static Scene,
    pub event: Event,
    /// Right after this line of the journals, or at this request; at several requests in turn, if
    /// need be.
    pub at: Vec<Place>,
    pub again: Again,
    pub personality: Personality,
}

/// A first run that was as it has to be, and what there was after it.
pub struct First {
    pub run: Run,
    still: Still,
    /// What it came through off the undisturbed course.
    passed: Vec<u64>,
}

/// What first runs left, or came through, after which all went well: from there it is not tried
/// again.
#[derive(Default)]
pub struct Settled(Mutex<HashSet<u64>>);

impl Settled {
    pub fn has(&self, left: u64) -> bool {
        self.0.lock().unwrap().contains(&left)
    }

    fn add(&self, left: u64) {
        self.0.lock().unwrap().insert(left);
    }
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
        let at: Vec<String> = self.at.iter().map(ToString::to_string).collect();
        format!("{}/{}/{again}/{version}", self.kind(), at.join("+"))
    }

    /// What happens in its first run: cases of one scene for which that is the same have it in
    /// common, if it happens to them at the same place or may happen in one run several times.
    pub fn first_run(&self) -> String {
        match self.event {
            Event::Killed => "killed".to_owned(),
            Event::Unseen(lost, Back::AfterOneLook) => format!("one-look-{lost:?}"),
            Event::Unseen(lost, _) => format!("unseen-{lost:?}"),
            Event::Halted(other) => format!("halted-{}", other.name),
            Event::Request(how) => how.word().to_owned(),
            Event::Change(_) => self.kind(),
        }
    }

    /// Where it happens, or an earlier place at which it would make no difference.
    pub fn happens_at(&self, course: &Course) -> Place {
        let at = self.at[0];
        match self.event {
            // Both show at the next request.
            Event::Unseen(..) | Event::Halted(_) => {
                Place { line: course.last_heard(at.line), ..at }
            }
            Event::Killed | Event::Request(_) | Event::Change(_) => at,
        }
    }

    /// Whether nothing happens but that something is not seen. What a stranger says is more.
    fn is_only_sight(&self) -> bool {
        match self.event {
            Event::Request(how) => how != Answer::Stranger,
            Event::Unseen(..) => true,
            Event::Killed | Event::Halted(_) | Event::Change(_) => false,
        }
    }

    /// Whether mostly nothing is left of it, so that it may happen several times in one run, which
    /// is over when nothing is left to see.
    pub fn may_leave_nothing(&self) -> bool {
        matches!(
            self.event,
            Event::Request(_) | Event::Unseen(_, Back::AfterOneLook) | Event::Halted(_)
        )
    }

    /// The run in which it happens, and where it does; or what was wrong with it.
    pub async fn first(
        &self,
        still: &Still,
        (course, settled): (&Arc<Course>, &Arc<Settled>),
        far: Far,
        told: &dyn Fn(&dyn fmt::Display),
    ) -> (Vec<Place>, Result<First, String>) {
        let world = still.world();
        let mut passed = Vec::new();
        let here = Machine::new(&world, HERE);
        let before = oracle::members(&world);
        let far_on_lines = if self.may_leave_nothing() { far } else { Far::ToTheEnd };
        let in_turn = InTurn::at(course, &here, &self.at, far_on_lines);
        let (taken, run) = match self.event {
            Event::Halted(other) => {
                let run = beside::halted(self, other, (&here, &in_turn), &before, told).await;
                (in_turn.taken(), run)
            }
            Event::Request(how) => {
                let disturbed = Disturbed::at((course, settled), how, &self.at, far);
                disturbed.begin(&here);
                let hook = disturbed.hook(&here, writes(&world));
                let run = guarded(here.run_and(&self.scene.typed(), hook)).await;
                passed = disturbed.passed();
                (disturbed.taken(), run)
            }
            _ => {
                let hook = self.hook(&here, &in_turn);
                let run = here.run_and(&self.scene.typed(), hook).await;
                (in_turn.taken(), Ok(run))
            }
        };
        let judged = run.and_then(|run| {
            told(&format!("first: {run}"));
            for site in Site::BOTH {
                told(&format!("{site:?} was asked:\n{}", world.pair.requests(site).join("\n")));
            }
            if !matches!(self.event, Event::Change(_) | Event::Halted(_)) {
                oracle::judge(self.scene, &run, &before, &world)?;
            }
            oracle::invariants(&world)?;
            if self.is_only_sight() {
                oracle::is_no_false_excuse(&run)?;
            }
            Ok(First { run, still: world.still(), passed })
        });
        (taken, judged)
    }

    /// What comes after: the same command again, a look, and the way out.
    pub async fn then(
        &self,
        first: &First,
        settled: &Settled,
        told: &dyn Fn(&dyn fmt::Display),
    ) -> Result<(), String> {
        if self.may_leave_nothing() && first.run.exit.is_none() {
            // It was at an end as soon as nothing was left to see.
            return Ok(());
        }
        let world = first.still.world();
        let left = self.left(&world);
        if settled.has(left) {
            told(&"what comes after was tried from where another case had come to");
        } else {
            self.again(first, &world, settled, told).await?;
            settled.add(left);
        }
        first.passed.iter().for_each(|passed| settled.add(*passed));
        Ok(())
    }

    /// Everything that what comes after depends on.
    fn left(&self, world: &World) -> u64 {
        let lost = match self.event {
            Event::Unseen(lost, Back::Never) => lost,
            _ => &[],
        };
        let other = match self.event {
            Event::Halted(other) => other.name,
            _ => "",
        };
        hash(&(format!("{:?} {lost:?} {other}", self.again), left_by(world)))
    }

    async fn again(
        &self,
        first: &First,
        world: &World,
        settled: &Settled,
        told: &dyn Fn(&dyn fmt::Display),
    ) -> Result<(), String> {
        let here = Machine::new(world, HERE);
        let there = self.there(world);
        let again = if self.again == Again::Same { &here } else { &there };
        self.mend_for_the_rerun(again);
        let before = oracle::members(world);
        let rerun = again.run(&self.scene.typed()).await;
        told(&format!("again: {rerun}"));
        let blame = |why| format!("again: {why}");
        let judged = match self.event {
            Event::Halted(other) => {
                let scenes = (self.scene, other);
                oracle::judge_one_of_two(scenes, &rerun, (&before, &before), world)
            }
            _ => oracle::judge(self.scene, &rerun, &before, world),
        };
        judged.map_err(blame)?;
        oracle::invariants(world).map_err(blame)?;
        if self.is_only_sight() {
            oracle::is_no_false_excuse(&rerun).map_err(blame)?;
        }
        again.see_everything();
        if let Some(dead) = self.scene.dead {
            world.pair.fault(Fault::Restart(dead));
        }
        let last = if rerun.exit.is_some() { &rerun } else { &first.run };
        // What is seen from here, and where it leads, was seen where another case has ended so.
        let next = without_chance(&last.result()["next"].to_string());
        let end = hash(&(again.name(), again.ahead_ms, next, left_by(world)));
        if settled.has(end) {
            return Ok(());
        }
        drop(oracle::status(again).await?);
        oracle::way_out(again, last).await?;
        oracle::invariants(world)?;
        settled.add(end);
        Ok(())
    }

    /// The other operator's machine.
    pub fn there<'w>(&self, world: &'w World) -> Machine<'w> {
        let mut there = Machine::new(world, "there");
        there.ahead_ms = if self.again == Again::Late { -2 * 24 * 3600 * 1000 } else { 0 };
        there
    }

    fn hook(&self, here: &Machine<'_>, in_turn: &Arc<InTurn>) -> Hook {
        let (event, in_turn, wires) = (self.event, Arc::clone(in_turn), here.wires.clone());
        let (clients, clusters) = (writes(here.world), here.world.clients());
        Arc::new(move |line| {
            clients(line);
            match (in_turn.after(line), event) {
                (Turn::GoesOn, _) => {}
                (Turn::IsOver, _) | (Turn::Happens, Event::Killed) => kill(),
                (Turn::Happens, Event::Unseen(sites, back)) => {
                    let until = match back {
                        Back::AfterOneLook => Until::OneLook,
                        Back::Never | Back::ForTheRerun => Until::Mended,
                    };
                    for site in sites {
                        wires[*site as usize].lose(until);
                    }
                }
                (Turn::Happens, Event::Change(Change::RolledOver)) => clusters.roll_over(),
                (Turn::Happens, Event::Change(Change::Created)) => clusters.create_newcomer(),
                (Turn::Happens, Event::Change(Change::Deleted)) => clusters.delete_one(),
                (Turn::Happens, Event::Request(_) | Event::Halted(_)) => {}
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

/// A number for what there is.
pub fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// A panic of esdr's is an end as others are, and a wrong one.
pub async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(Box::pin(work)).catch_unwind().await.map_err(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
        format!("panic: {}", text.unwrap_or_default())
    })
}

/// Clients go on writing, on either side, an index after the other.
pub fn writes(world: &World) -> Hook {
    let (clients, turn) = (world.clients(), AtomicUsize::new(0));
    Arc::new(move |_| clients.write_in_turn(turn.fetch_add(1, Ordering::Relaxed)))
}
