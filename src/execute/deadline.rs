//! How long something is waited for, and how often it is looked at meanwhile.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::stop::{Left, Stop};

/// How often a condition on a cluster is looked at again, at most.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// The longest one.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Where one call and the look at what came of it took longer than this, one of them was lost, or
/// nobody was there to answer it.
const LOST: Duration = Duration::from_secs(5);

/// A limit on one wait.
///
/// The time may go in one call that was lost: Elasticsearch is given thirty seconds for a change,
/// which is all that some steps have. What was lost is tried once more, late as it is.
#[derive(Debug)]
pub(super) struct Deadline {
    what: &'static str,
    within: Duration,
    ends: Instant,
    last: Mutex<Try>,
    /// An interrupt leaves it to its end.
    is_uninterrupted: bool,
}

/// The try at hand.
#[derive(Debug)]
struct Try {
    began: Instant,
    /// Behind the end of the time.
    is_extra: bool,
}

impl Deadline {
    pub(super) fn new(what: &'static str, within: Duration) -> Self {
        let began = Instant::now();
        let last = Mutex::new(Try { began, is_extra: false });
        Self { what, within, ends: began + within, last, is_uninterrupted: false }
    }

    /// The same for what an interrupt leaves to its end, as a batch of a promote.
    pub(super) fn uninterrupted(what: &'static str, within: Duration) -> Self {
        Self { is_uninterrupted: true, ..Self::new(what, within) }
    }

    /// Whether this wait ends where the operator interrupts.
    pub(super) fn heeds_interrupt(&self) -> bool {
        !self.is_uninterrupted
    }

    /// The whole time.
    pub(super) fn within(&self) -> Duration {
        self.within
    }

    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// That the time is over, naming what was waited for.
    pub(super) fn over(&self, left: Vec<Left>) -> Stop {
        Stop::Deadline { what: self.what.to_owned(), within_ms: self.within.as_millis(), left }
    }

    /// Waits a moment before the next try, or look.
    ///
    /// # Errors
    /// Once the time is over, naming what was waited for.
    pub(super) async fn pause(&self, left: impl FnOnce() -> Vec<Left>) -> Result<(), Stop> {
        let is_over = Instant::now() >= self.ends;
        if is_over && !self.was_lost() {
            return Err(self.over(left()));
        }
        tokio::time::sleep(pause_after(self.within.saturating_sub(self.left()))).await;
        *self.last() = Try { began: Instant::now(), is_extra: is_over };
        Ok(())
    }

    /// Whether the last try within the time never had its answer.
    fn was_lost(&self) -> bool {
        let last = self.last();
        !last.is_extra && last.began.elapsed() > LOST
    }

    fn last(&self) -> MutexGuard<'_, Try> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A twentieth of what was waited by now, so that a long wait is no load on a cluster that has
/// enough to do, and a short one is over when it is over.
pub(super) fn pause_after(waited: Duration) -> Duration {
    (waited / 20).clamp(PAUSE, PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tries(within_s: u64, each_s: &[u64]) -> (usize, bool) {
        let deadline = Deadline::new("the change", Duration::from_secs(within_s));
        for (at, seconds) in each_s.iter().enumerate() {
            tokio::time::sleep(Duration::from_secs(*seconds)).await;
            if deadline.pause(Vec::new).await.is_err() {
                return (at + 1, true);
            }
        }
        (each_s.len(), false)
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_took_the_whole_time_is_tried_once_more() {
        // The second try is answered, and finds that something is left to do.
        assert_eq!(tries(30, &[30, 1, 1]).await, (2, true));
        // It is lost as well.
        assert_eq!(tries(30, &[30, 30, 30]).await, (2, true));
        assert_eq!(tries(30, &[1, 1, 30, 1]).await, (4, true));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_answered_and_not_done_in_time_is_not_tried_again() {
        assert_eq!(tries(30, &[1; 60]).await, (20, true));
        assert_eq!(tries(60, &[30, 1, 1]).await, (3, false));
    }
}
