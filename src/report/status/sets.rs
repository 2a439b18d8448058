//! The sets of a status: who leads, how far behind, what would be lost.

use crate::{
    model::{lag::Evidence, problem::Level},
    report::{
        columns::{Columns, Fit, Mark, ROWS_MAX},
        page::Page,
        text::{clock, count, lag},
    },
    status::{SetStatus, Situation, Status},
};

/// The place of the column that is left out where nothing is complete.
const COMPLETE: usize = 4;

/// One row a set, the worst first.
pub(crate) fn sets(page: &mut Page, status: &Status) {
    let has_complete = status.sets.iter().any(|set| set.complete() > 0);
    let mut heads = vec![
        ("SET", Fit::Name),
        ("LEADER", Fit::Name),
        ("STANDBY", Fit::Name),
        ("FOLLOWS", Fit::Right),
        ("COMPLETE", Fit::Right),
        ("LAG ops", Fit::Right),
        ("EVIDENCE", Fit::Prose),
        ("LOSES", Fit::Left),
        ("SITUATION", Fit::Left),
    ];
    if !has_complete {
        heads.remove(COMPLETE);
    }
    let mut table = Columns::new(&heads);
    let mut sets: Vec<&SetStatus> = status.sets.iter().collect();
    sets.sort_by_key(|set| (mark(status, set), set.situation));
    for set in &sets {
        let follows = set.following() > 0;
        let is_nothing_seen = set.indices.is_empty() && set.situation == Situation::Unknown;
        let unseen = is_nothing_seen || set.indices.iter().any(|index| index.state.is_none());
        let dash = || "-".to_owned();
        let applies = follows || unseen;
        let mut cells = vec![
            set.name.clone(),
            set.leader.clone().unwrap_or_else(|| set.situation.word().to_owned()),
            set.follower.clone().unwrap_or_else(dash),
            if unseen && !follows { "unknown".to_owned() } else { count(set.following()) },
            match set.complete() {
                0 => dash(),
                complete => count(complete),
            },
            if applies { lag(set.lag_ops, set.lag_ops_at_least, set.evidence) } else { dash() },
            if applies { evidence(status, set) } else { dash() },
            if applies { would_lose(set) } else { dash() },
            set.situation.word().to_owned(),
        ];
        if !has_complete {
            cells.remove(COMPLETE);
        }
        table.row(mark(status, set), cells);
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
        (_, Some(most)) => format!("<= {}", count(most)),
        (Some(ops), None) => format!(">= {}", count(ops)),
        (None, None) => "unknown".to_owned(),
    }
}

fn mark(status: &Status, set: &SetStatus) -> Mark {
    let names = |subject: &str| {
        subject == set.name || set.indices.iter().any(|index| index.leader_index == subject)
    };
    let wants = status.problems.iter().any(|p| p.level == Level::Problem && names(&p.subject));
    match set.situation {
        _ if wants => Mark::Action,
        Situation::Unknown => Mark::Unknown,
        situation if situation < Situation::Unknown => Mark::Action,
        _ if set.lag_ops.is_none() && set.following() > 0 => Mark::Unknown,
        _ => Mark::Fine,
    }
}
