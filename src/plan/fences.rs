//! Fences and who stands for them. One that is asked for by itself: which indices it is about, and
//! what of it must be on record, so that the block is known as esdr's own and can be lifted again.
//! And what a run that lifts its own leaves: a block goes with the last entry that stands for it.

use crate::{
    model::{
        lineage::{self, Entry, State},
        membership::{Membership, Scope},
        problem::Problem,
        world::{Index, World},
    },
    playbook::Kind,
};

use super::{
    context::Context,
    pair::{Fence, Role, Side},
    reason::{Code, Reason},
    seen::Seen,
    subject::{Subject, is_esdrs, is_known, member_of_source},
};

/// The entries of the record that stand for such fences of the set on the source.
pub(crate) fn on_record(scope: Scope<'_>) -> impl Iterator<Item = &Entry> {
    scope.world.lineage.iter().filter(move |entry| {
        entry.state == State::Fenced && entry.set == scope.set.name && entry.source == scope.source
    })
}

/// What is about to be fenced without an entry that would tell the block as esdr's own, and as the
/// operator's where only a switch that may be taken back stands for it.
pub(crate) fn unrecorded<'s, 'a>(
    scope: Scope<'a>,
    seen: &'s Seen<'a>,
) -> impl Iterator<Item = &'s Subject<'a>> {
    seen.subjects.iter().filter(move |subject| {
        let Side::Regular { fence, .. } = subject.pair.source else { return false };
        let Some(index) = subject.source else { return false };
        let stands_for = |entry: &Entry| is_of(entry, subject.source);
        let is_told = on_record(scope).any(stands_for);
        if !subject.pair.source.lacks_fence() {
            return !is_told && fence.is_ours() && under_way(scope).any(stands_for);
        }
        if fence == Fence::Found {
            return !is_known(scope, scope.source, index);
        }
        // What a switch has on record is not the operator's.
        let leads = subject.pair.facts.leads != Some(Role::Target);
        !is_esdrs(scope, scope.source, index) || (leads && !is_told)
    })
}

/// Switches of the set that have fenced the source and are not finished.
fn under_way(scope: Scope<'_>) -> impl Iterator<Item = &Entry> {
    scope.world.lineage.iter().filter(move |entry| {
        entry.state == State::Open
            && entry.fenced_ms.is_some()
            && entry.set == scope.set.name
            && entry.source == scope.source
    })
}

fn is_of(entry: &Entry, index: Option<&Index>) -> bool {
    index.is_some_and(|index| member_of_source(entry, index).is_some())
}

/// Whether an operator's own fence stands on the source's index of a member, or stood when it was
/// last seen.
pub(crate) fn holds(scope: Scope<'_>, subject: &Subject<'_>) -> bool {
    let name = &subject.names.source_index;
    let following = subject.target.and_then(|index| index.following.as_ref());
    let (uuid, stands) = match subject.source {
        Some(index) => (Some(&index.uuid), index.write_block),
        None => (following.and_then(|following| following.leader_uuid.as_ref()), true),
    };
    let is_it = |entry: &Entry| {
        let mut members = entry.members.iter();
        members.any(|it| it.source_index == *name && Some(&it.source_uuid) == uuid)
    };
    stands && on_record(scope).any(is_it)
}

/// Whether esdr's fence on a member is not only what is lifted here. An undo leaves what an operator
/// had fenced before its switch, or has since; `esdr unfence` what an unfinished switch has.
pub(crate) fn is_anothers(
    context: &Context<'_>,
    own: Option<&Entry>,
    subject: &Subject<'_>,
) -> bool {
    let scope = context.scope;
    if context.kind() == Kind::Unfence {
        return under_way(scope).any(|entry| is_of(entry, subject.source));
    }
    let Some((own, index)) = own.zip(subject.source).filter(|_| context.request.undo) else {
        return false;
    };
    is_operators(scope, own, index)
}

/// Whether an operator's own fence on an index of the source stands beside the one of a switch.
pub(crate) fn is_operators(scope: Scope<'_>, own: &Entry, index: &Index) -> bool {
    let was_free = member_of_source(own, index).is_some_and(|member| !member.fenced_before);
    let stays = |entry: &Entry| !was_free || lineage::is_later(entry, own);
    on_record(scope).any(|entry| is_of(entry, Some(index)) && stays(entry))
}

/// Whether a block stands that an entry knows, as far as its source is seen.
pub(crate) fn stands(world: &World, entry: &Entry) -> bool {
    let Some(view) = world.view(&entry.source) else { return true };
    view.indices.values().any(|index| index.write_block && is_of(entry, Some(index)))
}

/// What stands after a switch, so that it cannot be taken back by itself: a later one of the set, or
/// a fence that an operator has set since where writers would be let in.
pub(crate) fn later<'w>(world: &'w World, own: &Entry) -> Option<&'w Entry> {
    let is_after = |entry: &Entry| match entry.state {
        State::Open | State::Done => true,
        State::Fenced => entry.source == own.source && stands(world, entry),
        _ => false,
    };
    world.lineage.iter().rev().find(|entry| {
        entry.set == own.set
            && entry.run != own.run
            && lineage::is_later(entry, own)
            && is_after(entry)
    })
}

/// Why a switch is not taken back, and what can be done instead.
pub(crate) fn superseded(later: &Entry, own: &Entry) -> Reason {
    let Entry { run, set, source, target, operator, .. } = later;
    let (detail, hint) = match later.state {
        State::Fenced => (
            format!("run {run} of {operator} has fenced {set} on {source} since run {}", own.run),
            format!("esdr unfence {source} --set {set}, then esdr undo {}", own.run),
        ),
        State::Open => (
            format!("run {run} of {operator} moves {set} to {target} since run {}", own.run),
            format!("esdr undo {run}"),
        ),
        _ => (
            format!("run {run} of {operator} has moved {set} to {target} since run {}", own.run),
            format!("esdr status --set {set}"),
        ),
    };
    Reason::new(Code::Superseded, set, detail).hint(hint)
}

/// What a run that lifts its own has left.
pub(super) fn kept(context: &Context<'_>, seen: &Seen<'_>) -> Option<Problem> {
    let scope = context.scope;
    let is_kept = |subject: &&Subject<'_>| subject.pair.keeps_fence();
    let kept: Vec<&Subject<'_>> = seen.subjects.iter().filter(is_kept).collect();
    let first = kept.first()?;
    let (set, source) = (&scope.set.name, scope.source);
    let of = |entry: &&Entry| is_of(entry, first.source);
    let what = format!("{} of {set} go on refusing writes on {source}", kept.len());
    if context.kind() == Kind::Unfence {
        let run = &under_way(scope).find(of)?.run;
        let detail = format!("{what}: run {run}, which is not finished, has fenced them too");
        return Some(Problem::new(Code::FenceStanding, set, detail, format!("esdr undo {run}")));
    }
    let Entry { run, operator, .. } = on_record(scope).find(of)?;
    let detail = format!(
        "{what}: run {run} of {operator} has fenced them by itself, and that is not taken back"
    );
    let hint = format!("esdr unfence {source} --set {set}");
    Some(Problem::new(Code::FenceStanding, set, detail, hint).warning())
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
