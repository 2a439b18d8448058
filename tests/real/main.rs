//! The scenarios that are listed for both pairs, on two real Elasticsearch clusters, which are
//! started once and emptied before each scenario. Most of the time is waiting, for an answer that
//! does not come or for servers that start: so there are two such pairs, and a scenario on each.
//!
//! `cargo test --test real` runs all, `cargo test --test real -- NAME` those whose name holds
//! NAME, with `--test-threads 1` one after another on one pair. `ESDR_TEST_A` and `ESDR_TEST_B`
//! point them at another pair. With `ESDR_TEST_EVERY_SCENARIO=1` those are run as well that are
//! listed for the simulated pair alone. In the end the seconds of each file are told.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, unreachable_pub)]

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    env,
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use libtest_mimic::{Arguments, Trial};
use scenarios::every_scenario;
use support::{distribution, pair::Pair};

/// Scenarios that run side by side, unless the command line says otherwise.
const PAIRS: usize = 2;

/// Those that no scenario has now. One is started where there is none, and all are stopped when
/// all scenarios have run.
static IDLE: Mutex<Vec<Pair>> = Mutex::new(Vec::new());

/// How many scenarios of each file have run, and how long they took with emptying the pair.
static TOOK: Mutex<BTreeMap<&str, (usize, Duration)>> = Mutex::new(BTreeMap::new());

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
    tell_times();
    conclusion.exit_code()
}

/// The longest first, for whoever looks for the next minute.
fn tell_times() {
    let took = TOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let mut files: Vec<_> = took.iter().collect();
    files.sort_by_key(|(_, (_, took))| std::cmp::Reverse(*took));
    for (file, (scenarios, took)) in files {
        println!("{:>7.1} s, {scenarios:>2} of {file}", took.as_secs_f32());
    }
}

fn missing() -> Option<String> {
    if env::var_os("ESDR_TEST_A").is_some() { None } else { distribution::missing_tool() }
}

fn trials() -> Vec<Trial> {
    macro_rules! list {
        (
            on both pairs { $($module:ident::$name:ident),* $(,)? }
            on the simulated pair { $($other_module:ident::$other:ident),* $(,)? }
        ) => {{
            let listed: &[Listed] = &[$(listed!($module::$name)),*];
            let others: &[Listed] = &[$(listed!($other_module::$other)),*];
            let others = if is_every_one_asked_for() { others } else { &[] };
            listed.iter().chain(others).copied().map(trial).collect()
        }};
    }
    macro_rules! listed {
        ($module:ident::$name:ident) => {
            (stringify!($module), stringify!($name), scenarios::$module::$name)
        };
    }
    every_scenario!(list)
}

/// Whether the scenarios of the list's second half are trials here, too.
fn is_every_one_asked_for() -> bool {
    env::var_os("ESDR_TEST_EVERY_SCENARIO").is_some()
}

/// A scenario with the names of its file and its own.
type Listed = (&'static str, &'static str, fn(&mut Pair));

fn trial((file, name, scenario): Listed) -> Trial {
    let name = format!("{file}::{name}");
    Trial::test(name.clone(), move || {
        let mut held = Held::take();
        let pair = held.0.as_mut().expect("it is given back in the end");
        let _took = Took { file, since: Instant::now() };
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

/// Adds to the time of its file when it is dropped, also by a scenario that has failed.
struct Took {
    file: &'static str,
    since: Instant,
}

impl Drop for Took {
    fn drop(&mut self) {
        let mut took = TOOK.lock().unwrap_or_else(PoisonError::into_inner);
        let (scenarios, time) = took.entry(self.file).or_default();
        *scenarios += 1;
        *time += self.since.elapsed();
    }
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
