//! The plan before the question: what happens, where, how long at most, and from which
//! step there is no way back.

use std::collections::BTreeMap;

use super::{
    answer::{answer, bidi_answer, numbers},
    steps,
};
use crate::report::{comparison::screen::comparison, result::refusal};
use crate::{
    duration,
    plan::{Plan, Switch, reason::Code},
    playbook::Verb,
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        style::{Paint, Role},
        text::{count, indices, lag, moment, safe, sentence},
    },
};

/// The whole screen.
pub(crate) fn plan(plan: &Plan, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    if plan.blocked().next().is_some() {
        page.answer(Mark::Action, &refused(plan));
        for switch in plan.switches.iter().filter(|switch| !switch.blocked.is_empty()) {
            refusal::reasons(&mut page, switch);
        }
        page.blank();
    } else if plan.is_empty() {
        let closes = plan.switches.iter().any(|switch| switch.unclosed);
        let left = if closes { " but to write down that it is done" } else { "" };
        page.answer(
            Mark::Fine,
            &format!("Nothing is left to do{left}: what is asked for is so already."),
        );
    }
    let mut open = plan.switches.iter().filter(|switch| !switch.is_empty());
    if let Some(alias) = &plan.request.bidi {
        // Both directions have one answer.
        open.next().into_iter().for_each(|switch| bidi_answer(&mut page, plan, switch, alias));
    } else {
        open.for_each(|switch| answer(&mut page, plan, switch));
    }
    let said =
        plan.request.reason.as_ref().map_or_else(String::new, |why| format!(", \"{}\"", safe(why)));
    let origin = format!(
        "Plan {} of {}, by {}{said}, made on {}",
        plan.request.run,
        moment(plan.at_ms),
        safe(&plan.operator),
        safe(&plan.host)
    );
    page.hanging(Role::Quiet, "", &origin);
    let open: Vec<&Switch> = plan.switches.iter().filter(|switch| !switch.is_empty()).collect();
    for switch in &open {
        page.blank();
        if open.len() > 1 {
            let head = format!("{}, {} -> {}", switch.set, switch.source, switch.target);
            page.painted(Role::Heading, &head);
        }
        part(&mut page, plan, switch);
    }
    page.finish()
}

/// The first line of a plan that is blocked: where nothing but a word is missing, whose it is.
fn refused(plan: &Plan) -> String {
    let waiting = plan.blocked().filter(|reason| reason.code == Code::Deleted).count();
    let all: usize = plan.switches.iter().map(|switch| switch.compared.len()).sum();
    if waiting == 0 || waiting < plan.blocked().count() || all < waiting {
        return "As it is, this plan is refused. Nothing was changed.".to_owned();
    }
    let (needs, has) = if waiting == 1 { ("needs", "it has one") } else { ("need", "they have") };
    format!(
        "{} {needs} your decision. Nothing is changed until {has}; the other {} can go on.",
        indices(waiting),
        count(all.saturating_sub(waiting))
    )
}

/// The figures that stand right before the question.
pub(crate) fn closing(plan: &Plan) -> String {
    let open: Vec<&Switch> = plan.switches.iter().filter(|switch| !switch.is_empty()).collect();
    let touched: usize = open.iter().map(|switch| steps::moved(switch).1).sum();
    let word = open.first().map_or("to change", |switch| steps::moved(switch).0);
    let alone: usize = plan.switches.iter().map(|s| s.complete.len() + s.left_out).sum();
    let deleted: usize = open.iter().map(|switch| switch.deleted()).sum();
    let overwritten: usize = open.iter().map(|switch| switch.overwritten()).sum();
    format!(
        "{} {word}, {} left alone, {} to delete, {} to overwrite.",
        count(touched),
        count(alone),
        count(deleted),
        count(overwritten)
    )
}

fn part(page: &mut Page, plan: &Plan, switch: &Switch) {
    comparison(page, plan, switch);
    let mut table = Columns::new(&[
        ("", Fit::Right),
        ("STEP", Fit::Left),
        ("WHERE", Fit::Name),
        ("WHAT HAPPENS", Fit::Prose),
        ("AT MOST", Fit::Right),
    ]);
    for (at, number) in numbers(switch) {
        let step = &switch.steps[at];
        if switch.no_return() == Some(at) {
            table.rule(match step.step.verb() {
                Verb::Promote => "no way back below this line, only on to the end",
                Verb::Carry => "below this line: on to the end, or given up by esdr undo",
                Verb::DropCopies => "no way back below this line: safety copies are deleted",
                Verb::Remove => "no way back below this line: copies are removed",
                Verb::Release => "no way back below this line: copies follow no more",
                _ => "no way back below this line: former copies are overwritten",
            });
        }
        let within = step.step.within.filter(|_| !steps::is_conditional(switch, step));
        let within = within.map_or_else(|| "-".to_owned(), duration::format);
        table.row(
            Mark::Fine,
            [
                number.to_string(),
                step.step.verb().to_string(),
                steps::place(switch, step),
                steps::what(switch, step),
                within,
            ],
        );
    }
    page.table(&table);
    page.blank();
    facts(page, plan, switch);
    if plan.is_forced() {
        waived(page, switch);
    }
    notes(page, switch);
}

/// What is given up, and what is not.
fn waived(page: &mut Page, switch: &Switch) {
    let source = &switch.source;
    page.hanging(
        Role::Plain,
        "",
        &format!(
            "Nothing here waits for {source}: an unfollow's answer is not awaited, {} is looked at instead.",
            switch.target
        ),
    );
    for reason in &switch.waived {
        let text =
            format!("Waived, this run only: {} [{}]", sentence(&safe(&reason.detail)), reason.code);
        page.hanging(Role::Warning, "! ", &text);
    }
    page.hanging(Role::Plain, "", "Not waived: any other guard.");
}

fn facts(page: &mut Page, plan: &Plan, switch: &Switch) {
    let follows = switch.members.iter().any(|member| member.follows);
    if follows && !plan.is_forced() {
        let figure = lag(switch.lag_ops, None, switch.evidence);
        let evidence = switch.evidence.word();
        let lag =
            if figure == evidence { figure } else { format!("{figure} operations, {evidence}") };
        let text = format!("Before each step the lag is read and judged again. Now: {lag}.");
        page.hanging(Role::Plain, "", &text);
    }
    let mut changes: BTreeMap<&str, usize> = BTreeMap::new();
    for action in switch.changes() {
        *changes.entry(action.cluster().unwrap_or("here")).or_default() += 1;
    }
    let total: usize = changes.values().sum();
    let by: Vec<String> = changes
        .iter()
        .map(|(cluster, number)| format!("{} to {cluster}", count(*number)))
        .collect();
    let more = if plan.is_empty() { "" } else { " (\"explain\" lists every request)" };
    let text = format!("Changes: {}, {}{more}.", count(total), by.join(" and "));
    page.hanging(Role::Plain, "", &text);
    let mut alone = Vec::new();
    if !switch.complete.is_empty() {
        alone.push(format!("{} complete on both sides", indices(switch.complete.len())));
    }
    if switch.left_out > 0 {
        let why =
            if plan.request.discard.is_some() { "not in doubt" } else { "left out by --index" };
        alone.push(format!("{} {why}", indices(switch.left_out)));
    }
    let alone = if alone.is_empty() { "0".to_owned() } else { alone.join(", ") };
    let (deleted, overwritten) = (count(switch.deleted()), count(switch.overwritten()));
    let text = format!("Left alone: {alone}. Deleted: {deleted}. Overwritten: {overwritten}.");
    page.hanging(Role::Plain, "", &text);
}

fn notes(page: &mut Page, switch: &Switch) {
    let fences = switch.refuses_writers();
    if fences || !switch.problems.is_empty() || !switch.unproved.is_empty() {
        page.blank();
    }
    if fences {
        let text = format!(
            "While fenced, {} answers writers with 403. Logstash retries; Beats and agents that write \
             directly DROP such events. The before_fence hook must stop or redirect them. [writers_refused]",
            switch.source
        );
        page.hanging(Role::Warning, "! ", &text);
    }
    page.problems(&switch.problems);
    for unproved in &switch.unproved {
        let text = format!("Not provable from here: {}", sentence(unproved));
        page.hanging(Role::Unknown, "? ", &text);
    }
}
