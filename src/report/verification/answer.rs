//! The first line of a comparison: what can be read aloud.

use crate::{
    model::problem::Code,
    report::{
        columns::Mark,
        page::Page,
        text::{count, counted, indices, safe, sentence},
    },
    verify::{IndexReport, Verdict, Verification},
};

/// One sentence.
pub(crate) fn answer(page: &mut Page, verification: &Verification) {
    let worst = verification.indices().map(|index| index.state).min();
    let is_told = verification.problems.iter().any(|it| it.code == Code::NothingReplicated);
    match worst {
        Some(Verdict::Different) => page.answer(Mark::Action, &different(verification)),
        Some(Verdict::Unknown) => page.answer(Mark::Unknown, &unknown(verification)),
        Some(Verdict::Equal) if !is_told => page.answer(Mark::Fine, &equal(verification)),
        _ => {
            let first = verification.problems.first();
            let text = first.map_or("No set is defined and none was found.", |it| &it.detail);
            page.answer(Mark::Action, &sentence(&safe(text)));
        }
    }
}

fn of(verification: &Verification, state: Verdict) -> Vec<&IndexReport> {
    verification.indices().filter(|index| index.state == state).collect()
}

fn different(verification: &Verification) -> String {
    let found = of(verification, Verdict::Different);
    let documents: u64 = found.iter().map(|index| index.differing_count).sum();
    let place = match found.as_slice() {
        [one] => safe(&one.leader_index),
        all => indices(all.len()),
    };
    let sides = found
        .first()
        .map_or_else(String::new, |one| format!(" between {} and {}", one.leader, one.follower));
    let text = match documents {
        0 => format!("{place} is not the same{sides}"),
        1 => format!("1 document of {place} differs{sides}"),
        all => format!("{} documents of {place} differ{sides}", count(all)),
    };
    sentence(&format!("{text}{}", read(verification)))
}

fn unknown(verification: &Verification) -> String {
    let found = of(verification, Verdict::Unknown);
    let place = match found.as_slice() {
        [one] => format!("index {}", safe(&one.leader_index)),
        all => indices(all.len()),
    };
    let rest = of(verification, Verdict::Equal).len();
    let rest = match rest {
        0 => String::new(),
        rest => format!("; of {} nothing differs", counted(rest, "other", "others")),
    };
    sentence(&format!("It cannot be said whether {place} is the same on both sides{rest}"))
}

fn equal(verification: &Verification) -> String {
    let sets = match verification.sets.as_slice() {
        [one] => format!("Set {}", one.name),
        all => format!("All {} sets", count(all.len())),
    };
    let is = if verification.sets.len() == 1 { "is" } else { "are" };
    let shows = if verification.sets.len() == 1 { "shows" } else { "show" };
    let number = verification.indices().count();
    if verification.full {
        let all: u64 = verification.indices().map(|index| index.checked_documents).sum();
        return format!(
            "{sets} {is} the same on both sides: every document of {} compared, {} in all.",
            indices(number),
            count(all)
        );
    }
    sentence(&format!("{sets} {shows} no difference in {}{}", indices(number), read(verification)))
}

/// How much of it was read, where that is not all.
fn read(verification: &Verification) -> String {
    if verification.full {
        return String::new();
    }
    let checked: u64 = verification.indices().map(|index| index.checked_documents).sum();
    let total: Option<u64> = verification.indices().map(|index| index.total_documents).sum();
    let total = total.map_or_else(String::new, |total| format!(" of {}", count(total)));
    format!(", by a sample of {}{total} documents", count(checked))
}
