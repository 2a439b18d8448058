//! One index on both sides, reduced to what decides the next step.

pub use crate::playbook::Role;

/// A write block on an index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fence {
    None,
    /// Set by esdr in the current entry: may be lifted.
    Ours,
    /// Stood there before esdr came: never lifted.
    Found,
}

/// Whether a follower's tasks run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tasks {
    /// A task stopped for good; it must be paused and resumed.
    Fatal,
    Paused,
    Running,
}

/// One index on one cluster.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
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
    pub fn is_writable(self) -> bool {
        matches!(self, Self::Regular { open: true, fence: Fence::None })
    }
}

/// What the record says of one index. Facts of the current entry, except `leads`, which
/// is the word of the newest entry that moved this index's lead.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// Both sides were proved equal under the fence.
    pub proof: bool,
    /// The target's positions were written after the pause.
    pub checkpoints: bool,
    /// The entry is open and has fenced nothing yet: there is nothing of it on the source.
    pub untouched: bool,
    /// What only the side that was left behind has is in files, or it has nothing of its own.
    pub salvaged: bool,
    /// It was deleted on the leading side, and the operator lets the copy go too.
    pub gone: bool,
    /// It was deleted on the leading side, and the operator wants it back there.
    pub returns: bool,
    /// Who leads, where an entry says so.
    pub leads: Option<Role>,
}

/// One index of a set on both sides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pair {
    pub source: Side,
    pub target: Side,
    pub facts: Facts,
}

impl Pair {
    /// The side in a role.
    pub fn side(self, role: Role) -> Side {
        match role {
            Role::Source => self.source,
            Role::Target => self.target,
        }
    }

    /// The pair with one side replaced.
    #[must_use]
    pub fn with(mut self, role: Role, side: Side) -> Self {
        match role {
            Role::Source => self.source = side,
            Role::Target => self.target = side,
        }
        self
    }

    /// The unfollow on `role` is seen to have happened: regular there, and the record
    /// says that it leads.
    pub fn is_unfollowed(self, role: Role) -> bool {
        matches!(self.side(role), Side::Regular { .. }) && self.facts.leads == Some(role)
    }

    /// A regular copy on `role` that led until the other side did.
    pub fn is_left_behind(self, role: Role) -> bool {
        matches!(self.side(role), Side::Regular { .. }) && self.facts.leads == Some(role.other())
    }

    /// Deleted on the other side, which leads: the copy on `role` goes too.
    pub fn goes(self, role: Role) -> bool {
        self.facts.gone && self.is_left_behind(role) && self.side(role.other()) == Side::Absent
    }

    /// Deleted on the other side, which leads: it is made there again from the copy on `role`.
    pub fn returns(self, role: Role) -> bool {
        self.facts.returns && self.is_left_behind(role) && self.side(role.other()) == Side::Absent
    }

    /// And has gone.
    pub fn is_gone(self) -> bool {
        self.facts.gone && self.source == Side::Absent && self.target == Side::Absent
    }

    /// The copy on `role` can go: the other side leads, whatever this copy has of its own is
    /// kept elsewhere, and nothing has been added since, for a fence stands on it.
    pub fn is_spent(self, role: Role) -> bool {
        let is_kept = self.facts.salvaged || (role == Role::Source && self.facts.proof);
        is_kept && self.facts.leads == Some(role.other())
    }

    /// Every pair there is, for tests that enumerate.
    pub fn all() -> Vec<Self> {
        let mut sides = vec![Side::Absent, Side::Unreachable];
        for open in [false, true] {
            for fence in [Fence::None, Fence::Ours, Fence::Found] {
                sides.push(Side::Regular { open, fence });
            }
            for tasks in [Tasks::Fatal, Tasks::Paused, Tasks::Running] {
                sides.push(Side::Following { tasks, open });
            }
        }
        let mut pairs = Vec::new();
        for &source in &sides {
            for &target in &sides {
                for bits in 0..64 {
                    for leads in [None, Some(Role::Source), Some(Role::Target)] {
                        let facts = Facts {
                            proof: bits & 1 > 0,
                            checkpoints: bits & 2 > 0,
                            untouched: bits & 4 > 0,
                            salvaged: bits & 8 > 0,
                            gone: bits & 16 > 0,
                            returns: bits & 32 > 0,
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
