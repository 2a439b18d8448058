//! Waiting for a condition: the only place where a test pauses.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Asks until `ready` answers with a value, and fails the test after `deadline`.
///
/// The pause between two questions only saves processor time, so it grows with the time that was
/// waited; nothing depends on its length.
pub fn until<T>(deadline: Duration, what: &str, ready: impl FnMut() -> Option<T>) -> T {
    let pause = |waited: Duration| {
        (waited / 20).clamp(Duration::from_millis(20), Duration::from_millis(500))
    };
    ask(deadline, what, pause, ready)
}

/// [`until`] where what comes next must happen right then.
pub fn closely<T>(deadline: Duration, what: &str, ready: impl FnMut() -> Option<T>) -> T {
    ask(deadline, what, |_| Duration::from_millis(2), ready)
}

fn ask<T>(
    deadline: Duration,
    what: &str,
    pause: impl Fn(Duration) -> Duration,
    mut ready: impl FnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        let waited = started.elapsed();
        assert!(waited < deadline, "after {deadline:?} still not: {what}");
        thread::sleep(pause(waited));
    }
}

/// [`until`] with the deadline in seconds, for a plain yes or no.
pub fn until_true(deadline_s: u64, what: &str, mut ready: impl FnMut() -> bool) {
    until(Duration::from_secs(deadline_s), what, || ready().then_some(()));
}

/// A deadline in seconds, written short.
pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
