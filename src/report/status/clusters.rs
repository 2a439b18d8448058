//! The clusters of a status, and who sees whom.

use crate::{
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        text::{cut, safe, took},
    },
    status::{ClusterStatus, Status},
};

/// One row a cluster, those that cannot be relied on first.
pub(crate) fn clusters(page: &mut Page, status: &Status) {
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
        let mark = if cluster.state == "ok" { Mark::Fine } else { Mark::Action };
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
    let days = licence.days_left.map_or_else(String::new, |days| format!(", {days} d"));
    let state =
        if licence.status == "active" { String::new() } else { format!(", {}", licence.status) };
    format!("{}{state}{days}", licence.kind)
}

fn sight(status: &Status, cluster: &ClusterStatus) -> String {
    let told = status.sees.iter().filter(|sees| sees.from == cluster.name).map(|sees| {
        let remotes = cluster.remotes.iter();
        let alias = remotes
            .filter(|(_, remote)| remote.leads_to.as_deref() == Some(sees.to.as_str()))
            .map(|(alias, _)| format!(" as \"{alias}\""))
            .next();
        format!("{}{}: {}", sees.to, alias.unwrap_or_default(), told(sees.answer, &sees.evidence))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "-".to_owned() } else { told.join("; ") }
}

fn told(answer: &str, evidence: &str) -> String {
    match answer {
        "yes" => safe(evidence),
        answer => format!("{answer}, {}", safe(evidence)),
    }
}

/// Who sees whom, once anybody does not: from here, and from cluster to cluster.
pub(crate) fn sees(page: &mut Page, status: &Status) {
    let mut table = Columns::new(&[
        ("WHO SEES WHOM", Fit::Left),
        ("ANSWER", Fit::Left),
        ("HOW IT IS KNOWN", Fit::Prose),
    ]);
    let host = if status.host.is_empty() { "here" } else { &status.host };
    let mut rows: Vec<(Mark, [String; 3])> = Vec::new();
    for cluster in &status.clusters {
        let who = format!("{} -> {}", cut(host, 24), cluster.name);
        let (mark, answer) =
            if cluster.state == "ok" { (Mark::Fine, "yes") } else { (Mark::Action, "no") };
        let answer = if cluster.state == "ill" { "ill" } else { answer };
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
