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

/// A state of the world that a playbook asks of every index. Never the trace of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Goal {
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

/// What esdr can do to one index. Each is one kind of API call, but for `Prove`, `Checkpoints`
/// and `Salvage`, which read and write the record, and for `Carry`, which does what it takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
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
pub(crate) fn remaining(goal: Goal, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    if pair.is_gone() {
        return Ok(vec![]);
    }
    match goal {
        Goal::Fence(role) => fence::remaining(role, pair),
        Goal::Unfence(role) => unfence::remaining(role, pair),
        Goal::Drain => drain::remaining(pair),
        Goal::Carry => carry::remaining(pair),
        Goal::Promote(role) => promote::remaining(role, pair),
        Goal::Resume(role) => resume::remaining(role, pair),
        Goal::Seed(role) => seed::remaining(role, pair),
        Goal::Salvage(role) => salvage::remaining(role, pair),
        Goal::Discard(role) => discard::remaining(role, pair),
        Goal::Index(role) => index::remaining(role, pair),
        Goal::Remove(role) => remove::remaining(role, pair),
        Goal::Release(role) => release::remaining(role, pair),
    }
}

/// How the pair will look once the goal holds.
#[must_use]
pub(crate) fn after(goal: Goal, pair: Pair) -> Pair {
    match goal {
        Goal::Fence(role) => fence::after(role, pair),
        Goal::Unfence(role) => unfence::after(role, pair),
        Goal::Drain => drain::after(pair),
        Goal::Carry => carry::after(pair),
        Goal::Promote(role) => promote::after(role, pair),
        Goal::Resume(role) => resume::after(role, pair),
        Goal::Seed(role) => seed::after(role, pair),
        Goal::Salvage(role) => salvage::after(role, pair),
        Goal::Discard(role) => discard::after(role, pair),
        Goal::Index(role) => index::after(role, pair),
        Goal::Remove(role) => remove::after(role, pair),
        Goal::Release(role) => release::after(role, pair),
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
