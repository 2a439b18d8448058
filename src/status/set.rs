//! One set between two clusters.

use super::{
    IndexStatus, SetStatus, ShardStatus,
    look::Look,
    nowhere::{is_writable, refuses, refuses_alone},
    pairs::leads,
    situation::{Situation, State, situation, state},
    sum,
};
use crate::{
    model::{
        holding::holding,
        lag::{Evidence, lag},
        lineage::{self, Entry},
        membership::{self, Scope},
        world::Index,
    },
    plan::{
        pair::Role,
        subject::{Subject, is_esdrs, see},
    },
};

/// Names everything that is seen of a set. `scope.source` leads most of it.
pub(crate) fn set(scope: Scope<'_>) -> SetStatus {
    let membership = membership::find(scope);
    let current = current(scope);
    let mut indices: Vec<IndexStatus> = membership
        .members
        .into_iter()
        .map(|names| index(scope, current, &see(scope, current, names)))
        .collect();
    indices.extend(membership.complete.iter().map(|name| quiet(scope, name, Situation::Complete)));
    let mut uncovered = membership.uncovered;
    if scope.world.view(scope.target).is_none() {
        // Whether they are followed cannot be seen: that is not "nothing follows them".
        let unseen = uncovered.drain(..).map(|name| quiet(scope, &name, Situation::Unknown));
        indices.extend(unseen);
    }
    indices.extend(late(scope).iter().map(|name| quiet(scope, name, Situation::Late)));
    for name in &uncovered {
        indices.push(quiet(scope, name, Situation::Unprotected));
    }
    indices.sort_by(|one, other| {
        (one.situation, &one.leader_index).cmp(&(other.situation, &other.leader_index))
    });
    sum::sum_up(scope, indices, uncovered)
}

/// The switch that the members' facts are read from: the newest, where it goes this way.
fn current(scope: Scope<'_>) -> Option<&Entry> {
    let entry = lineage::newest(&scope.world.lineage, &scope.set.name)?;
    (entry.source == scope.source && entry.target == scope.target).then_some(entry)
}

/// Indices that were born on the side that was left behind, after its fence.
fn late(scope: Scope<'_>) -> Vec<String> {
    let switched = lineage::newest(&scope.world.lineage, &scope.set.name)
        .is_some_and(|entry| entry.target == scope.source && entry.source == scope.target);
    if !switched || scope.world.view(scope.source).is_none() {
        return Vec::new();
    }
    let back = Scope { source: scope.target, target: scope.source, ..scope };
    membership::find(back).uncovered
}

fn index(scope: Scope<'_>, current: Option<&Entry>, subject: &Subject<'_>) -> IndexStatus {
    let pair = subject.pair;
    let leads = leads(pair);
    let role = leads.unwrap_or(Role::Source);
    let leader = subject.index(role);
    let follower = subject.index(role.other());
    let follows = follower.filter(|index| index.following.is_some());
    let look = Look {
        pair,
        leads,
        leader,
        follower,
        lag: follows.map(|follower| lag(leader, follower)),
        is_open: current.is_some_and(|entry| entry.state == lineage::State::Open),
        entry: scope.world.lineage.iter().rev().find(|entry| {
            entry.state != lineage::State::Undone
                && entry.members.iter().any(|member| {
                    follower.is_some_and(|index| index.uuid == member.source_uuid)
                        && member.checkpoints.is_some()
                })
        }),
        paired: paired(scope, leader, follower),
    };
    let parted = match situation(&look) {
        Situation::SplitBrain | Situation::Unrelated => both_hold(scope, leader, follower),
        _ => None,
    };
    let cluster = |role| {
        if role == Role::Source { scope.source } else { scope.target }
    };
    IndexStatus {
        leader_index: subject.name(role).to_owned(),
        follower_index: subject.name(role.other()).to_owned(),
        leader: leads.map(|role| cluster(role).to_owned()),
        situation: situation(&look),
        state: state(look.follower_side(), follower),
        lag_ops: look.lag.as_ref().and_then(|lag| lag.lag_ops),
        lag_ops_at_least: look.lag.as_ref().and_then(|lag| lag.at_least),
        evidence: look.lag.as_ref().map_or(Evidence::Unknown, |lag| lag.evidence),
        evidence_age_ms: look.lag.as_ref().and_then(|lag| lag.age_ms),
        shards: look.lag.iter().flat_map(|lag| &lag.shards).map(shard).collect(),
        why: parted.or_else(|| follower.and_then(why)),
        takes_writes: is_writable(&look),
        refuses: refuses(&look),
    }
}

fn paired(scope: Scope<'_>, one: Option<&Index>, other: Option<&Index>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let members = scope.world.lineage.iter().flat_map(|entry| &entry.members);
    let mut uuids = members.map(|member| [&member.source_uuid, &member.target_uuid]);
    uuids.any(|pair| pair == [&one.uuid, &other.uuid] || pair == [&other.uuid, &one.uuid])
}

/// What an operator needs to choose between two copies of which none is known to lead.
fn both_hold(scope: Scope<'_>, source: Option<&Index>, target: Option<&Index>) -> Option<String> {
    let (source, target) = source.zip(target)?;
    let (one, other) = (holding(source), holding(target));
    Some(format!("{} {one}; {} {other}", scope.source, scope.target))
}

fn shard(lag: &crate::model::lag::ShardLag) -> ShardStatus {
    ShardStatus {
        shard: lag.shard,
        leader_checkpoint: lag.leader_checkpoint,
        leader_max_seq_no: lag.leader_max_seq_no,
        follower_checkpoint: lag.follower_checkpoint,
    }
}

/// What the follower itself says is wrong.
fn why(follower: &Index) -> Option<String> {
    let following = follower.following.as_ref()?;
    let failing = || following.tasks.iter().flat_map(|task| &task.read_errors).next();
    following.fatal().or_else(|| failing().map(String::as_str)).map(str::to_owned)
}

/// An index of which one side only is of interest.
fn quiet(scope: Scope<'_>, name: &str, situation: Situation) -> IndexStatus {
    let (leader, state) = match situation {
        Situation::Complete => (Some(scope.source), Some(State::Regular)),
        Situation::Late => (Some(scope.target), Some(State::Absent)),
        Situation::Unprotected => (Some(scope.source), Some(State::Absent)),
        _ => (Some(scope.source), None),
    };
    let alone = scope
        .world
        .index(scope.source, name)
        .filter(|index| situation == Situation::Unprotected && index.following.is_none());
    let follower_index = match situation {
        Situation::Late => name.to_owned(),
        _ => scope.target_name(name),
    };
    IndexStatus {
        leader_index: name.to_owned(),
        follower_index,
        leader: leader.map(str::to_owned),
        situation,
        state,
        lag_ops: None,
        lag_ops_at_least: None,
        evidence: Evidence::Unknown,
        evidence_age_ms: None,
        shards: Vec::new(),
        why: None,
        takes_writes: alone
            .is_some_and(|index| index.open && !index.write_block && !index.disk_full),
        refuses: alone.and_then(|index| refuses_alone(is_esdrs(scope, scope.source, index), index)),
    }
}
