//! What may be done after a command, as command lines.

use crate::{model::problem::Problem, outcome::Next, plan::Plan};

/// The same command, for a run that ended before its end.
pub(super) fn again(plan: &Plan) -> Next {
    Next { command: plan.command.clone(), consequence: "goes on where this ended".into() }
}

/// Hints that are whole commands, each once.
pub(super) fn hints(problems: &[Problem]) -> Vec<Next> {
    let mut next: Vec<Next> = Vec::new();
    let commands = problems.iter().filter(|p| p.hint.starts_with("esdr ") && !p.hint.contains(','));
    for problem in commands {
        let command = problem.hint.clone();
        if !next.iter().any(|known| known.command == command) {
            next.push(Next { command, consequence: String::new() });
        }
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

/// What follows on a run that is done: after a switch away from home, the way back.
pub(super) fn after(plan: &Plan) -> Vec<Next> {
    let mut next = vec![status()];
    if plan.playbook.carries() {
        next.push(Next {
            command: "esdr reprotect".into(),
            consequence: "what led meanwhile follows: its copies are made anew".into(),
        });
        return next;
    }
    if let Some(alias) = plan.bidi.as_ref().filter(|_| plan.playbook.goes_alone()) {
        next.push(Next {
            command: format!("esdr failback --set {alias}"),
            consequence: "waits for the other site, and both are whole again".into(),
        });
    }
    let is_away = plan.playbook.is_switch() && !plan.playbook.seeds_first() && !plan.undo;
    if is_away {
        next.push(Next {
            command: "esdr reprotect".into(),
            consequence: "the former leader follows: protected again".into(),
        });
        next.push(Next {
            command: "esdr failback".into(),
            consequence: "that, and home again".into(),
        });
    }
    next
}
