//! What has to be looked at again: most followers have nothing to do most of the time, and
//! with a thousand of them looking at each after every request would take all the time.

use std::collections::BTreeSet;

use super::{ask::Ask, site::Site, world::World};

/// How long a follower that has nothing to do is left alone, in milliseconds: until then
/// no lease, no long poll and no repeated read of its can be due by much.
const REST_MS: u64 = 200;

/// Calls that change the index they name and no other.
const CONFINED: [&str; 8] =
    ["_ccr", "_close", "_open", "_settings", "_block", "_doc", "_refresh", "_flush"];

/// An index by its cluster and name.
pub(super) type Place = (Site, String);

/// Which indices have changed since they were last looked at.
#[derive(Debug, Default)]
pub(super) struct DirtySet {
    /// Whether any of them may have.
    all: bool,
    some: BTreeSet<Place>,
    /// When all are looked at again whatever happens, in epoch milliseconds.
    due_ms: u64,
}

impl World {
    /// Notes that anything may have changed.
    pub(super) fn stir_all(&mut self) {
        self.stirred.all = true;
        self.unchecked.all = true;
    }

    /// Notes that one index may have changed.
    pub(super) fn mark_dirty(&mut self, site: Site, name: &str) {
        self.stirred.some.insert((site, name.to_owned()));
        self.unchecked.some.insert((site, name.to_owned()));
    }

    /// The indices that a call names, when all are concrete.
    pub(super) fn named(&self, site: Site, ask: &Ask) -> Option<Vec<String>> {
        let indices = &self.at(site).indices;
        let parts = ask.segment(0).split(',');
        let is_confined = match ask.segments.get(1) {
            None => !ask.segments.is_empty(),
            Some(call) => CONFINED.contains(&call.as_str()) && !ask.path.ends_with("_bulk"),
        };
        let names: Vec<String> = parts.map(str::to_owned).collect();
        (is_confined && names.iter().all(|name| indices.contains_key(name))).then_some(names)
    }

    /// Notes what a call that is not a read may have changed. `before` is what it named
    /// before it was served.
    pub(super) fn stir_by(&mut self, site: Site, ask: &Ask, before: Option<Vec<String>>) {
        let Some(names) = before.or_else(|| self.named(site, ask)) else {
            return self.stir_all();
        };
        let leads = ask.segment(1) != "_ccr";
        for name in &names {
            self.mark_dirty(site, name);
        }
        if !leads {
            return;
        }
        let mut followers: Vec<Place> = Vec::new();
        for site in Site::BOTH {
            let indices = self.at(site).indices.values();
            followers.extend(
                indices
                    .filter(|index| {
                        index
                            .following
                            .as_ref()
                            .is_some_and(|following| names.contains(&following.leader))
                    })
                    .map(|index| (site, index.name.clone())),
            );
        }
        self.stirred.some.extend(followers);
    }

    /// Takes the followers that have something to do, or may have.
    pub(super) fn take_stirred(&mut self) -> Vec<Place> {
        let now_ms = self.now_ms();
        if !self.stirred.all && now_ms < self.stirred.due_ms {
            return std::mem::take(&mut self.stirred.some).into_iter().collect();
        }
        self.stirred = DirtySet { due_ms: now_ms + REST_MS, ..DirtySet::default() };
        self.expire_leases();
        let follows = |site: Site| {
            self.at(site)
                .indices
                .values()
                .filter(|index| index.is_active() || index.starting > 0)
                .map(move |index| (site, index.name.clone()))
        };
        Site::BOTH.into_iter().flat_map(follows).collect()
    }

    /// Looks at a follower again at the next step.
    pub(super) fn keep_stirred(&mut self, place: Place) {
        self.stirred.some.insert(place);
    }

    /// Takes the UUIDs of the writable indices that have not been looked at since they
    /// changed; `None` stands for all.
    pub(super) fn take_unchecked(&mut self) -> Option<BTreeSet<String>> {
        let unchecked = std::mem::take(&mut self.unchecked);
        if unchecked.all {
            return None;
        }
        let uuid = |(site, name): Place| {
            // What cannot be written is nobody's second writable side.
            let index = self.at(site).indices.get(&name)?;
            index.is_writable().then(|| index.uuid.clone())
        };
        Some(unchecked.some.into_iter().filter_map(uuid).collect())
    }
}
