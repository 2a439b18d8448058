//! Every scenario on two real Elasticsearch clusters, which are started once and emptied
//! before each scenario. Most of the time is waiting, for an answer that does not come or for
//! servers that start: so there are two such pairs, and a scenario on each.
//!
//! `cargo test --test real` runs all, `cargo test --test real -- NAME` those whose name holds
//! NAME, with `--test-threads 1` one after another on one pair. `ESDR_TEST_A` and `ESDR_TEST_B`
//! point them at another pair.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, unreachable_pub)]

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../support/mod.rs"]
mod support;

use std::{
    env,
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use libtest_mimic::{Arguments, Trial};
use scenarios::every_scenario;
use support::{distribution, pair::Pair};

/// Scenarios that run side by side, unless the command line says otherwise.
const PAIRS: usize = 2;

/// Those that no scenario has now. One is started where there is none, and all are stopped when
/// all scenarios have run.
static IDLE: Mutex<Vec<Pair>> = Mutex::new(Vec::new());

/// One after another is started: the distribution is fetched once.
static STARTS: Mutex<()> = Mutex::new(());

/// A pair that a scenario has. One that failed leaves a pair that is as good as any once it is
/// reset.
struct Held(Option<Pair>);

impl Held {
    fn take() -> Self {
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self(Some(idle.unwrap_or_else(start)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        IDLE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.0.take());
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let is_given = env::var_os("ESDR_TEST_A").is_some();
    let pairs = if is_given { 1 } else { arguments.test_threads.unwrap_or(PAIRS) };
    arguments.test_threads = Some(pairs);
    let missing = missing();
    if let Some(why) = &missing {
        if env::var_os("CI").is_some() {
            eprintln!("the real pair cannot be started: {why}");
            return ExitCode::FAILURE;
        }
        println!("left out, all scenarios on the real pair: {why}");
    }
    let trials = trials().into_iter().map(|trial| trial.with_ignored_flag(missing.is_some()));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    // Stops the clusters; a static would not be dropped.
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).clear();
    conclusion.exit_code()
}

fn missing() -> Option<String> {
    if env::var_os("ESDR_TEST_A").is_some() { None } else { distribution::missing_tool() }
}

fn trials() -> Vec<Trial> {
    macro_rules! list {
        ($($module:ident::$name:ident),* $(,)?) => {
            vec![$(trial(concat!(stringify!($module), "::", stringify!($name)), scenarios::$module::$name)),*]
        };
    }
    every_scenario!(list)
}

fn trial(name: &'static str, scenario: fn(&mut Pair)) -> Trial {
    Trial::test(name, move || {
        let mut held = Held::take();
        let pair = held.0.as_mut().expect("it is given back in the end");
        let started = Instant::now();
        pair.reset();
        let emptied = started.elapsed();
        let started = Instant::now();
        scenario(pair);
        println!(
            "{name}: {:.1} s after {:.1} s to empty the pair",
            secs(started),
            emptied.as_secs_f32()
        );
        Ok(())
    })
}

fn start() -> Pair {
    let _one = STARTS.lock().unwrap_or_else(PoisonError::into_inner);
    let started = Instant::now();
    let pair = Pair::given().unwrap_or_else(|| {
        let distribution = distribution::unpacked().unwrap_or_else(|why| panic!("{why}"));
        Pair::real(&distribution)
    });
    println!("Elasticsearch {} up in {:.1} s", pair.version(), secs(started));
    pair
}

fn secs(started: Instant) -> f32 {
    started.elapsed().as_secs_f32()
}
