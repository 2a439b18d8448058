//! Two switches of a set that do not know of each other: nobody but the operator can say which one
//! counts.

use std::collections::BTreeSet;

use super::{Entry, State};

/// The switches of a set that stand beside one another, none of them before the other; `None`
/// where one follows the other.
pub(crate) fn fork<'l>(lineage: &'l [Entry], set: &str) -> Option<Vec<&'l Entry>> {
    let standing: Vec<&Entry> =
        lineage.iter().filter(|entry| entry.set == set && entry.state.is_switch()).collect();
    let is_last = |entry: &&&Entry| {
        let later =
            |other: &&Entry| are_of_one_line(entry, other) && is_before(lineage, entry, other);
        !standing.iter().any(later)
    };
    let last: Vec<&Entry> = standing.iter().filter(is_last).copied().collect();
    let is_beside = |entry: &&Entry| {
        last.iter().any(|other| other.run != entry.run && are_of_one_line(entry, other))
    };
    let forked: Vec<&Entry> = last.iter().copied().filter(is_beside).collect();
    (!forked.is_empty()).then_some(forked)
}

/// The runs that an entry follows when it is opened: those that no other of its line follows.
pub(super) fn heads(lineage: &[Entry], entry: &Entry) -> Vec<String> {
    if !moves(entry) {
        return Vec::new();
    }
    let line: Vec<&Entry> =
        lineage.iter().filter(|other| moves(other) && are_of_one_line(entry, other)).collect();
    let followed: BTreeSet<&String> = line.iter().flat_map(|entry| &entry.follows).collect();
    let counted = line.iter().filter(|entry| entry.number > 0 && !followed.contains(&entry.run));
    let heads: Vec<String> = counted.map(|entry| entry.run.clone()).collect();
    if heads.is_empty() {
        // Those from before entries were counted stand in one line.
        return line.last().map(|entry| entry.run.clone()).into_iter().collect();
    }
    heads
}

/// Whether a switch that stands was opened in the knowledge of this one: so the operator decides
/// between two that did not know of each other.
pub(super) fn is_settled(lineage: &[Entry], entry: &Entry) -> bool {
    lineage.iter().any(|later| {
        later.state.is_switch() && later.set == entry.set && later.follows.contains(&entry.run)
    })
}

/// Whether an entry is, or was, a switch.
fn moves(entry: &Entry) -> bool {
    entry.state.is_switch() || entry.state == State::Undone
}

/// Of one set, and between the same two clusters.
fn are_of_one_line(one: &Entry, other: &Entry) -> bool {
    let (straight, turned) = ((&other.source, &other.target), (&other.target, &other.source));
    one.set == other.set && [straight, turned].contains(&(&one.source, &one.target))
}

/// Whether one entry was known when the other was opened.
fn is_before(lineage: &[Entry], one: &Entry, other: &Entry) -> bool {
    if one.run == other.run {
        return false;
    }
    if one.number == 0 || other.number == 0 {
        // Those from before entries were counted stand in the order of the lineage.
        let at = |entry: &Entry| lineage.iter().position(|it| std::ptr::eq(it, entry));
        return at(one) < at(other);
    }
    let (before, ends) = ancestors(lineage, other);
    if before.contains(one.run.as_str()) {
        return true;
    }
    // Where the line is not whole, it may have led there: unless both go back to what is missing.
    let (own, _) = ancestors(lineage, one);
    let is_open = ends.iter().any(|end| !own.contains(end));
    is_open && one.number < other.number
}

/// Every run before an entry, and those of them that are not on record any more.
fn ancestors<'l>(lineage: &'l [Entry], entry: &'l Entry) -> (BTreeSet<&'l str>, BTreeSet<&'l str>) {
    let (mut before, mut ends) = (BTreeSet::new(), BTreeSet::new());
    let mut next: Vec<&str> = entry.follows.iter().map(String::as_str).collect();
    while let Some(run) = next.pop() {
        if !before.insert(run) {
            continue;
        }
        match lineage.iter().find(|it| it.run == run && it.set == entry.set) {
            Some(found) => next.extend(found.follows.iter().map(String::as_str)),
            None => drop(ends.insert(run)),
        }
    }
    (before, ends)
}
