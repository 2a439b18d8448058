//! A fence that is asked for by itself: which indices it is about, and what of it must be
//! on record, so that the block is known as esdr's own and can be lifted again.

use crate::model::{
    lineage::{Entry, State},
    membership::{Membership, Scope},
};

use super::{
    pair::{Fence, Side},
    planner::Context,
    seen::Seen,
    subject::{Subject, is_esdrs, is_known},
};

/// The entries of the record that stand for such fences of the set on the source.
pub fn on_record(scope: Scope<'_>) -> impl Iterator<Item = &Entry> {
    scope.world.lineage.iter().filter(move |entry| {
        entry.state == State::Fenced && entry.set == scope.set.name && entry.source == scope.source
    })
}

/// What is about to be fenced without an entry that would tell the block as esdr's own.
pub fn unrecorded<'s, 'a>(
    scope: Scope<'a>,
    seen: &'s Seen<'a>,
) -> impl Iterator<Item = &'s Subject<'a>> {
    seen.subjects.iter().filter(move |subject| {
        let Side::Regular { fence, .. } = subject.pair.source else { return false };
        subject.pair.source.lacks_fence()
            && match fence {
                Fence::Found => subject.source.is_some_and(|it| !is_known(scope, scope.source, it)),
                _ => subject.source.is_some_and(|it| !is_esdrs(scope, scope.source, it)),
            }
    })
}

impl Context<'_> {
    /// A fence is about every index of the set that is on the source: followed or not,
    /// finished by lifecycle management or not; and about what is on record as fenced.
    pub(super) fn take_all(&self, membership: &mut Membership) {
        let recorded = on_record(self.scope).flat_map(|entry| &entry.members);
        let recorded = recorded.map(|member| member.source_index.clone());
        let more: Vec<String> =
            std::mem::take(&mut membership.complete).into_iter().chain(recorded).collect();
        for name in more {
            if !membership.members.iter().any(|names| names.source_index == name) {
                membership.members.push(self.names(name));
            }
        }
        // What is not there takes no writes; of a cluster that is gone nobody knows.
        if let Some(view) = self.scope.world.view(self.scope.source) {
            membership.members.retain(|names| view.indices.contains_key(&names.source_index));
        }
    }
}
