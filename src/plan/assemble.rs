//! Puts one set's part of a plan together.

use crate::{
    model::{
        lag::{Evidence, Lag, lag},
        lineage::{self, State},
        loss::LostOps,
        problem::Problem,
    },
    playbook::{Goal, Kind},
};

use super::{
    Planned, PlannedStep, Switch,
    action::Action,
    beside, compare,
    context::Context,
    due::Due,
    fences, forked, gate, join, opening,
    outline::outline,
    pair::{Role, Side},
    reason::{Code, Reason},
    safety,
    seen::Seen,
    sees, setwide,
    subject::Subject,
    unseen,
};

/// The part of a plan that one set's seen state asks for.
pub(crate) fn switch(context: &Context<'_>) -> Switch {
    let seen = context.see();
    let dues = outline(context, &seen);
    let blocked = blocked(context, &seen, &dues);
    let waived = waived(&dues);
    let mut steps: Vec<PlannedStep> = context
        .playbook()
        .steps
        .iter()
        .zip(dues)
        .map(|(step, due)| PlannedStep { step: step.clone(), actions: due.actions })
        .collect();
    opening::prove_again(context, &mut steps);
    join::widen(context, &seen, &mut steps);
    opening::open_record(context, &seen, &mut steps);
    let safety = safety::settle(context, &seen, &mut steps);
    let lags: Vec<Option<Lag>> = seen.subjects.iter().map(subject_lag).collect();
    let view = |name| context.scope.world.view(name);
    let (source, target) = (context.scope.source, context.scope.target);
    Switch {
        set: context.scope.set.name.clone(),
        source: source.to_owned(),
        target: target.to_owned(),
        source_uuid: view(source).map(|view| view.uuid.clone()),
        target_uuid: view(target).map(|view| view.uuid.clone()),
        source_version: view(source).map(|view| view.version),
        target_version: view(target).map(|view| view.version),
        members: seen.subjects.iter().zip(&lags).map(|(s, lag)| planned(s, lag.as_ref())).collect(),
        compared: compare::compare(context, &seen).into_iter().map(|it| it.compared).collect(),
        complete: seen.membership.complete.clone(),
        left_out: seen.membership.left_out.len(),
        problems: beside::problems(context, &seen, &blocked)
            .into_iter()
            .chain(safety)
            .chain(partial(context, &seen, &steps))
            .collect(),
        unproved: unproved(context, &steps),
        sees: sees::all(context.scope.world, source, target),
        loss: total_loss(context, &seen, &lags),
        blocked,
        waived,
        steps,
        continues: seen
            .entry
            .filter(|_| context.kind() != Kind::BidiFailback)
            .map(|it| it.run.clone()),
        unclosed: seen.entry.is_some_and(|entry| entry.state == State::Open)
            || (context.kind() == Kind::BidiFailback && seen.entry.is_some())
            || (context.kind() == Kind::Unfence
                && fences::on_record(context.scope).next().is_some()),
        lag_ops: sum(&lags),
        evidence: weakest(&lags),
    }
}

/// What the set loses. Where the target is not to be seen, or the set is not, nothing is known.
fn total_loss(context: &Context<'_>, seen: &Seen<'_>, lags: &[Option<Lag>]) -> LostOps {
    if context.alias_of_both().is_some() {
        // Nothing is promoted: what one site has acknowledged stays there.
        return LostOps::NOTHING;
    }
    if context.scope.world.view(context.scope.target).is_none() || seen.subjects.is_empty() {
        return LostOps::default();
    }
    LostOps::sum(seen.subjects.iter().zip(lags).map(|(s, lag)| loss(seen, s, lag.as_ref())))
}

/// What one member loses: if it is promoted now, or has lost since it was.
fn loss(seen: &Seen<'_>, subject: &Subject<'_>, lag: Option<&Lag>) -> LostOps {
    let names = &subject.names;
    let member =
        seen.entry.and_then(|entry| entry.member(&names.source_index, &names.target_index));
    match (lag, member) {
        (_, Some(member)) if subject.pair.is_unfollowed(Role::Target) => {
            LostOps::of(member, subject.source)
        }
        (Some(_), Some(member)) if member.proof.is_some() => LostOps::NOTHING,
        (Some(lag), _) => LostOps::if_promoted(lag, subject.source),
        // Neither a follower nor of this switch: nothing is at stake.
        _ => LostOps::NOTHING,
    }
}

/// Each waived guard once, whatever the number of indices.
fn waived(dues: &[Due]) -> Vec<Reason> {
    let mut waived: Vec<Reason> = Vec::new();
    for reason in dues.iter().flat_map(|due| &due.waived) {
        let told = waived.iter().any(|other| {
            other.code == reason.code
                && (other.subject == reason.subject || reason.code == Code::LeaderUnreachable)
        });
        if !told {
            waived.push(reason.clone());
        }
    }
    waived
}

/// The lag of a member that follows.
pub(crate) fn subject_lag(subject: &Subject<'_>) -> Option<Lag> {
    let target = subject.target?;
    target.following.as_ref()?;
    Some(lag(subject.source, target))
}

/// The sum over all members that follow; none where one of them is not measured, and
/// where none follows.
pub(crate) fn sum(lags: &[Option<Lag>]) -> Option<u64> {
    lags.iter().flatten().next()?;
    lags.iter().flatten().map(|lag| lag.lag_ops).sum()
}

/// The weakest evidence of all members that follow.
pub(crate) fn weakest(lags: &[Option<Lag>]) -> Evidence {
    lags.iter().flatten().map(|lag| lag.evidence).max().unwrap_or(Evidence::Unknown)
}

fn planned(subject: &Subject<'_>, lag: Option<&Lag>) -> Planned {
    Planned {
        source_index: subject.names.source_index.clone(),
        target_index: subject.names.target_index.clone(),
        source_uuid: subject.source.map(|index| index.uuid.clone()),
        target_uuid: subject.target.map(|index| index.uuid.clone()),
        shards: subject.target.or(subject.source).map_or(0, |index| index.shard_count),
        blocked_before: matches!(subject.pair.source, Side::Regular { fence, .. } if fence.is_found()),
        follows: matches!(subject.pair.target, Side::Following { .. }),
        lag_ops: lag.and_then(|lag| lag.lag_ops),
    }
}

fn blocked(context: &Context<'_>, seen: &Seen<'_>, dues: &[Due]) -> Vec<Reason> {
    let mut blocked = Vec::new();
    let scope = context.scope;
    blocked.extend(forked::reason(scope.world, &scope.set.name));
    let only_fences = context.kind().is_fence();
    let lifts = context.kind() == Kind::Unfence;
    // A fence endangers no other run.
    if (lifts || !only_fences)
        && let Some(other) = lineage::unfinished(&scope.world.lineage, &scope.set.name)
        && seen.entry.is_none_or(|entry| entry.run != other.run)
        // A fence that was set since is lifted, and the switch's own stays.
        && !(lifts && fences::on_record(scope).any(|fence| lineage::is_later(fence, other)))
    {
        let reason = unfinished(other);
        // Its own blocks are lifted with all else that it did.
        let undo = format!("esdr undo {}", other.run);
        blocked.push(if lifts { reason.hint(undo) } else { reason });
    }
    let own = seen.entry.filter(|_| context.request.undo);
    if let Some((later, own)) = own.and_then(|own| Some((fences::later(scope.world, own)?, own))) {
        blocked.push(fences::superseded(later, own));
    }
    let is_done = dues.iter().all(Due::is_done);
    if !is_done || seen.subjects.is_empty() {
        for step in &context.playbook().steps {
            if let Goal::Require { what } = &step.goal {
                for reason in what.iter().flat_map(|what| gate::require(context, seen, *what)) {
                    // Two gates of one playbook may ask the same.
                    if !blocked.contains(&reason) {
                        blocked.push(reason);
                    }
                }
            }
        }
    }
    for due in dues {
        let untold = unseen::untold(context, &due.unseen, &blocked);
        blocked.extend(untold);
    }
    if blocked.iter().any(|reason| reason.code == Code::SameCluster) {
        // Whatever else is seen is one index looked at twice.
        return blocked;
    }
    let goes_alone = context.kind() == Kind::BidiFailover;
    let is_none = seen.subjects.is_empty() && !goes_alone;
    if is_none && blocked.is_empty() {
        blocked.push(nothing(context, seen));
    }
    if !only_fences && !goes_alone {
        blocked.extend(missing_names(context, seen));
    }
    blocked.extend(missing_alias(context, seen));
    blocked.extend(safety::blocked(context, dues));
    // Where no index at all is followed, or none can be seen to be, that is told already.
    if context.is_switch() && !is_none {
        blocked.extend(uncovered(context, seen));
    }
    for due in dues {
        for reason in &due.reasons {
            // A cluster that is gone is told once, not once for each index.
            let told = blocked.iter().any(|other| match (reason.code, other.code) {
                (Code::LeaderUnreachable | Code::TargetUnreachable, Code::SourceUnreachable) => {
                    true
                }
                (Code::LeaderUnreachable, code) => code.is_about_the_leader(),
                (Code::TargetUnreachable, code) => code == Code::TargetUnreachable,
                // Whatever else is said of it follows from that.
                (_, Code::Deleted | Code::Orphaned) => other.subject == reason.subject,
                (code, other_code) => code == other_code && other.subject == reason.subject,
            });
            if !told {
                blocked.push(reason.clone());
            }
        }
    }
    blocked
}

fn unfinished(entry: &lineage::Entry) -> Reason {
    Reason::new(
        Code::UnfinishedRun,
        entry.set.clone(),
        format!(
            "run {} moves {} from {} to {} and is not finished",
            entry.run, entry.set, entry.source, entry.target
        ),
    )
    .hint(if entry.carries {
        format!("esdr undo --max-carry N, as it was begun, or esdr undo {}", entry.run)
    } else {
        format!(
            "esdr failover --to {} --set {}, or esdr undo {}",
            entry.target, entry.set, entry.run
        )
    })
}

fn nothing(context: &Context<'_>, seen: &Seen<'_>) -> Reason {
    let (source, target) = (context.scope.source, context.scope.target);
    let set = &context.scope.set.name;
    if context.is_switch() && seen.membership.left_out.is_empty() {
        Reason::new(
            Code::NothingReplicated,
            set.clone(),
            format!("{target} follows nothing of {source}'s, and no record says that it ever did"),
        )
        .hint(format!("esdr replicate --set {set}"))
    } else {
        Reason::new(Code::IndexMissing, set.clone(), format!("no index of {set} is on {source}"))
            .hint("esdr status")
    }
}

/// Names that the file gives whole and that are on no cluster.
fn missing_names(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let scope = context.scope;
    let (Some(source), Some(target)) =
        (scope.world.view(scope.source), scope.world.view(scope.target))
    else {
        return Vec::new();
    };
    // The file names none of a bi-directional alias: it is one index, or several.
    if scope.set.bidi.is_some() && !seen.subjects.is_empty() {
        return Vec::new();
    }
    scope
        .set
        .indices
        .iter()
        .filter(|name| !name.contains('*') && !name.starts_with('-'))
        .filter(|name| !source.indices.contains_key(*name) && !target.indices.contains_key(*name))
        .filter(|name| !seen.subjects.iter().any(|s| s.names.source_index == **name))
        .map(|name| {
            Reason::new(
                Code::IndexMissing,
                name.clone(),
                format!("{name} of {} is on neither cluster", scope.set.name),
            )
            .hint("mend `indices` in esdr.toml")
        })
        .collect()
}

/// The write alias that the file names must be one: clients are redirected by it.
fn missing_alias(context: &Context<'_>, seen: &Seen<'_>) -> Option<Reason> {
    let name = context.scope.set.alias.as_ref()?;
    if !context.is_switch() || seen.subjects.is_empty() {
        return None;
    }
    let is_borne = seen
        .subjects
        .iter()
        .flat_map(|subject| setwide::wanted(context.scope, subject, seen.entry))
        .any(|alias| alias.name == *name);
    let partial = !seen.membership.left_out.is_empty();
    (!is_borne && !partial).then(|| {
        let source = context.scope.source;
        let detail =
            format!("no index of {} on {source} bears the alias {name}", context.scope.set.name);
        Reason::new(Code::AliasMissing, name.clone(), detail)
            .hint("mend `alias` in esdr.toml, or add the alias")
    })
}

/// What nothing follows would be left behind by a switch; once it has happened, such an
/// index was born late and is told as a problem instead.
fn uncovered(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    // Once it is begun what is born is taken in by the switch itself.
    if seen.has_switched() || seen.is_begun() {
        return Vec::new();
    }
    seen.membership
        .uncovered
        .iter()
        .map(|name| {
            Reason::new(
                Code::Uncovered,
                name.clone(),
                format!(
                    "{name} on {} belongs to {} and nothing on {} follows it",
                    context.scope.source, context.scope.set.name, context.scope.target
                ),
            )
            .hint(context.scope.set.protect(context.scope.source))
        })
        .collect()
}

/// A fence that is about to be set and does not reach names to be born.
fn partial(context: &Context<'_>, seen: &Seen<'_>, steps: &[PlannedStep]) -> Option<Problem> {
    steps.iter().find_map(|step| match (&step.step.goal, step.step.on) {
        (Goal::Fence, Some(on)) if !step.actions.is_empty() => context.partial_fence(on, seen),
        _ => None,
    })
}

fn unproved(context: &Context<'_>, steps: &[PlannedStep]) -> Vec<String> {
    let fences =
        steps.iter().flat_map(|step| &step.actions).any(|a| matches!(a, Action::Fence { .. }));
    if fences {
        vec![format!(
            "writers that name an index of {} outside the set go on writing there",
            context.scope.source
        )]
    } else {
        Vec::new()
    }
}
