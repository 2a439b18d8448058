//! The same once more and once more, each time with other dice: what a person would try at moments
//! that no test names. `ESDR_TRIES` says how often, `ESDR_SEED` repeats what has failed.

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    time::{Duration, Instant},
};

use fastrand::Rng;

use crate::support::{
    esdr::Output,
    pair::Pair,
    until::{seconds, until},
};

/// How often where nothing else is asked for.
pub struct Few {
    pub real: u64,
    pub simulated: u64,
}

/// The first seed where none is asked for: always the same, so that a change is told by what it
/// changes.
const FIRST: u64 = 1000;

/// Empties the pair before each try. All are made; those that have failed are named in the end.
pub fn each(pair: &mut Pair, few: &Few, mut attempt: impl FnMut(&mut Pair, &mut Rng)) {
    let count =
        asked("ESDR_TRIES").unwrap_or(if pair.is_real() { few.real } else { few.simulated });
    let first = asked("ESDR_SEED").unwrap_or(FIRST);
    let mut failed = Vec::new();
    for seed in first..first + count {
        println!("ESDR_SEED={seed} ESDR_TRIES=1 repeats this try");
        let started = Instant::now();
        pair.reset();
        let mut dice = Rng::with_seed(seed);
        // What a try has broken is mended by the next reset.
        if catch_unwind(AssertUnwindSafe(|| attempt(pair, &mut dice))).is_err() {
            failed.push(seed);
        }
        println!("the try took {:.1} s", started.elapsed().as_secs_f32());
    }
    assert_eq!(failed, [0; 0], "of {count} tries from the seed {first} on");
}

fn asked<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

/// Waits for a moment that only the clock tells.
pub fn until_passed(started: Instant, millis: u64) {
    let deadline = seconds(60) + Duration::from_millis(millis);
    until(deadline, "the moment comes", || {
        (started.elapsed().as_millis() >= u128::from(millis)).then_some(())
    });
}

/// One of them.
pub fn one_of<'a, T>(dice: &mut Rng, all: &'a [T]) -> &'a T {
    &all[dice.usize(..all.len())]
}

/// What was typed in a try, told whole where it has failed.
#[derive(Default)]
pub struct Story {
    told: String,
    shown: String,
}

impl Story {
    /// In a line.
    pub fn tell(&mut self, line: &str) {
        self.told.push_str(line);
        self.told.push('\n');
        self.shown.push_str(line);
        self.shown.push('\n');
    }

    /// A line, and all that was printed for who has to find out why.
    pub fn tell_run(&mut self, who: &str, line: &str, output: &Output) {
        self.tell(&format!("{who}: {line}: {}", output.code));
        self.shown.push_str(&output.stdout);
        self.shown.push_str(&output.stderr);
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.shown);
        } else {
            print!("{}", self.told);
        }
    }
}
