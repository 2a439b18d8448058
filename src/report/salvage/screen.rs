//! What only former leaders have, and the files that it is in.

use crate::{
    outcome::{Outcome, Report},
    report::{
        columns::{Columns, Fit, Mark, ROWS_MAX},
        page::Page,
        style::{Paint, Role},
        text::{count, counted, moment, some},
    },
    salvage::Summary,
};

/// The whole screen.
pub(crate) fn salvage(summary: &Summary, report: &Report, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    let is_fine = !matches!(report.outcome, Outcome::Refused | Outcome::Incomplete);
    page.answer(if is_fine { Mark::Fine } else { Mark::Action }, &answer(summary, report));
    let seen = format!(
        "{}, seen from {}, nothing was changed on the clusters",
        moment(summary.at_ms),
        summary.host
    );
    page.hanging(Role::Quiet, "", &seen);
    if !summary.indices.is_empty() {
        page.blank();
        table(&mut page, summary);
        if summary.sum(|entry| entry.hidden) > 0 {
            page.blank();
            let text =
                "Hidden: deletes, and versions that a later one replaced. They cannot be read.";
            page.hanging(Role::Plain, "", text);
        }
    }
    if let Some(folder) = &summary.folder {
        page.blank();
        page.hanging(Role::Plain, "Files in  ", folder);
    }
    if !report.problems.is_empty() {
        page.blank();
        page.problems(&report.problems);
    }
    page.next(&report.next);
    page.finish()
}

fn answer(summary: &Summary, report: &Report) -> String {
    if summary.indices.is_empty() {
        return match report.outcome {
            Outcome::Refused => "Nothing was salvaged: no former leader could be looked into.",
            Outcome::Incomplete => "Nothing was salvaged, and something could not be looked into.",
            _ => "Nothing to salvage: no former leader has operations of its own. No file was written.",
        }
        .to_owned();
    }
    let mut clusters: Vec<&str> =
        summary.indices.iter().map(|entry| entry.cluster.as_str()).collect();
    clusters.dedup();
    let ops = summary.sum(|entry| entry.ops);
    let (documents, hidden) = (summary.sum(|entry| entry.documents), summary.sum(|e| e.hidden));
    let documents = if summary.dry_run {
        format!("{} would be saved", documents_of(documents))
    } else {
        format!("{} saved", documents_of(documents))
    };
    format!(
        "Only {} may have {}: {documents}, {} hidden.",
        some(clusters, 4),
        counted(usize::try_from(ops).unwrap_or(usize::MAX), "operation", "operations"),
        count(hidden)
    )
}

fn documents_of(number: u64) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), "document", "documents")
}

fn table(page: &mut Page, summary: &Summary) {
    let lists_deletes = summary.indices.iter().any(|entry| entry.deletes.is_some());
    let mut heads = vec![
        ("INDEX", Fit::Name),
        ("ON", Fit::Left),
        ("OPERATIONS", Fit::Right),
        ("DOCUMENTS", Fit::Right),
        ("HIDDEN", Fit::Right),
    ];
    if lists_deletes {
        heads.push(("DELETED", Fit::Right));
    }
    let mut table = Columns::new(&heads);
    let mut entries: Vec<_> = summary.indices.iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.ops));
    for entry in entries {
        let mut cells = vec![
            entry.index.clone(),
            entry.cluster.clone(),
            count(entry.ops),
            count(entry.documents),
            count(entry.hidden),
        ];
        if lists_deletes {
            let deleted = entry.deletes.as_ref();
            cells.push(deleted.map_or_else(|| "unknown".to_owned(), |it| count(it.documents)));
        }
        table.row(Mark::Fine, cells);
    }
    table.keep(ROWS_MAX, "all in the manifest");
    page.table(&table);
}
