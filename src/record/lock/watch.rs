//! Whether the holder of a lock is alive: decided by what is seen on the own monotonic clock. No
//! clock of another machine is compared with it.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::model::lock::Lock;

/// How often a holder renews its lock.
pub(super) const RENEW_EVERY: Duration = Duration::from_secs(1);

/// A lock that was seen to stand still for so long belongs to nobody who is alive.
pub(super) const STILL: Duration = Duration::from_secs(5);

/// Between two readings.
pub(super) const READ_EVERY: Duration = Duration::from_millis(500);

/// Between two readings further apart a cluster may have been unable to take a renewal: that time
/// does not count.
const GAP_MAX: Duration = Duration::from_secs(2);

/// What the readings of one lock show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It was renewed while it was watched.
    Alive,
    /// It stood still for long enough.
    Silent,
    /// It has stood still for so long, which proves nothing yet.
    Unproven(Duration),
}

/// The readings of locks, by cluster and set.
#[derive(Debug, Default)]
pub(super) struct Watch(BTreeMap<(String, String), Reading>);

#[derive(Debug)]
struct Reading {
    owner: String,
    renewals: u64,
    still: Duration,
    read_at: Instant,
}

impl Watch {
    /// Takes in what was read at a moment.
    pub(super) fn note(&mut self, cluster: &str, lock: &Lock, now: Instant) -> Verdict {
        let place = (cluster.to_owned(), lock.set.clone());
        let fresh = Reading {
            owner: lock.owner.clone(),
            renewals: lock.renewals,
            still: Duration::ZERO,
            read_at: now,
        };
        let Some(before) = self.0.get_mut(&place) else {
            self.0.insert(place, fresh);
            return Verdict::Unproven(Duration::ZERO);
        };
        if before.owner != lock.owner {
            *before = fresh;
            return Verdict::Unproven(Duration::ZERO);
        }
        if before.renewals != lock.renewals {
            *before = fresh;
            return Verdict::Alive;
        }
        let gap = now.saturating_duration_since(before.read_at);
        if gap <= GAP_MAX {
            before.still += gap;
        }
        before.read_at = now;
        if before.still >= STILL { Verdict::Silent } else { Verdict::Unproven(before.still) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(owner: &str, renewals: u64) -> Lock {
        Lock { owner: owner.into(), renewals, set: "orders".into(), ..Lock::default() }
    }

    /// The verdict after readings at these moments, in milliseconds from the first.
    fn watched(readings: &[(u64, &str, u64)]) -> Verdict {
        let (began, mut watch) = (Instant::now(), Watch::default());
        let mut verdict = Verdict::Alive;
        for (at_ms, owner, renewals) in readings {
            let at = began + Duration::from_millis(*at_ms);
            verdict = watch.note("clusterA", &lock(owner, *renewals), at);
        }
        verdict
    }

    #[test]
    fn one_look_proves_nothing() {
        assert_eq!(watched(&[(0, "a", 7)]), Verdict::Unproven(Duration::ZERO));
    }

    #[test]
    fn a_renewal_between_two_looks_is_a_sign_of_life() {
        assert_eq!(watched(&[(0, "a", 7), (500, "a", 8)]), Verdict::Alive);
    }

    #[test]
    fn a_lock_that_stands_still_for_five_seconds_is_silent() {
        let still = |until_s: u64| -> Vec<(u64, &'static str, u64)> {
            (0..=until_s).map(|s| (s * 1000, "a", 7)).collect()
        };
        assert_eq!(watched(&still(4)), Verdict::Unproven(Duration::from_secs(4)));
        assert_eq!(watched(&still(5)), Verdict::Silent);
    }

    #[test]
    fn a_time_in_which_the_cluster_could_not_be_read_does_not_count() {
        let verdict = watched(&[(0, "a", 7), (1000, "a", 7), (61_000, "a", 7), (62_000, "a", 7)]);
        assert_eq!(verdict, Verdict::Unproven(Duration::from_secs(2)));
    }

    #[test]
    fn what_was_proved_silent_stays_so_until_it_moves() {
        let mut readings: Vec<_> = (0..=5).map(|s| (s * 1000, "a", 7)).collect();
        readings.push((600_000, "a", 7));
        assert_eq!(watched(&readings), Verdict::Silent);
        readings.push((600_500, "a", 8));
        assert_eq!(watched(&readings), Verdict::Alive);
    }

    #[test]
    fn a_new_owner_is_watched_anew() {
        let mut readings: Vec<_> = (0..=4).map(|s| (s * 1000, "a", 7)).collect();
        readings.push((5000, "b", 7));
        assert_eq!(watched(&readings), Verdict::Unproven(Duration::ZERO));
    }
}
