//! What a switch leaves to be done on the side that led before: told on every run until it
//! is done.

use crate::model::{
    loss::LostOps,
    membership::Names,
    problem::{Code, Problem},
    world::Cluster,
};

use super::{context::Context, pair::Side, seen::Seen, subject::Subject};

/// Names that are listed.
const NAMES_MAX: usize = 3;

/// Everything that is left, the worst first.
pub(super) fn problems(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Problem> {
    let all = [unfenced(context, seen), diverged(context, seen), leases(context, seen)];
    all.into_iter().flatten().collect()
}

/// A former leader that does not answer may come back writable: that is told until it has
/// been seen to refuse writes.
fn unfenced(context: &Context<'_>, seen: &Seen<'_>) -> Option<Problem> {
    let (source, set) = (context.scope.source, &context.scope.set.name);
    let hint = format!("esdr fence {source} --set {set}");
    let is_ok = context.scope.world.clusters.get(source).is_some_and(Cluster::is_ok);
    if !is_ok {
        let detail = format!(
            "{source} does not answer, or not well: whether it refuses writes cannot be seen"
        );
        let hint = format!("{hint} --when-it-answers --for 48h");
        return Some(Problem::new(Code::UnfencedLeader, source, detail, hint));
    }
    let writable: Vec<&str> = moved(seen)
        .filter(|subject| subject.pair.source.is_writable())
        .map(|subject| subject.names.source_index.as_str())
        .collect();
    (!writable.is_empty()).then(|| {
        let detail = format!("{source} takes writes again: {}", names(&writable));
        Problem::new(Code::UnfencedLeader, source, detail, hint)
    })
}

/// Operations that the former leader alone has, counted behind its fence.
fn diverged(context: &Context<'_>, seen: &Seen<'_>) -> Option<Problem> {
    let source = context.scope.source;
    let entry = seen.entry?;
    let mut ops = 0;
    let mut found = Vec::new();
    for subject in moved(seen) {
        let Names { source_index, target_index } = &subject.names;
        let member = entry.member(source_index, target_index)?;
        let LostOps { at_most, .. } = LostOps::of(member, subject.source);
        let is_seen = matches!(subject.pair.source, Side::Regular { .. });
        if let Some(more) = at_most.filter(|more| *more > 0 && is_seen) {
            ops += more;
            found.push(source_index.as_str());
        }
    }
    (ops > 0).then(|| {
        let detail = format!("{ops} operations are on {source} only: {}", names(&found));
        let hint = "esdr reprotect: it puts them into files before that copy goes";
        Problem::new(Code::Diverged, context.scope.set.name.clone(), detail, hint)
    })
}

/// Leases hold history on the former leader, and lifecycle management up, for twelve hours.
fn leases(context: &Context<'_>, seen: &Seen<'_>) -> Option<Problem> {
    let (source, entry) = (context.scope.source, seen.entry?);
    let left = |subject: &&Subject<'_>| {
        let member = entry.member(&subject.names.source_index, &subject.names.target_index);
        let Some(member) = member else { return false };
        match subject.source {
            Some(index) => {
                let leases = index.shards.iter().flat_map(|shard| &shard.leases);
                let own = format!("/{}-following-", member.target_uuid);
                leases.into_iter().any(|lease| lease.id.contains(&own))
            }
            None => member.leases_left,
        }
    };
    let found: Vec<&str> =
        moved(seen).filter(left).map(|subject| subject.names.source_index.as_str()).collect();
    (!found.is_empty()).then(|| {
        let detail = format!(
            "retention leases of {} are left on {source} and hold its history: {}",
            context.scope.target,
            names(&found)
        );
        let hint = "nothing: they end by themselves, twelve hours after they were last renewed";
        Problem::new(Code::LeasesLeft, context.scope.set.name.clone(), detail, hint)
    })
}

/// Members that this switch has moved.
fn moved<'s, 'a>(seen: &'s Seen<'a>) -> impl Iterator<Item = &'s Subject<'a>> {
    seen.subjects.iter().filter(|subject| {
        subject.pair.is_unfollowed(super::pair::Role::Target) && seen.has_moved(&subject.names)
    })
}

fn names(names: &[&str]) -> String {
    let shown = names.iter().take(NAMES_MAX).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
