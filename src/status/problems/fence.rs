//! Write blocks that stand: esdr's own on a former leader, and others on a leader.

use std::collections::BTreeSet;

use super::names;
use crate::{
    model::{
        lineage::{self, Entry, State},
        membership::Scope,
        problem::{Code, Problem},
    },
    plan::{fences::is_operators, subject::is_esdrs},
    status::{SetStatus, Situation},
};

pub(super) fn problems(scope: Scope<'_>, set: &SetStatus) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        standing(scope).iter().map(|(entry, fenced)| told(scope, set, entry, fenced)).collect();
    problems.extend(blocked(scope, set));
    if let Some(entry) = lineage::newest(&scope.world.lineage, &scope.set.name) {
        problems.extend(unfenced(scope, set, entry));
    }
    problems
}

/// Indices of the set that carry a block of esdr's now, under the newest entry that knows
/// it; the newest entries first.
fn standing(scope: Scope<'_>) -> Vec<(&Entry, Vec<&str>)> {
    let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
    let between = |entry: &&Entry| {
        let ends = (entry.source.as_str(), entry.target.as_str());
        ends == (scope.source, scope.target) || ends == (scope.target, scope.source)
    };
    let is_of = |entry: &&Entry| entry.set == scope.set.name && entry.state.fences();
    let entries = scope.world.lineage.iter().rev().filter(is_of).filter(between);
    let of = |entry: &Entry| if entry.source == scope.source { scope } else { scope.turned() };
    entries
        .map(|entry| {
            let members = entry.members.iter().filter(|member| {
                let index = scope.world.index(&entry.source, &member.source_index);
                let blocked = index.is_some_and(|index| {
                    let same = index.uuid == member.source_uuid;
                    let is_own =
                        entry.state != State::Open || !is_operators(of(entry), entry, index);
                    same && index.write_block && index.following.is_none() && is_own
                });
                blocked && known.insert((&entry.source, &member.source_index))
            });
            let ours = members.filter(|member| !member.blocked_before);
            (entry, ours.map(|member| member.source_index.as_str()).collect::<Vec<_>>())
        })
        .filter(|(_, fenced)| !fenced.is_empty())
        .collect()
}

fn told(scope: Scope<'_>, set: &SetStatus, entry: &Entry, fenced: &[&str]) -> Problem {
    let Entry { run, source, target, .. } = entry;
    let leads = set.leader.as_deref() == Some(source.as_str());
    let under_way = lineage::unfinished(&scope.world.lineage, &set.name);
    let first = under_way.filter(|it| entry.run != it.run && !lineage::is_later(entry, it));
    let hint = if let Some(first) = first.filter(|_| leads) {
        format!("esdr undo {}, then esdr unfence {source} --set {}", first.run, set.name)
    } else if entry.state == State::Open {
        format!("esdr undo {run}, or esdr failover --to {target} --set {}", set.name)
    } else if leads {
        format!("esdr unfence {source} --set {}", set.name)
    } else {
        format!(
            "leave it while {target} leads: it keeps writers off an old copy. PUT {source}/{}/_settings \
             {{\"index.blocks.read_only\":null,\"index.blocks.write\":null}} lifts it, an index at a time",
            fenced.first().copied().unwrap_or("INDEX")
        )
    };
    Problem::new(
        Code::FenceStanding,
        &set.name,
        format!(
            "{} of {} refuse writes on {source} by esdr's block of run {run}: {}",
            fenced.len(),
            set.name,
            names(fenced.iter().copied())
        ),
        hint,
    )
    .warning()
}

/// A leader that refuses writes by a block that is not of a switch.
fn blocked(scope: Scope<'_>, set: &SetStatus) -> Option<Problem> {
    let leader = set.leader.as_ref()?;
    let found: Vec<&str> = set
        .indices
        .iter()
        .filter(|index| index.leader.as_ref() == Some(leader))
        .filter(|index| index.situation != Situation::Complete)
        .map(|index| index.leader_index.as_str())
        .filter(|name| {
            let index = scope.world.index(leader, name);
            index.is_some_and(|index| index.write_block && !is_esdrs(scope, leader, index))
        })
        .collect();
    if found.is_empty() {
        return None;
    }
    let problem = Problem::new(
        Code::LeaderBlocked,
        super::subject(set, &found),
        format!(
            "writers are refused on {leader} by a block that is not esdr's: {}",
            names(found.iter().copied())
        ),
        "find out who set index.blocks.write; esdr never lifts a block that it has not set",
    );
    Some(problem.warning())
}

/// The lead has moved and the former leader was not seen fenced, nor can it be now.
fn unfenced(scope: Scope<'_>, set: &SetStatus, entry: &Entry) -> Option<Problem> {
    let moved = entry.members.iter().any(|member| member.checkpoints.is_some());
    let gone = scope.world.view(&entry.source).is_none();
    let leads = set.leader.as_deref() == Some(entry.target.as_str());
    (moved && gone && leads && entry.fenced_ms.is_none()).then(|| {
        Problem::new(
            Code::UnfencedLeader,
            &set.name,
            format!(
                "{} was never fenced and does not answer: if it comes back it takes writes again",
                entry.source
            ),
            format!("esdr fence {} --when-it-answers --for 48h", entry.source),
        )
    })
}
