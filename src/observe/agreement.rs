//! Whether the answers of one look agree with each other. Pure.
//!
//! A look is many requests, and each may come back from somewhere else: from a stranger behind the
//! same address, or from the same cluster a moment later, when an index was made or deleted. What is
//! not listed in one of them would pass for gone, not blocked, or promoted.
//!
//! What a user may see decides what is listed: `_cat/indices` and `_stats` take the same privilege
//! (`monitor`), `_settings` another one (`view_index_metadata`), which may cover other indices.

use std::collections::{BTreeMap, BTreeSet};

use super::view::Answers;
use crate::es::api::{CatIndex, FollowerInfo, IndexSettings, IndexStats};

/// What one answer says and another does not, for people.
pub(super) fn contradiction(answers: &Answers) -> Option<String> {
    let (Ok(rows), Ok(settings)) = (&answers.indices, &answers.index_settings) else { return None };
    let stats = answers.stats.as_ref().ok().and_then(|stats| by_stats(rows, stats));
    let followers = answers.followers.as_ref().ok();
    stats
        .or_else(|| by_settings(rows, settings))
        .or_else(|| followers.and_then(|followers| by_followers(followers, settings)))
}

/// An index that has shards is listed, with the same UUID.
fn by_stats(rows: &[CatIndex], stats: &BTreeMap<String, IndexStats>) -> Option<String> {
    let listed: BTreeMap<&str, &str> =
        rows.iter().map(|row| (row.index.as_str(), row.uuid.as_str())).collect();
    stats.iter().filter(|(name, _)| is_visible(name)).find_map(|(name, stats)| {
        match listed.get(name.as_str()) {
            None => Some(format!("/_stats knows {name}, /_cat/indices does not")),
            Some(uuid) if !stats.uuid.is_empty() && *uuid != stats.uuid => {
                Some(format!("{name} is {uuid} by /_cat/indices, {} by /_stats", stats.uuid))
            }
            Some(_) => None,
        }
    })
}

/// Two lists of the same indices have something in common.
fn by_settings(rows: &[CatIndex], settings: &BTreeMap<String, IndexSettings>) -> Option<String> {
    let names = rows.iter().map(|row| row.index.as_str());
    let listed: BTreeSet<&str> = names.filter(|name| is_visible(name)).collect();
    let set: BTreeSet<&str> =
        settings.keys().map(String::as_str).filter(|name| is_visible(name)).collect();
    let (knows, lacks, name) = match (listed.first(), set.first()) {
        _ if !listed.is_disjoint(&set) => return None,
        (Some(name), _) => ("_cat/indices", "_settings", name),
        (None, Some(name)) => ("_settings", "_cat/indices", name),
        (None, None) => return None,
    };
    Some(format!("/{knows} knows {name}, /{lacks} does not, nor any other"))
}

/// A follower is one by its settings, too.
fn by_followers(
    followers: &[FollowerInfo],
    settings: &BTreeMap<String, IndexSettings>,
) -> Option<String> {
    let told: BTreeSet<&str> = followers.iter().map(|it| it.follower_index.as_str()).collect();
    settings.iter().find_map(|(name, settings)| {
        let follows = settings.is_true("index.xpack.ccr.following_index");
        let (says, denies) = match (follows, told.contains(name.as_str())) {
            (true, false) => ("_settings", "_ccr/info"),
            (false, true) => ("_ccr/info", "_settings"),
            _ => return None,
        };
        Some(format!("{name} follows by /{says}, and does not by /{denies}"))
    })
}

/// The server's own indices are not listed by every call alike.
fn is_visible(name: &str) -> bool {
    !name.starts_with('.')
}
