//! A bi-directional alias: who writes where, what is read, how far both directions are.

use super::answer;
use crate::report::status::screen::looked;
use crate::{
    model::problem::Level,
    outcome::Next,
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        style::{Paint, Role},
        text::{clock, count, counted, known, lag, safe, took},
    },
    status::{AliasState, BidiStatus, DirectionStatus, Recursion, SiteStatus, Situation, Status},
};

/// The whole screen.
pub(crate) fn bidi(status: &Status, width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    for bidi in &status.bidi {
        answer::answer(&mut page, status, bidi);
        looked(&mut page, status);
        if bidi.whole {
            sites(&mut page, bidi);
            page.blank();
            directions_in_step(&mut page, status, bidi);
            page.blank();
            if !status.problems.is_empty() {
                page.problems(&status.problems);
                page.blank();
            }
        } else {
            directions(&mut page, status, bidi);
            page.blank();
            page.problems(&status.problems);
            page.blank();
            sites(&mut page, bidi);
            page.blank();
            history_kept(&mut page, bidi);
        }
        recursion(&mut page, bidi);
        page.next(&next(status, bidi));
    }
    page.finish()
}

fn sites(page: &mut Page, bidi: &BidiStatus) {
    let read = format!("READ THROUGH \"{}\"", safe(&bidi.name));
    let mut table = Columns::new(&[
        ("SITE", Fit::Name),
        ("WRITES GO TO", Fit::Name),
        (&read, Fit::Prose),
        ("ALIAS", Fit::Left),
    ]);
    for site in &bidi.sites {
        let (mark, alias) = alias(site.alias);
        let writes = match (&site.write_index, site.is_seen()) {
            (Some(index), _) => index.clone(),
            (None, true) => "nowhere".to_owned(),
            (None, false) => "unknown".to_owned(),
        };
        table.row(mark, [site.cluster.clone(), writes, through(bidi, site), alias.to_owned()]);
    }
    page.table(&table);
}

fn alias(state: AliasState) -> (Mark, &'static str) {
    match state {
        AliasState::OneWriteIndex => (Mark::Fine, "one write index"),
        AliasState::NoWriteIndex => (Mark::Action, "no write index"),
        AliasState::TwoWriteIndices => (Mark::Action, "two write indices"),
        AliasState::Missing => (Mark::Action, "missing"),
        AliasState::NameTaken => (Mark::Action, "an index has its name"),
        AliasState::Unknown => (Mark::Unknown, "unknown"),
    }
}

/// What is read through the alias on a site: `1 own + 1 copy = 2`.
fn through(bidi: &BidiStatus, site: &SiteStatus) -> String {
    let (Some(own), Some(copies), Some(others)) = (&site.own, &site.copies, &site.others) else {
        return "unknown".to_owned();
    };
    let incoming = bidi.directions.iter().find(|direction| direction.to == site.cluster);
    let expected = incoming.map_or(0, |direction| direction.set.indices.len());
    let mut text = format!("{} own", count(own.len()));
    let copied = counted(copies.len(), "copy", "copies");
    let is_short = copies.len() < expected;
    text += &if is_short {
        format!(" + {} of {}", count(copies.len()), counted(expected, "copy", "copies"))
    } else {
        format!(" + {copied}")
    };
    if !others.is_empty() {
        text += &format!(" + {}", counted(others.len(), "other", "others"));
    }
    if !is_short {
        text += &format!(" = {}", count(own.len() + copies.len() + others.len()));
    }
    text
}

/// Both directions where all is well.
fn directions_in_step(page: &mut Page, status: &Status, bidi: &BidiStatus) {
    let mut table = Columns::new(&[
        ("DIRECTION", Fit::Left),
        ("INDICES", Fit::Right),
        ("LAG ops", Fit::Right),
        ("EVIDENCE", Fit::Prose),
        ("LAST CONTACT", Fit::Left),
        ("HISTORY KEPT WITHOUT CONTACT", Fit::Prose),
    ]);
    for direction in &bidi.directions {
        table.row(
            Mark::Fine,
            [
                arrow(direction),
                count(direction.set.indices.len()),
                behind(direction),
                evidence(status, direction),
                contact(direction),
                history(direction),
            ],
        );
    }
    page.table(&table);
}

/// Both directions where something wants attention, the worst first.
fn directions(page: &mut Page, status: &Status, bidi: &BidiStatus) {
    let mut table = Columns::new(&[
        ("DIRECTION", Fit::Left),
        ("FOLLOWING", Fit::Right),
        ("STOPPED", Fit::Right),
        ("NEW", Fit::Right),
        ("LAG ops", Fit::Right),
        ("EVIDENCE", Fit::Prose),
        ("LAST CONTACT", Fit::Prose),
    ]);
    let mut sorted: Vec<&DirectionStatus> = bidi.directions.iter().collect();
    sorted.sort_by_key(|direction| mark(direction));
    let number = |number: Option<usize>| known(number.and_then(|it| u64::try_from(it).ok()));
    for direction in sorted {
        table.row(
            mark(direction),
            [
                arrow(direction),
                number(direction.following),
                number(direction.stopped),
                number(direction.new),
                behind(direction),
                evidence(status, direction),
                contact(direction),
            ],
        );
    }
    page.table(&table);
}

/// How long each site keeps history, as far as it can be seen.
fn history_kept(page: &mut Page, bidi: &BidiStatus) {
    let kept = bidi.directions.iter().filter(|direction| direction.history_ms.is_some());
    let kept: Vec<String> =
        kept.map(|direction| format!("{} on {}", history(direction), direction.from)).collect();
    if !kept.is_empty() {
        let text = format!("kept without contact: {}", kept.join(", "));
        page.hanging(Role::Plain, "History     ", &text);
    }
}

fn mark(direction: &DirectionStatus) -> Mark {
    match direction.set.situation {
        Situation::Unknown => Mark::Unknown,
        situation if situation.is_fine() => Mark::Fine,
        _ => Mark::Action,
    }
}

fn arrow(direction: &DirectionStatus) -> String {
    format!("{} -> {}", safe(&direction.from), safe(&direction.to))
}

fn behind(direction: &DirectionStatus) -> String {
    let set = &direction.set;
    lag(set.lag_ops, set.lag_ops_at_least, set.evidence)
}

/// The kind of evidence, and the time of the last word where it is not of now.
fn evidence(status: &Status, direction: &DirectionStatus) -> String {
    let set = &direction.set;
    match set.evidence_age_ms.filter(|_| set.lag_ops.is_none()) {
        Some(age_ms) => format!("{} {}", set.evidence.word(), clock(status.at_ms - age_ms)),
        None => set.evidence.word().to_owned(),
    }
}

fn contact(direction: &DirectionStatus) -> String {
    direction
        .last_contact_ms
        .map_or_else(|| "unknown".to_owned(), |age_ms| format!("{} ago", took(age_ms)))
}

fn history(direction: &DirectionStatus) -> String {
    direction.history_ms.map_or_else(|| "unknown".to_owned(), took)
}

fn recursion(page: &mut Page, bidi: &BidiStatus) {
    let Recursion { answer, patterns, existing, made_up, .. } = &bidi.recursion;
    let text = match (*answer, *patterns) {
        ("none", Some(patterns)) => format!(
            "none: {} against {} existing and {} made-up names, to a fixed point",
            counted(patterns, "pattern", "patterns"),
            count(*existing),
            count(*made_up),
        ),
        ("found", _) => "found: above".to_owned(),
        _ => "unknown".to_owned(),
    };
    page.hanging(Role::Plain, "Recursion   ", &text);
}

/// Only commands that exist, those that change nothing first.
fn next(status: &Status, bidi: &BidiStatus) -> Vec<Next> {
    let name = &bidi.name;
    let mut next = vec![Next {
        command: format!("esdr bidi status {name} --watch"),
        consequence: "looks again every 5 s".to_owned(),
    }];
    if bidi.alone.is_some() {
        next.push(Next {
            command: format!("esdr failback --set {name}"),
            consequence: "copies what stopped, both ways, verifies, then hooks".to_owned(),
        });
        return next;
    }
    let all_answer = status.clusters.iter().all(|cluster| cluster.state == "ok");
    let wants = status.problems.iter().any(|problem| problem.level == Level::Problem);
    if wants && all_answer {
        next.push(Next {
            command: format!("esdr bidi setup {name} --dry-run"),
            consequence: "what puts it right, nothing changed".to_owned(),
        });
    }
    next
}
