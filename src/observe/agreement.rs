//! Whether the answers of one look agree with each other. Pure.
//!
//! A look is many requests, and each may come back from somewhere else: from a stranger behind the
//! same address, or from the same cluster a moment later, when an index was made or deleted. What is
//! not listed in one of them would pass for gone, not blocked, or promoted.

use std::collections::BTreeSet;

use super::view::Answers;

/// What one answer says and another does not, for people.
pub(super) fn contradiction(answers: &Answers) -> Option<String> {
    let (Ok(rows), Ok(settings)) = (&answers.indices, &answers.index_settings) else { return None };
    let listed: BTreeSet<&str> = visible(rows.iter().map(|row| row.index.as_str()));
    let set: BTreeSet<&str> = visible(settings.keys().map(String::as_str));
    if let Some((index, is_listed)) = difference(&listed, &set) {
        let (knows, lacks) =
            if is_listed { ("_cat/indices", "_settings") } else { ("_settings", "_cat/indices") };
        return Some(format!("/{knows} knows {index}, /{lacks} does not"));
    }
    let Ok(followers) = &answers.followers else { return None };
    let told: BTreeSet<&str> = visible(followers.iter().map(|it| it.follower_index.as_str()));
    let is_follower = |name: &&str| settings[*name].is_true("index.xpack.ccr.following_index");
    let follow: BTreeSet<&str> = set.into_iter().filter(is_follower).collect();
    difference(&told, &follow).map(|(index, is_told)| {
        let (knows, lacks) =
            if is_told { ("_ccr/info", "_settings") } else { ("_settings", "_ccr/info") };
        format!("{index} follows by /{knows}, and does not by /{lacks}")
    })
}

/// The server's own indices are not listed by every call alike.
fn visible<'n>(names: impl Iterator<Item = &'n str>) -> BTreeSet<&'n str> {
    names.filter(|name| !name.starts_with('.')).collect()
}

/// The first name that only one of them has, and whether that is the first.
fn difference<'n>(one: &BTreeSet<&'n str>, other: &BTreeSet<&'n str>) -> Option<(&'n str, bool)> {
    one.symmetric_difference(other).next().map(|name| (*name, one.contains(name)))
}
