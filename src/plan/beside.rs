//! What is told of a set beside the steps of its plan: what is left where it is, and what waits.

use crate::{
    model::{
        lineage::State,
        membership,
        problem::{Code, Problem},
    },
    playbook::Kind,
};

use super::{
    alone, context::Context, fences, follow_up, gate::capacity, preflight_failback, reason::Reason,
    seen::Seen,
};

/// What a plan tells of one set beyond its steps, and its result once they are done.
pub(super) fn problems(context: &Context<'_>, seen: &Seen<'_>, blocked: &[Reason]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (source, target) = (context.scope.source, context.scope.target);
    if context.is_switch() && seen.has_switched() {
        problems.extend(follow_up::problems(context, seen));
        for name in &seen.membership.uncovered {
            problems.push(Problem::new(
                Code::LateIndex,
                name.clone(),
                format!("{name} was born on {source} behind the fence and is not on {target}"),
                format!("stop what writes to {source}, then reindex {name} into {target}"),
            ));
        }
    }
    if context.playbook().salvages() {
        problems.extend(left_out(context));
    }
    problems.extend(fences::kept(context, seen));
    if context.request.undo && seen.entry.is_some_and(|entry| entry.carries) {
        problems.extend(left_there(context));
    }
    if context.leaves_target() {
        problems.push(left_standby(context, seen));
    } else if context.kind() == Kind::BidiFailover {
        problems.extend(alone::unread(context, seen));
    } else if blocked.is_empty() {
        problems.extend(preflight_failback::problems(context));
        problems.extend(capacity::unseen(context, seen));
    }
    if seen.entry.is_some_and(|entry| entry.state == State::Done) && !seen.has_switched() {
        problems.clear();
    }
    problems
}

/// What is on the target alone when the former leader is brought back: it goes on there, and
/// nothing copies it.
fn left_out(context: &Context<'_>) -> Vec<Problem> {
    let scope = context.scope.turned();
    let set = &scope.set.name;
    let found = membership::find(scope).uncovered.into_iter();
    let (here, there) = (scope.source, scope.target);
    found
        .map(|name| {
            if context.is_switch() {
                let detail = format!("{name} on {here} belongs to {set} and nothing on {there} follows it");
                Problem::new(Code::Uncovered, name, detail, scope.set.protect(here))
            } else {
                let detail = format!("{name} was born on {here}, the former leader, and is not on {there}: it stays as it is, and is protected by nothing");
                let hint = format!("esdr fence {here} --set {set}; then reindex {name} into {there}");
                Problem::new(Code::LateIndex, name, detail, hint)
            }
        })
        .collect()
}

/// What was born on the former leader while it was about to lead again: with the carrying given up
/// it belongs to the side that leads, and is not there.
fn left_there(context: &Context<'_>) -> Vec<Problem> {
    let scope = context.scope.turned();
    let (set, here, there) = (&scope.set.name, scope.source, scope.target);
    let told = |name: String| {
        let detail = format!("{name} was born on {here}, the former leader, and is not on {there}");
        let hint = format!("esdr fence {here} --set {set}; then reindex {name} into {there}");
        Problem::new(Code::LateIndex, name, detail, hint)
    };
    membership::find(scope).uncovered.into_iter().map(told).collect()
}

/// What of an undo waits for the standby.
fn left_standby(context: &Context<'_>, seen: &Seen<'_>) -> Problem {
    let (set, target) = (&context.scope.set.name, context.scope.target);
    let run = seen.entry.map_or("RUN", |entry| &entry.run);
    let detail = format!(
        "{target} does not answer: its followers of {set} and its auto-follow patterns are as the \
         switch has left them"
    );
    Problem::new(Code::StandbyLeft, set, detail, format!("once {target} answers: esdr undo {run}"))
}
