//! Salvaged documents on their way back.

use crate::{
    model::problem::Level,
    outcome::{Outcome, Report},
    report::{
        columns::{Columns, Fit, Mark, ROWS_MAX},
        page::Page,
        style::{Paint, Role},
        text::{count, counted, moment, safe, some},
    },
    salvage::{Applied, Conflict, Why},
};

/// Before the question: which file goes where.
pub(crate) fn salvage_plan(applied: &Applied, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    let documents: u64 = applied.indices.iter().map(|moved| moved.documents).sum();
    let text =
        format!("Up to {} would be written to {}.", documents_of(documents), leaders(applied));
    page.answer(Mark::Fine, &text);
    page.hanging(Role::Quiet, "", &format!("{}, nothing was changed", moment(applied.at_ms)));
    page.blank();
    let mut table = Columns::new(&[
        ("INDEX", Fit::Name),
        ("OF", Fit::Left),
        ("DOCUMENTS", Fit::Right),
        ("TO", Fit::Left),
        ("AS", Fit::Name),
    ]);
    for moved in &applied.indices {
        let (of, to) = (moved.cluster.clone(), moved.leader.clone());
        let documents = count(moved.documents);
        let cells = [moved.index.clone(), of, documents, to, moved.leader_index.clone()];
        table.row(Mark::Fine, cells);
    }
    table.keep(ROWS_MAX, "all in the manifest");
    page.table(&table);
    page.blank();
    page.finish()
}

/// The whole screen at the end.
pub(crate) fn salvage_apply(
    applied: &Applied,
    report: &Report,
    width: usize,
    paint: Paint,
) -> String {
    let mut page = Page::new(width, paint);
    let is_fine = matches!(report.outcome, Outcome::Converged | Outcome::Planned);
    page.answer(if is_fine { Mark::Fine } else { Mark::Action }, &answer(applied, report));
    page.hanging(
        Role::Quiet,
        "",
        &format!("{}, files of {}", moment(applied.at_ms), applied.folder),
    );
    if !applied.indices.is_empty() {
        page.blank();
        page.table(&kinds(applied));
    }
    if !applied.conflicts.is_empty() {
        page.blank();
        page.table(&conflicts(applied));
    }
    if !report.problems.is_empty() {
        page.blank();
        page.problems(&report.problems);
    }
    page.next(&report.next);
    page.finish()
}

fn answer(applied: &Applied, report: &Report) -> String {
    let counts = &applied.counts;
    let written = documents_of(counts.changed());
    let first = report.problems.iter().find(|problem| problem.level == Level::Problem);
    match report.outcome {
        _ if applied.indices.is_empty() => {
            "Nothing to write: the manifest names no file with documents.".to_owned()
        }
        Outcome::Planned if counts.changed() == 0 => "Nothing would be written.".to_owned(),
        Outcome::Planned => {
            format!(
                "Planned, nothing was changed: {written} would be written to {}.",
                leaders(applied)
            )
        }
        Outcome::Stopped | Outcome::Refused => {
            let why = first.map(|problem| safe(&problem.detail)).unwrap_or_default();
            format!("Stopped part-way after {written}: {why}; the same command goes on.")
        }
        _ if counts.conflicts + counts.refused > 0 => {
            let left = documents_of(counts.conflicts + counts.refused);
            format!("Done, incomplete: {written} written to {}, {left} listed.", leaders(applied))
        }
        _ if counts.changed() == 0 => "Nothing was left to write.".to_owned(),
        _ => format!("Done: {written} written to {}.", leaders(applied)),
    }
}

fn leaders(applied: &Applied) -> String {
    let mut names: Vec<&str> = applied.indices.iter().map(|moved| moved.leader.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    some(names, 4)
}

fn documents_of(number: u64) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), "document", "documents")
}

/// By kind; what there is none of is left out.
fn kinds(applied: &Applied) -> Columns {
    let counts = &applied.counts;
    let mut table = Columns::new(&[("DOCUMENTS", Fit::Right), ("", Fit::Prose)]);
    let would = applied.dry_run;
    let rows = [
        (counts.conflicts, Mark::Action, "conflicts: changed on the leader since, and left"),
        (counts.refused, Mark::Action, "not taken by the leader"),
        (counts.written, Mark::Fine, if would { "to be written" } else { "written" }),
        (counts.already, Mark::Fine, "there already"),
        (
            counts.overwritten,
            Mark::Fine,
            if would {
                "conflicts: to take the place of the leader's"
            } else {
                "conflicts: in the place of the leader's"
            },
        ),
        (counts.skipped, Mark::Fine, "conflicts: skipped, the leader's stay"),
    ];
    for (number, mark, what) in rows.into_iter().filter(|(number, ..)| *number > 0) {
        table.row(mark, [count(number), what.to_owned()]);
    }
    table
}

fn conflicts(applied: &Applied) -> Columns {
    let mut table = Columns::new(&[
        ("INDEX", Fit::Name),
        ("DOCUMENT", Fit::Name),
        ("SALVAGED", Fit::Right),
        ("LEADER'S", Fit::Right),
        ("WHY", Fit::Prose),
    ]);
    for conflict in &applied.conflicts {
        table.row(
            Mark::Action,
            [
                conflict.index.clone(),
                conflict.id.clone(),
                format!("v{}", conflict.version),
                conflict.leader_version.map_or_else(|| "-".to_owned(), |it| format!("v{it}")),
                why(conflict),
            ],
        );
    }
    table
}

fn why(conflict: &Conflict) -> String {
    match conflict.why {
        Why::Changed => "changed on the leader since".to_owned(),
        Why::Deleted => "deleted on the leader since".to_owned(),
        Why::Raced => "written by others at the same time".to_owned(),
        Why::Refused => safe(conflict.detail.as_deref().unwrap_or("refused")),
    }
}
