//! The world as the linter imagines it while it walks through a playbook: what each
//! side would be if every step so far had done what it says.

use super::{Goal, Playbook, Role, Step, Verb};

/// One side, for every index of the set alike.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Side {
    pub(super) writable: bool,
    /// A fence stands here.
    pub(super) fenced: bool,
    /// What only this side has is in files.
    pub(super) salvaged: bool,
    /// The copy is closed, to be followed over.
    pub(super) discarded: bool,
    /// A regular copy that led until the other side was promoted.
    pub(super) was_leader: bool,
    /// It follows since a seed of this playbook.
    pub(super) seeded: bool,
    /// The other side was proved to have everything that this one has.
    pub(super) proved_elsewhere: bool,
}

/// Both sides, and what the walk has come past.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch {
    source: Side,
    target: Side,
    pub(super) leader: Role,
    pub(super) accepts_data_loss: bool,
    /// The record of the next switch is written; a promote uses it up.
    pub(super) recorded: bool,
    /// A goal other than the record has been reached.
    pub(super) changed: bool,
    pub(super) promoted: bool,
    /// A drain was seen since the leader's fence.
    pub(super) drained: bool,
    /// And it was to zero.
    pub(super) drained_to_zero: bool,
}

impl Sketch {
    /// The world before the first step: the source leads and takes writes.
    pub(super) fn before(playbook: &Playbook) -> Self {
        Self {
            source: Side { writable: true, ..Side::default() },
            target: Side::default(),
            leader: Role::Source,
            accepts_data_loss: playbook.accepts_data_loss,
            recorded: false,
            changed: false,
            promoted: false,
            drained: false,
            drained_to_zero: false,
        }
    }

    pub(super) fn side(&self, role: Role) -> &Side {
        match role {
            Role::Source => &self.source,
            Role::Target => &self.target,
        }
    }

    fn side_mut(&mut self, role: Role) -> &mut Side {
        match role {
            Role::Source => &mut self.source,
            Role::Target => &mut self.target,
        }
    }

    /// Whether the side that leads refuses writes.
    pub(super) fn leader_fenced(&self) -> bool {
        self.side(self.leader).fenced
    }

    /// The sides that take writes.
    pub(super) fn writable(&self) -> Vec<Role> {
        let both = [Role::Source, Role::Target];
        both.into_iter().filter(|role| self.side(*role).writable).collect()
    }

    /// The world after a step.
    pub(super) fn take(&mut self, step: &Step) {
        match (&step.goal, step.on) {
            (Goal::Record, _) => self.recorded = true,
            (Goal::Fence, Some(on)) => {
                let side = self.side_mut(on);
                side.fenced = true;
                side.writable = false;
            }
            (Goal::Unfence, Some(on)) => {
                let leads = self.leader == on;
                let side = self.side_mut(on);
                side.fenced = false;
                side.writable |= leads;
                self.forget_drain();
            }
            (Goal::Drain { max_lag_ops }, _) if self.leader_fenced() => {
                self.drained = true;
                self.drained_to_zero = *max_lag_ops == 0;
            }
            (Goal::Carry, _) if self.leader_fenced() => {
                self.drained = true;
                self.drained_to_zero = true;
            }
            (Goal::Promote { .. }, Some(on)) => self.promote(on),
            (Goal::Salvage, Some(on)) => self.side_mut(on).salvaged = true,
            (Goal::Discard, Some(on)) => {
                let side = self.side_mut(on);
                side.discarded = true;
                side.writable = false;
            }
            (Goal::Seed | Goal::Join, Some(on)) => {
                *self.side_mut(on) = Side { seeded: true, ..Side::default() };
                self.forget_drain();
            }
            // A copy that is let go is written through no alias: it is no second leader.
            (Goal::Remove | Goal::Release, Some(on)) => {
                *self.side_mut(on) = Side::default();
            }
            _ => {}
        }
        self.changed |= !step.is_gate() && step.verb() != Verb::Record;
    }

    fn promote(&mut self, role: Role) {
        let proved_elsewhere = self.drained_to_zero;
        let former = self.side_mut(role.other());
        former.was_leader = true;
        former.proved_elsewhere = proved_elsewhere;
        *self.side_mut(role) = Side { writable: true, ..Side::default() };
        self.leader = role;
        self.promoted = true;
        self.recorded = false;
        self.forget_drain();
    }

    /// A new follower or a new leader: what was drained before says nothing about it.
    fn forget_drain(&mut self) {
        self.drained = false;
        self.drained_to_zero = false;
    }
}
