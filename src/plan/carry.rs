//! Whether a finished failover can be taken back by carrying: what its new leader took since
//! is written to the former one, which must be as it was left behind. Pure.
//!
//! Below the positions of the switch both sides are one. So the former leader needs only what
//! the new one has above them, as long as nothing was written on it since.

#[cfg(test)]
mod tests;

use crate::model::{
    divergence::Above,
    lag::ops_between,
    lineage::{self, Entry, Member, Position},
    membership::{Membership, Names, Scope},
    world::Index,
};

use super::{
    context::Context,
    pair::Side,
    reason::{Code, Reason},
    seen::Seen,
    subject::Subject,
};

/// The failover that is taken back: the newest finished one by which the source came to lead,
/// whether or not the way back has been begun since.
pub(crate) fn taken_back(scope: Scope<'_>) -> Option<&Entry> {
    let Scope { world, set, source, target, .. } = scope;
    lineage::newest_between(&world.lineage, &set.name, target, source)
}

/// What the new leader took since the switch, shard by shard; `None` where its index is not the
/// promoted one any more, or cannot be read whole. A promoted copy keeps its positions, and
/// numbers its own operations from there on.
pub(crate) fn since(promoted: &Member, leader: &Index) -> Option<Vec<Above>> {
    let positions = promoted.checkpoints.as_deref()?;
    if leader.uuid != promoted.target_uuid || !leader.is_measured() {
        return None;
    }
    let above = leader.shards.iter().map(|shard| Above {
        shard: shard.number,
        promoted: checkpoint(positions, shard.number),
        max_seq_no: shard.max_seq_no,
    });
    Some(above.collect())
}

/// How many operations that are, for one index of the set.
pub(crate) fn ops_since(scope: Scope<'_>, names: &Names) -> Option<u64> {
    let member = taken_back(scope)?.member(&names.target_index, &names.source_index)?;
    let leader = scope.world.index(scope.source, &names.source_index)?;
    Some(since(member, leader)?.iter().map(Above::ops).sum())
}

/// What the former leader has above the positions at which it was left behind; `None` where it
/// is another index, or cannot be read whole.
fn own_ops(promoted: &Member, former: &Index) -> Option<u64> {
    let positions = promoted.checkpoints.as_deref()?;
    if former.uuid != promoted.source_uuid || !former.is_measured() {
        return None;
    }
    let own = |number, max_seq_no| ops_between(checkpoint(positions, number), max_seq_no);
    Some(former.shards.iter().map(|shard| own(shard.number, shard.max_seq_no)).sum())
}

fn checkpoint(positions: &[Position], shard: u32) -> i64 {
    positions.iter().find(|at| at.shard == shard).map_or(-1, |at| at.checkpoint)
}

impl Context<'_> {
    /// Only what the failover moved is moved back.
    pub(super) fn only_taken_back(&self, membership: &mut Membership) {
        let entry = taken_back(self.scope);
        let is_known = |names: &Names| {
            let member =
                |entry: &Entry| entry.member(&names.target_index, &names.source_index).is_some();
            entry.is_some_and(member)
        };
        membership.members.retain(is_known);
    }
}

/// Everything that stands in the way. Of an index that has been carried nothing is asked.
pub(crate) fn lacking(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let scope = context.scope;
    let (source, target) = (scope.source, scope.target);
    let Some(entry) = taken_back(scope) else {
        let detail = format!(
            "no finished failover of {} from {target} to {source} is on record",
            scope.set.name
        );
        return vec![cannot(&scope.set.name, detail)];
    };
    let mut reasons: Vec<Reason> = entry
        .members
        .iter()
        .filter_map(|member| index_reason(context, seen, entry, member))
        .collect();
    reasons.extend(strangers(context, seen, entry));
    if reasons.is_empty() {
        reasons.extend(too_many(context, seen));
    }
    reasons
}

fn cannot(subject: &str, detail: String) -> Reason {
    Reason::new(Code::CannotCarry, subject, detail).hint("esdr failback, with whole copies")
}

/// Why one index cannot be carried, beside what its goal says of it.
fn index_reason(
    context: &Context<'_>,
    seen: &Seen<'_>,
    entry: &Entry,
    member: &Member,
) -> Option<Reason> {
    let (source, target) = (context.scope.source, context.scope.target);
    let (name, former_name) = (&member.target_index, &member.source_index);
    let names = Names { source_index: name.clone(), target_index: former_name.clone() };
    let is_promoted = |subject: &&Subject<'_>| {
        subject.names == names
            && subject.source.is_none_or(|index| index.uuid == member.target_uuid)
    };
    let Some(subject) = seen.subjects.iter().find(is_promoted) else {
        let detail = format!("{name} on {source} is not the index that was promoted");
        return Some(cannot(name, detail));
    };
    if subject.pair.is_unfollowed(super::pair::Role::Target) {
        return None;
    }
    if member.proof.is_none() {
        let run = &entry.run;
        let detail = format!(
            "run {run} left {target} behind without a proof that {source} had everything: the two may have parted"
        );
        return Some(cannot(name, detail));
    }
    let (Some(leader), Some(former)) = (subject.source, subject.target) else { return None };
    if former.following.is_some() {
        let detail = format!("{former_name} on {target} follows {source} already");
        return Some(
            Reason::new(Code::CannotCarry, former_name, detail).hint(format!(
                "esdr failover --to {target}: both are level, and no copy is needed"
            )),
        );
    }
    let begun = seen.entry.and_then(|entry| entry.member(name, former_name)?.salvaged.as_ref());
    if let Some(begun) = begun {
        let is_still = leader.shards.iter().all(|shard| {
            begun
                .positions
                .iter()
                .any(|at| (at.shard, at.max_seq_no) == (shard.number, shard.max_seq_no))
        });
        let detail = format!("{name} on {source} has taken writes since carrying was begun");
        let run = &seen.entry?.run;
        return (!is_still).then(|| cannot(name, detail).hint(format!("esdr undo {run}")));
    }
    let detail = match own_ops(member, former) {
        _ if !former.write_block => format!("{former_name} on {target} takes writes"),
        Some(0) if since(member, leader).is_some() => return None,
        Some(0) => format!("the positions of {name} on {source} cannot be read"),
        Some(ops) => format!("{former_name} on {target} has {ops} operations of its own since"),
        None if !former.open => format!("{former_name} on {target} is closed"),
        None => format!(
            "{former_name} on {target} is not the index that was left behind, or cannot be read"
        ),
    };
    Some(cannot(former_name, detail))
}

/// What was born on the new leader and serves the set's clients would be left out: a rollover
/// shows by the aliases that it has taken over.
fn strangers(context: &Context<'_>, seen: &Seen<'_>, entry: &Entry) -> Vec<Reason> {
    let source = context.scope.source;
    let Some(view) = context.scope.world.view(source) else { return Vec::new() };
    let is_of_set = |index: &Index| {
        let borne = entry.members.iter().flat_map(|member| &member.aliases);
        let mut names = borne.map(|alias| &alias.name);
        names.any(|name| index.aliases.iter().any(|alias| alias.name == *name))
    };
    let is_known = |index: &Index| {
        entry.members.iter().any(|member| member.target_index == index.name)
            || seen.membership.uncovered.contains(&index.name)
    };
    let born = view.indices.values().filter(|index| {
        index.following.is_none() && !crate::model::membership::is_own(&index.name)
    });
    born.filter(|index| !is_known(index) && is_of_set(index))
        .map(|index| {
            let name = &index.name;
            cannot(name, format!("{name} was born on {source}, and bears an alias of the set"))
        })
        .collect()
}

/// Indices born on the new leader, as reasons: they have no copy to which they could be carried.
pub(crate) fn born(context: &Context<'_>, names: &[Names]) -> Vec<Reason> {
    let source = context.scope.source;
    let reason = |names: &Names| {
        let name = &names.source_index;
        cannot(name, format!("{name} was born on {source} since"))
    };
    names.iter().map(reason).collect()
}

/// Of a run that has begun to carry, the number was judged before.
fn too_many(context: &Context<'_>, seen: &Seen<'_>) -> Option<Reason> {
    let waits = |subject: &&Subject<'_>| {
        let names = &subject.names;
        let begun = seen.entry.and_then(|entry| {
            entry.member(&names.source_index, &names.target_index)?.salvaged.as_ref()
        });
        begun.is_none() && matches!(subject.pair.source, Side::Regular { .. })
    };
    let ops = seen.subjects.iter().filter(waits);
    let ops: u64 = ops.filter_map(|subject| ops_since(context.scope, &subject.names)).sum();
    too_many_ops(context, ops)
}

/// That so many operations are more than were allowed; none where they are not.
pub(crate) fn too_many_ops(context: &Context<'_>, ops: u64) -> Option<Reason> {
    let most = context.request.max_carry_ops.unwrap_or(0);
    let (source, set) = (context.scope.source, &context.scope.set.name);
    (ops > most).then(|| {
        let detail = format!(
            "{set} has taken {ops} operations on {source} since, and --max-carry allows {most}"
        );
        Reason::new(Code::TooManyToCarry, set, detail)
            .hint(format!("--max-carry {ops}, or esdr failback, with whole copies"))
    })
}
