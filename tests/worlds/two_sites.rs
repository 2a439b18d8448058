//! Two sites that both write: every command about them is killed after each of its lines, loses one
//! cluster or both, or one answer. What it says is so, and the same command ends it.
//!
//! Clients write nothing meanwhile: so what a command that is done has brought about is what it brings
//! about when nothing happens, and what one that is refused leaves is what it found.

use std::{collections::BTreeMap, env, sync::Arc};

use esdr::{
    es::transport::Method,
    sandbox::{Fault, Personality, Site, Standing},
};
use serde_json::json;

use super::{
    case::guarded,
    enumeration::{LOST, alone, on_a_paused_clock, side_by_side},
    every_case::share_of,
    machine::{Machine, Run, kill, typed},
    oracle,
    wire::{Answer, Until},
    world::{Still, World},
};

const MEANT: &str = r#"
[bidi.logs]
clusters = ["clusterA", "clusterB"]
"#;

/// A command, and what has happened before.
#[derive(Clone, Copy, Debug)]
struct Scene {
    name: &'static str,
    line: &'static str,
    before: Before,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Before {
    Nothing,
    SetUp,
    /// A is dead.
    Died,
    /// B went on alone, and A is back.
    Back,
}

const SETUP: &str = "esdr bidi setup logs";
const ALONE: &str = "esdr failover --to clusterB --set logs";

const SCENES: [Scene; 4] = [
    Scene { name: "setup", line: SETUP, before: Before::Nothing },
    Scene {
        name: "teardown",
        line: "esdr bidi teardown logs --confirm logs",
        before: Before::SetUp,
    },
    Scene { name: "alone", line: ALONE, before: Before::Died },
    Scene { name: "back", line: "esdr failback --set logs", before: Before::Back },
];

/// What happens to a run.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// After this line.
    Killed(usize),
    Unseen(usize, &'static [Site], Until),
    /// The request of this number is answered so.
    Answered(usize, Answer),
}

impl Scene {
    async fn world(&self, personality: Personality) -> Still {
        let world = World::empty(personality, MEANT);
        let here = Machine::new(&world, "here");
        if self.before >= Before::SetUp {
            drop(here.run(&typed(SETUP)).await.status(0));
            write(&world, &Site::BOTH);
        }
        if self.before >= Before::Died {
            world.pair.fault(Fault::Kill(Site::A));
        }
        if self.before == Before::Back {
            drop(here.run(&typed(ALONE)).await.status(0));
            write(&world, &[Site::B]);
            world.pair.fault(Fault::Restart(Site::A));
            write(&world, &[Site::A]);
        }
        world.still()
    }
}

fn write(world: &World, sites: &[Site]) {
    for site in sites {
        world.ok(*site, Method::Post, "/logs/_doc", json!({"n": 1}));
    }
    world.pair.tick();
}

/// Both clusters as clients meet them, without UUIDs.
fn standing(world: &World) -> Vec<(Standing, bool)> {
    let of_site = |site| {
        let bare = |it: Standing| {
            let follows = it.follows.is_some();
            (Standing { uuid: String::new(), follows: None, ..it }, follows)
        };
        world.pair.standing(site).into_iter().map(bare)
    };
    Site::BOTH.into_iter().flat_map(of_site).collect()
}

/// How a command goes when nothing happens.
struct Course {
    still: Still,
    before: Vec<(Standing, bool)>,
    run: Run,
    after: Vec<(Standing, bool)>,
    requests: usize,
}

impl Course {
    async fn of(scene: &Scene, personality: Personality) -> Self {
        let still = scene.world(personality).await;
        let world = still.world();
        let before = standing(&world);
        let here = Machine::new(&world, "here");
        here.answer(0, Answer::Refused);
        let run = here.run(&typed(scene.line)).await.status(0);
        Self { before, after: standing(&world), run, requests: here.sent(), still }
    }

    fn events(&self, (first, stride): (usize, usize)) -> Vec<Event> {
        let mut events = Vec::new();
        for line in 1..=self.run.lines {
            events.push(Event::Killed(line));
            for sites in LOST {
                for until in [Until::Mended, Until::OneLook] {
                    events.push(Event::Unseen(line, sites, until));
                }
            }
        }
        for nth in (1..=self.requests).filter(|nth| nth % stride == first % stride) {
            events.extend(Answer::ALL.map(|how| Event::Answered(nth, how)));
        }
        events
    }

    fn judge(&self, run: &Run, world: &World) -> Result<(), String> {
        let now = standing(world);
        let outcome = run.outcome();
        let wrong =
            |why: &str| Err(format!("exit {:?} \"{outcome}\", and {why}: {now:?}", run.exit));
        oracle::invariants(world)?;
        match run.exit {
            Some(0) if now != self.after => wrong("not so"),
            Some(3) if now != self.before => wrong("changed"),
            Some(1) => wrong(&run.err),
            Some(_) if outcome.is_empty() => wrong(&run.err),
            _ => Ok(()),
        }
    }

    async fn case(&self, scene: &Scene, event: Event) -> Result<(), String> {
        let world = self.still.world();
        let here = Machine::new(&world, "here");
        if let Event::Answered(nth, how) = event {
            here.answer(nth, how);
        }
        let wires = here.wires.clone();
        let hook = move |line| match event {
            Event::Killed(at) if line == at => kill(),
            Event::Unseen(at, sites, until) if line == at => {
                for site in sites {
                    wires[*site as usize].lose(until);
                }
            }
            _ => {}
        };
        let run = here.run_and(&typed(scene.line), Arc::new(hook)).await;
        self.judge(&run, &world)?;
        let is_only_sight = match event {
            Event::Answered(_, how) => how != Answer::Stranger,
            Event::Unseen(..) => true,
            Event::Killed(_) => false,
        };
        if is_only_sight {
            oracle::is_no_false_excuse(&run)?;
        }
        here.see_everything();
        here.answer(0, Answer::Refused);
        let again = here.run(&typed(scene.line)).await;
        let blame = |why: String| format!("again, after {}: {why}", run.result());
        self.judge(&again, &world).map_err(blame)?;
        if again.exit != Some(0) {
            return Err(blame(format!("{again}")));
        }
        Ok(())
    }
}

/// So many requests are passed over for one that is answered otherwise. `ESDR_TWO_SITES=3/7` tries
/// every seventh from the third on, and `0/1` all.
const SHARE: &str = "0/29";

#[test]
fn whatever_happens_to_a_command_about_two_sites_what_is_said_is_so() {
    let _alone = alone();
    let both = [Personality::V6_8, Personality::V8_19];
    let scenes: Vec<_> = SCENES.iter().flat_map(|scene| both.map(|it| (scene, it))).collect();
    let share = env::var("ESDR_TWO_SITES").unwrap_or(SHARE.to_owned());
    let share = share_of(&share).unwrap_or_else(|| panic!("{share} is no share"));
    let courses = side_by_side(&scenes, |(scene, personality)| {
        on_a_paused_clock(Course::of(scene, *personality))
    });
    let cases: Vec<_> = scenes
        .iter()
        .zip(&courses)
        .flat_map(|(scene, course)| {
            course.events(share).into_iter().map(move |it| (scene, course, it))
        })
        .collect();
    let ends = side_by_side(&cases, |((scene, _), course, event)| {
        on_a_paused_clock(async { guarded(course.case(scene, *event)).await.and_then(|end| end) })
    });
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (((scene, personality), _, event), end) in cases.iter().zip(ends) {
        let (all, failed) = counts.entry(scene.name).or_default();
        *all += 1;
        if let Err(why) = end {
            *failed += 1;
            wrong.push(format!("{} {personality:?} {event:?}: {why}", scene.name));
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
