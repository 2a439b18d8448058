//! Write blocks that stand: esdr's own on a former leader, and others on a leader.

use super::names;
use crate::{
    model::{
        lineage::{self, Entry, State},
        membership::Scope,
        problem::Problem,
    },
    status::{SetStatus, Situation},
};

pub(super) fn problems(scope: Scope<'_>, set: &SetStatus) -> Vec<Problem> {
    let Some(entry) = lineage::newest(&scope.world.lineage, &scope.set.name) else {
        return blocked(scope, set, &[]).into_iter().collect();
    };
    let fenced = fenced(scope, entry);
    let mut problems: Vec<Problem> = Vec::new();
    if !fenced.is_empty() {
        problems.push(standing(set, entry, &fenced));
    }
    problems.extend(blocked(scope, set, &fenced));
    problems.extend(unfenced(scope, set, entry));
    problems
}

/// Members of the entry that carry its block now.
fn fenced<'a>(scope: Scope<'a>, entry: &'a Entry) -> Vec<&'a str> {
    entry
        .members
        .iter()
        .filter(|member| !member.blocked_before)
        .filter(|member| {
            let index = scope.world.index(&entry.source, &member.source_index);
            index.is_some_and(|index| {
                index.write_block && index.following.is_none() && index.uuid == member.source_uuid
            })
        })
        .map(|member| member.source_index.as_str())
        .collect()
}

fn standing(set: &SetStatus, entry: &Entry, fenced: &[&str]) -> Problem {
    let Entry { run, source, target, .. } = entry;
    let hint = match entry.state {
        State::Open => {
            format!("esdr undo {run}, or esdr failover --to {target} --set {}", set.name)
        }
        _ => format!(
            "leave it while {target} leads: it keeps writers off an old copy. PUT {source}/{}/_settings \
             {{\"index.blocks.write\":null}} lifts it, an index at a time",
            fenced.first().copied().unwrap_or("INDEX")
        ),
    };
    Problem::new(
        "fence_standing",
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
fn blocked(scope: Scope<'_>, set: &SetStatus, fenced: &[&str]) -> Option<Problem> {
    let leader = set.leader.as_ref()?;
    let found: Vec<&str> = set
        .indices
        .iter()
        .filter(|index| index.leader.as_ref() == Some(leader))
        .filter(|index| index.situation != Situation::Complete)
        .map(|index| index.leader_index.as_str())
        .filter(|name| scope.world.index(leader, name).is_some_and(|index| index.write_block))
        .filter(|name| !fenced.contains(name))
        .collect();
    if found.is_empty() {
        return None;
    }
    let problem = Problem::new(
        "leader_blocked",
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
            "unfenced_leader",
            &set.name,
            format!(
                "{} was never fenced and does not answer: if it comes back it takes writes again",
                entry.source
            ),
            format!("keep writers away from {} until it is fenced", entry.source),
        )
    })
}
