//! The places in a run at which a request may be answered otherwise, and runs in which that happens
//! at many of them, one after another.
//!
//! Mostly what was answered otherwise leaves no trace: it is asked again. Once the run is back at a
//! line of its journal with everything as it was there in a run that was not disturbed, the next is
//! tried in the same run, and only what was left behind by one of them takes a run of its own.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use esdr::{
    es::transport::{Method, Request},
    sandbox::{Pair, without_chance},
};

use super::{
    case::{Settled, hash},
    machine::{Hook, Machine, Run, kill},
    scene::Scene,
    wire::{Answer, Place, Sent},
    world::World,
};

/// A question that is put to a cluster more often than this between two lines of the journal is a
/// poll: nothing was changed meanwhile, for a change is in the journal before it is made.
const ASKED_MAX: usize = 2;

/// A run in which nothing happens: what others are held against.
#[derive(Default)]
pub struct Course {
    /// How many lines its journals have.
    pub lines: usize,
    /// Every request that is a place of its own, with what it asks.
    pub asked: BTreeMap<Place, String>,
    /// The same by the line, what is asked, and how often that was asked since the line.
    place_of: HashMap<(usize, String, usize), Place>,
    /// What there was after each line of the journals.
    after_line: Vec<String>,
}

impl Course {
    /// Carries the command out, and notes it.
    pub async fn of(scene: &Scene, here: &Machine<'_>, clients: Hook) -> (Run, Self) {
        let asked = Arc::new(Mutex::new((BTreeMap::new(), HashMap::new())));
        let (noted, mut times, mut alike) =
            (Arc::clone(&asked), Times::default(), Times::default());
        here.tap(Box::new(move |sent| {
            let (line, question) = (sent.place.line, question(sent));
            let nth = times.next(line, question.clone());
            let whole = format!("{question}{:?}", sent.request.body);
            if alike.next(line, whole) <= ASKED_MAX {
                let (asked, place_of) = &mut *noted.lock().unwrap();
                asked.insert(sent.place, question.clone());
                place_of.insert((line, question, nth), sent.place);
            }
            None
        }));
        let after_line = Arc::new(Mutex::new(Vec::new()));
        let (seen, likeness) = (Arc::clone(&after_line), likeness_of(here.world));
        let hook = Arc::new(move |line| {
            clients(line);
            seen.lock().unwrap().push(likeness());
        });
        let run = here.run_and(&scene.typed(), hook).await;
        here.tap(Box::new(|_| None));
        let (asked, place_of) = std::mem::take(&mut *asked.lock().unwrap());
        let after_line = std::mem::take(&mut *after_line.lock().unwrap());
        (run.clone(), Self { lines: run.lines, asked, place_of, after_line })
    }

    /// The first line from which on no request went out until after this one, counted from 1. For
    /// what only shows once a request goes out there is no difference between the two.
    pub fn last_heard(&self, line: usize) -> usize {
        let at = |line| Place { line, request: 0 };
        let is_silent = |line: &usize| self.asked.range(at(*line)..at(line + 1)).next().is_none();
        (1..line).rev().take_while(is_silent).last().unwrap_or(line)
    }

    /// Whether there was this after a line, counted from 1.
    pub fn is_so_after(&self, line: usize, likeness: &str) -> bool {
        let at = line.checked_sub(1);
        at.and_then(|at| self.after_line.get(at)).is_some_and(|it| it == likeness)
    }
}

/// How often something was asked since a line.
#[derive(Default)]
struct Times(HashMap<(usize, String), usize>);

impl Times {
    fn next(&mut self, line: usize, what: String) -> usize {
        let times = self.0.entry((line, what)).or_default();
        *times += 1;
        *times
    }
}

/// What a request asks, and whom.
fn question(sent: &Sent<'_>) -> String {
    without_chance(&format!("{:?} {:?} {}", sent.site, sent.request.method, sent.request.path))
}

/// Whether what was asked changes nothing, and may be asked again.
pub fn is_only_read(question: &str) -> bool {
    let mut parts = question.splitn(3, ' ').skip(1);
    let method = match parts.next() {
        Some("Get") => Method::Get,
        Some("Post") => Method::Post,
        _ => return false,
    };
    Request::new(method, parts.next().unwrap_or_default()).is_question()
}

/// A run with requests that are answered otherwise.
pub struct Disturbed {
    course: Arc<Course>,
    settled: Arc<Settled>,
    how: Answer,
    at: Mutex<At>,
    far: Far,
}

/// How far a run goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Far {
    /// Until all is as it is undisturbed and no place is left.
    AsNeeded,
    ToTheEnd,
}

#[derive(Default)]
struct At {
    /// Where it is still to happen.
    wanted: BTreeSet<Place>,
    /// Where it has happened.
    taken: Vec<Place>,
    /// Whether the last of them has left a trace so far.
    is_off: bool,
    /// Whether none has, so far as it is known: that is looked at after the next line.
    is_to_show: bool,
    /// What esdr itself asks again, before it goes on.
    lost: BTreeSet<String>,
    times: Times,
    /// What there was after each line since, off the course.
    passed: Vec<u64>,
}

impl Disturbed {
    /// A run in which it happens at as many of these as can be.
    pub fn at(
        (course, settled): (&Arc<Course>, &Arc<Settled>),
        how: Answer,
        wanted: &[Place],
        far: Far,
    ) -> Arc<Self> {
        let at = At { wanted: wanted.iter().copied().collect(), ..At::default() };
        let (course, settled) = (Arc::clone(course), Arc::clone(settled));
        Arc::new(Self { course, settled, how, at: Mutex::new(at), far })
    }

    /// Where it has happened.
    pub fn taken(&self) -> Vec<Place> {
        self.at.lock().unwrap().taken.clone()
    }

    /// What the run came through off the course; all went well from there where all is well with
    /// the run.
    pub fn passed(&self) -> Vec<u64> {
        self.at.lock().unwrap().passed.clone()
    }

    /// Lets it happen on this machine.
    pub fn begin(self: &Arc<Self>, here: &Machine<'_>) {
        let (disturbed, how) = (Arc::clone(self), self.how);
        here.tap(Box::new(move |sent| disturbed.is_at(sent).then_some(how)));
    }

    fn is_at(&self, sent: &Sent<'_>) -> bool {
        let at = &mut *self.at.lock().unwrap();
        let (from, to) = (sent.place.line, sent.place.line + 1);
        let [from, to] = [from, to].map(|line| Place { line, request: 0 });
        let is_wanted = !at.is_off && at.wanted.range(from..to).next().is_some();
        if at.lost.is_empty() && !is_wanted {
            return false;
        }
        let question = question(sent);
        if at.lost.remove(&question) {
            return false;
        }
        // What came before may have changed in which order it is asked.
        let nth = at.times.next(sent.place.line, question.clone());
        let place = self.course.place_of.get(&(sent.place.line, question.clone(), nth));
        let Some(place) = place.filter(|place| !at.is_off && at.wanted.remove(place)) else {
            return false;
        };
        at.taken.push(*place);
        at.passed.clear();
        (at.is_off, at.is_to_show) = (true, true);
        if self.is_asked_again(sent.request) {
            at.is_off = false;
            at.lost.insert(question);
        }
        true
    }

    /// Whether esdr hears of it only if it is lost several times, so that others may be lost at the
    /// same time.
    fn is_asked_again(&self, request: &Request) -> bool {
        Answer::LOST.contains(&self.how) && request.is_question()
    }

    /// What to do after each line: the run ends where nothing is left for it to show.
    pub fn hook(self: &Arc<Self>, here: &Machine<'_>, clients: Hook) -> Hook {
        let (disturbed, likeness) = (Arc::clone(self), likeness_of(here.world));
        Arc::new(move |line| {
            clients(line);
            if disturbed.is_over(line, &likeness) {
                kill()
            }
        })
    }

    /// How it was lost where a state does not show it: a stranger is remembered by the run, and
    /// silence has taken of a step's time.
    fn leaves_more(&self) -> Option<&'static str> {
        matches!(self.how, Answer::Stranger | Answer::Silent).then(|| self.how.word())
    }

    /// Whether nothing is left for the run to show after this line: all is as it is undisturbed and
    /// no place is left to come, or another run went on from here to a good end to which the same
    /// request had been lost in another way.
    fn is_over(&self, line: usize, likeness: &impl Fn() -> String) -> bool {
        let at = &mut *self.at.lock().unwrap();
        let mut is_known = false;
        if at.is_to_show {
            let now = likeness();
            at.is_off = !self.course.is_so_after(line, &now);
            at.is_to_show = at.is_off;
            let passed = hash(&(self.leaves_more(), at.taken.last(), line, now));
            is_known = at.is_off && self.settled.has(passed);
            at.passed.push(passed);
        }
        let is_last = at.wanted.last().is_none_or(|place| place.line < line);
        let is_back = is_last && !at.taken.is_empty() && !at.is_off;
        self.far == Far::AsNeeded && (is_back || is_known)
    }
}

/// What there is, on the clusters and on the machines, and where the run is, without what chance
/// has given.
pub fn likeness_of(world: &World) -> impl Fn() -> String + Send + Sync + use<> {
    likeness(world, |journal| journal.lines().last().unwrap_or_default())
}

/// What a run leaves, without what chance has given. Of a journal nothing is ever read again.
pub fn left_by(world: &World) -> String {
    likeness(world, |_| "")()
}

fn likeness(
    world: &World,
    of_journal: fn(&str) -> &str,
) -> impl Fn() -> String + Send + Sync + use<> {
    let (pair, folder): (Arc<Pair>, PathBuf) = (Arc::clone(&world.pair), world.path(""));
    move || {
        let mut all = Vec::new();
        texts(&folder, of_journal, &mut all);
        let folder = folder.to_string_lossy();
        let without = |text: &String| without_chance(&text.replace(&*folder, ""));
        let mut all: Vec<String> = all.iter().map(without).collect();
        all.sort();
        all.push(pair.likeness().replace(&*folder, ""));
        all.join("\n")
    }
}

fn texts(folder: &Path, of_journal: fn(&str) -> &str, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            texts(&entry.path(), of_journal, into);
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            let is_journal = entry.path().extension().is_some_and(|it| it == "jsonl");
            let text = if is_journal { of_journal(&text) } else { &text };
            if !text.is_empty() {
                into.push(format!("{} {}", entry.path().display(), text));
            }
        }
    }
}
