//! What has been found of one index so far, in bounded memory.

use super::difference::Difference;
use crate::es::error::Error;

/// Differences that are kept of one index; the rest is counted.
const DIFFERENCES_MAX: usize = 12;

/// Counts, the first differences, and the first error.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Documents whose id, version and source were compared.
    pub(super) checked: u64,
    pub(super) differing: Vec<Difference>,
    pub(super) differing_count: u64,
    /// Documents of a former leader that the leader has no more.
    pub(super) gone: u64,
    /// Documents of which it could not be said in time whether they are the same.
    pub(super) unresolved: u64,
    /// The follower has operations that its leader lacks.
    pub(super) is_ahead: bool,
    /// Something could not be read: what is found stands, and the rest is unknown.
    pub(super) error: Option<Error>,
}

impl Tally {
    /// One more document that differs. It counts as checked elsewhere.
    pub(super) fn differs(&mut self, difference: Difference) {
        self.differing_count += 1;
        if self.differing.len() < DIFFERENCES_MAX {
            self.differing.push(difference);
        }
    }

    /// Takes in what was found of another shard.
    pub(super) fn add(&mut self, other: Self) {
        self.checked += other.checked;
        self.differing_count += other.differing_count;
        self.gone += other.gone;
        self.unresolved += other.unresolved;
        let room = DIFFERENCES_MAX.saturating_sub(self.differing.len());
        self.differing.extend(other.differing.into_iter().take(room));
        self.error = self.error.take().or(other.error);
    }
}
