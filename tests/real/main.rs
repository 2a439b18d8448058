//! Every scenario on two real Elasticsearch clusters, which are started once and emptied
//! before each scenario.
//!
//! `cargo test --test real` runs all, `cargo test --test real -- NAME` those whose name holds
//! NAME. `ESDR_TEST_A` and `ESDR_TEST_B` point them at another pair.
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

/// One pair for all: started by the first scenario that runs, stopped when all have run.
static PAIR: Mutex<Option<Pair>> = Mutex::new(None);

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One pair, so one scenario at a time.
    arguments.test_threads = Some(1);
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
    // Stops both clusters; a static would not be dropped.
    drop(PAIR.lock().unwrap_or_else(PoisonError::into_inner).take());
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
        // A scenario that failed leaves a pair that is as good as any once it is reset.
        let mut pair = PAIR.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = pair.get_or_insert_with(start);
        let started = Instant::now();
        pair.reset();
        let emptied = started.elapsed();
        let started = Instant::now();
        scenario(pair);
        print!(
            "{:.1} s after {:.1} s to empty the pair ... ",
            secs(started),
            emptied.as_secs_f32()
        );
        Ok(())
    })
}

fn start() -> Pair {
    let started = Instant::now();
    let pair = Pair::given().unwrap_or_else(|| {
        let distribution = distribution::unpacked().unwrap_or_else(|why| panic!("{why}"));
        Pair::real(&distribution)
    });
    print!("[Elasticsearch {} up in {:.1} s] ", pair.version(), secs(started));
    pair
}

fn secs(started: Instant) -> f32 {
    started.elapsed().as_secs_f32()
}
