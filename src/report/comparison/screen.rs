//! What was found of each index before its former leader's copy goes: counted by kind.

use super::{
    diverged::paragraphs,
    words::{chosen, documents_of, mark},
};
use crate::{
    model::comparison::{Compared, Deleted, Diverged, Finding},
    plan::{Plan, Switch, action::Action},
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        style::Role,
        text::{count, safe, some},
    },
};

/// Runs that are named.
const RUNS_MAX: usize = 3;

/// Indices of which the same is told.
struct Kind<'c> {
    mark: Mark,
    what: String,
    then: String,
    all: Vec<&'c Compared>,
}

/// The whole part; nothing where no copy goes.
pub(crate) fn comparison(page: &mut Page, plan: &Plan, switch: &Switch) {
    if switch.compared.is_empty() {
        return;
    }
    page.hanging(Role::Plain, "", &evidence(switch));
    page.blank();
    let former = format!("ON {}, THE FORMER LEADER", switch.target);
    let leader = format!("ON {}, LEADS", switch.source);
    let mut table = Columns::new(&[
        ("WHAT", Fit::Left),
        ("INDICES", Fit::Right),
        (&former, Fit::Prose),
        (&leader, Fit::Prose),
        ("THEN", Fit::Prose),
    ])
    .marked();
    for kind in kinds(plan, switch) {
        let [former, leader] = sides(&kind.all);
        table.row(kind.mark, [kind.what, count(kind.all.len()), former, leader, kind.then]);
    }
    page.table(&table);
    page.blank();
    paragraphs(page, plan, switch);
}

/// What it was compared with, and how old the figures are.
fn evidence(switch: &Switch) -> String {
    let mut runs: Vec<&str> = switch.compared.iter().filter_map(|it| it.run.as_deref()).collect();
    runs.sort_unstable();
    runs.dedup();
    let record = match runs.len() {
        0 => "the record".to_owned(),
        1 => format!("the record of run {}", runs[0]),
        _ => format!("the record of runs {}", some(runs, RUNS_MAX)),
    };
    let has_documents = |it: &Compared| match &it.finding {
        Finding::Diverged(it) => it.documents.is_some(),
        Finding::Deleted(it) => it.documents.is_some(),
        _ => false,
    };
    let documents = if switch.compared.iter().any(has_documents) {
        format!("; documents as of the last refresh on {}", switch.target)
    } else {
        String::new()
    };
    let is_fenced_first = |action: &Action| matches!(action, Action::Fence { cluster, .. } if *cluster == switch.target);
    let grows = if switch.actions().any(is_fenced_first) {
        format!(" {} takes writes until it is fenced: figures can grow.", switch.target)
    } else {
        String::new()
    };
    format!("Compared with {record}, shard by shard{documents}.{grows}")
}

/// Grouped by what is told of them, the worst first.
fn kinds<'c>(plan: &Plan, switch: &'c Switch) -> Vec<Kind<'c>> {
    let mut kinds: Vec<Kind<'c>> = Vec::new();
    for compared in &switch.compared {
        let (what, then) = (what(switch, compared), then(plan, switch, compared));
        if let Some(kind) = kinds.iter_mut().find(|kind| kind.what == what && kind.then == then) {
            kind.all.push(compared);
        } else {
            let mark = mark(plan, compared);
            kinds.push(Kind { mark, what, then, all: vec![compared] });
        }
    }
    kinds.sort_by_key(|kind| (kind.mark, kind.all.first().map(|it| weight(&it.finding))));
    kinds
}

fn weight(finding: &Finding) -> u8 {
    match finding {
        Finding::Deleted(_) => 0,
        Finding::Unrelated => 1,
        Finding::Unknown { .. } => 2,
        Finding::Diverged(_) => 3,
        Finding::Clean => 4,
        Finding::Born => 5,
        Finding::Complete => 6,
    }
}

fn what(switch: &Switch, compared: &Compared) -> String {
    match &compared.finding {
        Finding::Clean => "clean".to_owned(),
        Finding::Diverged(_) => "diverged".to_owned(),
        Finding::Deleted(_) => format!("deleted on {}", switch.source),
        Finding::Born => format!("born on {}", switch.source),
        Finding::Complete => "complete".to_owned(),
        Finding::Unrelated => "unrelated".to_owned(),
        Finding::Unknown { .. } => "unknown".to_owned(),
    }
}

/// What becomes of it.
fn then(plan: &Plan, switch: &Switch, compared: &Compared) -> String {
    let copied = if plan.request.playbook.kind.moves_lead() {
        "copied home".to_owned()
    } else {
        format!("copied to {}", switch.target)
    };
    let saved = if plan.request.no_salvage { "let go" } else { "salvaged" };
    let chosen = chosen(plan, compared);
    match (&compared.finding, chosen.as_deref()) {
        (Finding::Clean | Finding::Born, _) => copied,
        (Finding::Diverged(_), Some("apply")) => {
            format!("{saved}, written to {}, {copied}", switch.source)
        }
        (Finding::Diverged(_), Some("keep")) => format!("{saved}, kept beside, {copied}"),
        (Finding::Diverged(_), _) => format!("{saved}, {copied}"),
        (Finding::Deleted(_), Some("delete")) => format!("{saved}, deleted here too"),
        (Finding::Deleted(_), Some("restore")) => format!("made again on {}", switch.source),
        (Finding::Deleted(_), _) => "you say".to_owned(),
        (Finding::Complete, _) => "kept, no copy".to_owned(),
        (Finding::Unrelated, _) => "left as it is, blocks".to_owned(),
        (Finding::Unknown { .. }, _) => "looked at first".to_owned(),
    }
}

/// What is on the former leader, and on the one that leads.
fn sides(all: &[&Compared]) -> [String; 2] {
    let diverged = all.iter().filter_map(|it| match &it.finding {
        Finding::Diverged(it) => Some(it),
        _ => None,
    });
    let deleted = all.iter().filter_map(|it| match &it.finding {
        Finding::Deleted(it) => Some(it),
        _ => None,
    });
    let [former, leader] = match all.first().map(|it| &it.finding) {
        Some(Finding::Clean) => ["nothing of its own", "leads"].map(str::to_owned),
        Some(Finding::Diverged(_)) => own(&diverged.collect::<Vec<_>>()),
        Some(Finding::Deleted(_)) => [left(&deleted.collect::<Vec<_>>()), "not there".to_owned()],
        Some(Finding::Born) => ["-", "leads"].map(str::to_owned),
        Some(Finding::Complete) => ["equal", "equal"].map(str::to_owned),
        Some(Finding::Unrelated) => ["another index", "another index"].map(str::to_owned),
        Some(Finding::Unknown { why }) => {
            let same = all
                .iter()
                .all(|it| matches!(&it.finding, Finding::Unknown { why: other } if other == why));
            let why = if same { safe(why) } else { "cannot be compared".to_owned() };
            [why, "unknown".to_owned()]
        }
        None => [String::new(), String::new()],
    };
    [former, leader]
}

fn own(all: &[&Diverged]) -> [String; 2] {
    let ops: u64 = all.iter().map(|it| it.ops).sum();
    let has = if ops == 1 { "operation" } else { "operations" };
    let moved = all.iter().any(|it| it.leader_ops_since.is_some_and(|ops| ops > 0));
    let unknown = all.iter().any(|it| it.leader_ops_since.is_none());
    let leader = match (moved, unknown) {
        (true, _) => "has moved on",
        (false, true) => "unknown",
        (false, false) => "as it was then",
    };
    [format!("{} {has} nobody else has", count(ops)), leader.to_owned()]
}

fn left(all: &[&Deleted]) -> String {
    let documents: Option<u64> = all.iter().map(|it| it.documents).sum();
    match (documents, all) {
        (None, [Deleted { ops: Some(ops), .. }]) => format!("{} operations", count(*ops)),
        (documents, _) => documents_of(documents),
    }
}
