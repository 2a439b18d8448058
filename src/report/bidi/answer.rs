//! The first lines about a bi-directional alias: what can be read aloud.

use crate::{
    model::{
        lag::Evidence,
        problem::{Code, Level, Problem},
    },
    report::{
        columns::Mark,
        page::Page,
        style::Role,
        text::{clock, counted, lag, safe, sentence, took},
    },
    status::{BidiStatus, ClusterStatus, DirectionStatus, IndexStatus, State, Status},
};

/// A copy that was heard of within so long may still be on its way: it is not said to lack
/// everything since.
const CONTACT_MS: i64 = 75_000;

/// One sentence, and what else the person must know.
pub(crate) fn answer(page: &mut Page, status: &Status, bidi: &BidiStatus) {
    let problems: Vec<&Problem> =
        status.problems.iter().filter(|problem| problem.level == Level::Problem).collect();
    let Some(first) = problems.first() else {
        let mark = if bidi.whole { Mark::Fine } else { Mark::Unknown };
        page.answer(mark, &fine(bidi));
        return;
    };
    page.answer(Mark::Action, &wrong(status, bidi, first));
    // Of two sites that read and write all there is, neither is the better one.
    let is_part = !bidi.sites.iter().all(|site| site.whole);
    let whole = whole_sites(bidi).filter(|_| is_part);
    let mut more: Vec<String> = whole.map(|site| format!("{site} is whole.")).collect();
    if problems.len() > 1 {
        more.push(format!("{} below.", counted(problems.len(), "problem", "problems")));
    }
    if !more.is_empty() {
        page.hanging(Role::Plain, "  ", &more.join(" "));
    }
}

/// The one line about it on the screen of everything.
pub(crate) fn short(bidi: &BidiStatus) -> String {
    let lags = bidi.directions.iter().map(|DirectionStatus { from, to, set, .. }| {
        let lag = lag(set.lag_ops, set.lag_ops_at_least, set.evidence);
        match set.evidence {
            Evidence::Unknown => format!("{from} -> {to} lag unknown"),
            evidence => format!("{from} -> {to} lag {lag}, {}", evidence.word()),
        }
    });
    let state = if bidi.whole { "is whole" } else { "is not whole" };
    format!("{} {state}; {}", bidi.name, lags.collect::<Vec<_>>().join("; "))
}

/// The sentence where nothing wants attention.
pub(crate) fn fine(bidi: &BidiStatus) -> String {
    let name = &bidi.name;
    if bidi.whole {
        return format!(
            "{name} is whole: both sites write, both read everything, nothing is followed back."
        );
    }
    let made = |index: &IndexStatus| index.state == Some(State::Restoring);
    let making = bidi.directions.iter().find(|it| it.set.indices.iter().any(made));
    if let Some(DirectionStatus { from, to, .. }) = making {
        return format!(
            "{name} is not whole yet: what {from} writes is still being copied to {to}."
        );
    }
    format!("{name} is not known to be whole: not all of it can be seen.")
}

fn wrong(status: &Status, bidi: &BidiStatus, first: &Problem) -> String {
    let name = &bidi.name;
    let silent: Vec<&ClusterStatus> =
        status.clusters.iter().filter(|cluster| cluster.state != "ok").collect();
    match silent.as_slice() {
        [] if first.code == Code::NothingReplicated => {
            return format!("{name} is not set up: {}.", safe(&first.detail));
        }
        [] => {}
        [gone] => return one_site(bidi, gone),
        _ => return format!("Neither site of {name} can be relied on: nothing is known of it."),
    }
    match bidi.directions.iter().find(|direction| !direction.is_well()) {
        Some(direction) if is_about_copies(first.code) => reads(status.at_ms, bidi, direction),
        _ => {
            let detail = safe(&first.detail);
            sentence(&format!("{name} is not whole: {detail}"))
        }
    }
}

/// One site is silent, or ill.
fn one_site(bidi: &BidiStatus, cluster: &ClusterStatus) -> String {
    let name = &bidi.name;
    let (gone, ill) = (&cluster.name, cluster.state == "ill");
    let how = if ill { "answers and cannot be relied on" } else { "does not answer" };
    let stays = bidi.sites.iter().find(|site| site.cluster != *gone);
    let writes = match stays.and_then(|site| Some((&site.cluster, site.write_index.as_ref()?))) {
        Some((site, index)) => format!("{site} writes on, into {}", safe(index)),
        None => format!("the other site takes no writes through {name}"),
    };
    let copied = bidi.directions.iter().find(|direction| direction.from == *gone);
    let read = match copied.filter(|direction| direction.following.unwrap_or(0) > 0) {
        Some(_) => format!("what {gone} wrote is read there as far as it had come"),
        None => format!("nothing of {gone}'s is copied there"),
    };
    format!("{gone} {how}; {writes}, and {read}.")
}

/// Whether a problem is that searches on one side lack what the other writes.
fn is_about_copies(code: Code) -> bool {
    matches!(
        code,
        Code::HistoryGone
            | Code::Fatal
            | Code::Paused
            | Code::Stalled
            | Code::Uncovered
            | Code::LinkDown
            | Code::NoRemote
    )
}

/// What searches on a site lack.
fn reads(at_ms: i64, bidi: &BidiStatus, direction: &DirectionStatus) -> String {
    let DirectionStatus { from, to, .. } = direction;
    let name = &bidi.name;
    let start = format!("{name} is not whole: searches on {to}");
    match direction.last_contact_ms.filter(|age_ms| *age_ms > CONTACT_MS) {
        Some(age_ms) => format!(
            "{start} miss what {from} wrote since {}, {} ago.",
            clock(at_ms - age_ms),
            took(age_ms)
        ),
        None => format!("{start} may miss some of what {from} writes."),
    }
}

/// Sites that write, and read everything.
fn whole_sites(bidi: &BidiStatus) -> impl Iterator<Item = &str> {
    bidi.sites.iter().filter(|site| site.whole).map(|site| site.cluster.as_str())
}
