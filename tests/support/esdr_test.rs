//! esdr as tests run it: it kills or stops itself at an exact place, and its clock may be wrong.
//! All else is what people run.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::Parser;
use esdr::{
    cli::{Cli, Global},
    clock,
    commands::{
        dispatch::{dispatch, run_to_exit},
        session::Session,
    },
    journal::AfterLine,
};
use rustix::process::{Signal, getpid, kill_process};

/// The process kills itself with SIGKILL right after this many lines of its journal, or after the
/// first event of a kind in a step (`drain:progress`).
const DIE_AFTER: &str = "ESDR_DIE_AFTER_LINES";

/// The process stops itself there with SIGSTOP, and goes on when it is continued. What a test does
/// meanwhile happens exactly there.
const STOP_AFTER: &str = "ESDR_STOP_AFTER_LINES";

/// By so many milliseconds the machine's clock is ahead.
const CLOCK_OFFSET: &str = "ESDR_CLOCK_OFFSET_MS";

fn main() -> ExitCode {
    let cli = Cli::parse_from(std::iter::once("esdr".into()).chain(std::env::args_os().skip(1)));
    let ahead_ms = number_in(CLOCK_OFFSET).unwrap_or(0);
    let clock = Arc::new(move || clock::machine_ms() + ahead_ms);
    run_to_exit(clock::by(clock, dispatch(&cli, &open)))
}

fn open(global: &Global) -> anyhow::Result<Session> {
    let (die_after, stop_after) = (Place::in_variable(DIE_AFTER), Place::in_variable(STOP_AFTER));
    let after_line = AfterLine::call(move |lines, line| {
        if die_after.is_here(lines, line) {
            die();
        }
        if stop_after.is_here(lines, line) {
            stop();
        }
    });
    Ok(Session { after_line, ..Session::open(global)? })
}

/// Where in its journal a run is to be.
enum Place {
    Nowhere,
    Lines(usize),
    Event { step: String, kind: String, is_passed: AtomicBool },
}

impl Place {
    fn in_variable(variable: &str) -> Self {
        let Ok(text) = std::env::var(variable) else { return Self::Nowhere };
        let event = text.split_once(':').map(|(step, kind)| Self::Event {
            step: format!("\"step\":\"{step}\""),
            kind: format!("\"kind\":\"{kind}\""),
            is_passed: AtomicBool::new(false),
        });
        event.or_else(|| text.parse().ok().map(Self::Lines)).unwrap_or(Self::Nowhere)
    }

    fn is_here(&self, lines: usize, line: &str) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Lines(wanted) => lines == *wanted,
            // The first line is the plan.
            Self::Event { step, kind, is_passed } => {
                lines > 1
                    && line.contains(step.as_str())
                    && line.contains(kind.as_str())
                    && !is_passed.swap(true, Ordering::SeqCst)
            }
        }
    }
}

fn number_in(variable: &str) -> Option<i64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Returns once the process was continued.
fn stop() {
    let _ = kill_process(getpid(), Signal::STOP);
    // The signal may reach this thread a moment after the call has returned: nothing may go
    // out in that moment.
    std::thread::sleep(Duration::from_millis(50));
}

/// No destructor, no last word: what `kill -9` from outside does, at an exact place.
fn die() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort();
}
