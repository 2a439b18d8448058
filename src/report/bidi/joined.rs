//! Two sites of a bi-directional alias, parted and brought together again, in words.

use crate::{
    model::missed::Missed,
    plan::{Switch, action::Action},
    playbook::{Role as Side, Step, Verb},
    report::{
        page::Page,
        style::Role,
        text::{clock, counted, cut, indices, moment, safe, took},
    },
};

/// Indices that a result lists.
const MISSED_MAX: usize = 12;

/// What becomes of copies, in one sentence without its full stop.
pub(crate) fn join(switch: &Switch, actions: &[Action]) -> String {
    let number = |is_it: fn(&Action) -> bool| actions.iter().filter(|it| is_it(it)).count();
    let new = number(|action| matches!(action, Action::Follow { .. }));
    let resume = number(|action| matches!(action, Action::Resume { .. }));
    let catch_up = number(|action| matches!(action, Action::CatchUp { .. }));
    let mut told = Vec::new();
    if new > 0 {
        let verb = if new == 1 { "is" } else { "are" };
        told.push(format!("{} not copied yet {verb} copied whole", indices(new)));
    }
    if resume > 0 {
        let verb = if resume == 1 { "goes" } else { "go" };
        told.push(format!("{} that stopped {verb} on", indices(resume)));
    }
    if catch_up > 0 {
        let verb = if catch_up == 1 { "reads" } else { "read" };
        told.push(format!("{} {verb} what {} wrote meanwhile", indices(catch_up), switch.source));
    }
    told.extend(actions.iter().filter_map(|action| renewed(switch, action)));
    if told.is_empty() { "a copy that nobody reads goes".to_owned() } else { told.join("; ") }
}

/// A copy that is made anew: what readers have of it meanwhile.
fn renewed(switch: &Switch, action: &Action) -> Option<String> {
    let Action::Renew { index, beside, only_if_gone, .. } = action else { return None };
    let (index, source) = (cut(index, 40), &switch.source);
    let when = if *only_if_gone {
        format!("if {source} no longer has what {index} lacks, it")
    } else {
        format!("{index}, which lacks what {source} no longer has,")
    };
    Some(match beside {
        Some(beside) => format!(
            "{when} is copied whole beside, as {}, and the alias moves in one call: readers on {} keep what they have until then",
            cut(beside, 40),
            switch.target
        ),
        None => format!(
            "{when} is copied whole over the old copy: until it is, readers on {} have nothing of it",
            switch.target
        ),
    })
}

/// For how long history is kept.
pub(crate) fn retain(actions: &[Action]) -> String {
    let kept = actions.iter().filter_map(|action| match action {
        Action::Retain { index, period, .. } => {
            Some(format!("{} keeps history for an absent copy for {period}", cut(index, 40)))
        }
        _ => None,
    });
    kept.collect::<Vec<_>>().join("; ")
}

/// The figures of a result: what readers were without, and for how long.
pub(crate) fn missed(page: &mut Page, missed: &[Missed]) {
    for missed in missed.iter().take(MISSED_MAX) {
        page.hanging(Role::Plain, "Readers missed    ", &told(missed));
    }
}

fn told(missed: &Missed) -> String {
    let Missed { cluster, index, ops, since_ms, until_ms, nothing_readable_ms } = missed;
    let ops = match ops {
        Some(ops) => {
            let ops = usize::try_from(*ops).unwrap_or(usize::MAX);
            format!("up to {}", counted(ops, "operation", "operations"))
        }
        None => "operations, how many is not known,".to_owned(),
    };
    let since = since_ms.map_or_else(String::new, |since| format!("from {} ", moment(since)));
    let nothing = nothing_readable_ms.map_or_else(String::new, |ms| {
        format!("; nothing of it could be read for {} while it was copied anew", took(ms))
    });
    format!(
        "on {}: {ops} of {}, {since}until {}{nothing}",
        safe(cluster),
        safe(index),
        clock(*until_ms)
    )
}

/// The first line of the result of a site that goes on alone, or is back.
pub(crate) fn answer(word: &str, alias: &str, last: &Switch) -> String {
    let (source, target) = (&last.source, &last.target);
    let goes_alone = last.steps.iter().any(|step| step.step.verb() == Verb::Canary);
    if goes_alone {
        return format!(
            "{word}: {target} goes on alone with {alias}. Nothing was to be promoted: it takes writes, and what {source} holds comes back with it."
        );
    }
    format!(
        "{word}: {alias} is whole again on {source} and {target}: each has what the other wrote."
    )
}

/// What a plan comes to.
pub(crate) fn plan_answer(switch: &Switch, alias: &str) -> Option<String> {
    let (source, target) = (&switch.source, &switch.target);
    let has = |wanted: fn(&Step) -> bool| switch.steps.iter().any(|step| wanted(&step.step));
    if has(|step| step.is(Verb::Canary, Side::Target)) {
        return Some(format!(
            "{target} goes on alone with {alias}, without {source}. There is nothing to promote, and nothing is lost."
        ));
    }
    has(|step| step.verb() == Verb::Join).then(|| {
        let copies = counted(switch.members.len(), "copy", "copies");
        format!("{alias}: {target} is to have again what {source} wrote, {copies} to look after.")
    })
}
