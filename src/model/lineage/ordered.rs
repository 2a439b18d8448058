//! The lineage as it decides: entries of these clusters only, in the order in which they follow
//! one another. Neither a name nor a clock says where an entry belongs.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use super::{Entry, fork, merge::merge};

/// A configured cluster.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// Configured name.
    pub name: String,
    /// Its UUID as this look has shown it, or as the file pins it; `None` where neither says.
    pub uuid: Option<String>,
}

/// Every entry of the record that belongs to the configured clusters, each after those that it
/// follows. It cannot be in another order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    entries: Vec<Entry>,
    /// UUIDs by configured name, as far as they are known.
    uuids: BTreeMap<String, String>,
    /// Runs of entries that belong to other clusters.
    foreign: BTreeSet<String>,
    /// Runs of entries of which it cannot be said, for none of their clusters was seen.
    unmatched: BTreeSet<String>,
    /// Sets with an entry that no cluster has as it stands on this machine, though one was asked.
    here_alone: BTreeSet<String>,
}

impl Lineage {
    /// Puts the copies of a record together. An entry belongs to the clusters that its UUIDs name:
    /// one that contradicts a known cluster is left out, and so is one of which no side is known.
    /// Of a cluster that is not known the newest entry that names the other side decides.
    pub fn of(copies: Vec<Entry>, clusters: &[Identity]) -> Self {
        let mut lineage = Self::default();
        let mut own = Vec::new();
        for copy in copies {
            let run = copy.run.clone();
            match fitted(copy, clusters) {
                Fit::Own(entry) => own.push(*entry),
                Fit::Foreign => drop(lineage.foreign.insert(run)),
                Fit::Unknown => drop(lineage.unmatched.insert(run)),
            }
        }
        own.sort_by(|one, other| place(one).cmp(&place(other)));
        for Identity { name, uuid } in clusters {
            let uuid = uuid.clone().or_else(|| named(&own, name));
            lineage.uuids.extend(uuid.map(|uuid| (name.clone(), uuid)));
        }
        let (own, foreign): (Vec<Entry>, Vec<Entry>) =
            own.into_iter().partition(|entry| lineage.is_of(entry));
        lineage.foreign.extend(foreign.into_iter().map(|entry| entry.run));
        let own = lineage.completed(own);
        lineage.foreign.retain(|run| !own.iter().any(|entry| entry.run == *run));
        lineage.entries = Self::from(merge(own)).entries;
        lineage
    }

    /// Adds an entry as the newest: it follows what stands.
    pub fn push(&mut self, mut entry: Entry) {
        self.place_last(&mut entry);
        self.entries.push(entry);
        self.entries.sort_by(|one, other| place(one).cmp(&place(other)));
    }

    /// Gives an entry that is about to be opened its place behind everything that is on record. One
    /// that was written before keeps the place that it has.
    pub fn place_last(&self, entry: &mut Entry) {
        if entry.number > 0 || entry.revision > 0 {
            return;
        }
        // Over all sets: what was seen when it was opened stands before it.
        entry.number = self.entries.iter().map(|entry| entry.number).max().unwrap_or(0) + 1;
        entry.follows = fork::heads(&self.entries, entry);
    }

    /// The UUID of a cluster: as it was seen, as the file pins it, or as the record names it.
    pub fn uuid_of(&self, cluster: &str) -> Option<&str> {
        self.uuids.get(cluster).map(String::as_str)
    }

    /// Whether a run is on record of other clusters than the configured ones, and of these not.
    pub fn is_foreign(&self, run: &str) -> bool {
        self.foreign.contains(run)
    }

    /// Runs that may be of these clusters or of others: none of their clusters was seen, and the
    /// file pins none. What they say is not known, which is not "nothing".
    pub fn unmatched(&self) -> &BTreeSet<String> {
        &self.unmatched
    }

    /// Whether an entry of a set stands on this machine alone: nobody else knows of it.
    pub fn is_here_alone(&self, set: &str) -> bool {
        self.here_alone.contains(set)
    }

    pub(crate) fn note_here_alone(&mut self, sets: BTreeSet<String>) {
        self.here_alone = sets;
    }

    fn is_of(&self, entry: &Entry) -> bool {
        sides(entry).into_iter().all(|(name, uuid)| {
            uuid.is_empty() || self.uuid_of(name).is_none_or(|known| known == uuid)
        })
    }

    /// A side that could not be seen when its entry was opened is the cluster that other entries
    /// name beside the same other side.
    fn completed(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let pairs: BTreeSet<[String; 2]> = entries
            .iter()
            .filter(|entry| entry.names_both())
            .map(|entry| pair(&entry.source_uuid, &entry.target_uuid))
            .collect();
        let known = |cluster: &str, other: &str| {
            self.uuid_of(cluster).filter(|uuid| pairs.contains(&pair(uuid, other)))
        };
        let complete = |mut entry: Entry| {
            if entry.source_uuid.is_empty() {
                let uuid = known(&entry.source, &entry.target_uuid);
                uuid.unwrap_or_default().clone_into(&mut entry.source_uuid);
            } else if entry.target_uuid.is_empty() {
                let uuid = known(&entry.target, &entry.source_uuid);
                uuid.unwrap_or_default().clone_into(&mut entry.target_uuid);
            }
            entry
        };
        entries.into_iter().map(complete).collect()
    }
}

impl From<Vec<Entry>> for Lineage {
    fn from(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|one, other| place(one).cmp(&place(other)));
        Self { entries, ..Self::default() }
    }
}

impl Deref for Lineage {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

impl<'l> IntoIterator for &'l Lineage {
    type Item = &'l Entry;
    type IntoIter = std::slice::Iter<'l, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

/// Where an entry stands: one of which a side is unknown before all that name both, one from
/// before entries were counted, by its time, before all that are.
fn place(entry: &Entry) -> (bool, u64, i64, &str) {
    let at_ms = if entry.number == 0 { entry.at_ms } else { 0 };
    (entry.names_both(), entry.number, at_ms, &entry.run)
}

fn pair(one: &str, other: &str) -> [String; 2] {
    let mut pair = [one.to_owned(), other.to_owned()];
    pair.sort();
    pair
}

fn sides(entry: &Entry) -> [(&str, &str); 2] {
    [(&entry.source, &entry.source_uuid), (&entry.target, &entry.target_uuid)]
}

/// The UUID by which the newest entry names a cluster.
fn named(entries: &[Entry], cluster: &str) -> Option<String> {
    let named = entries.iter().rev().flat_map(sides);
    let mut named = named.filter(|(name, uuid)| *name == cluster && !uuid.is_empty());
    named.next().map(|(_, uuid)| uuid.to_owned())
}

/// Whose a copy of an entry is.
enum Fit {
    /// Of these clusters, by their names of today.
    Own(Box<Entry>),
    Foreign,
    Unknown,
}

/// One side of an entry.
enum Side<'c> {
    Known(&'c str),
    Unknown(&'c str),
    Foreign,
}

fn fitted(entry: Entry, clusters: &[Identity]) -> Fit {
    let [source, target] = sides(&entry).map(|(name, uuid)| side(name, uuid, clusters));
    let (source, target) = match (source, target) {
        (Side::Foreign, _) | (_, Side::Foreign) => return Fit::Foreign,
        (Side::Unknown(_), Side::Unknown(_)) => return Fit::Unknown,
        (
            Side::Known(source) | Side::Unknown(source),
            Side::Known(target) | Side::Unknown(target),
        ) => (source.to_owned(), target.to_owned()),
    };
    if source == target { Fit::Foreign } else { Fit::Own(Box::new(renamed(entry, source, target))) }
}

fn side<'c>(name: &'c str, uuid: &str, clusters: &'c [Identity]) -> Side<'c> {
    let is_it = |cluster: &&Identity| cluster.uuid.as_deref() == Some(uuid);
    let same = clusters.iter().find(|cluster| cluster.name == name);
    let known = clusters.iter().filter(is_it).min_by_key(|cluster| Reverse(cluster.name == name));
    match (known, same) {
        (Some(known), _) if !uuid.is_empty() => Side::Known(&known.name),
        (_, Some(same)) if uuid.is_empty() || same.uuid.is_none() => Side::Unknown(&same.name),
        _ => Side::Foreign,
    }
}

/// The file may call its clusters otherwise than it did.
fn renamed(mut entry: Entry, source: String, target: String) -> Entry {
    if entry.source == source && entry.target == target {
        return entry;
    }
    let called = |was: &str| {
        if was == entry.source {
            source.clone()
        } else if was == entry.target {
            target.clone()
        } else {
            was.to_owned()
        }
    };
    let versions = entry.versions.iter().map(|(name, version)| (called(name), *version)).collect();
    let patterns = entry.patterns.iter().map(|(on, it)| (called(on), it.clone())).collect();
    entry.versions = versions;
    entry.patterns = patterns;
    Entry { source, target, ..entry }
}

/// Tests change what stands in an entry; its place they do not.
#[cfg(test)]
impl std::ops::DerefMut for Lineage {
    fn deref_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }
}
