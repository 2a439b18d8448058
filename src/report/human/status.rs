//! Who leads what, how far the other side is, what a failover now would lose.

use super::{bidi_answer, status_answer, status_clusters, status_indices, status_sets};
use crate::{
    model::problem::Level,
    outcome::Next,
    report::{
        page::Page,
        style::{Paint, Role},
        text::{indices, known, moment, safe, took},
    },
    status::{IndexStatus, Situation, Status},
};

/// When it was looked, from where, and for how long.
pub(super) fn looked(page: &mut Page, status: &Status) {
    let from = if status.host.is_empty() {
        String::new()
    } else {
        format!(" from {}", safe(&status.host))
    };
    let looked = format!(
        "{}, seen{from} in {}, nothing changed",
        moment(status.at_ms),
        took(status.took_ms)
    );
    page.painted(Role::Quiet, &looked);
    page.blank();
}

/// The whole screen. `all`: every index and shard, also what is fine.
pub(crate) fn status(status: &Status, all: bool, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    status_answer::answer(&mut page, status);
    looked(&mut page, status);
    status_clusters::clusters(&mut page, status);
    if status.sees.iter().any(|sees| sees.answer != "yes") {
        page.blank();
        status_clusters::sees(&mut page, status);
    }
    if !status.sets.is_empty() {
        page.blank();
        status_sets::sets(&mut page, status);
    }
    for set in &status.sets {
        status_indices::table(&mut page, set, all);
    }
    if !status.problems.is_empty() {
        page.blank();
        page.problems(&status.problems);
    }
    page.blank();
    coverage(&mut page, status);
    bidi(&mut page, status);
    runs(&mut page, status);
    page.next(&next(status, all));
    page.finish()
}

fn coverage(page: &mut Page, status: &Status) {
    let alone = |index: &&IndexStatus| {
        let lonely =
            [Situation::SplitBrain, Situation::Unrelated, Situation::Late, Situation::Unprotected];
        lonely.contains(&index.situation)
    };
    let uncovered = status.sets.iter().flat_map(|set| &set.indices).filter(alone).count();
    let seen = status.clusters.iter().all(|cluster| cluster.state == "ok");
    let text = match (uncovered, seen) {
        (_, _) if status.sets.is_empty() => return,
        (0, true) => "every index of the sets is followed, promoted or complete".to_owned(),
        (0, false) => "unknown while a cluster cannot be seen".to_owned(),
        (number, _) => format!("{} of the sets followed by nothing", indices(number)),
    };
    page.hanging(Role::Plain, "Coverage        ", &text);
}

fn bidi(page: &mut Page, status: &Status) {
    for bidi in &status.bidi {
        let (label, role) = if bidi.whole {
            ("Bidirectional   ", Role::Plain)
        } else {
            ("Bidirectional ! ", Role::Problem)
        };
        page.hanging(role, label, &bidi_answer::short(bidi));
    }
}

fn runs(page: &mut Page, status: &Status) {
    if status.runs.is_empty() {
        page.line("Runs            none unfinished");
    }
    for run in &status.runs {
        let text = format!(
            "{} {} of {}, {} -> {}, begun {} by {}: {} of {} moved",
            run.run,
            run.playbook,
            run.set,
            run.source,
            run.target,
            moment(run.at_ms),
            safe(&run.operator),
            known(u64::try_from(run.moved).ok()),
            indices(run.indices)
        );
        page.hanging(Role::Problem, "Runs          ! ", &text);
    }
}

/// Only commands that exist, those that change nothing first.
fn next(status: &Status, all: bool) -> Vec<Next> {
    let mut next: Vec<Next> = Vec::new();
    let mut add = |command: String, consequence: &str| {
        next.push(Next { command, consequence: consequence.to_owned() });
    };
    if status.clusters.iter().any(|cluster| cluster.state != "ok") {
        add("esdr status --watch".to_owned(), "looks again every 5 s");
    }
    for run in &status.runs {
        if run.moved == 0 {
            add(format!("esdr undo {}", run.run), "lets writers in again");
        }
        add(
            format!("esdr failover --to {} --set {}", run.target, run.set),
            "shows what is left of it, asks",
        );
    }
    let worst = status.sets.iter().find(|set| !set.uncovered.is_empty());
    if let Some(set) = worst {
        add(format!("esdr replicate --set {} --dry-run", set.name), "how it would be protected");
    }
    let ready = status.sets.iter().find(|set| set.protected);
    let is_well = status.problems.iter().all(|problem| problem.level != Level::Problem);
    if let Some((set, to)) = ready.and_then(|set| Some((set, set.follower.as_ref()?)))
        && is_well
    {
        add(
            format!("esdr failover --to {to} --set {} --dry-run", set.name),
            "the plan, nothing changed",
        );
    }
    for bidi in &status.bidi {
        add(format!("esdr bidi status {}", bidi.name), "both directions, and what is read where");
    }
    if let (false, Some(set)) = (all, status.sets.first()) {
        add(format!("esdr status --set {} --all", set.name), "every index and shard");
    }
    next
}
