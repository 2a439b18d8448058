//! Why something may not be done: every reason, told once.

use crate::report::comparison::screen::comparison;
use crate::{
    model::problem::Problem,
    outcome::Next,
    plan::{
        Plan, Switch,
        reason::{Code, Reason},
    },
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        style::Role,
        text::{count, known, safe, sentence, some},
    },
};

/// Reasons of one code are told together, the names counted.
const NAMES_MAX: usize = 3;

/// A refusal. The first line says what is refused, why, and that nothing was changed.
pub(crate) fn refusal(page: &mut Page, plan: Option<&Plan>, problems: &[Problem], next: &[Next]) {
    // What else a plan is blocked by is beside the point where another run is at it.
    let is_it = |reason: &Reason| problems.iter().any(|problem| problem.code == reason.code);
    let plan = plan.filter(|plan| problems.is_empty() || plan.blocked().any(is_it));
    let blocked: Vec<&Switch> =
        plan.iter().flat_map(|plan| &plan.switches).filter(|s| !s.blocked.is_empty()).collect();
    let first = blocked
        .first()
        .and_then(|switch| switch.blocked.first())
        .map(|reason| reason.detail.clone())
        .or_else(|| problems.first().map(|problem| problem.detail.clone()))
        .unwrap_or_else(|| "it may not be done".to_owned());
    // What no plan was blocked by is told here whole.
    let only = problems.first().filter(|_| blocked.is_empty());
    let code = only.map(|problem| format!(" [{}]", problem.code)).unwrap_or_default();
    page.verdict(&format!("Refused: {} Nothing was changed.{code}", sentence(&safe(&first))));
    let hint = only.map(|problem| problem.hint.as_str()).unwrap_or_default();
    if !hint.is_empty() && next.iter().all(|next| next.command != hint) {
        page.hanging(Role::Plain, "  ", &format!("Do: {}", safe(hint)));
    }
    page.blank();
    for switch in &blocked {
        reasons(page, switch);
        if let Some(plan) = plan.filter(|_| is_about_a_copy(switch)) {
            page.blank();
            comparison(page, plan, switch);
        }
        losses(page, switch);
        sight(page, switch);
    }
    // What a reason has told is not told again as a problem.
    let told = |problem: &&Problem| {
        !blocked
            .iter()
            .flat_map(|s| &s.blocked)
            .any(|r| r.code == problem.code && r.subject == problem.subject)
    };
    let rest: Vec<Problem> =
        problems.iter().skip(usize::from(only.is_some())).filter(told).cloned().collect();
    page.problems(&rest);
    page.next(next);
}

/// What stands in the way is what was found of an index: the others are told beside it.
fn is_about_a_copy(switch: &Switch) -> bool {
    let codes = [Code::Deleted, Code::Unrelated];
    switch.blocked.iter().any(|reason| codes.contains(&reason.code))
}

/// Who sees whom, where that is what it is about.
fn sight(page: &mut Page, switch: &Switch) {
    let about = |code: Code| code.is_about_the_leader() || code == Code::LinkDown;
    if !switch.blocked.iter().any(|reason| about(reason.code)) {
        return;
    }
    let mut table = Columns::new(&[
        ("WHO SEES WHOM", Fit::Name),
        ("ANSWER", Fit::Left),
        ("HOW IT IS KNOWN", Fit::Prose),
    ]);
    for seen in &switch.sees {
        let mark = match seen.answer.as_str() {
            "yes" => Mark::Fine,
            "no" => Mark::Action,
            _ => Mark::Unknown,
        };
        let from = seen.from.as_deref().unwrap_or("here");
        let direction = format!("{} -> {}", safe(from), seen.to);
        table.row(mark, [direction, seen.answer.clone(), safe(&seen.evidence)]);
    }
    page.blank();
    page.table(&table);
}

/// What would be lost if the standby led without another word from the leader.
fn losses(page: &mut Page, switch: &Switch) {
    if !switch.blocked.iter().any(|reason| reason.code.is_about_the_leader()) {
        return;
    }
    let text = format!(
        "operations that {} lacks: known {}, at most {}",
        switch.target,
        known(switch.loss.known),
        known(switch.loss.at_most)
    );
    page.hanging(Role::Plain, "  Would be lost  ", &text);
}

/// The reasons of one set: what, for the data, what would allow it.
pub(crate) fn reasons(page: &mut Page, switch: &Switch) {
    let mut groups: Vec<(&Reason, Vec<&Reason>)> = Vec::new();
    for reason in &switch.blocked {
        match groups.iter_mut().find(|(first, _)| first.code == reason.code) {
            Some((_, group)) => group.push(reason),
            None => groups.push((reason, vec![reason])),
        }
    }
    page.painted(Role::Heading, &format!("{}, {} -> {}", switch.set, switch.source, switch.target));
    for (first, group) in groups {
        let text = format!("{} [{}]", sentence(&safe(&first.detail)), first.code);
        page.hanging(Role::Problem, "! ", &text);
        if group.len() > 1 {
            let names = some(group[1..].iter().map(|reason| reason.subject.as_str()), NAMES_MAX);
            let also = format!("{} more: {names}", count(group.len() - 1));
            page.hanging(Role::Plain, "  The same for   ", &also);
        }
        if let Some(meaning) = first.code.meaning() {
            page.hanging(Role::Plain, "  For the data   ", meaning);
        }
        if !first.hint.is_empty() {
            page.hanging(Role::Plain, "  Allows it      ", &safe(&first.hint));
        }
    }
}
