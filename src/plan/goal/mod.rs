//! The two functions at the heart: what is left to do for a goal, given what is seen,
//! and how the pair will look when it is done. Each goal has a file with both. The law that
//! ties them together, enumerated in the tests over all pairs:
//! `remaining(goal, after(goal, pair))` is empty.

mod carry;
mod discard;
mod drain;
mod fence;
mod index;
mod left_behind;
mod promote;
mod release;
mod remove;
mod resume;
mod salvage;
mod seed;
#[cfg(test)]
mod tests;
mod unfence;

pub(super) use self::resume::running;
use super::{
    pair::{Fence, Pair, Role, Side, Tasks},
    reason::Code,
};
use crate::playbook::{Goal, Step};

/// A state of the world that a playbook asks of every index. Never the trace of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IndexGoal {
    /// Refuses writes and rollovers: both blocks are set and seen, or it follows.
    Fence(Role),
    /// Takes writes again: no block of esdr's.
    Unfence(Role),
    /// Proved equal on both sides under the fence.
    Drain,
    /// The target, which was left behind, has what the source took since, and leads by the record.
    Carry,
    /// Regular, open, writable, and the leader by the record.
    Promote(Role),
    /// If it follows, the task runs. What does not follow is left as it is.
    Resume(Role),
    /// Follows the other side's index, and the task runs.
    Seed(Role),
    /// What only this side has is in files, and whatever else the operator chose for it is done.
    Salvage(Role),
    /// The old copy on this side is closed behind its fence, to be followed over.
    Discard(Role),
    /// The index that this side writes is there.
    Index(Role),
    /// What follows on this side is gone.
    Remove(Role),
    /// What followed on this side is regular and open.
    Release(Role),
}

impl IndexGoal {
    /// The goal that a step asks of every index, where it is one of an index.
    pub(crate) fn of(step: &Step) -> Option<Self> {
        match (&step.goal, step.on) {
            (Goal::Fence, Some(on)) => Some(Self::Fence(on)),
            (Goal::Unfence, Some(on)) => Some(Self::Unfence(on)),
            (Goal::Drain { .. }, _) => Some(Self::Drain),
            (Goal::Carry, _) => Some(Self::Carry),
            (Goal::Promote { .. }, Some(on)) => Some(Self::Promote(on)),
            (Goal::Resume, Some(on)) => Some(Self::Resume(on)),
            (Goal::Seed, Some(on)) => Some(Self::Seed(on)),
            (Goal::Salvage, Some(on)) => Some(Self::Salvage(on)),
            (Goal::Discard, Some(on)) => Some(Self::Discard(on)),
            (Goal::Index, Some(on)) => Some(Self::Index(on)),
            (Goal::Remove, Some(on)) => Some(Self::Remove(on)),
            (Goal::Release, Some(on)) => Some(Self::Release(on)),
            _ => None,
        }
    }
}

/// What esdr can do to one index. Each is one kind of API call, but for `Prove`, `Checkpoints`
/// and `Salvage`, which read and write the record, and for `Carry`, which does what it takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IndexCall {
    Carry,
    Checkpoints,
    Close,
    Create,
    Delete,
    Fence,
    Follow,
    Forget,
    Loosen,
    Open,
    Pause,
    Prove,
    Resume,
    Salvage,
    Unfence,
    Unfollow,
}

/// What is left to do, in order, each with the side that it is done on; or why it cannot
/// be done.
///
/// # Errors
/// The reason that blocks this index, as a stable code.
pub(crate) fn remaining(goal: IndexGoal, pair: Pair) -> Result<Vec<(IndexCall, Role)>, Code> {
    if pair.is_deleted() {
        return Ok(vec![]);
    }
    match goal {
        IndexGoal::Fence(role) => fence::remaining(role, pair),
        IndexGoal::Unfence(role) => unfence::remaining(role, pair),
        IndexGoal::Drain => drain::remaining(pair),
        IndexGoal::Carry => carry::remaining(pair),
        IndexGoal::Promote(role) => promote::remaining(role, pair),
        IndexGoal::Resume(role) => resume::remaining(role, pair),
        IndexGoal::Seed(role) => seed::remaining(role, pair),
        IndexGoal::Salvage(role) => salvage::remaining(role, pair),
        IndexGoal::Discard(role) => discard::remaining(role, pair),
        IndexGoal::Index(role) => index::remaining(role, pair),
        IndexGoal::Remove(role) => remove::remaining(role, pair),
        IndexGoal::Release(role) => release::remaining(role, pair),
    }
}

/// How the pair will look once the goal holds.
#[must_use]
pub(crate) fn after(goal: IndexGoal, pair: Pair) -> Pair {
    match goal {
        IndexGoal::Fence(role) => fence::after(role, pair),
        IndexGoal::Unfence(role) => unfence::after(role, pair),
        IndexGoal::Drain => drain::after(pair),
        IndexGoal::Carry => carry::after(pair),
        IndexGoal::Promote(role) => promote::after(role, pair),
        IndexGoal::Resume(role) => resume::after(role, pair),
        IndexGoal::Seed(role) => seed::after(role, pair),
        IndexGoal::Salvage(role) => salvage::after(role, pair),
        IndexGoal::Discard(role) => discard::after(role, pair),
        IndexGoal::Index(role) => index::after(role, pair),
        IndexGoal::Remove(role) => remove::after(role, pair),
        IndexGoal::Release(role) => release::after(role, pair),
    }
}

/// As an index is that has just been made, or made again, as one leads again, and as one has just
/// been let go from following.
const FRESH: Side = Side::Regular { open: true, fence: Fence::None };

const RUNNING: Side = Side::Following { tasks: Tasks::Running, open: true };

fn unreachable(role: Role) -> Code {
    match role {
        Role::Source => Code::LeaderUnreachable,
        Role::Target => Code::TargetUnreachable,
    }
}

fn not_following(role: Role, pair: Pair) -> Code {
    match pair.side(role) {
        Side::Unreachable => unreachable(role),
        Side::Absent => Code::IndexMissing,
        _ if pair.facts.leads == Some(role.other()) => Code::FormerLeader,
        _ => Code::Unrelated,
    }
}
