//! The first line of the status: what can be read aloud.

use crate::report::bidi::answer as bidi_answer;
use crate::{
    model::problem::Level,
    outcome::LostOps,
    report::{
        columns::Mark,
        page::Page,
        style::Role,
        text::{count, counted, known, safe, sentence},
    },
    status::{SetStatus, Situation, Status},
};

/// One sentence, and a second line where something cannot be seen elsewhere.
pub(crate) fn answer(page: &mut Page, status: &Status) {
    let problems = status.problems.iter().filter(|p| p.level == Level::Problem).count();
    let first = status.problems.iter().find(|p| p.level == Level::Problem);
    match first {
        None if status.sets.is_empty() && !status.bidi.is_empty() => {
            let marks =
                status.bidi.iter().map(|bidi| if bidi.whole { Mark::Fine } else { Mark::Unknown });
            let told: Vec<String> = status.bidi.iter().map(bidi_answer::fine).collect();
            page.answer(marks.min().unwrap_or_default(), &told.join(" "));
        }
        None if status.sets.is_empty() => {
            page.answer(Mark::Fine, "No set is defined and none was found.");
        }
        None => page.answer(Mark::Fine, &healthy(status)),
        Some(first) => {
            let text = sentence(&safe(&first.detail));
            page.answer(Mark::Action, &text);
            let more = match problems - 1 {
                0 => String::new(),
                more => format!("{} more below. ", counted(more, "problem", "problems")),
            };
            let lose = if status.sets.is_empty() { String::new() } else { lose(&status.sets) };
            let second = format!("{more}{lose}");
            if !second.is_empty() {
                page.hanging(Role::Plain, "  ", second.trim_end());
            }
        }
    }
}

fn healthy(status: &Status) -> String {
    let sets = status.sets.len();
    let all = if sets == 1 {
        format!("Set {}", status.sets[0].name)
    } else {
        format!("All {} sets", count(sets))
    };
    let (is, its) = if sets == 1 { ("is", "it is") } else { ("are", "they are") };
    if status.sets.iter().all(|set| set.protected) {
        let lose = lose(&status.sets);
        return format!("{all} {is} protected. {lose}");
    }
    if status.sets.iter().all(|set| set.situation == Situation::Promoted) {
        let leaders =
            status.sets.first().and_then(|set| set.leader.as_deref()).unwrap_or("the standby");
        return format!("{all} {is} led by {leaders}; {its} not followed by anything now.");
    }
    let open: Vec<&str> =
        status.sets.iter().filter(|set| !set.protected).map(|set| set.name.as_str()).collect();
    let are = if open.len() == 1 { "is" } else { "are" };
    format!("Nothing wants action now; {} {are} not protected.", open.join(", "))
}

/// What losing the leaders at this moment would cost.
fn lose(sets: &[SetStatus]) -> String {
    let at_risk: Vec<&SetStatus> = sets.iter().filter(|set| set.following() > 0).collect();
    let is_unknown = |set: &SetStatus| set.situation == Situation::Unknown;
    if at_risk.is_empty() && sets.iter().any(is_unknown) {
        return "Whether a copy follows is not known.".to_owned();
    }
    if at_risk.is_empty() {
        return "No copy follows: losing the leader now would lose what only it has.".to_owned();
    }
    let sum = |of: fn(&LostOps) -> Option<u64>| -> Option<u64> {
        at_risk.iter().map(|set| of(&set.would_lose)).sum()
    };
    let known_ops: Option<u64> =
        at_risk.iter().filter_map(|set| set.would_lose.known).reduce(|a, b| a + b);
    let mut leaders: Vec<&str> = at_risk.iter().filter_map(|set| set.leader.as_deref()).collect();
    leaders.sort_unstable();
    leaders.dedup();
    let who = match leaders.as_slice() {
        [one] => (*one).to_owned(),
        _ => "the leaders".to_owned(),
    };
    match sum(|lost| lost.at_most) {
        Some(0) => format!("Losing {who} at this moment would cost nothing."),
        Some(ops) => format!("Losing {who} at this moment would cost at most {}.", operations(ops)),
        None if at_risk.iter().all(|set| set.situation == Situation::LeaderLost) => {
            format!(
                "Taking over now would lose {} that are known, at most unknown.",
                known_ops.map_or_else(|| known(None), operations)
            )
        }
        None => format!(
            "Losing {who} at this moment: {} known to be missing, at most unknown.",
            known_ops.map_or_else(|| known(None), operations)
        ),
    }
}

fn operations(ops: u64) -> String {
    counted(usize::try_from(ops).unwrap_or(usize::MAX), "operation", "operations")
}
