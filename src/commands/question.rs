//! Who is asked before a run, and in the middle of one.

use crate::{
    commands::{
        person::Person,
        refusal::{nobody_to_ask, nobody_to_name},
        session::Session,
    },
    plan::{Plan, action::Action},
    report::{Reporter, question},
};

/// Whether the command line has answered the question: with `--yes`, or where a bi-directional
/// alias is taken down with its name.
pub(super) fn is_agreed(session: &Session, plan: &Plan) -> bool {
    match plan.to_be_named().filter(|_| plan.request.bidi.is_some()) {
        Some(name) => session.global.confirm.iter().any(|confirmed| confirmed == name),
        None => session.global.yes,
    }
}

/// Asks in a terminal. Without one nothing is asked and nothing is done.
pub(super) fn confirm(
    session: &Session,
    reporter: &mut Reporter,
    plan: &Plan,
) -> anyhow::Result<bool> {
    if !session.can_ask() {
        let named = plan.to_be_named().filter(|_| plan.request.bidi.is_some());
        return Err(named.map_or_else(nobody_to_ask, nobody_to_name).into());
    }
    loop {
        let answer = session.person.answer(&question(plan))?;
        let answer = answer.trim();
        let named = plan.to_be_named();
        if named == Some(answer) {
            return Ok(true);
        }
        match answer.to_lowercase().as_str() {
            "y" | "yes" if named.is_none() => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            "e" | "explain" => reporter.plan_requests(plan, &Action::requests),
            _ => reporter.text(&format!("{answer:?} is no answer to that. Nothing has begun.")),
        }
    }
}

/// A gate that waits for a person: the person is there.
pub(super) fn asks(person: &dyn Person, name: &str, say: &str) -> bool {
    let answer = person.answer(&format!("{say}\nGate {name}: go on?  [yes / no]"));
    answer.is_ok_and(|answer| matches!(answer.trim(), "y" | "yes"))
}
