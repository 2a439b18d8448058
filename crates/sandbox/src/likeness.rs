//! Whether two pairs have come to the same: all that a command can find out from them, without
//! the times, the counters and the names that chance has given.

use std::{borrow::Cow, fmt::Write as _};

use serde_json::Value;

use super::{
    cluster::{Cluster, Pattern},
    index::{Following, Index},
    invariants::is_own,
    pair::Pair,
    shard::Shard,
    site::Site,
    world::World,
};

impl Pair {
    /// A text that is the same wherever both clusters have come to the same.
    pub fn likeness(&self) -> String {
        let world = self.world();
        let mut out = String::new();
        for site in Site::BOTH {
            world.describe(site, &mut out);
        }
        let World { links, deferred, violations, ledger, .. } = &*world;
        let _ = write!(out, "{links:?} {} {violations:?} {}", deferred.len(), ledger.len());
        out
    }
}

/// The same text without times, the ids of runs and of who has a lock, and UUIDs: `T`, `R` and `U` in
/// their place.
pub fn without_chance(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let (mut out, mut rest, mut is_time) = (String::with_capacity(text.len()), text, false);
    while !rest.is_empty() {
        let word = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        if let Some(after) = after_moment(word, after) {
            out.push('T');
            rest = after;
            continue;
        }
        out.push_str(&instead(word, is_time));
        // A lock is renewed as time goes.
        let is_key = word.ends_with("_ms") || word == "renewals";
        is_time = if word.is_empty() { is_time } else { is_key };
        let next = after.find(is_part).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        out.push_str(between);
        rest = after;
    }
    out
}

/// What comes after a moment such as `2026-11-27T17:17:47.105Z`, of which this is the first word.
fn after_moment<'t>(word: &str, after: &'t str) -> Option<&'t str> {
    let is_date = word.len() == "2026-11-27T17".len() && word.as_bytes()[10] == b'T';
    if !is_date || !after.starts_with(':') {
        return None;
    }
    let (clock, rest) = after.split_once('Z')?;
    (clock.len() <= ":17:47.105".len()).then_some(rest)
}

fn instead(word: &str, is_time: bool) -> Cow<'_, str> {
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_token = word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_number && (is_time || word.len() > 12) {
        "T".into()
    } else if is_token {
        "R".into()
    } else if let Some(at) = word.as_bytes().windows(RUN_LENGTH).position(is_run) {
        format!("{}R{}", &word[..at], &word[at + RUN_LENGTH..]).into()
    } else if word.len() >= 20 && word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        "U".into()
    } else {
        word.into()
    }
}

/// As long as `1127-9b1e61e0bb`.
const RUN_LENGTH: usize = 15;

fn is_run(text: &[u8]) -> bool {
    let (day, rest) = text.split_at(4);
    day.iter().all(u8::is_ascii_digit)
        && rest[0] == b'-'
        && rest[1..].iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

impl World {
    fn describe(&self, site: Site, out: &mut String) {
        let cluster = self.at(site);
        let Cluster { life, is_ill, persistent, transient, kept, .. } = cluster;
        let repositories: Vec<&String> = cluster.repositories.keys().collect();
        let _ = writeln!(
            out,
            "{site:?} {life:?} {is_ill} {persistent:?} {transient:?} {kept:?} {repositories:?}",
        );
        for (name, pattern) in &cluster.patterns {
            let Pattern { is_active, remote, patterns, exclusions, renamed, followed, .. } =
                pattern;
            let _ = writeln!(
                out,
                "{name} {is_active} {remote} {patterns:?} {exclusions:?} {renamed:?} {}",
                followed.len(),
            );
        }
        for index in cluster.indices.values() {
            if is_own(&index.name) {
                own(index, out);
            } else {
                self.describe_index(site, index, out);
            }
        }
    }

    fn describe_index(&self, site: Site, index: &Index, out: &mut String) {
        let Index { name, open, settings, mappings, aliases, red, given_up, .. } = index;
        let Index { half_copied, restoring, starting, warming, blocked_ms, .. } = index;
        let settings = without_chance(&format!("{settings:?}"));
        let _ = writeln!(out, "{name} {open} {red} {given_up} {settings} {mappings} {aliases:?}");
        let _ = writeln!(
            out,
            "{half_copied} {restoring} {starting} {warming} {}",
            blocked_ms.is_some()
        );
        if let Some(following) = &index.following {
            self.describe_following(site, following, out);
        }
        for shard in &index.shards {
            let Shard { checkpoint, max_seq_no, committed, searchable, term, .. } = shard;
            let _ = write!(out, "{checkpoint} {max_seq_no} {committed} {searchable} {term}");
            let mut leases: Vec<_> = shard.leases.iter().map(|lease| &lease.id).collect();
            leases.sort();
            let _ = writeln!(out, " {}", without_chance(&format!("{leases:?}")));
            let documents = shard.documents.iter();
            let mut documents: Vec<_> = documents
                .map(|(id, it)| (id, it.version, it.seq_no, it.source.is_some()))
                .collect();
            documents.sort();
            let _ = writeln!(out, "{documents:?}");
        }
    }

    fn describe_following(&self, site: Site, following: &Following, out: &mut String) {
        let Following { remote, leader, leader_uuid, parameters, tasks, histories, .. } = following;
        let at_leader = self.at(site.other()).indices.get(leader);
        let is_same = at_leader.is_some_and(|index| index.uuid == *leader_uuid);
        let is_one_history = at_leader.is_some_and(|index| {
            index.shards.iter().map(|shard| &shard.history_uuid).eq(histories)
        });
        let _ = writeln!(out, "{remote} {leader} {is_same} {is_one_history} {parameters:?}");
        for task in tasks.iter().flatten() {
            let _ = writeln!(
                out,
                "{} {} {} {:?} {}",
                task.primed,
                task.leader_global_checkpoint,
                task.is_held_back,
                task.fatal,
                task.read_exception.is_some(),
            );
        }
    }
}

/// An index of esdr's own: its documents are written anew as time goes, at versions that tell
/// nothing.
fn own(index: &Index, out: &mut String) {
    let documents = index.shards.iter().flat_map(|shard| &shard.documents);
    let mut documents: Vec<String> = documents
        .map(|(id, it)| {
            let source = it.source.as_deref().map(stated).unwrap_or_default();
            without_chance(&format!("{id} {source}"))
        })
        .collect();
    documents.sort();
    let name = without_chance(&index.name);
    let _ = writeln!(out, "{name} {} {}", index.open, documents.join("\n"));
}

/// What a document of esdr's states. A lock says what its holder was about when it was last
/// renewed, which is as time goes.
fn stated(source: &Value) -> String {
    if source["kind"] != "lock" {
        return source.to_string();
    }
    let mut lock = source.clone();
    for about in ["step", "waits_for"] {
        lock["data"][about] = Value::Null;
    }
    lock.to_string()
}

#[cfg(test)]
mod tests {
    use super::without_chance;

    #[test]
    fn times_runs_and_uuids_are_left_out_of_a_text() {
        assert_eq!(
            without_chance(
                r#"{"at_ms":17,"run":"1127-9b1e61e0bb","owner":"9f1bcaf87b5108c3","uuid":"RoLt8MN0cO6lkipr_1QfU6","docs":17,"index":"orders-000001","copy":"esdr-safety-1127-9b1e61e0bb-orders","since":1795786388547,"at":"2026-11-27T17:17:47.105Z","name":"a_long_name_in_small_letters"}"#
            ),
            r#"{"at_ms":T,"run":"R","owner":"R","uuid":"U","docs":17,"index":"orders-000001","copy":"esdr-safety-R-orders","since":T,"at":"T","name":"a_long_name_in_small_letters"}"#
        );
    }
}
