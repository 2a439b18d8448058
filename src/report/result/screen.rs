//! The summary at the end of a run.

use super::{answer::answer, refusal::refusal};
use crate::report::bidi::joined;
use crate::{
    outcome::{Outcome, Report, Writers},
    plan::Plan,
    report::{
        columns::Mark,
        digest::{Digest, SalvageDigest, SetDigest, SnapshotDigest},
        page::Page,
        style::{Paint, Role},
        text::{clock, counted, indices, moment, safe, some, took},
    },
};

/// Indices whose salvage is listed; the manifest has all.
const SALVAGED_MAX: usize = 12;

/// The whole screen.
pub(crate) fn result(
    report: &Report,
    plan: Option<&Plan>,
    digest: &Digest,
    width: usize,
    paint: Paint,
) -> String {
    let mut page = Page::new(width, paint);
    if report.outcome == Outcome::Refused {
        refusal(&mut page, plan, &report.problems, &report.next);
        return page.finish();
    }
    let (mark, text) = answer(report, plan, digest);
    match mark {
        Mark::Fine => page.answer(mark, &text),
        _ => page.verdict(&text),
    }
    run(&mut page, report, plan, digest);
    if !matches!(report.outcome, Outcome::Planned) && report.run.is_some() {
        facts(&mut page, report, plan, digest);
    }
    // The verdict has told the first one already.
    let told = usize::from(matches!(
        report.outcome,
        Outcome::Undone | Outcome::Stopped | Outcome::Usage | Outcome::Unexpected
    ));
    let problems = report.problems.get(told..).unwrap_or_default();
    if !problems.is_empty() {
        page.blank();
        if report.outcome == Outcome::Incomplete {
            page.painted(Role::Heading, "Left to do, worst first");
        }
        page.problems(problems);
    }
    page.next(&report.next);
    page.finish()
}

fn run(page: &mut Page, report: &Report, plan: Option<&Plan>, digest: &Digest) {
    let Some(run) = &report.run else { return };
    let mut parts = vec![format!("Run {run}")];
    if let (Some(first), Some(last)) = (digest.first_ms, digest.last_ms) {
        let first = moment(first).trim_end_matches(" UTC").to_owned();
        parts.push(format!("{first} to {} UTC", clock(last)));
    }
    if let Some(plan) = plan {
        parts.push(safe(&plan.operator));
        parts.extend(plan.request.reason.as_ref().map(|reason| format!("\"{}\"", safe(reason))));
    }
    page.hanging(Role::Quiet, "", &parts.join(", "));
}

fn facts(page: &mut Page, report: &Report, plan: Option<&Plan>, digest: &Digest) {
    page.blank();
    if let Some(ms) = report.writers_refused_ms {
        let from = digest.sets.values().filter_map(|set| set.fenced_ms).min();
        let text = match from {
            // The end of the run is no end of it.
            Some(from) if report.writers == Writers::Refused => {
                format!("since {}", clock(from))
            }
            Some(from) => {
                let to = from.saturating_add_unsigned(ms);
                format!("{} to {}, {}", clock(from), clock(to), took(ms))
            }
            None => took(ms),
        };
        page.hanging(Role::Plain, "Writers refused   ", &text);
    }
    if let Some(ms) = report.switch_ms {
        page.hanging(Role::Plain, "Switched in       ", &took(ms));
    }
    for (name, set) in &digest.sets {
        let text = redirected(set);
        if !text.is_empty() {
            let name = if digest.sets.len() > 1 { format!("{name}: ") } else { String::new() };
            page.hanging(Role::Plain, "Redirected        ", &format!("{name}{text}"));
        }
    }
    for salvage in digest.sets.values().flat_map(|set| &set.salvaged).take(SALVAGED_MAX) {
        page.hanging(Role::Plain, "Salvaged          ", &salvaged(salvage));
    }
    copies(page, digest);
    joined::missed(page, &report.readers_missed);
    let left = plan.iter().flat_map(|plan| &plan.switches).filter(|switch| !switch.is_empty());
    let switched = matches!(report.outcome, Outcome::Converged | Outcome::Incomplete);
    let is_switch =
        plan.is_some_and(|plan| !plan.request.undo && plan.request.playbook.kind.moves_lead());
    for switch in left.filter(|switch| switched && is_switch && digest.fenced(&switch.set)) {
        let former = report.former.get(&switch.set).copied().unwrap_or_default();
        let set = &switch.set;
        let told = [
            (former.follows, format!("of {set} followed from here on")),
            (former.fenced, format!("of {set} fenced and kept as they were at the switch")),
        ];
        for (number, text) in told.into_iter().filter(|(number, _)| *number > 0) {
            let text = format!("{} {text}", indices(number));
            page.hanging(Role::Plain, &format!("{:<18}", switch.source), &text);
        }
    }
}

/// Whole copies that stay of what was given up, and where.
fn copies(page: &mut Page, digest: &Digest) {
    let all = || digest.sets.values();
    let names = all().flat_map(|set| &set.safety_copies).map(String::as_str);
    if all().any(|set| !set.safety_copies.is_empty()) {
        page.hanging(Role::Plain, "Safety copies     ", &safe(&some(names, SALVAGED_MAX)));
    }
    for snapshot in all().flat_map(|set| &set.snapshots) {
        let SnapshotDigest { repository, name, indices: number } = snapshot;
        let text = format!("{} of {}, {}", safe(name), safe(repository), indices(*number));
        page.hanging(Role::Plain, "Snapshot          ", &text);
    }
}

/// What only a copy that was given up had, and where it is.
fn salvaged(salvage: &SalvageDigest) -> String {
    let many = |number: u64, one: &str, many: &str| {
        counted(usize::try_from(number).unwrap_or(usize::MAX), one, many)
    };
    let gone = match salvage.ops.saturating_sub(salvage.documents) {
        0 => String::new(),
        gone => format!(", {} deleted or overwritten there", many(gone, "other", "others")),
    };
    let to = salvage.file.as_ref().map_or_else(String::new, |file| format!(" in {}", safe(file)));
    format!(
        "{}: {} that only it had: {}{to}{gone}",
        safe(&salvage.index),
        many(salvage.ops, "operation", "operations"),
        many(salvage.documents, "document", "documents")
    )
}

/// Hooks and the canary.
fn redirected(set: &SetDigest) -> String {
    let mut parts: Vec<String> = set
        .hooks
        .iter()
        .map(|hook| match hook.exit {
            Some(0) => format!("hook {} done {}", hook.name, clock(hook.at_ms)),
            Some(exit) => format!("hook {} FAILED, exit {exit}, {}", hook.name, clock(hook.at_ms)),
            None => format!("hook {} FAILED, no exit status, {}", hook.name, clock(hook.at_ms)),
        })
        .collect();
    if let Some(index) = &set.canary {
        parts.push(format!("canary written, read and removed in {index}"));
    }
    parts.join("; ")
}
