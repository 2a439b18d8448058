//! Whether both sides hold the same, and what does not.

use super::answer;
use crate::{
    outcome::Next,
    report::{
        columns::{Columns, Fit, Mark, ROWS_MAX},
        page::Page,
        style::{Paint, Role},
        text::{count, counted, known, moment, safe, took},
    },
    verify::{IndexReport, SetReport, Verdict, Verification},
};

/// The whole screen.
pub(crate) fn verification(verification: &Verification, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    answer::answer(&mut page, verification);
    let from = if verification.host.is_empty() {
        String::new()
    } else {
        format!(" from {}", safe(&verification.host))
    };
    let looked = format!(
        "{}, read{from} in {}, nothing written, indices refreshed",
        moment(verification.at_ms),
        took(verification.took_ms)
    );
    page.hanging(Role::Quiet, "", &looked);
    if !verification.sets.is_empty() {
        page.blank();
        sets(&mut page, verification);
    }
    for set in &verification.sets {
        indices(&mut page, set);
    }
    documents(&mut page, verification);
    if !verification.problems.is_empty() {
        page.blank();
        page.problems(&verification.problems);
    }
    page.next(&next(verification));
    page.finish()
}

fn mark(state: Verdict) -> Mark {
    match state {
        Verdict::Different => Mark::Action,
        Verdict::Unknown => Mark::Unknown,
        Verdict::Equal => Mark::Fine,
    }
}

/// One row a set, the worst first.
fn sets(page: &mut Page, verification: &Verification) {
    let mut table = Columns::new(&[
        ("SET", Fit::Name),
        ("LEADER", Fit::Name),
        ("FOLLOWER", Fit::Name),
        ("INDICES", Fit::Right),
        ("COMPARED", Fit::Right),
        ("OF docs", Fit::Right),
        ("LAG ops", Fit::Right),
        ("RESULT", Fit::Left),
    ]);
    let mut sets: Vec<&SetReport> = verification.sets.iter().collect();
    sets.sort_by_key(|set| set.state);
    for set in sets {
        let sum = |of: fn(&IndexReport) -> Option<u64>| set.indices.iter().map(of).sum();
        let side = |name: &Option<String>| name.clone().unwrap_or_else(|| "unknown".to_owned());
        let follows = set.indices.iter().any(|index| index.lag_ops.is_some());
        table.row(
            mark(set.state),
            [
                set.name.clone(),
                side(&set.leader),
                side(&set.follower),
                count(set.indices.len()),
                known(sum(|index| Some(index.checked_documents))),
                known(sum(|index| index.total_documents)),
                if follows { known(sum(|index| index.lag_ops)) } else { "-".to_owned() },
                set.state.word().to_owned(),
            ],
        );
    }
    table.keep(ROWS_MAX, "");
    page.table(&table);
}

/// The indices of one set that are not equal.
fn indices(page: &mut Page, set: &SetReport) {
    let told: Vec<&IndexReport> =
        set.indices.iter().filter(|index| index.state != Verdict::Equal).collect();
    if told.is_empty() {
        return;
    }
    let mut table = Columns::new(&[
        ("INDEX", Fit::Name),
        ("COMPARED", Fit::Right),
        ("OF docs", Fit::Right),
        ("FOLLOWER HAS", Fit::Right),
        ("DIFFER", Fit::Right),
        ("RESULT", Fit::Prose),
    ])
    .marked();
    for index in &told {
        let reason = index.reason.map_or_else(String::new, |code| format!(", {code}"));
        let name = if index.follower_index == index.leader_index {
            index.leader_index.clone()
        } else {
            format!("{} -> {}", index.leader_index, index.follower_index)
        };
        let is_read = index.total_documents.is_some();
        table.row(
            mark(index.state),
            [
                name,
                count(index.checked_documents),
                known(index.total_documents),
                known(index.follower_documents),
                if is_read { count(index.differing_count) } else { "unknown".to_owned() },
                format!("{}{reason}", index.state.word()),
            ],
        );
    }
    table.keep(ROWS_MAX, "");
    let equal = set.indices.len() - told.len();
    if equal > 0 {
        let rest = counted(equal, "other", "others");
        let blank = String::new;
        table.tail([rest, blank(), blank(), blank(), blank(), "equal".to_owned()]);
    }
    page.blank();
    page.line(format!("{}:", set.name));
    page.table(&table);
}

/// The first documents that differ.
fn documents(page: &mut Page, verification: &Verification) {
    let all: u64 = verification.indices().map(|index| index.differing_count).sum();
    if all == 0 {
        return;
    }
    let mut table = Columns::new(&[
        ("DOCUMENT", Fit::Name),
        ("INDEX", Fit::Name),
        ("SHARD", Fit::Right),
        ("WHAT", Fit::Left),
        ("LEADER", Fit::Right),
        ("FOLLOWER", Fit::Right),
    ])
    .marked();
    let shown = verification
        .indices()
        .flat_map(|index| index.differing.iter().map(move |document| (index, document)));
    let version =
        |version: Option<i64>| version.map_or_else(|| "-".to_owned(), |it| format!("v{it}"));
    for (index, document) in shown.take(ROWS_MAX) {
        table.row(
            Mark::Action,
            [
                safe(&document.id),
                index.leader_index.clone(),
                count(document.shard),
                document.what.word().to_owned(),
                version(document.leader_version),
                version(document.follower_version),
            ],
        );
    }
    page.blank();
    page.table(&table);
    let shown = verification.indices().map(|index| index.differing.len()).sum::<usize>();
    let shown = u64::try_from(shown.min(ROWS_MAX)).unwrap_or(u64::MAX);
    if all > shown {
        page.painted(Role::Quiet, &format!("  ... and {} more", count(all - shown)));
    }
}

/// Only commands that change nothing.
fn next(verification: &Verification) -> Vec<Next> {
    let worst = verification.sets.iter().min_by_key(|set| set.state);
    let Some(set) = worst else {
        return Vec::new();
    };
    let one =
        |command: String, consequence: &str| Next { command, consequence: consequence.to_owned() };
    let mut next = Vec::new();
    if set.state != Verdict::Equal {
        next.push(one(format!("esdr status --set {}", set.name), "who leads, and what is wrong"));
    }
    if !verification.full {
        next.push(one(format!("esdr verify --full --set {}", set.name), "reads every document"));
    }
    next
}
