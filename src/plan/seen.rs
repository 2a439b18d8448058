//! A set as it is seen, with the entry of the switch under way.

use crate::model::{
    lineage::{Entry, State},
    membership::{Membership, Names},
};

use super::{
    pair::{Role, Side},
    subject::Subject,
};

/// A set as it is seen: its members, and the entry of the switch under way.
pub(crate) struct Seen<'a> {
    pub membership: Membership,
    pub subjects: Vec<Subject<'a>>,
    /// The entry that this run continues, or that stands for the switch already done.
    pub entry: Option<&'a Entry>,
    /// Indices that `--index` leaves out are still to be moved: what is the set's as a
    /// whole falls due with the last of them.
    pub is_part: bool,
}

pub(super) fn is_open(entry: Option<&Entry>) -> bool {
    entry.is_some_and(|entry| entry.state == State::Open)
}

impl Seen<'_> {
    /// The record has the switch as begun and not yet at its end.
    pub(crate) fn is_begun(&self) -> bool {
        is_open(self.entry)
    }

    /// The names of the members on the side in a role.
    pub(crate) fn names(&self, role: Role) -> Vec<&str> {
        self.subjects.iter().map(|subject| subject.name(role)).collect()
    }

    /// An index of this very switch is past its unfollow. One that an earlier part of the
    /// set has moved does not count.
    pub(crate) fn is_past(&self, role: Role) -> bool {
        self.subjects
            .iter()
            .any(|subject| subject.pair.is_unfollowed(role) && self.has_moved(&subject.names))
    }

    /// Any index's lead has moved to the target in this switch.
    pub(super) fn has_switched(&self) -> bool {
        self.is_past(Role::Target)
    }

    pub(super) fn has_moved(&self, names: &Names) -> bool {
        self.entry
            .and_then(|entry| entry.member(&names.source_index, &names.target_index))
            .is_some_and(|member| member.checkpoints.is_some())
    }

    /// The entry knows every index that is still to be moved.
    pub(crate) fn is_on_record(&self) -> bool {
        self.entry.is_some_and(|entry| {
            let known =
                |names: &Names| entry.member(&names.source_index, &names.target_index).is_some();
            self.subjects
                .iter()
                .filter(|subject| matches!(subject.pair.target, Side::Following { .. }))
                .all(|subject| known(&subject.names))
        })
    }
}
