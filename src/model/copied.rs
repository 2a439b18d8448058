//! How far copies of whole indices have come.

use serde::{Deserialize, Serialize};

use super::world::Index;

/// Copies that are made side by side, in sum.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Copied {
    pub indices_done: usize,
    pub indices_total: usize,
    /// Of primaries: replicas are made from them on the spot.
    pub copied_bytes: u64,
    pub total_bytes: u64,
}

impl Copied {
    /// Adds one index: as its leader stores it, and as it follows. A copy that is under way
    /// counts with what has arrived of its shards; what has arrived of one of them and was
    /// whole before the others is told no more, so that this is a lower bound.
    pub fn add(&mut self, leader: &Index, follower: Option<&Index>) {
        let total_bytes = leader.primaries_bytes.unwrap_or(0);
        self.indices_total += 1;
        self.total_bytes += total_bytes;
        match follower.filter(|index| index.following.is_some()) {
            Some(index) if index.restoring => {
                self.copied_bytes += index.restored_bytes.min(total_bytes);
            }
            Some(_) => {
                self.indices_done += 1;
                self.copied_bytes += total_bytes;
            }
            None => {}
        }
    }

    /// Bytes in a second since an earlier look, and how long the rest takes at that pace.
    /// `None` where nothing has arrived since.
    pub fn pace(&self, earlier: &Self, elapsed_ms: u64) -> Option<(u64, u64)> {
        let arrived = self.copied_bytes.checked_sub(earlier.copied_bytes)?;
        let bytes_per_s = arrived.saturating_mul(1_000).checked_div(elapsed_ms)?;
        let left = self.total_bytes.saturating_sub(self.copied_bytes);
        let left_ms = left.saturating_mul(1_000).checked_div(bytes_per_s)?;
        Some((bytes_per_s, left_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::world::Following;

    fn index(primaries_bytes: Option<u64>, restored_bytes: Option<u64>, follows: bool) -> Index {
        Index {
            primaries_bytes,
            restoring: restored_bytes.is_some(),
            restored_bytes: restored_bytes.unwrap_or(0),
            following: follows.then(Following::default),
            ..Index::default()
        }
    }

    #[test]
    fn copies_count_when_they_are_whole_and_by_what_has_arrived_before() {
        let mut copied = Copied::default();
        copied.add(&index(Some(100), None, false), Some(&index(None, None, true)));
        copied.add(&index(Some(100), None, false), Some(&index(None, Some(30), true)));
        copied.add(&index(Some(100), None, false), Some(&index(None, None, false)));
        copied.add(&index(Some(100), None, false), None);
        let wanted =
            Copied { indices_done: 1, indices_total: 4, copied_bytes: 130, total_bytes: 400 };
        assert_eq!(copied, wanted);
    }

    #[test]
    fn the_rest_is_estimated_by_what_arrived_since() {
        let before = Copied { copied_bytes: 100, total_bytes: 1_000, ..Copied::default() };
        let now = Copied { copied_bytes: 300, ..before };
        assert_eq!(now.pace(&before, 2_000), Some((100, 7_000)));
        assert_eq!(before.pace(&before, 2_000), None, "nothing has arrived");
        assert_eq!(now.pace(&before, 0), None);
        assert_eq!(before.pace(&now, 1_000), None, "a copy was begun anew");
    }
}
