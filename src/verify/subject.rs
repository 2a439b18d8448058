//! From what is seen of a set to what can be compared of it. Pure.

use super::{judge::Footing, report::ShardReport};
use crate::{
    model::{
        divergence,
        lag::{self, Evidence},
        lineage,
        membership::{Scope, agrees},
        problem::Code,
        world::{Index, Shard},
    },
    status::{IndexStatus, SetStatus, Situation, State},
};

/// One index of a set on both sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    pub(super) leader: String,
    pub(super) follower: String,
    pub(super) leader_index: String,
    pub(super) follower_index: String,
    pub(super) lag_ops: Option<u64>,
    /// What to compare, or the code of why nothing can be.
    pub(super) shards: Result<Vec<Ground>, Obstacle>,
    /// A code that is told beside the outcome.
    pub(super) remark: Option<Code>,
}

/// What both copies of one shard are compared on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ground {
    pub(super) footing: Footing,
    pub(super) at: ShardReport,
}

/// Why an index cannot be compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Obstacle {
    pub(super) code: Code,
    /// What the server itself says.
    pub(super) why: Option<String>,
}

impl Obstacle {
    fn new(code: Code) -> Self {
        Self { code, why: None }
    }
}

/// Every index of a set, in the roles that it has.
pub(super) fn subjects(scope: Scope<'_>, set: &SetStatus) -> Vec<Subject> {
    set.indices.iter().map(|index| subject(scope, index)).collect()
}

fn subject(scope: Scope<'_>, index: &IndexStatus) -> Subject {
    let leader = index.leader.as_deref().unwrap_or(scope.source);
    let follower = if leader == scope.source { scope.target } else { scope.source };
    let remark = match index.situation {
        Situation::SplitBrain => Some(Code::SplitBrain),
        Situation::Unrelated => Some(Code::Unrelated),
        _ => None,
    };
    Subject {
        leader: leader.to_owned(),
        follower: follower.to_owned(),
        leader_index: index.leader_index.clone(),
        follower_index: index.follower_index.clone(),
        lag_ops: index.lag_ops,
        shards: grounds(scope, index, leader, follower),
        remark,
    }
}

fn grounds(
    scope: Scope<'_>,
    index: &IndexStatus,
    leader: &str,
    follower: &str,
) -> Result<Vec<Ground>, Obstacle> {
    let code = match index.state {
        None => Some(Code::Unreachable),
        Some(State::Absent) if index.situation == Situation::Late => Some(Code::LateIndex),
        Some(State::Absent) => Some(Code::Uncovered),
        Some(State::Paused) => Some(Code::Paused),
        Some(State::Closed) => Some(Code::Closed),
        Some(State::Restoring) => Some(Code::Restoring),
        Some(State::Fatal) => Some(Code::Fatal),
        Some(State::Following | State::Regular) => None,
    };
    if let Some(code) = code {
        return Err(Obstacle { code, why: index.why.clone() });
    }
    let (Some(ours), Some(theirs)) = (
        scope.world.index(leader, &index.leader_index),
        scope.world.index(follower, &index.follower_index),
    ) else {
        return Err(Obstacle::new(Code::LeaderLost));
    };
    if !ours.open || !theirs.open {
        return Err(Obstacle::new(Code::Closed));
    }
    if ours.following.is_some() {
        return Err(Obstacle::new(Code::LeaderLost));
    }
    let follows = theirs.following.is_some();
    let measured = if follows {
        lag::lag(Some(ours), theirs).evidence == Evidence::Measured
    } else {
        ours.is_measured() && theirs.is_measured() && ours.shard_count == theirs.shard_count
    };
    if !measured {
        return Err(Obstacle::new(Code::Unread));
    }
    let promoted = if follows { None } else { promoted(scope, ours, theirs) };
    let pairs = ours.shards.iter().zip(&theirs.shards);
    Ok(pairs.map(|(ours, theirs)| ground(ours, theirs, follows, promoted.as_deref())).collect())
}

fn ground(ours: &Shard, theirs: &Shard, follows: bool, promoted: Option<&[(u32, i64)]>) -> Ground {
    let position = |all: &[(u32, i64)]| {
        all.iter().find(|(shard, _)| *shard == ours.number).map_or(-1, |(_, at)| *at)
    };
    let footing = match promoted {
        _ if follows => Footing::Following { follower_checkpoint: theirs.global_checkpoint },
        Some(all) => Footing::Apart { promoted: position(all) },
        None => Footing::Twins,
    };
    let at = ShardReport {
        shard: ours.number,
        leader_checkpoint: ours.global_checkpoint,
        leader_max_seq_no: ours.max_seq_no,
        follower_checkpoint: theirs.global_checkpoint,
        follower_max_seq_no: theirs.max_seq_no,
    };
    Ground { footing, at }
}

/// The positions at which the leader was promoted over this very copy, by shard; `None` where
/// no record says so.
fn promoted(scope: Scope<'_>, leader: &Index, former: &Index) -> Option<Vec<(u32, i64)>> {
    let entries = scope.world.lineage.iter().rev();
    let mut switches = entries.filter(|entry| entry.state != lineage::State::Undone);
    let above = switches.find_map(|entry| {
        let is_this = |member: &&lineage::Member| {
            member.source_uuid == former.uuid
                && member.target_uuid == leader.uuid
                && agrees(scope.world, entry, member)
        };
        let member = entry.members.iter().find(is_this)?;
        // What was carried has other numbers on either side: it is found by its ids only.
        if member.left_at.is_some() {
            Some(None)
        } else {
            divergence::above(member, former).map(Some)
        }
    })??;
    Some(above.iter().map(|shard| (shard.shard, shard.promoted)).collect())
}
