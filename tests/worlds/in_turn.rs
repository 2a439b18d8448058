//! What happens after several lines of one run, at one after another of them.
//!
//! Mostly nothing is left of it: then it may happen there again, and only what has left something
//! behind takes a run of its own. What takes long leaves less of its step's time, which shows in that
//! step alone: after it, it may happen again as well.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    machine::Machine,
    places::{Course, Far, likeness_of},
    wire::{Place, Requests, Wire},
};

/// Several times as much are no step's whole time.
const SHORT: Duration = Duration::from_secs(5);

/// The lines of a run after which something is to happen.
pub struct InTurn {
    course: Arc<Course>,
    likeness: Box<dyn Fn() -> String + Send + Sync>,
    requests: Arc<Requests>,
    wires: [Arc<Wire>; 2],
    far: Far,
    so_far: Mutex<SoFar>,
}

struct SoFar {
    wanted: BTreeSet<usize>,
    taken: Vec<usize>,
    /// The step in which it has happened last, and when, as long as something may be left of it.
    happened_in: Option<(String, Instant)>,
}

/// What comes after a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    /// It happens here.
    Happens,
    GoesOn,
    /// Nothing is left for the run to show.
    IsOver,
}

impl InTurn {
    /// After as many of these lines as can be. Without a line that is left, a run that goes as far as
    /// needed is over once all is as it is undisturbed.
    pub fn at(course: &Arc<Course>, here: &Machine<'_>, wanted: &[Place], far: Far) -> Arc<Self> {
        let wanted = wanted.iter().map(|place| place.line).collect();
        Arc::new(Self {
            course: Arc::clone(course),
            likeness: Box::new(likeness_of(here.world)),
            requests: here.requests(),
            wires: here.wires.clone(),
            far,
            so_far: Mutex::new(SoFar { wanted, taken: Vec::new(), happened_in: None }),
        })
    }

    /// Where it has happened.
    pub fn taken(&self) -> Vec<Place> {
        let at = |line: &usize| Place { line: *line, request: 0 };
        self.so_far.lock().unwrap().taken.iter().map(at).collect()
    }

    /// What comes after this line. To be asked once a line.
    pub fn after(&self, line: usize) -> Turn {
        let so_far = &mut *self.so_far.lock().unwrap();
        if let Some((step, when)) = &so_far.happened_in {
            if !self.is_gone(step, *when, line) {
                return Turn::GoesOn;
            }
            so_far.happened_in = None;
        }
        if so_far.wanted.remove(&line) {
            so_far.taken.push(line);
            so_far.happened_in = Some((self.requests.step(), Instant::now()));
            return Turn::Happens;
        }
        let is_last = so_far.wanted.last().is_none_or(|last| *last < line);
        let is_over = self.far == Far::AsNeeded && is_last && !so_far.taken.is_empty();
        if is_over { Turn::IsOver } else { Turn::GoesOn }
    }

    /// Whether nothing is left after this line of what has happened in this step.
    fn is_gone(&self, step: &str, when: Instant, line: usize) -> bool {
        let has_its_time = self.requests.step() != step || when.elapsed() < SHORT;
        has_its_time
            && self.wires.iter().all(|wire| !wire.is_unseen())
            && self.course.is_so_after(line, &(self.likeness)())
    }
}
