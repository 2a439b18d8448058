//! Who leads what, how far the other side is, what a failover now would lose.

use super::{answer, clusters, indices, sets};
use crate::report::bidi::answer as bidi_answer;
use crate::{
    outcome::Next,
    report::{
        page::Page,
        style::{Paint, Role},
        text::{indices, known, moment, safe, took},
    },
    status::{IndexStatus, Situation, Status},
};

/// Commands that are proposed at once; each set that wants something has its own.
const NEXT_MAX: usize = 12;

/// When it was looked, from where, and for how long.
pub(in crate::report) fn looked(page: &mut Page, status: &Status) {
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
    answer::answer(&mut page, status);
    looked(&mut page, status);
    clusters::clusters(&mut page, status);
    if status.sees.iter().any(|sees| sees.answer != "yes") {
        page.blank();
        clusters::sees(&mut page, status);
    }
    if !status.sets.is_empty() {
        page.blank();
        sets::sets(&mut page, status);
    }
    for set in &status.sets {
        indices::table(&mut page, set, all);
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
    let none_seen = status.clusters.iter().all(|cluster| cluster.state != "ok");
    match (status.runs.is_empty(), none_seen) {
        (true, true) => page.line("Runs            unknown while no cluster can be seen"),
        (true, false) => page.line("Runs            none unfinished"),
        (false, _) => {}
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
        let (role, label, held) = match &run.lock {
            Some(lock) => {
                let held = format!("; it holds the lock since {}", moment(lock.since_ms));
                (Role::Plain, "Runs            ", held)
            }
            None => (Role::Problem, "Runs          ! ", String::new()),
        };
        page.hanging(role, label, &format!("{text}{held}"));
    }
}

/// What leads on from the state that is seen, and then every index.
fn next(status: &Status, all: bool) -> Vec<Next> {
    let mut next: Vec<Next> = status.next.iter().take(NEXT_MAX).cloned().collect();
    if let (false, Some(set)) = (all, status.sets.first()) {
        let command = format!("esdr status --set {} --all", set.name);
        next.push(Next { command, consequence: "every index and shard".to_owned() });
    }
    next
}
