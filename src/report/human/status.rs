//! Who leads what, how far the other side is, what a failover now would lose.

use super::{status_answer, status_indices};
use crate::{
    model::{lag::Evidence, problem::Level},
    outcome::Next,
    report::{
        columns::{Columns, Fit, Mark, ROWS_MAX},
        page::Page,
        style::{Paint, Role},
        text::{clock, count, cut, indices, known, lag, moment, safe, took},
    },
    status::{ClusterStatus, SetStatus, Situation, Status},
};

/// The whole screen. `all`: every index and shard, also what is fine.
pub(crate) fn status(status: &Status, all: bool, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    status_answer::answer(&mut page, status);
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
    clusters(&mut page, status);
    if status.sees.iter().any(|sees| sees.answer != "yes") {
        page.blank();
        sees(&mut page, status);
    }
    if !status.sets.is_empty() {
        page.blank();
        sets(&mut page, status);
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
    runs(&mut page, status);
    page.next(&next(status, all));
    page.finish()
}

fn clusters(page: &mut Page, status: &Status) {
    let mut table = Columns::new(&[
        ("CLUSTER", Fit::Name),
        ("ANSWERS", Fit::Left),
        ("VERSION", Fit::Left),
        ("HEALTH", Fit::Left),
        ("LICENCE", Fit::Left),
        ("SEES THE OTHER SIDE", Fit::Prose),
    ]);
    let mut clusters: Vec<&ClusterStatus> = status.clusters.iter().collect();
    clusters.sort_by_key(|cluster| cluster.state == "ok");
    for cluster in clusters {
        let mark = if cluster.state == "ok" {
            Mark::Fine
        } else {
            Mark::Action
        };
        let answers = match (cluster.state, cluster.answer_ms) {
            ("ok", Some(ms)) => format!("yes, {}", took(ms)),
            ("ill", _) => "ill".to_owned(),
            _ => "no".to_owned(),
        };
        let or_unknown = |text: &Option<String>| match text {
            Some(text) if !text.is_empty() => text.clone(),
            _ => "unknown".to_owned(),
        };
        table.row(
            mark,
            [
                cluster.name.clone(),
                answers,
                or_unknown(&cluster.version),
                or_unknown(&cluster.health),
                licence(cluster),
                sight(status, cluster),
            ],
        );
    }
    page.table(&table);
}

fn licence(cluster: &ClusterStatus) -> String {
    let Some(licence) = &cluster.license else {
        return "unknown".to_owned();
    };
    let days = licence
        .days_left
        .map_or_else(String::new, |days| format!(", {days} d"));
    let state = if licence.status == "active" {
        String::new()
    } else {
        format!(", {}", licence.status)
    };
    format!("{}{state}{days}", licence.kind)
}

fn sight(status: &Status, cluster: &ClusterStatus) -> String {
    let told = status
        .sees
        .iter()
        .filter(|sees| sees.from == cluster.name)
        .map(|sees| {
            let remotes = cluster.remotes.iter();
            let alias = remotes
                .filter(|(_, remote)| remote.leads_to.as_deref() == Some(sees.to.as_str()))
                .map(|(alias, _)| format!(" as \"{alias}\""))
                .next();
            format!(
                "{}{}: {}",
                sees.to,
                alias.unwrap_or_default(),
                told(sees.answer, &sees.evidence)
            )
        });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "-".to_owned()
    } else {
        told.join("; ")
    }
}

fn told(answer: &str, evidence: &str) -> String {
    match answer {
        "yes" => safe(evidence),
        answer => format!("{answer}, {}", safe(evidence)),
    }
}

/// Who sees whom, once anybody does not: from here, and from cluster to cluster.
fn sees(page: &mut Page, status: &Status) {
    let mut table = Columns::new(&[
        ("WHO SEES WHOM", Fit::Left),
        ("ANSWER", Fit::Left),
        ("HOW IT IS KNOWN", Fit::Prose),
    ]);
    let host = if status.host.is_empty() {
        "here"
    } else {
        &status.host
    };
    let mut rows: Vec<(Mark, [String; 3])> = Vec::new();
    for cluster in &status.clusters {
        let who = format!("{} -> {}", cut(host, 24), cluster.name);
        let (mark, answer) = if cluster.state == "ok" {
            (Mark::Fine, "yes")
        } else {
            (Mark::Action, "no")
        };
        let answer = if cluster.state == "ill" {
            "ill"
        } else {
            answer
        };
        let how = match (&cluster.reason, cluster.answer_ms) {
            (Some(reason), _) => safe(reason),
            (None, Some(ms)) => took(ms),
            (None, None) => String::new(),
        };
        rows.push((mark, [who, answer.to_owned(), how]));
    }
    for sees in &status.sees {
        let mark = match sees.answer {
            "yes" => Mark::Fine,
            "no" => Mark::Action,
            _ => Mark::Unknown,
        };
        let who = format!("{} -> {}", sees.from, sees.to);
        rows.push((mark, [who, sees.answer.to_owned(), safe(&sees.evidence)]));
    }
    rows.sort_by_key(|(mark, _)| *mark);
    for (mark, cells) in rows {
        table.row(mark, cells);
    }
    page.table(&table);
}

fn sets(page: &mut Page, status: &Status) {
    let mut table = Columns::new(&[
        ("SET", Fit::Name),
        ("LEADER", Fit::Name),
        ("STANDBY", Fit::Name),
        ("FOLLOWING", Fit::Right),
        ("COMPLETE", Fit::Right),
        ("LAG ops", Fit::Right),
        ("EVIDENCE", Fit::Left),
        ("WOULD LOSE", Fit::Left),
        ("SITUATION", Fit::Left),
    ]);
    let mut sets: Vec<&SetStatus> = status.sets.iter().collect();
    sets.sort_by_key(|set| (mark(status, set), set.situation));
    for set in &sets {
        let follows = set.following() > 0;
        let unseen = set.indices.iter().any(|index| index.state.is_none());
        let dash = || "-".to_owned();
        let applies = follows || unseen;
        table.row(
            mark(status, set),
            [
                set.name.clone(),
                set.leader
                    .clone()
                    .unwrap_or_else(|| set.situation.word().to_owned()),
                set.follower.clone().unwrap_or_else(dash),
                if unseen && !follows {
                    "unknown".to_owned()
                } else {
                    count(set.following())
                },
                match set.complete() {
                    0 => dash(),
                    complete => count(complete),
                },
                if applies {
                    lag(set.lag_ops, set.lag_ops_at_least, set.evidence)
                } else {
                    dash()
                },
                if applies {
                    evidence(status, set)
                } else {
                    dash()
                },
                if applies { would_lose(set) } else { dash() },
                set.situation.word().to_owned(),
            ],
        );
    }
    table.keep(ROWS_MAX, "");
    page.table(&table);
}

/// The kind of evidence, and the time of the last word where it is not of now.
fn evidence(status: &Status, set: &SetStatus) -> String {
    match (set.evidence, set.evidence_age_ms) {
        (Evidence::Reported, Some(age)) => format!("reported {}", clock(status.at_ms - age)),
        (evidence, _) => evidence.word().to_owned(),
    }
}

fn would_lose(set: &SetStatus) -> String {
    match (set.would_lose.known, set.would_lose.at_most) {
        (_, Some(0)) => "nothing".to_owned(),
        (_, Some(most)) => format!("at most {}", count(most)),
        (Some(ops), None) => format!(">= {}", count(ops)),
        (None, None) => "unknown".to_owned(),
    }
}

fn mark(status: &Status, set: &SetStatus) -> Mark {
    let names = |subject: &str| {
        subject == set.name
            || set
                .indices
                .iter()
                .any(|index| index.leader_index == subject)
    };
    let wants = status
        .problems
        .iter()
        .any(|p| p.level == Level::Problem && names(&p.subject));
    match set.situation {
        _ if wants => Mark::Action,
        Situation::Unknown => Mark::Unknown,
        situation if situation < Situation::Unknown => Mark::Action,
        _ if set.lag_ops.is_none() && set.following() > 0 => Mark::Unknown,
        _ => Mark::Fine,
    }
}

fn coverage(page: &mut Page, status: &Status) {
    let uncovered: usize = status.sets.iter().map(|set| set.uncovered.len()).sum();
    let seen = status.clusters.iter().all(|cluster| cluster.state == "ok");
    let text = match (uncovered, seen) {
        (_, _) if status.sets.is_empty() => return,
        (0, true) => "every index of the sets is followed, promoted or complete".to_owned(),
        (0, false) => "unknown while a cluster cannot be seen".to_owned(),
        (number, _) => format!("{} of the sets followed by nothing", indices(number)),
    };
    page.hanging(Role::Plain, "Coverage        ", &text);
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
        next.push(Next {
            command,
            consequence: consequence.to_owned(),
        });
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
        add(
            format!("esdr replicate --set {} --dry-run", set.name),
            "how it would be protected",
        );
    }
    let ready = status.sets.iter().find(|set| set.protected);
    if let (Some(set), true) = (
        ready,
        status.problems.iter().all(|p| p.level != Level::Problem),
    ) {
        let to = set.follower.clone().unwrap_or_default();
        add(
            format!("esdr failover --to {to} --set {} --dry-run", set.name),
            "the plan, nothing changed",
        );
    }
    if let (false, Some(set)) = (all, status.sets.first()) {
        add(
            format!("esdr status --set {} --all", set.name),
            "every index and shard",
        );
    }
    next
}
