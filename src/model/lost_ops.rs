//! Operations that only a former leader has, as two figures.

use serde::{Deserialize, Serialize};

/// Operations that only the former leader has.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LostOps {
    /// Known to be missing, a lower bound; none where nothing can be known.
    pub known: Option<u64>,
    /// The most that can be missing; none where it is not bounded.
    pub at_most: Option<u64>,
}

impl LostOps {
    /// Proved: nothing.
    pub const NOTHING: Self = Self { known: Some(0), at_most: Some(0) };

    /// Exactly so many, counted on the copy that was left behind.
    pub fn exactly(ops: u64) -> Self {
        Self { known: Some(ops), at_most: Some(ops) }
    }

    /// The sum: what is known of some is a lower bound for all, and the whole is bounded only
    /// where every part is. Of nothing, nothing is lost.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else {
            return Self::NOTHING;
        };
        parts.fold(first, |sum, part| Self {
            known: match (sum.known, part.known) {
                (Some(one), Some(other)) => Some(one + other),
                (one, other) => one.or(other),
            },
            at_most: sum.at_most.zip(part.at_most).map(|(one, other)| one + other),
        })
    }
}
