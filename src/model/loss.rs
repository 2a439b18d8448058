//! What is lost when a leader is left behind: known, at most, and never one figure for both.

use serde::{Deserialize, Serialize};

use super::{
    divergence::{Above, above},
    lag::{Lag, ops_between},
    lineage::Member,
    world::Index,
};

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

    /// If the follower were promoted now. A reading bounds the loss only where the leader
    /// takes no more writes.
    pub fn if_promoted(lag: &Lag, leader: Option<&Index>) -> Self {
        let is_still = leader.is_some_and(|index| index.write_block && index.writing == 0);
        let bound = lag.missing.filter(|_| is_still && lag.lag_ops.is_some());
        Self { known: lag.missing, at_most: bound }
    }

    /// Of a member that was promoted. `former` is the copy that was left behind, where it is
    /// to be seen and takes no more writes: then what it has above the promoted positions is
    /// counted.
    pub fn of(member: &Member, former: Option<&Index>) -> Self {
        let Some(promoted) = &member.checkpoints else {
            return Self::default();
        };
        let counted = former.filter(|index| index.write_block);
        if let Some(above) = counted.and_then(|former| above(member, former)) {
            return Self::exactly(above.iter().map(Above::ops).sum());
        }
        if member.proof.is_some() {
            return Self::NOTHING;
        }
        let missing = member.heard.iter().map(|heard| {
            let position = promoted.iter().find(|position| position.shard == heard.shard);
            ops_between(position.map_or(-1, |position| position.checkpoint), heard.max_seq_no)
        });
        Self { known: missing.reduce(|sum, ops| sum + ops), at_most: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_bounded_only_where_every_part_is() {
        let unknown = LostOps::default();
        let some = LostOps { known: Some(3), at_most: None };
        assert_eq!(LostOps::sum([]), LostOps::NOTHING);
        assert_eq!(LostOps::sum([some, unknown]), some);
        assert_eq!(LostOps::sum([unknown, unknown]), unknown);
        assert_eq!(LostOps::sum([some, LostOps::exactly(2)]).known, Some(5));
        assert_eq!(LostOps::sum([LostOps::exactly(1), LostOps::exactly(2)]), LostOps::exactly(3));
        assert_eq!(LostOps::sum([some, LostOps::exactly(2)]).at_most, None);
    }
}
