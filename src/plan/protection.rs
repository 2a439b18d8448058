//! What is on record of a protected set: aliases and follow parameters cannot be asked for
//! on the day on which the leader is gone, and a server before 7.3 copies no alias.

use crate::model::{
    lineage::{Entry, Member, State},
    membership::Scope,
    world::{Alias, Cluster},
};

use super::{context::Context, pair::Side, seen::Seen, subject::Subject};

/// Whether what is on record of the set's followers is not what is seen; never true of a
/// playbook that does not protect.
pub(crate) fn is_stale(context: &Context<'_>, seen: &Seen<'_>) -> bool {
    let protects = context.kind().protects();
    protects && followed(seen).any(|subject| !is_known(newest(context.scope), subject))
}

/// Whether that is worth a run of its own: a follower that came by itself, and whose leader has
/// no alias, can wait until there is something else to do.
pub(crate) fn is_due(context: &Context<'_>, seen: &Seen<'_>) -> bool {
    let entry = newest(context.scope);
    let has_something = |subject: &&Subject<'_>| {
        let names = &subject.names;
        let is_recorded =
            entry.is_some_and(|it| it.member(&names.source_index, &names.target_index).is_some());
        is_recorded || subject.source.is_some_and(|index| !index.aliases.is_empty())
    };
    is_stale(context, seen)
        && followed(seen).filter(has_something).any(|subject| !is_known(entry, subject))
}

/// Members whose both sides are to be seen, one following the other.
pub(crate) fn followed<'s, 'a>(seen: &'s Seen<'a>) -> impl Iterator<Item = &'s Subject<'a>> {
    seen.subjects.iter().filter(|subject| {
        matches!(subject.pair.target, Side::Following { .. }) && subject.source.is_some()
    })
}

/// What the newest entry of any kind says of a follower, for what its leader cannot say.
pub(crate) fn recorded<'a>(scope: Scope<'a>, target_uuid: &str) -> Option<&'a Member> {
    let entries = scope.world.lineage.iter().rev();
    let entries =
        entries.filter(|entry| entry.source == scope.source && entry.target == scope.target);
    entries.flat_map(|entry| &entry.members).find(|member| member.target_uuid == target_uuid)
}

/// The aliases that a member has on the leader: as the leader says, where it is well; else as
/// an earlier entry does; else what its follower has copied.
pub(crate) fn aliases<'a>(scope: Scope<'a>, subject: &Subject<'a>) -> &'a [Alias] {
    let is_well = scope.world.clusters.get(scope.source).is_some_and(Cluster::is_ok);
    let own = subject.source.map(|index| index.aliases.as_slice());
    let recorded = || {
        let member = recorded(scope, &subject.target?.uuid)?;
        Some(member.aliases.as_slice())
    };
    let copied = || subject.target.map(|index| index.aliases.as_slice());
    own.filter(|_| is_well).or_else(recorded).or_else(copied).unwrap_or_default()
}

/// What is written down when a document written through the alias was read on the other side.
pub(crate) const ECHO: &str = "echo";

/// Whether that is on record for the set as it is seen.
pub(crate) fn is_echoed(context: &Context<'_>, seen: &Seen<'_>) -> bool {
    let is_known = newest(context.scope).is_some_and(|entry| entry.did(ECHO));
    is_known && followed(seen).next().is_some() && !is_stale(context, seen)
}

/// The newest word on the set as it was protected.
pub(crate) fn newest(scope: Scope<'_>) -> Option<&Entry> {
    let is_of = |entry: &&Entry| {
        entry.state == State::Protected
            && entry.set == scope.set.name
            && entry.source == scope.source
            && entry.target == scope.target
    };
    scope.world.lineage.iter().rev().find(is_of)
}

fn is_known(entry: Option<&Entry>, subject: &Subject<'_>) -> bool {
    let names = &subject.names;
    let member = entry.and_then(|entry| entry.member(&names.source_index, &names.target_index));
    let (Some(member), Some(source), Some(target)) = (member, subject.source, subject.target)
    else {
        return false;
    };
    let parameters = target.following.as_ref().and_then(|following| following.parameters.as_ref());
    member.source_uuid == source.uuid
        && member.target_uuid == target.uuid
        && member.aliases == source.aliases
        && (parameters.is_none() || member.parameters.as_ref() == parameters)
}
