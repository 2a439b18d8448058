//! What is lost when a leader is left behind: known, at most, and never one figure for both.

use super::{
    divergence::{Above, above},
    index::Index,
    lag::{Lag, ops_between},
    lineage::Member,
};

pub(crate) use super::lost_ops::LostOps;

impl LostOps {
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
