//! Every case that there is, carried out side by side.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fmt,
    io::{self, Write as _},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use esdr::sandbox::{Personality, Site};

use super::{
    case::{Again, Back, Case, Change, Event, Settled, guarded, writes},
    machine::Machine,
    places::{Course, Far, is_only_read},
    scene::{HERE, SCENES, Scene},
    wire::{Answer, Place},
    world::{Still, World},
};

/// The futures of a build for tests need more than the usual two MiB.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A scene on one version, and how its command goes when nothing happens.
pub struct Set {
    pub scene: &'static Scene,
    pub personality: Personality,
    still: Still,
    course: Arc<Course>,
    /// What was left by first runs after which all went well.
    settled: Arc<Settled>,
}

impl Set {
    /// As its scene begins.
    pub fn world(&self) -> World {
        self.still.world()
    }
}

/// The scenes, prepared, and run once without anything happening.
pub fn sets(scenes: impl Fn(&Scene) -> bool) -> Vec<Set> {
    let all: Vec<(&Scene, Personality)> = SCENES
        .iter()
        .filter(|scene| scenes(scene))
        .flat_map(|scene| [Personality::V6_8, Personality::V8_19].map(|it| (scene, it)))
        .collect();
    side_by_side(&all, |(scene, personality)| {
        let still = on_a_paused_clock(scene.set(*personality));
        // By itself: chance is the same then as in the cases.
        let (run, course) = on_a_paused_clock(async {
            let world = still.world();
            let here = Machine::new(&world, HERE);
            Course::of(scene, &here, writes(&world)).await
        });
        assert!(matches!(run.exit, Some(0 | 6)), "{}: {run}", scene.name);
        let (course, settled) = (Arc::new(course), Arc::default());
        Set { scene, personality: *personality, still, course, settled }
    })
}

/// Every case of these scenes.
pub fn cases(sets: &[Set]) -> Vec<(&Set, Case)> {
    let mut cases = Vec::new();
    for set in sets {
        let Set { scene, personality, .. } = *set;
        let case = |event, at, again| Case { scene, event, at: vec![at], again, personality };
        for line in 1..=set.course.lines {
            let at = Place { line, request: 0 };
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
        for (&at, asked) in &set.course.asked {
            // What only reads has done nothing when it is cut, before or after; what changes
            // something is not asked again.
            let is_only_read = is_only_read(asked);
            let left_out = if is_only_read { Answer::CutAfter } else { Answer::GivenUp };
            for how in Answer::ALL.into_iter().filter(|how| *how != left_out) {
                cases.push((set, case(Event::Request(how), at, Again::Same)));
            }
        }
    }
    cases
}

/// What may be out of sight at a time.
pub const LOST: [&[Site]; 3] = [&[Site::A], &[Site::B], &Site::BOTH];

fn at_a_line() -> Vec<Event> {
    let mut events = vec![Event::Killed];
    for sites in LOST {
        for back in [Back::Never, Back::AfterOneLook, Back::ForTheRerun] {
            events.push(Event::Unseen(sites, back));
        }
    }
    events
}

/// What one case came to, and where it has happened; a panic of esdr's counts as wrong.
pub fn carry_out(
    set: &Set,
    case: &Case,
    far: Far,
    told: &dyn Fn(&dyn fmt::Display),
) -> (Vec<Place>, Result<(), String>) {
    let (taken, mut ends) = together(set, &[case], far, told);
    (taken, ends.remove(0))
}

/// What cases came to that have their first run in common.
fn together(
    set: &Set,
    cases: &[&Case],
    far: Far,
    told: &dyn Fn(&dyn fmt::Display),
) -> (Vec<Place>, Vec<Result<(), String>>) {
    on_a_paused_clock(async {
        let first = cases[0].first(&set.still, (&set.course, &set.settled), far, told);
        let (taken, first) = match guarded(first).await {
            Ok(first) => first,
            Err(why) => (Vec::new(), Err(why)),
        };
        let mut ends = Vec::new();
        for case in cases {
            ends.push(match &first {
                Ok(first) => {
                    guarded(case.then(first, &set.settled, told)).await.and_then(|end| end)
                }
                Err(why) => Err(why.clone()),
            });
        }
        (taken, ends)
    })
}

/// What cases came to of which mostly nothing is left, all of the same event: as many of them in one
/// run as can be, and those of a run that went wrong one by one.
fn in_turns(set: &Set, cases: &[&Case]) -> Vec<(Case, Result<(), String>)> {
    let mut left: BTreeMap<Place, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        left.entry(case.happens_at(&set.course)).or_default().push(case);
    }
    let mut again: Vec<Again> = Vec::new();
    for case in cases {
        if !again.contains(&case.again) {
            again.push(case.again);
        }
    }
    let mut ends = Vec::new();
    while let Some(first) = left.first_key_value().map(|(place, _)| *place) {
        let at: Vec<Place> = left.keys().copied().collect();
        let whole = |again: &Again| Case { at: at.clone(), again: *again, ..cases[0].clone() };
        let whole: Vec<Case> = again.iter().map(whole).collect();
        let whole: Vec<&Case> = whole.iter().collect();
        let (taken, come_to) = together(set, &whole, Far::AsNeeded, &|_| {});
        let wrong = come_to.iter().find(|end| end.is_err());
        if !taken.contains(&first) {
            let why = wrong.cloned().unwrap_or(Err("the run does not come there".to_owned()));
            let never = left.remove(&first).into_iter().flatten();
            ends.extend(never.map(|case| (case.clone(), why.clone())));
        }
        let tried: Vec<&Case> =
            taken.iter().filter_map(|place| left.remove(place)).flatten().collect();
        let alone = |case: &&Case| match wrong {
            None => ((*case).clone(), Ok(())),
            Some(_) => ((*case).clone(), carry_out(set, case, Far::ToTheEnd, &|_| {}).1),
        };
        let alone: Vec<_> = tried.iter().map(alone).collect();
        let is_explained = alone.iter().any(|(_, end)| end.is_err());
        ends.extend(alone);
        if let (Some(wrong), false) = (wrong, is_explained) {
            ends.push((Case { at: taken, ..cases[0].clone() }, wrong.clone()));
        }
    }
    ends
}

/// The failures of a kind, and how many cases it has.
#[derive(Debug, Default)]
pub struct Kind {
    pub cases: usize,
    /// How long they took one thread; those that share a first run count for the first of them.
    pub took: Duration,
    /// Which case, and what was wrong.
    pub failed: Vec<(String, String)>,
}

/// Carries out all of them.
pub fn carry_out_all(cases: &[(&Set, Case)]) -> BTreeMap<String, Kind> {
    let log = std::env::var("ESDR_WORLDS_LOG").ok();
    let mut groups: BTreeMap<_, (&Set, Vec<&Case>)> = BTreeMap::new();
    for (set, case) in cases {
        let at = (!case.may_leave_nothing()).then(|| case.happens_at(&set.course));
        let key = (set.scene.name, format!("{:?}", set.personality), case.first_run(), at);
        groups.entry(key).or_insert((set, Vec::new())).1.push(case);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    // What takes long is begun first, and what one group of a set has seen spares others of it much
    // if they come later: so those of one set take turns with the others'.
    groups.sort_by_key(|(set, cases)| Reverse(cases.len() * set.course.asked.len()));
    let mut turns: BTreeMap<_, usize> = BTreeMap::new();
    groups.sort_by_cached_key(|(set, _)| {
        let turn = turns.entry((set.scene.name, format!("{:?}", set.personality))).or_default();
        *turn += 1;
        *turn
    });
    let ends = side_by_side(&groups, |(set, cases)| {
        let began = Instant::now();
        let ends = if cases[0].may_leave_nothing() {
            in_turns(set, cases)
        } else {
            let (_, ends) = together(set, cases, Far::AsNeeded, &|_| {});
            cases.iter().map(|case| (*case).clone()).zip(ends).collect()
        };
        for (case, end) in &ends {
            if let (Some(log), Err(why)) = (&log, end) {
                let file = std::fs::OpenOptions::new().append(true).create(true).open(log);
                writeln!(file.unwrap(), "{}: {}", case.id(), why.replace('\n', " ")).unwrap();
            }
        }
        (began.elapsed(), ends)
    });
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for ((_, cases), (took, _)) in groups.iter().zip(&ends) {
        kinds.entry(cases[0].kind()).or_default().took += *took;
    }
    for (case, end) in ends.into_iter().flat_map(|(_, ends)| ends) {
        let kind = kinds.entry(case.kind()).or_default();
        kind.cases += 1;
        if let Err(why) = end {
            kind.failed.push((case.id(), why));
        }
    }
    kinds
}

/// Says it also where the test passes: counts are what shows that it has looked.
pub fn say(what: impl fmt::Display) {
    // What `eprintln!` prints is taken away.
    let mut past_the_harness = io::stderr().lock();
    writeln!(past_the_harness, "{what}").unwrap();
}

/// Who has the cores: one that wants them all, or any number that want one each.
static CORES: (Mutex<Users>, Condvar) =
    (Mutex::new(Users { beside: 0, is_alone: false }), Condvar::new());

struct Users {
    beside: usize,
    is_alone: bool,
}

/// Has the cores until it goes.
pub struct OnCores {
    is_alone: bool,
}

/// Holds up every other test, so that each of those that take all cores says how long it takes by
/// itself.
pub fn alone() -> OnCores {
    OnCores::when(true, |users| !users.is_alone && users.beside == 0)
}

/// Waits while one has all cores.
pub fn beside() -> OnCores {
    OnCores::when(false, |users| !users.is_alone)
}

impl OnCores {
    fn when(is_alone: bool, may: impl Fn(&Users) -> bool) -> Self {
        let (users, gone) = &CORES;
        let users = users.lock().unwrap_or_else(PoisonError::into_inner);
        let mut users =
            gone.wait_while(users, |users| !may(users)).unwrap_or_else(PoisonError::into_inner);
        users.is_alone |= is_alone;
        users.beside += usize::from(!is_alone);
        Self { is_alone }
    }
}

impl Drop for OnCores {
    fn drop(&mut self) {
        let (users, gone) = &CORES;
        let mut users = users.lock().unwrap_or_else(PoisonError::into_inner);
        users.is_alone &= !self.is_alone;
        users.beside -= usize::from(!self.is_alone);
        gone.notify_all();
    }
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
