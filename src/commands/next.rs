//! What may be done after a command, as command lines: what leads on from the state that was
//! seen last, and the same command again where it would not be refused.

use crate::{
    commands::{ended::Seen, session::Session},
    model::problem::Problem,
    outcome::{Next, Outcome},
    plan::Plan,
    playbook::Kind,
    status::next::is_change,
};

/// The same command, for a run that ended before its end.
pub(super) fn again(plan: &Plan) -> Next {
    Next { command: plan.request.command.clone(), consequence: "goes on where this ended".into() }
}

/// What was only looked at, to be done: where the command line accepts a loss, nobody else
/// proposes it.
pub(super) fn as_typed(plan: &Plan) -> Option<Next> {
    let next =
        Next { command: plan.request.command.clone(), consequence: "does it, asks first".into() };
    (plan.request.consent.is_given() && !plan.is_empty()).then_some(next)
}

/// Hints that are whole commands, each once.
fn hints(problems: &[Problem]) -> Vec<Next> {
    let mut next: Vec<Next> = Vec::new();
    let commands = problems.iter().filter(|p| p.hint.starts_with("esdr ") && !p.hint.contains(','));
    for problem in commands {
        let command = problem.hint.clone();
        if !next.iter().any(|known| known.command == command) {
            next.push(Next { command, consequence: String::new() });
        }
    }
    next
}

/// What leads on where a plan is blocked: what its reasons say, and what the state allows.
pub(super) fn refused_next(session: &Session, plan: &Plan, problems: &[Problem]) -> Vec<Next> {
    let mut next = hints(problems);
    let seen = session.seen().map(|world| Seen::of(session, plan, world));
    let is_stuck = |seen: &Seen| {
        let is_refused = |index: &crate::status::IndexStatus| index.refuses.is_some();
        !seen.status.runs.is_empty()
            || seen.status.sets.iter().flat_map(|set| &set.indices).any(is_refused)
    };
    if let Some(seen) = seen.filter(is_stuck) {
        add(&mut next, seen.status.next.iter().filter(|next| is_change(next)).cloned());
    }
    if next.is_empty() {
        next.push(status());
    }
    next
}

/// What may be done whatever has happened.
pub(super) fn status() -> Next {
    Next { command: "esdr status".into(), consequence: "looks, changes nothing".into() }
}

/// What leads on from the end of a run, or where nothing was left to do.
pub(super) fn lead_on(
    session: &Session,
    plan: &Plan,
    outcome: Outcome,
    seen: Option<&Seen>,
) -> Vec<Next> {
    let mut next = vec![status()];
    let Some(seen) = seen else {
        // Nothing is known of the state: the same command looks, and decides by what it sees.
        if matches!(outcome, Outcome::Stopped | Outcome::Undone) {
            next.push(again(plan));
        }
        return next;
    };
    let ways = seen.status.next.iter().filter(|next| is_change(next)).cloned();
    match outcome {
        Outcome::Stopped | Outcome::Undone => {
            let may_go_on = seen.allows(session, plan);
            if may_go_on {
                next.push(again(plan));
            }
            let says_more = |way: &Next| !may_go_on || way.command.starts_with("esdr un");
            add(&mut next, ways.filter(says_more));
        }
        _ => {
            let is_done = |way: &Next| !way.command.ends_with("--dry-run");
            add(&mut next, ways.filter(is_done).map(|way| shorter(session, plan, way)));
        }
    }
    if let Some(alias) =
        plan.request.bidi.as_ref().filter(|_| plan.request.playbook.kind == Kind::BidiFailover)
    {
        let command = format!("esdr failback --set {alias}");
        let consequence = "waits for the other site, and both are whole again".into();
        add(&mut next, std::iter::once(Next { command, consequence }));
    }
    next
}

/// Where the file has one set only, it needs no name.
fn shorter(session: &Session, plan: &Plan, way: Next) -> Next {
    let topology = &session.topology;
    match plan.switches.as_slice() {
        [only] if topology.sets_by_priority().len() == 1 && topology.bidi.is_empty() => {
            Next { command: way.command.replace(&format!(" --set {}", only.set), ""), ..way }
        }
        _ => way,
    }
}

fn add(next: &mut Vec<Next>, more: impl Iterator<Item = Next>) {
    for way in more {
        if !next.iter().any(|known| known.command == way.command) {
            next.push(way);
        }
    }
}
