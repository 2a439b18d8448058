//! The two functions at the heart: what is left to do for a goal, given what is seen,
//! and how the pair will look when it is done. The law that ties them together,
//! enumerated in the tests over all pairs: `remaining(goal, after(goal, pair))` is empty.

mod bidi;
mod copies;
#[cfg(test)]
mod tests;

use self::copies::{discard, loosen, salvage};
use super::{
    pair::{Facts, Fence, Pair, Role, Side, Tasks},
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
        Goal::Fence(role) => fence(role, pair),
        Goal::Unfence(role) => unfence(role, pair),
        Goal::Drain => drain(pair),
        Goal::Carry => carry(pair),
        Goal::Promote(role) => promote(role, pair),
        Goal::Resume(role) => resume(role, pair),
        Goal::Seed(role) => seed(role, pair),
        Goal::Salvage(role) => salvage(role, pair),
        Goal::Discard(role) => discard(role, pair),
        Goal::Index(role) => bidi::index(role, pair),
        Goal::Remove(role) => bidi::remove(role, pair),
        Goal::Release(role) => bidi::release(role, pair),
    }
}

/// How the pair will look once the goal holds.
#[must_use]
pub(crate) fn after(goal: Goal, pair: Pair) -> Pair {
    match goal {
        Goal::Fence(role) => match pair.side(role) {
            Side::Regular { open, fence } if pair.side(role).lacks_fence() => {
                pair.with(role, Side::Regular { open, fence: fence.set(open) })
            }
            _ => pair,
        },
        Goal::Unfence(Role::Source) if pair.keeps_fence() => pair,
        Goal::Unfence(role) => match pair.side(role) {
            Side::Regular { open, fence } => {
                pair.with(role, Side::Regular { open, fence: fence.lifted() })
            }
            _ => pair,
        },
        Goal::Drain => {
            let facts = Facts { proof: true, ..pair.facts };
            Pair { facts, ..pair.with(Role::Target, RUNNING) }
        }
        Goal::Carry if pair.facts.leads == Some(Role::Target) => pair,
        Goal::Carry => {
            let facts =
                Facts { proof: true, checkpoints: true, leads: Some(Role::Target), ..pair.facts };
            Pair { facts, ..pair.with(Role::Target, FRESH) }
        }
        Goal::Promote(role) => {
            let facts = Facts { checkpoints: true, leads: Some(role), ..pair.facts };
            let fence = match pair.side(role) {
                Side::Regular { fence, .. } => fence.lifted(),
                _ => Fence::None,
            };
            Pair { facts, ..pair.with(role, Side::Regular { open: true, fence }) }
        }
        Goal::Resume(role) => match pair.side(role) {
            Side::Following { .. } if !pair.facts.proof => pair.with(role, RUNNING),
            _ => pair,
        },
        Goal::Seed(role) if pair.goes(role) => pair.with(role, Side::Absent),
        Goal::Seed(role) => pair.with(role, RUNNING),
        Goal::Salvage(role) => match pair.side(role) {
            Side::Regular { open, fence } if !pair.is_spent(role) => {
                let facts = Facts { salvaged: true, ..pair.facts };
                let fence = if open { fence } else { fence.loosened() };
                let pair = if pair.returns(role) { pair.with(role.other(), FRESH) } else { pair };
                Pair { facts, ..pair.with(role, Side::Regular { open: true, fence }) }
            }
            _ => pair,
        },
        Goal::Discard(role) => match pair.side(role) {
            Side::Regular { fence, .. } => {
                pair.with(role, Side::Regular { open: false, fence: fence.loosened() })
            }
            _ => pair,
        },
        Goal::Index(role) if pair.side(role) == Side::Absent => pair.with(role, FRESH),
        Goal::Remove(role) if matches!(pair.side(role), Side::Following { .. }) => {
            pair.with(role, Side::Absent)
        }
        Goal::Release(role) => match pair.side(role) {
            Side::Following { .. } => pair.with(role, FRESH),
            Side::Regular { open, fence } => {
                let fence = if open { fence } else { fence.loosened() };
                pair.with(role, Side::Regular { open: true, fence })
            }
            _ => pair,
        },
        Goal::Index(_) | Goal::Remove(_) => pair,
    }
}

/// As an index is that has just been made, or made again, as one leads again, and as one has just
/// been let go from following.
const FRESH: Side = Side::Regular { open: true, fence: Fence::None };

const RUNNING: Side = Side::Following { tasks: Tasks::Running, open: true };

fn fence(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match pair.side(role) {
        // The proof was taken under this fence: it stands, whether or not it can be seen.
        Side::Unreachable if role == Role::Source && pair.facts.proof => Ok(vec![]),
        Side::Unreachable => Err(unreachable(role)),
        // Born on the other side, or gone from here: nobody can write to it.
        Side::Absent if matches!(pair.side(role.other()), Side::Regular { .. }) => Ok(vec![]),
        Side::Absent => Err(Code::IndexMissing),
        // A closed index is not a fence: whoever opens it can write.
        side if side.lacks_fence() => Ok(vec![(Verb::Fence, role)]),
        // A follower takes no client's writes.
        Side::Regular { .. } | Side::Following { .. } => Ok(vec![]),
    }
}

fn unfence(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable if role == Role::Source && pair.facts.untouched => Ok(vec![]),
        Side::Unreachable => Err(unreachable(role)),
        // Also where it cannot be seen: the record's word is enough for a second writable side.
        Side::Regular { fence, .. }
            if fence.is_ours()
                && (pair.is_unfollowed(role.other())
                    || (pair.facts.leads == Some(role.other())
                        && pair.side(role.other()) == Side::Unreachable)) =>
        {
            Err(Code::PastNoReturn)
        }
        _ if role == Role::Source && pair.keeps_fence() => Ok(vec![]),
        Side::Regular { fence, .. } if fence.is_ours() => Ok(vec![(Verb::Unfence, role)]),
        _ => Ok(vec![]),
    }
}

fn drain(pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    if pair.facts.proof {
        return Ok(vec![]);
    }
    match pair.source {
        Side::Unreachable => return Err(Code::LeaderUnreachable),
        Side::Absent => return Err(Code::IndexMissing),
        Side::Regular { open: true, .. } => {}
        // Its checkpoints cannot be read.
        Side::Regular { open: false, .. } => return Err(Code::LeaderClosed),
        Side::Following { .. } => return Err(Code::FormerLeader),
    }
    let Side::Following { tasks, open } = pair.target else {
        return Err(not_following(Role::Target, pair));
    };
    let mut verbs = running(Role::Target, tasks, open);
    verbs.push((Verb::Prove, Role::Target));
    Ok(verbs)
}

/// What a follower needs until its tasks run.
pub(super) fn running(role: Role, tasks: Tasks, open: bool) -> Vec<(Verb, Role)> {
    let mut verbs = Vec::new();
    if !open {
        verbs.push((Verb::Open, role));
    }
    match tasks {
        Tasks::Running => {}
        Tasks::Paused => verbs.push((Verb::Resume, role)),
        Tasks::Fatal => verbs.extend([(Verb::Pause, role), (Verb::Resume, role)]),
    }
    verbs
}

/// A follower that has its proof has read all there is.
fn resume(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    let (tasks, open) = match pair.side(role) {
        Side::Following { tasks, open } => (tasks, open),
        Side::Unreachable => return Err(unreachable(role)),
        Side::Absent | Side::Regular { .. } => return Ok(vec![]),
    };
    let verbs = running(role, tasks, open);
    match pair.side(role.other()) {
        _ if verbs.is_empty() || pair.facts.proof => Ok(vec![]),
        Side::Unreachable => Err(unreachable(role.other())),
        // There is nothing any more that it could read.
        Side::Absent => Err(Code::FatalFollower),
        _ => Ok(verbs),
    }
}

/// What cannot be seen of one index alone, such as positions, is the gate's to judge.
fn carry(pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match (pair.facts.leads, pair.source) {
        (Some(Role::Target), _) if pair.target == Side::Unreachable => {
            return Err(Code::TargetUnreachable);
        }
        (Some(Role::Target), _) => return Ok(vec![]),
        (None, _) => return Err(Code::Unrelated),
        (_, Side::Unreachable) => return Err(Code::LeaderUnreachable),
        (_, Side::Absent) => return Err(Code::Deleted),
        (_, Side::Following { .. }) => return Err(Code::FormerLeader),
        // Its positions cannot be read.
        (_, Side::Regular { open: false, .. }) => return Err(Code::LeaderClosed),
        (_, Side::Regular { .. }) => {}
    }
    let (open, fence) = match pair.target {
        Side::Unreachable => return Err(Code::TargetUnreachable),
        Side::Absent => return Err(Code::IndexMissing),
        // It has given up what it was, or a block stands there that is not esdr's to lift.
        Side::Following { .. } => return Err(Code::CannotCarry),
        Side::Regular { fence, .. } if fence.is_found() => return Err(Code::CannotCarry),
        Side::Regular { open, fence } => (open, fence),
    };
    let mut verbs = Vec::new();
    // Under `index.blocks.read_only` nothing is opened.
    if fence.is_ours() {
        verbs.push((Verb::Unfence, Role::Target));
    }
    if !open {
        verbs.push((Verb::Open, Role::Target));
    }
    verbs.push((Verb::Carry, Role::Target));
    Ok(verbs)
}

fn promote(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    match pair.side(role) {
        Side::Unreachable => Err(unreachable(role)),
        Side::Absent => Err(Code::IndexMissing),
        Side::Following { tasks, open } => {
            let mut verbs = Vec::new();
            // The task's existence is what unfollow minds, a fatal one's too.
            let paused = tasks == Tasks::Paused;
            if !paused {
                verbs.push((Verb::Pause, role));
            }
            // Positions written before this pause would not be the last ones.
            let written = paused && pair.facts.checkpoints;
            if !written {
                if !open {
                    verbs.push((Verb::Open, role));
                }
                verbs.push((Verb::Checkpoints, role));
            }
            if open || !written {
                verbs.push((Verb::Close, role));
            }
            verbs.extend([(Verb::Unfollow, role), (Verb::Open, role)]);
            Ok(verbs)
        }
        Side::Regular { open, fence } if pair.facts.leads == Some(role) => {
            let mut verbs = Vec::new();
            if fence.is_ours() {
                verbs.push((Verb::Unfence, role));
            }
            if !open {
                verbs.push((Verb::Open, role));
            }
            Ok(verbs)
        }
        Side::Regular { .. } if pair.facts.leads.is_none() => Err(Code::Unrelated),
        Side::Regular { .. } => Err(Code::FormerLeader),
    }
}

fn seed(role: Role, pair: Pair) -> Result<Vec<(Verb, Role)>, Code> {
    let mut verbs = Vec::new();
    let is_closed = matches!(pair.side(role), Side::Regular { open: false, .. });
    if pair.goes(role) && is_closed && pair.is_spent(role) {
        return Ok([loosen(role, pair), vec![(Verb::Delete, role)]].concat());
    }
    match pair.side(role) {
        Side::Unreachable => return Err(unreachable(role)),
        Side::Following { tasks: Tasks::Running, open } => {
            return Ok(running(role, Tasks::Running, open));
        }
        Side::Following { tasks, open } => verbs = running(role, tasks, open),
        Side::Absent => verbs.push((Verb::Follow, role)),
        Side::Regular { .. } if pair.facts.leads == Some(role) => return Err(Code::StandbyLeads),
        Side::Regular { open: false, fence } if fence != Fence::None && pair.is_spent(role) => {
            verbs.extend(loosen(role, pair));
            verbs.push((Verb::Follow, role));
        }
        Side::Regular { .. } if pair.facts.leads.is_some() => return Err(Code::FormerLeader),
        Side::Regular { .. } => return Err(Code::Unrelated),
    }
    match pair.side(role.other()) {
        Side::Regular { open: false, .. } => Err(Code::LeaderClosed),
        // Bootstrapping copies the block, and a follower born with it cannot apply anything.
        Side::Regular { fence, .. }
            if fence != Fence::None && verbs.last().is_some_and(|it| it.0 == Verb::Follow) =>
        {
            Err(Code::LeaderFenced)
        }
        Side::Regular { .. } => Ok(verbs),
        Side::Unreachable => Err(unreachable(role.other())),
        Side::Absent if pair.is_left_behind(role) => Err(Code::Deleted),
        Side::Absent => Err(Code::IndexMissing),
        Side::Following { .. } => Err(Code::FormerLeader),
    }
}

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
