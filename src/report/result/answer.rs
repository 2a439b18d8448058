//! The first line of a summary: how it ended, who leads, what was lost.

use crate::report::bidi::joined;
use crate::{
    model::problem::Level,
    outcome::{Outcome, Report, Writers},
    plan::{Plan, Switch},
    playbook::Verb,
    report::{
        columns::Mark,
        digest::Digest,
        text::{count, counted, indices, known, safe, took},
    },
};

/// One sentence or two.
pub(crate) fn answer(report: &Report, plan: Option<&Plan>, digest: &Digest) -> (Mark, String) {
    let first = report.problems.first().map(|problem| {
        format!("{} [{}].", safe(&problem.detail).trim_end_matches('.'), problem.code)
    });
    match report.outcome {
        Outcome::Converged
            if plan.is_some_and(|plan| plan.request.undo && plan.switches.is_empty()) =>
        {
            let text = "Nothing to take back: no switch is unfinished, by the records on every cluster and on this machine.";
            (Mark::Fine, text.to_owned())
        }
        Outcome::Converged if report.run.is_none() => {
            (Mark::Fine, "Nothing was left to do: what was asked for is so already.".to_owned())
        }
        Outcome::Converged => (Mark::Fine, done("Done", report, plan, digest)),
        Outcome::Incomplete => {
            let left = report.problems.iter().filter(|p| p.level == Level::Problem).count().max(1);
            let left = counted(left, "thing is", "things are");
            (
                Mark::Action,
                format!("{} {left} left to do.", done("Done, incomplete", report, plan, digest)),
            )
        }
        Outcome::Planned => (Mark::Fine, planned(plan)),
        Outcome::Undone => {
            let why =
                first.unwrap_or_else(|| "The run gave up before its line of no return.".to_owned());
            let (verb, was) = (leads_as_before(plan), writers(report));
            (Mark::Action, format!("Undone: {why} {verb}{was}"))
        }
        Outcome::Stopped => {
            let why = first.unwrap_or_else(|| "The run did not come to its end.".to_owned());
            let figure =
                format!("{} of {}", count(report.indices.done), indices(report.indices.total));
            let was = writers(report);
            let again = plan.map(|plan| plan.request.command.as_str());
            let goes_on = report.next.iter().any(|next| Some(next.command.as_str()) == again);
            let on = if goes_on { "; the same command goes on" } else { "" };
            (Mark::Action, format!("Stopped part-way: {why} {figure} done{on}.{was}"))
        }
        Outcome::Refused | Outcome::Usage | Outcome::Unexpected => {
            (Mark::Action, first.unwrap_or_else(|| format!("{} failed.", report.command)))
        }
    }
}

/// Who leads what now, and what was lost.
fn done(word: &str, report: &Report, plan: Option<&Plan>, digest: &Digest) -> String {
    let open: Vec<&Switch> =
        plan.iter().flat_map(|plan| &plan.switches).filter(|s| !s.is_empty()).collect();
    let names: Vec<&str> = open.iter().map(|switch| switch.set.as_str()).collect();
    let (Some(first), Some(plan)) = (open.first(), plan) else {
        return format!("{word}: {} has ended.", report.command);
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    let names = list(&names);
    if plan.request.undo {
        return format!("{word}: {names} {are} led by {} as before.", first.source);
    }
    if first.steps.iter().any(|step| step.step.verb() == Verb::Promote) {
        let lost = lost(report, digest);
        if plan.request.playbook.name == "failback" {
            return format!(
                "{word}: {names} {are} at home, led by {} and followed by {}. {lost}",
                first.target, first.source
            );
        }
        return format!("{word}: {names} {are} led by {}. {lost}", first.target);
    }
    let (done, total) = (report.indices.done, report.indices.total);
    let figure = if done == total {
        indices(total)
    } else {
        format!("{} of {}", count(done), indices(total))
    };
    match plan.request.playbook.name.as_str() {
        "reprotect" => {
            let verb = if total == 1 { "follows" } else { "follow" };
            format!(
                "{word}: {names} {are} protected again. {figure} on {} {verb} {}.",
                first.target, first.source
            )
        }
        "replicate" => {
            let verb = if total == 1 { "follows" } else { "follow" };
            format!(
                "{word}: {names} {are} protected. {figure} on {} {verb} {}.",
                first.target, first.source
            )
        }
        "bidi-failover" | "bidi-failback" => {
            joined::answer(word, plan.request.bidi.as_deref().unwrap_or_default(), first)
        }
        _ if plan.request.bidi.is_some() => bidi(word, plan, first),
        _ => format!("{word}: {} of {names}, {figure}.", plan.request.playbook.name),
    }
}

/// What a bi-directional alias is now.
fn bidi(word: &str, plan: &Plan, first: &Switch) -> String {
    let alias = plan.request.bidi.as_deref().unwrap_or_default();
    let (one, other) = (&first.source, &first.target);
    match plan.request.playbook.name.as_str() {
        "bidi" => format!(
            "{word}: {alias} spans {one} and {other}. Each writes into its own index, copies the other's and reads both."
        ),
        "bidi-teardown" => format!(
            "{word}: {alias} is taken down. {one} and {other} go on writing, each for itself; the copies are gone."
        ),
        _ => format!(
            "{word}: {alias} is taken down. {one} and {other} go on writing, each for itself; the copies stay beside the alias."
        ),
    }
}

fn lost(report: &Report, digest: &Digest) -> String {
    match (report.lost_ops.known, report.lost_ops.at_most) {
        (Some(0), Some(0)) => {
            let drained = digest.sets.values().filter_map(|set| set.drained);
            let (there, all) = drained.fold((0, 0), |sum, set| (sum.0 + set.0, sum.1 + set.1));
            if all > 0 && there == all {
                let all = count(all);
                format!("Nothing was lost: {all} of {all} shards were at lag 0 behind the fence.")
            } else {
                "Nothing was lost.".to_owned()
            }
        }
        (known_ops, at_most) => {
            format!("Lost: known {}, at most {} operations.", known(known_ops), known(at_most))
        }
    }
}

/// Names as in a sentence.
fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn planned(plan: Option<&Plan>) -> String {
    match plan {
        Some(plan) if plan.is_empty() => {
            "Nothing to change: what is asked for is so already.".to_owned()
        }
        Some(plan) => format!(
            "Planned, nothing was changed: {} to make.",
            counted(plan.changes(), "change", "changes")
        ),
        None => "Planned, nothing was changed.".to_owned(),
    }
}

fn leads_as_before(plan: Option<&Plan>) -> String {
    let source = plan.and_then(|plan| plan.switches.first()).map(|switch| switch.source.as_str());
    source.map_or_else(
        || "All leads are as before.".to_owned(),
        |source| format!("{source} leads as before."),
    )
}

/// How long writers noticed anything, in capitals: the one thing that undo cannot undo. What
/// was not seen is not said.
fn writers(report: &Report) -> String {
    match (report.writers, report.writers_refused_ms) {
        (Writers::Refused, Some(ms)) => {
            format!(" WRITERS ARE REFUSED, FOR {} BY NOW.", took(ms))
        }
        (Writers::Refused, None) => " WRITERS ARE REFUSED.".to_owned(),
        (Writers::Taken, Some(ms)) => format!(" WRITERS WERE REFUSED FOR {}.", took(ms)),
        (Writers::Taken, None) => " No writer was refused.".to_owned(),
        (Writers::Unseen, Some(ms)) => {
            format!(" WRITERS WERE REFUSED FOR {}; whether any still are was not seen.", took(ms))
        }
        (Writers::Unseen, None) => " Whether writers are refused was not seen.".to_owned(),
    }
}
