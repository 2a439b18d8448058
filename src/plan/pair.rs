//! One index on both sides, reduced to what decides the next step.

use serde::{Deserialize, Serialize};

pub(crate) use crate::playbook::Role;

/// What keeps writers off an index: a write block, and beside it `index.blocks.read_only`, which
/// refuses a rollover and every other change of its aliases and settings too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fence {
    /// No write block.
    None,
    /// The write block alone, set by esdr: by one of an earlier version, or a run cut off.
    Partial,
    /// Whole: both blocks, the write block set by esdr. May be lifted.
    Ours,
    /// A write block alone that stood there before esdr came: never lifted.
    Found,
    /// Whole: the write block stood there before, the other one is esdr's. Only that is lifted.
    Beside,
    /// Whole, and neither block is esdr's.
    Theirs,
}

impl Fence {
    /// By the blocks that are seen, and which of them are not esdr's.
    pub(crate) fn of(write: bool, read_only: bool, found: Blocks) -> Self {
        match (write, read_only) {
            (false, _) => Self::None,
            (true, false) if found.write => Self::Found,
            (true, false) => Self::Partial,
            (true, true) if !found.write => Self::Ours,
            (true, true) if found.read_only => Self::Theirs,
            (true, true) => Self::Beside,
        }
    }

    /// Both blocks stand.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Ours | Self::Beside | Self::Theirs)
    }

    /// The write block is not esdr's.
    pub(crate) fn is_found(self) -> bool {
        matches!(self, Self::Found | Self::Beside | Self::Theirs)
    }

    /// A block of esdr's stands.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Partial | Self::Ours | Self::Beside)
    }

    /// `index.blocks.read_only` is esdr's to lift, so that the index can be closed.
    pub(crate) fn is_tight(self) -> bool {
        matches!(self, Self::Ours | Self::Beside)
    }

    /// With what esdr adds. A closed index gets the write block alone: it cannot be rolled over,
    /// and under the other one nobody could open it to read it.
    #[must_use]
    pub(crate) fn set(self, open: bool) -> Self {
        match self {
            Self::None if !open => Self::Partial,
            Self::None | Self::Partial if open => Self::Ours,
            Self::Found if open => Self::Beside,
            other => other,
        }
    }

    /// Without what is esdr's.
    #[must_use]
    pub(crate) fn lifted(self) -> Self {
        match self {
            Self::Partial | Self::Ours => Self::None,
            Self::Beside => Self::Found,
            other => other,
        }
    }

    /// Without esdr's `index.blocks.read_only`.
    #[must_use]
    pub(crate) fn loosened(self) -> Self {
        match self {
            Self::Ours => Self::Partial,
            Self::Beside => Self::Found,
            other => other,
        }
    }

    /// Every one there is, for tests that enumerate.
    #[cfg(test)]
    const ALL: [Self; 6] =
        [Self::None, Self::Partial, Self::Ours, Self::Found, Self::Beside, Self::Theirs];
}

/// Which of two blocks on an index are not esdr's.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Blocks {
    pub write: bool,
    pub read_only: bool,
}

/// Whether a follower's tasks run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tasks {
    /// A task stopped for good; it must be paused and resumed.
    Fatal,
    /// There is nothing to run over: the server has given the copy up. Its leader is there, and
    /// is the index that it was copied from.
    GivenUp,
    Paused,
    Running,
}

/// One index on one cluster.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    /// No such index.
    Absent,
    Following {
        tasks: Tasks,
        open: bool,
    },
    Regular {
        open: bool,
        fence: Fence,
    },
    /// Its cluster does not answer.
    Unreachable,
}

impl Side {
    /// True where a client's write would be taken.
    pub(crate) fn is_writable(self) -> bool {
        matches!(self, Self::Regular { open: true, fence: Fence::None })
    }

    /// True where a fence is missing, or a part of one: a closed index cannot be rolled over.
    pub(crate) fn lacks_fence(self) -> bool {
        match self {
            Self::Regular { open: true, fence } => !fence.is_whole(),
            Self::Regular { open: false, fence } => fence == Fence::None,
            _ => false,
        }
    }
}

/// What the record says of one index. Facts of the current entry, except `leads`, which
/// is the word of the newest entry that moved this index's lead.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Facts {
    /// Both sides were proved equal under the fence.
    pub proof: bool,
    /// The target's positions were written after the pause.
    pub checkpoints: bool,
    /// The entry is open and has fenced nothing yet: there is nothing of it on the source.
    pub untouched: bool,
    /// What only the side that was left behind has is in files, or it has nothing of its own.
    pub salvaged: bool,
    /// esdr's fence on the source is another entry's too: this run does not lift it.
    pub kept: bool,
    /// It was deleted on the leading side, and the operator lets the copy go too.
    pub delete_chosen: bool,
    /// It was deleted on the leading side, and the operator wants it back there.
    pub returns: bool,
    /// Who leads, where an entry says so.
    pub leads: Option<Role>,
}

/// One index of a set on both sides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pair {
    pub source: Side,
    pub target: Side,
    pub facts: Facts,
}

impl Pair {
    /// The side in a role.
    pub(crate) fn side(self, role: Role) -> Side {
        match role {
            Role::Source => self.source,
            Role::Target => self.target,
        }
    }

    /// The pair with one side replaced.
    #[must_use]
    pub(crate) fn with(mut self, role: Role, side: Side) -> Self {
        match role {
            Role::Source => self.source = side,
            Role::Target => self.target = side,
        }
        self
    }

    /// The unfollow on `role` is seen to have happened: regular there, and the record
    /// says that it leads.
    pub(crate) fn is_unfollowed(self, role: Role) -> bool {
        matches!(self.side(role), Side::Regular { .. }) && self.facts.leads == Some(role)
    }

    /// A regular copy on `role` that led until the other side did.
    pub(crate) fn is_left_behind(self, role: Role) -> bool {
        matches!(self.side(role), Side::Regular { .. }) && self.facts.leads == Some(role.other())
    }

    /// Deleted on the other side, which leads: the copy on `role` goes too.
    pub(crate) fn is_to_delete(self, role: Role) -> bool {
        self.facts.delete_chosen
            && self.is_left_behind(role)
            && self.side(role.other()) == Side::Absent
    }

    /// Deleted on the other side, which leads: it is made there again from the copy on `role`.
    pub(crate) fn returns(self, role: Role) -> bool {
        self.facts.returns && self.is_left_behind(role) && self.side(role.other()) == Side::Absent
    }

    /// And has gone.
    pub(crate) fn is_deleted(self) -> bool {
        self.facts.delete_chosen && self.source == Side::Absent && self.target == Side::Absent
    }

    /// The copy on `role` can go: the other side leads, whatever this copy has of its own is
    /// kept elsewhere, and nothing has been added since, for a fence stands on it.
    pub(crate) fn is_disposable(self, role: Role) -> bool {
        let is_kept = self.facts.salvaged || (role == Role::Source && self.facts.proof);
        is_kept && self.facts.leads == Some(role.other())
    }

    /// A fence of esdr's stands on the source, and stays.
    pub(crate) fn keeps_fence(self) -> bool {
        self.facts.kept && matches!(self.source, Side::Regular { fence, .. } if fence.is_ours())
    }

    /// Every pair there is, for tests that enumerate.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let mut sides = vec![Side::Absent, Side::Unreachable];
        for open in [false, true] {
            for fence in Fence::ALL {
                sides.push(Side::Regular { open, fence });
            }
            for tasks in [Tasks::Fatal, Tasks::GivenUp, Tasks::Paused, Tasks::Running] {
                sides.push(Side::Following { tasks, open });
            }
        }
        let mut pairs = Vec::new();
        for &source in &sides {
            for &target in &sides {
                for bits in 0..128 {
                    for leads in [None, Some(Role::Source), Some(Role::Target)] {
                        let facts = Facts {
                            proof: bits & 1 > 0,
                            checkpoints: bits & 2 > 0,
                            untouched: bits & 4 > 0,
                            salvaged: bits & 8 > 0,
                            delete_chosen: bits & 16 > 0,
                            returns: bits & 32 > 0,
                            kept: bits & 64 > 0,
                            leads,
                        };
                        pairs.push(Self { source, target, facts });
                    }
                }
            }
        }
        pairs
    }
}
