//! For tests only, and in no release build (feature `fault-hooks`): the process kills or stops
//! itself at an exact place.

use std::time::Duration;

use rustix::process::{Signal, kill_process};

/// The process kills itself with SIGKILL right after this many lines.
const DIE_AFTER: &str = "ESDR_DIE_AFTER_LINES";

/// The process stops itself with SIGSTOP right after this many lines, and goes on when it is
/// continued. What a test does meanwhile happens exactly there.
const STOP_AFTER: &str = "ESDR_STOP_AFTER_LINES";

/// What the environment asks for, to be called with the number of lines.
pub(super) fn by_the_environment() -> impl Fn(usize, &str) + Send + Sync + 'static {
    let (die_after, stop_after) = (count_in(DIE_AFTER), count_in(STOP_AFTER));
    move |lines, _| {
        if die_after == Some(lines) {
            die();
        }
        if stop_after == Some(lines) {
            stop();
        }
    }
}

fn count_in(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Returns once the process was continued.
fn stop() {
    let _ = kill_process(rustix::process::getpid(), Signal::STOP);
    // The signal may reach this thread a moment after the call has returned: nothing may go
    // out in that moment.
    std::thread::sleep(Duration::from_millis(50));
}

/// No destructor, no last word: what `kill -9` from outside does, at an exact place.
fn die() -> ! {
    let _ = kill_process(rustix::process::getpid(), Signal::KILL);
    std::process::abort();
}
