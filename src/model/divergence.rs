//! What a former leader holds and nobody else: its operations above the positions at which
//! the other side was promoted.

use super::{
    index::{Index, Shard},
    lag::ops_between,
    lineage::Member,
};

/// One shard of a former leader, against the positions at which the other side took over.
/// -1 means that nothing was ever written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Above {
    pub shard: u32,
    /// The promoted copy has every operation up to here.
    pub promoted: i64,
    /// The former leader's own highest.
    pub max_seq_no: i64,
}

impl Above {
    /// Operations that may be here only: those that were overwritten or deleted since, too.
    pub fn ops(&self) -> u64 {
        ops_between(self.promoted, self.max_seq_no)
    }
}

/// The same where the promoted copy is gone: whatever the former leader holds is only there.
pub(crate) fn all_of(former: &Index) -> Option<Vec<Above>> {
    let above =
        |shard: &Shard| Above { shard: shard.number, promoted: -1, max_seq_no: shard.max_seq_no };
    former.is_measured().then(|| former.shards.iter().map(above).collect())
}

/// Every shard of `former`, the copy of `member`'s source that was left behind.
///
/// `None` where it cannot be said: another index stands there by now (the UUID differs), not
/// every shard could be read (a closed index cannot), or no positions are on record.
pub(crate) fn above(member: &Member, former: &Index) -> Option<Vec<Above>> {
    let promoted = member.shared()?;
    if former.uuid != member.source_uuid || !former.is_measured() {
        return None;
    }
    let above = former.shards.iter().map(|shard| {
        let position = promoted.iter().find(|position| position.shard == shard.number);
        Above {
            shard: shard.number,
            promoted: position.map_or(-1, |position| position.checkpoint),
            max_seq_no: shard.max_seq_no,
        }
    });
    Some(above.collect())
}
