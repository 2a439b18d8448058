//! Every case that there is, carried out side by side.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use esdr::sandbox::{Personality, Site};

use super::{
    case::{Again, Back, Case, Change, Event},
    machine::Machine,
    scene::{HERE, SCENES, Scene},
    wire::Answer,
    world::Still,
};

/// The futures of a build for tests need more than the usual two MiB.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A scene on one version, with how long its command is when nothing happens.
pub struct Set {
    pub scene: &'static Scene,
    pub personality: Personality,
    pub still: Still,
    pub lines: usize,
    /// The numbers of the requests that are places of their own.
    pub requests: Vec<usize>,
}

/// The scenes, prepared, and run once without anything happening.
pub fn sets(scenes: impl Fn(&Scene) -> bool) -> Vec<Set> {
    let all: Vec<(&Scene, Personality)> = SCENES
        .iter()
        .filter(|scene| scenes(scene))
        .flat_map(|scene| [Personality::V6_8, Personality::V8_19].map(|it| (scene, it)))
        .collect();
    side_by_side(&all, |(scene, personality)| {
        on_a_paused_clock(async {
            let still = scene.set(*personality).await;
            let world = still.world();
            let here = Machine::new(&world, HERE);
            here.note_places();
            let run = here.run(&scene.typed()).await;
            assert!(matches!(run.exit, Some(0 | 6)), "{}: {run}", scene.name);
            let requests = here.places();
            Set { scene, personality: *personality, still, lines: run.lines, requests }
        })
    })
}

/// Every case of these scenes.
pub fn cases(sets: &[Set]) -> Vec<(&Set, Case)> {
    let mut cases = Vec::new();
    for set in sets {
        let Set { scene, personality, .. } = *set;
        let case = |event, at, again| Case { scene, event, at, again, personality };
        for at in 1..=set.lines {
            for event in at_a_line() {
                for again in [Again::Same, Again::Other] {
                    cases.push((set, case(event, at, again)));
                }
            }
            cases.push((set, case(Event::Killed, at, Again::Late)));
            for other in &SCENES {
                cases.push((set, case(Event::Halted(other), at, Again::Same)));
            }
            for change in [Change::RolledOver, Change::Created, Change::Deleted] {
                cases.push((set, case(Event::Change(change), at, Again::Same)));
            }
        }
        for &at in &set.requests {
            for how in Answer::ALL {
                cases.push((set, case(Event::Request(how), at, Again::Same)));
            }
        }
    }
    cases
}

fn at_a_line() -> Vec<Event> {
    const LOST: [&[Site]; 3] = [&[Site::A], &[Site::B], &Site::BOTH];
    let mut events = vec![Event::Killed];
    for sites in LOST {
        for back in [Back::Never, Back::AfterOneLook, Back::ForTheRerun] {
            events.push(Event::Unseen(sites, back));
        }
    }
    events
}

/// What one case came to; a panic of esdr's counts as wrong.
pub fn carry_out(
    set: &Set,
    case: &Case,
    told: &dyn Fn(&dyn std::fmt::Display),
) -> Result<(), String> {
    let run = || on_a_paused_clock(case.run(&set.still, told));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

/// The failures of a kind, and how many cases it has.
#[derive(Debug, Default)]
pub struct Kind {
    pub cases: usize,
    /// Which case, and what was wrong.
    pub failed: Vec<(String, String)>,
}

/// Carries out all of them.
pub fn carry_out_all(cases: &[(&Set, Case)]) -> BTreeMap<String, Kind> {
    let log = std::env::var("ESDR_WORLDS_LOG").ok();
    let ends = side_by_side(cases, |(set, case)| {
        let end = carry_out(set, case, &|_| {});
        if let (Some(log), Err(why)) = (&log, &end) {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
            writeln!(file, "{}: {}", case.id(), why.replace('\n', " ")).unwrap();
        }
        end
    });
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for ((_, case), end) in cases.iter().zip(ends) {
        let kind = kinds.entry(case.kind()).or_default();
        kind.cases += 1;
        if let Err(why) = end {
            kind.failed.push((case.id(), why));
        }
    }
    kinds
}

/// On as many threads as there are cores; the results in order.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            let turn = || loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { break };
                let result = work(item);
                done.lock().unwrap().push((at, result));
            };
            thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, turn).unwrap();
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

pub fn on_a_paused_clock<T>(work: impl Future<Output = T>) -> T {
    fastrand::seed(14);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(work)
}
