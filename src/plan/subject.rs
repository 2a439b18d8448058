//! From what is seen to what decides: one index of a set as a [`Pair`].

use crate::model::{
    divergence::{Above, above, all_of},
    lineage::{Entry, Member, Position, State},
    membership::{Names, Scope, agrees},
    placeholder::{fence_templates, is_born_blocked},
    world::{Cluster, Following, Index},
};

use super::pair::{Blocks, Facts, Fence, Pair, Role, Side, Tasks};

/// One member of a set: its names, both sides as seen, and the record's word on it.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    pub names: Names,
    pub source: Option<&'a Index>,
    pub target: Option<&'a Index>,
    pub pair: Pair,
}

impl Subject<'_> {
    /// The index's name on the side in a role.
    pub(crate) fn name(&self, role: Role) -> &str {
        match role {
            Role::Source => &self.names.source_index,
            Role::Target => &self.names.target_index,
        }
    }

    /// The index as seen on the side in a role.
    pub(crate) fn index(&self, role: Role) -> Option<&Index> {
        match role {
            Role::Source => self.source,
            Role::Target => self.target,
        }
    }
}

/// Sees one member. `current` is the entry of the switch under way, if there is one.
pub(crate) fn see<'a>(scope: Scope<'a>, current: Option<&Entry>, names: Names) -> Subject<'a> {
    let source = scope.seen(scope.source, &names.source_index);
    let target = scope.seen(scope.target, &names.target_index);
    let member = current.and_then(|entry| {
        let member = entry.member(&names.source_index, &names.target_index)?;
        agrees(scope.world, entry, member).then_some(member)
    });
    let lead = lead(scope, &names);
    let pair = Pair {
        source: side(scope, (scope.source, &names.source_index), target),
        target: side(scope, (scope.target, &names.target_index), source),
        facts: Facts {
            proof: member.is_some_and(|member| member.proof.is_some()),
            checkpoints: member.is_some_and(|member| member.checkpoints.is_some()),
            untouched: current
                .is_some_and(|entry| entry.state == State::Open && entry.fenced_ms.is_none()),
            salvaged: lead.is_some_and(|lead| is_salvaged(scope, &names, lead)),
            kept: false,
            delete_chosen: false,
            returns: false,
            leads: lead.map(|lead| lead.leader).or_else(|| followed(source, target)),
        },
    };
    Subject { names, source, target, pair }
}

/// Whether what it copied is this very index, which has it still. Where no task tells, as of a copy
/// that was being made, its server does.
fn is_of(follower: &Following, leader: Option<&Index>) -> bool {
    let is_it = |leader: &Index| follower.leader_uuid.as_ref() == Some(&leader.uuid);
    leader.is_some_and(|leader| follower.is_compared || is_it(leader))
}

/// Where no record speaks: what the source follows has the lead already.
fn followed(source: Option<&Index>, target: Option<&Index>) -> Option<Role> {
    let leader = source?.following.as_ref()?.leader_uuid.as_ref()?;
    (*leader == target?.uuid).then_some(Role::Target)
}

/// How one index is seen, beside the index that it would follow.
fn side(scope: Scope<'_>, (cluster, name): (&str, &str), leader: Option<&Index>) -> Side {
    let (view, is_whole) = match scope.world.clusters.get(cluster) {
        Some(Cluster::Ok(view)) => (view, true),
        Some(Cluster::Ill { view, .. }) => (view, false),
        _ => return Side::Unreachable,
    };
    let Some(index) = view.indices.get(name).and_then(|_| scope.seen(cluster, name)) else {
        // What an ill cluster does not tell is not known to be gone.
        return if is_whole { Side::Absent } else { Side::Unreachable };
    };
    let Some(following) = &index.following else {
        let fence = Fence::of(index.write_block, index.read_only, found(scope, cluster, index));
        return Side::Regular { open: index.open, fence };
    };
    let tasks = match (following.active, following.fatal()) {
        _ if index.given_up && is_of(following, leader) => Tasks::GivenUp,
        (false, _) => Tasks::Paused,
        (true, Some(_)) => Tasks::Fatal,
        (true, None) => Tasks::Running,
    };
    Side::Following { tasks, open: index.open }
}

/// Whether a write block on an index of a cluster is esdr's, or would be: an entry of the record has this index as the side
/// that gives up, and found no block there. An undone entry has taken its block away.
pub(crate) fn is_esdrs(scope: Scope<'_>, cluster: &str, index: &Index) -> bool {
    fenced(scope, cluster, index).is_some_and(|member| !member.blocked_before)
}

/// Whether the record tells whose block on an index is.
pub(crate) fn is_known(scope: Scope<'_>, cluster: &str, index: &Index) -> bool {
    fenced(scope, cluster, index).is_some()
}

/// Which blocks that stand on an index are not esdr's, by the record. Where it has been lost, the
/// template of the set's fence tells whose fence it is; the write block is left all the same. What
/// that template has blocked from birth is esdr's, and so is what its copy has taken over.
pub(crate) fn found(scope: Scope<'_>, cluster: &str, index: &Index) -> Blocks {
    let is_born = || {
        is_born_blocked(scope.world, &scope.set.name, cluster, index)
            || inherits(scope, cluster, index)
    };
    let member = fenced(scope, cluster, index);
    let stands = || fence_templates(scope.world, &scope.set.name, cluster).next().is_some();
    let is_found =
        member.map_or_else(|| !(index.write_block && stands()), |member| member.read_only_before);
    Blocks {
        write: index.write_block
            && member.map_or_else(|| !is_born(), |member| member.blocked_before),
        read_only: index.read_only && is_found,
    }
}

/// The newest word of the record on an index that gave up the lead, or was fenced by hand.
fn fenced<'a>(scope: Scope<'a>, cluster: &str, index: &Index) -> Option<&'a Member> {
    scope
        .world
        .lineage
        .iter()
        .rev()
        .filter(|entry| entry.source == cluster && entry.state.fences())
        .find_map(|entry| member_of_source(entry, index))
}

fn inherits(scope: Scope<'_>, cluster: &str, index: &Index) -> bool {
    let entries = scope.world.lineage.iter().filter(|entry| entry.target == cluster);
    let mut members = entries.flat_map(|entry| &entry.members);
    members.any(|member| member.inherits && member.target_uuid == index.uuid)
}

pub(super) fn member_of_source<'e>(entry: &'e Entry, index: &Index) -> Option<&'e Member> {
    entry
        .members
        .iter()
        .find(|member| member.source_index == index.name && member.source_uuid == index.uuid)
}

/// What the copy that was left behind has of its own is in files, and nothing has come to it
/// since: not even by a writer who was let in for a while.
pub(super) fn is_salvaged(scope: Scope<'_>, names: &Names, lead: Lead<'_>) -> bool {
    let salvaged = lead.member.salvaged.as_ref();
    salvaged
        .zip(former(scope, names, lead))
        .is_some_and(|(salvaged, former)| stands(&salvaged.positions, former))
}

/// The copy that was left behind.
pub(super) fn former<'a>(scope: Scope<'a>, names: &Names, lead: Lead<'_>) -> Option<&'a Index> {
    match lead.leader {
        Role::Target => scope.world.index(scope.source, &names.source_index),
        Role::Source => scope.world.index(scope.target, &names.target_index),
    }
}

/// Nothing has come to a copy since it was looked into. One whose positions cannot be read is
/// closed, and takes nothing.
pub(crate) fn stands(positions: &[Position], former: &Index) -> bool {
    former.shards.iter().all(|shard| {
        let then = positions.iter().find(|then| then.shard == shard.number);
        then.is_some_and(|then| then.max_seq_no == shard.max_seq_no)
    })
}

impl Subject<'_> {
    /// What a former leader's copy has of its own, shard by shard: above the positions at which
    /// the other side took over, or all of it where that side has deleted the index since, and may be
    /// getting it back. `None`
    /// where it cannot be said.
    pub(crate) fn orphans(&self, lead: Lead<'_>, former: &Index) -> Option<Vec<Above>> {
        if self.pair.side(lead.leader) == Side::Absent || lead.member.returning {
            return all_of(former);
        }
        above(lead.member, former)
    }
}

/// Who leads an index, and the entry by which it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead<'a> {
    pub leader: Role,
    pub entry: &'a Entry,
    pub member: &'a Member,
}

/// The newest entry that has this index's checkpoints says who leads, where the UUIDs
/// agree.
pub(crate) fn lead<'a>(scope: Scope<'a>, names: &Names) -> Option<Lead<'a>> {
    scope.world.lineage.iter().rev().filter(|entry| entry.state != State::Undone).find_map(
        |entry| {
            let (leader, member) = if entry.target == scope.target && entry.source == scope.source {
                (Role::Target, entry.member(&names.source_index, &names.target_index)?)
            } else if entry.target == scope.source && entry.source == scope.target {
                (Role::Source, entry.member(&names.target_index, &names.source_index)?)
            } else {
                return None;
            };
            (member.checkpoints.is_some() && agrees(scope.world, entry, member)).then_some(Lead {
                leader,
                entry,
                member,
            })
        },
    )
}
