//! A paragraph for each index whose two sides have parted, or that waits for a word, with the
//! choices that there are.

use super::words::{chosen, documents_of, mark};
use crate::{
    model::comparison::{Compared, Deleted, Diverged, Finding, Overlap},
    plan::{Plan, Switch, safety::copied},
    report::{
        columns::Mark,
        page::Page,
        style::Role,
        text::{count, counted, cut, moment, safe, sentence},
    },
};

/// Indices that are told one by one.
const PARAGRAPHS_MAX: usize = 12;

/// Shards that are listed.
const SHARDS_MAX: usize = 8;

/// A name is cut to this on the left, where it is no part of a command.
const NAME_WIDTH_MAX: usize = 24;

/// What follows the mark and the name, at least.
const TEXT_WIDTH_MIN: usize = 40;

/// The worst first.
pub(in crate::report) fn paragraphs(page: &mut Page, plan: &Plan, switch: &Switch) {
    let mut told: Vec<&Compared> =
        switch.compared.iter().filter(|it| is_told(switch, it)).collect();
    told.sort_by_key(|it| sign(plan, it));
    let name_width = told.iter().take(PARAGRAPHS_MAX).map(|it| name(it).chars().count()).max();
    let name_width = name_width.unwrap_or(0);
    // The choices are explained once of each kind.
    let mut explained: Vec<&[&str]> = Vec::new();
    for compared in told.iter().take(PARAGRAPHS_MAX) {
        let mark = sign(plan, compared);
        let label = format!("{} {:<name_width$}  ", mark.sign(), name(compared));
        let label = if page.width >= label.len() + TEXT_WIDTH_MIN {
            label
        } else {
            page.painted(mark.role(), label.trim_end());
            "    ".to_owned()
        };
        page.hanging(Role::Plain, &label, &text(switch, compared));
        choice_lines(page, plan, switch, compared, &mut explained);
    }
    let more = told.len().saturating_sub(PARAGRAPHS_MAX);
    if more > 0 {
        let text = format!("  ... and {} more, all in --output json", count(more));
        page.painted(Role::Quiet, &text);
    }
    if !told.is_empty() {
        closing(page, plan, switch, &told);
        page.blank();
    }
}

/// That a cluster is not to be seen stands in the table, once for all of its indices.
fn is_told(switch: &Switch, compared: &Compared) -> bool {
    match &compared.finding {
        Finding::Clean | Finding::Born | Finding::Complete => false,
        Finding::Unknown { .. } => switch.source_uuid.is_some() && switch.target_uuid.is_some(),
        Finding::Deleted(_) | Finding::Diverged(_) | Finding::Unrelated => true,
    }
}

fn name(compared: &Compared) -> String {
    cut(&compared.former_index, NAME_WIDTH_MAX)
}

/// Whatever there is to choose wants a look.
fn sign(plan: &Plan, compared: &Compared) -> Mark {
    let is_open = plan.choice(compared).is_none() && !choices(&compared.finding).is_empty();
    if is_open { Mark::Action } else { mark(plan, compared) }
}

/// The words that may be chosen.
fn choices(finding: &Finding) -> &'static [&'static str] {
    match finding {
        Finding::Diverged(_) => &["apply", "keep", "discard"],
        Finding::Deleted(_) => &["delete", "restore"],
        _ => &[],
    }
}

fn text(switch: &Switch, compared: &Compared) -> String {
    match &compared.finding {
        Finding::Diverged(diverged) => diverged_text(switch, diverged),
        Finding::Deleted(deleted) => deleted_text(switch, deleted),
        Finding::Unrelated => "is regular on both sides, and no record is about these two: one of them was made anew. \
                               Exclude the name from the set, or remove the index that must not be kept."
            .to_owned(),
        Finding::Unknown { why } => sentence(&safe(why)),
        Finding::Clean | Finding::Born | Finding::Complete => String::new(),
    }
}

fn diverged_text(switch: &Switch, diverged: &Diverged) -> String {
    let Diverged { shards, shard_count, ops, documents, .. } = diverged;
    let numbers: Vec<String> = shards.iter().take(SHARDS_MAX).map(ToString::to_string).collect();
    let more = match shards.len().saturating_sub(SHARDS_MAX) {
        0 => String::new(),
        more => format!(" and {} more", count(more)),
    };
    let noun = if shards.len() == 1 { "shard" } else { "shards" };
    let place = format!("{noun} {}{more} of {}", numbers.join(", "), count(*shard_count));
    let left = match diverged.hidden_ops() {
        Some(hidden) => {
            let documents = documents_of(*documents);
            format!(": {documents}, {} deletes or overwritten ones", count(hidden))
        }
        None => "; how many documents they left is unknown".to_owned(),
    };
    format!(
        "{place}. {} above the promoted checkpoints{left}. {} {} since. {}{}",
        operations(*ops),
        switch.source,
        diverged.leader_ops_since.map_or_else(
            || "took an unknown number".to_owned(),
            |ops| format!("took {}", count(ops))
        ),
        overlap(diverged.overlap),
        unread(diverged.unread.as_deref())
    )
}

fn overlap(overlap: Option<Overlap>) -> String {
    let Some(Overlap { compared_documents, changed_documents, is_whole, .. }) = overlap else {
        return "How many documents were changed on both sides is unknown.".to_owned();
    };
    let were = if changed_documents == 1 { "was" } else { "were" };
    let changed = documents_of(Some(changed_documents));
    if is_whole {
        format!("{changed} {were} changed on both sides.")
    } else {
        format!(
            "At least {changed} of the first {} compared {were} changed on both sides.",
            count(compared_documents)
        )
    }
}

fn deleted_text(switch: &Switch, deleted: &Deleted) -> String {
    let (leads, former) = (&switch.source, &switch.target);
    let holds = match (deleted.documents, deleted.ops) {
        (None, Some(ops)) => format!("{}, {}", operations(ops), documents_of(None)),
        (documents, _) => documents_of(documents),
    };
    format!(
        "was promoted by the switch of {} and is not on {leads} any more. {former} still has it, \
         {holds}.{}",
        moment(deleted.switched_ms),
        unread(deleted.unread.as_deref())
    )
}

fn unread(why: Option<&str>) -> String {
    why.map_or_else(String::new, |why| format!(" Not all was read: {}", sentence(&safe(why))))
}

fn operations(number: u64) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), "operation", "operations")
}

/// What a choice comes to.
fn meaning(plan: &Plan, switch: &Switch, compared: &Compared, word: &str) -> String {
    let (leads, former) = (&switch.source, &switch.target);
    let overlap = match &compared.finding {
        Finding::Diverged(Diverged { overlap: Some(overlap), .. }) if overlap.is_whole => {
            Some(overlap)
        }
        _ => None,
    };
    match word {
        "apply" => match overlap {
            Some(Overlap { changed_documents: 0, .. }) => {
                format!("write {} to {leads}", count(overlap.map_or(0, Overlap::missing_documents)))
            }
            Some(overlap) => format!(
                "write {} to {leads}; {leads} wins the {}, reported",
                count(overlap.missing_documents()),
                count(overlap.changed_documents)
            ),
            None => format!("write them to {leads}; where it changed one too it wins, reported"),
        },
        "keep" => format!("{former}'s copy is kept beside, under another name"),
        "discard" if plan.request.no_salvage => "nothing stays of them".to_owned(),
        "discard" => "the salvage file is all that stays".to_owned(),
        "delete" => format!("{former}'s copy is deleted too"),
        "restore" => format!("{former}'s copy is made again on {leads}"),
        _ => String::new(),
    }
}

/// The choice that was made, or those that there are; what they come to is told once.
fn choice_lines(
    page: &mut Page,
    plan: &Plan,
    switch: &Switch,
    compared: &Compared,
    explained: &mut Vec<&[&str]>,
) {
    let choices = choices(&compared.finding);
    let name = &compared.former_index;
    let lines: Vec<(String, String)> = if let Some(typed) = plan.choice(compared) {
        let word = chosen(plan, compared).unwrap_or_default();
        vec![(format!("chosen {typed}"), meaning(plan, switch, compared, &word))]
    } else if explained.contains(&choices) {
        vec![(format!("--resolve {name}={}", choices.join("|")), String::new())]
    } else {
        explained.push(choices);
        let line = |word: &&str| {
            (format!("--resolve {name}={word}"), meaning(plan, switch, compared, word))
        };
        choices.iter().map(line).collect()
    };
    let typed_width = lines.iter().map(|(typed, _)| typed.chars().count()).max().unwrap_or(0);
    let widest = lines.iter().map(|(_, meaning)| meaning.chars().count()).max().unwrap_or(0);
    let is_beside = 6 + typed_width + 4 + widest <= page.width;
    for (typed, meaning) in lines {
        if is_beside {
            page.line(format!("      {typed:<typed_width$}    {meaning}").trim_end());
        } else {
            page.line(format!("      {typed}"));
            page.hanging(Role::Plain, "          ", &meaning);
        }
    }
}

/// What is done without a choice.
fn closing(page: &mut Page, plan: &Plan, switch: &Switch, told: &[&Compared]) {
    let has = |wanted: fn(&Finding) -> bool| {
        told.iter().any(|it| plan.choice(it).is_none() && wanted(&it.finding))
    };
    let diverged = has(|finding| matches!(finding, Finding::Diverged(_)));
    let deleted = has(|finding| matches!(finding, Finding::Deleted(_)));
    let saved = if plan.request.no_salvage {
        "a diverged index is let go without a file (--no-salvage)"
    } else if plan.request.snapshot.is_some() {
        "a diverged index is salvaged into a file, and followed over once it is in the snapshot"
    } else if !copied(switch).is_empty() {
        "a diverged index is salvaged into a file, and followed over; a safety copy stays beside"
    } else {
        "a diverged index is salvaged into a file, and its copy followed over"
    };
    let text = match (diverged, deleted) {
        (true, true) => format!("Without a choice {saved}; a deleted one waits for yours."),
        (true, false) => format!("Without a choice {saved}."),
        (false, true) => "Without a choice nothing is done.".to_owned(),
        (false, false) => return,
    };
    page.hanging(Role::Plain, "  ", &text);
}
