//! When something happens to a run: it is killed, or halted while the world changes.

use std::fmt;

use crate::support::{
    esdr::{Invocation, Output, Running},
    pair::Pair,
    until::{closely, seconds},
};

/// SIGKILL, which esdr sends itself where a test says.
pub const KILLED: i32 = 128 + 9;

/// No run writes as many lines to its journal.
pub const LINES_MAX: usize = 200;

/// No run takes longer to tell of what it is about to do.
const TOLD_WITHIN_S: u64 = 120;

/// A moment of a run.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// Right after so many lines of its journal.
    After(usize),
    /// Right after the line of its journal with the first event of this step and kind, before
    /// anything goes out.
    At(&'static str, &'static str),
    /// As soon as it is in this step.
    In(&'static str),
    /// As soon as it is in this step and about to send these calls, of which some may reach the
    /// cluster all the same, and be carried out when the run is dead: only what those that went
    /// before them have changed is certain.
    Before(&'static str, &'static str),
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(lines) => write!(formatter, "after {lines} lines"),
            Self::At(step, kind) => write!(formatter, "after {kind} of {step}"),
            Self::In(step) => write!(formatter, "in {step}"),
            Self::Before(step, verb) => write!(formatter, "in {step}, with {verb} under way"),
        }
    }
}

impl Moment {
    /// Carries the command out and kills it then. It ends by itself, with another status than
    /// [`KILLED`], where it has not so many lines; an event that never comes fails the test.
    #[track_caller]
    pub fn kill(self, command: Invocation<'_>) -> Output {
        match self {
            Self::After(lines) => {
                let output = command.env("ESDR_DIE_AFTER_LINES", &lines.to_string()).run();
                assert!(output.code == KILLED || lines < LINES_MAX, "{}", output.stdout);
                output
            }
            Self::At(step, kind) => {
                command.env("ESDR_DIE_AFTER_LINES", &format!("{step}:{kind}")).run().status(KILLED)
            }
            Self::In(_) | Self::Before(..) => self.reached(command).kill().status(KILLED),
        }
    }

    /// Carries the command out and halts it then; whether it is, and has not ended before.
    pub fn halt(self, command: Invocation<'_>) -> (Running<'_>, bool) {
        match self {
            Self::After(lines) => halted_at(command, &lines.to_string()),
            Self::At(step, kind) => {
                let (running, is_halted) = halted_at(command, &format!("{step}:{kind}"));
                assert!(is_halted, "it has ended, and was not {self}: {}", running.stdout_so_far());
                (running, true)
            }
            Self::In(_) | Self::Before(..) => {
                let mut running = self.reached(command);
                running.halt();
                assert!(running.until_stopped(), "it had ended: {}", running.stdout_so_far());
                (running, true)
            }
        }
    }

    /// The run as soon as it has told of the event.
    fn reached(self, command: Invocation<'_>) -> Running<'_> {
        let mut running = command.spawn();
        closely(seconds(TOLD_WITHIN_S), &format!("it is {self}"), || {
            // Asked first: what it has told before its end is read.
            let has_ended = running.has_ended();
            let text = running.stdout_so_far();
            let is_told = text.lines().any(|line| self.is_told_by(line));
            assert!(is_told || !has_ended, "it has ended, and was not {self}: {text}");
            is_told.then_some(())
        });
        running
    }

    fn is_told_by(self, line: &str) -> bool {
        let holds = |key: &str, value: &str| line.contains(&format!("\"{key}\":\"{value}\""));
        match self {
            Self::After(_) | Self::At(..) => false,
            Self::In(step) => holds("step", step) && !holds("type", "skipped"),
            Self::Before(step, verb) => {
                holds("step", step) && holds("type", "started") && holds("verb", verb)
            }
        }
    }
}

fn halted_at<'a>(command: Invocation<'a>, place: &str) -> (Running<'a>, bool) {
    let mut running = command.env("ESDR_STOP_AFTER_LINES", place).spawn();
    let is_halted = running.until_stopped();
    (running, is_halted)
}

/// The moments at which something happens to a run. On real servers, where a state takes seconds to
/// make, those of the `events`: each is in the middle of what can be lost. The personalities of the
/// simulated pair take every fourth line of the journal between them, from an odd or an even `first`
/// on: of two scenarios of a kind every second is one's. Every line on each pair where
/// `ESDR_TEST_EVERY_LINE` is set; with `2/3`, for one, the second of three, so that three runs side by
/// side take them all.
pub fn moments(pair: &Pair, first: usize, events: &[Moment]) -> Vec<Moment> {
    let (first, stride) = match () {
        () if let Some(share) = every_line() => share,
        () if is_by_event(pair) => {
            assert!(!events.is_empty(), "on real servers it happens at events, and none is named");
            return events.to_vec();
        }
        () if pair.is_6_8() => (1 + (first + 1) % 2, 8),
        () => (5 + (first + 1) % 2, 8),
    };
    after_lines(first, stride)
}

/// The same where a line costs the seconds that a silent leader is given: of the simulated pair
/// each personality takes every `sparse`-th, from another one on.
pub fn shared_moments(pair: &Pair, sparse: usize, events: &[Moment]) -> Vec<Moment> {
    if pair.is_real() || every_line().is_some() {
        return moments(pair, 1, events);
    }
    let first = if pair.is_6_8() { 1 } else { 1 + sparse / 2 };
    after_lines(first, sparse)
}

fn after_lines(first: usize, stride: usize) -> Vec<Moment> {
    (first..LINES_MAX).step_by(stride).map(Moment::After).collect()
}

/// Whether the moments are those of events, so that no run need be seen to end before one.
pub fn is_by_event(pair: &Pair) -> bool {
    pair.is_real() && every_line().is_none()
}

/// The first line and the distance of the next.
fn every_line() -> Option<(usize, usize)> {
    let asked = std::env::var("ESDR_TEST_EVERY_LINE").ok()?;
    let share =
        asked.split_once('/').and_then(|(nth, of)| Some((nth.parse().ok()?, of.parse().ok()?)));
    Some(share.unwrap_or((1, 1)))
}
