//! What must hold whatever happens, and the ledger of what was acknowledged.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use super::{
    index::Index, salvaged::Salvaged, shard::Document, site::Site, snapshot, world::World,
};

/// One follow relationship that has existed, by UUID.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lineage {
    pub(super) leader: (Site, String),
    pub(super) follower: (Site, String),
}

/// A write that a client was told had worked.
#[derive(Clone, Debug)]
pub(super) struct Acknowledged {
    pub(super) index: String,
    pub(super) uuid: String,
    pub(super) id: String,
    pub(super) version: i64,
    /// `None` for a delete.
    pub(super) source: Option<Arc<Value>>,
}

impl Acknowledged {
    /// `index/id vN`.
    pub(super) fn text(&self) -> String {
        format!("{}/{} v{}", self.index, self.id, self.version)
    }

    /// Whether a document is this version, or a newer one.
    fn is_in(&self, document: &Document) -> bool {
        document.version > self.version
            || (document.version == self.version && document.source == self.source)
    }
}

impl World {
    /// Notes the writes of the request at hand as acknowledged.
    pub(super) fn acknowledge(&mut self) {
        for write in std::mem::take(&mut self.pending) {
            if is_own(&write.index) {
                continue;
            }
            self.ledger.insert((write.uuid.clone(), write.id.clone()), write);
        }
    }

    /// Records where a leader and its former follower can both be written.
    pub(super) fn check_two_writable(&mut self) {
        let changed = self.take_unchecked();
        let is_calm = changed.as_ref().is_some_and(BTreeSet::is_empty);
        if is_calm || self.two_writable_allowed || self.lineages.is_empty() {
            return;
        }
        // A pair of which neither side has changed is as it was.
        let lineages: Vec<&Lineage> = self
            .lineages
            .iter()
            .filter(|lineage| {
                changed.as_ref().is_none_or(|uuids| {
                    uuids.contains(&lineage.leader.1) || uuids.contains(&lineage.follower.1)
                })
            })
            .collect();
        if lineages.is_empty() {
            return;
        }
        let writable = |(site, uuid): &(Site, String)| {
            let cluster = self.at(*site);
            let index = cluster.by_uuid(uuid)?;
            (cluster.is_up() && index.is_writable()).then_some(index.name.as_str())
        };
        let found: Vec<String> = lineages
            .into_iter()
            .filter_map(|lineage| {
                let leader = writable(&lineage.leader)?;
                let follower = writable(&lineage.follower)?;
                let (leader_site, follower_site) = (lineage.leader.0, lineage.follower.0);
                Some(format!(
                    "two writable sides: {leader} on {leader_site:?}, {follower} on {follower_site:?}"
                ))
            })
            .collect();
        for violation in found {
            self.violate(violation);
        }
    }

    /// Records document versions that only the index about to be discarded holds.
    pub(super) fn check_discard(&mut self, site: Site, name: &str, how: &str) {
        if self.discards_allowed.contains(name) || is_own(name) {
            return;
        }
        let Some(index) = self.at(site).indices.get(name) else {
            return;
        };
        let mut relatives = self.relatives(site.other(), index);
        relatives.extend(snapshot::holding(self, site, name));
        let salvaged = self.salvage_folder.as_deref().map(Salvaged::read).unwrap_or_default();
        let only_here: BTreeSet<String> = index
            .shards
            .iter()
            .flat_map(|shard| &shard.documents)
            .filter(|(id, document)| {
                let write = Acknowledged {
                    index: name.to_owned(),
                    uuid: index.uuid.clone(),
                    id: (*id).clone(),
                    version: document.version,
                    source: document.source.clone(),
                };
                let is_kept = |source: &Value| {
                    held(&relatives, &write) || salvaged.holds(name, id, write.version, source)
                };
                document.source.as_ref().is_some_and(|source| !is_kept(source))
            })
            .map(|(id, document)| format!("{id} v{}", document.version))
            .collect();
        if !only_here.is_empty() {
            let list: Vec<String> = only_here.into_iter().take(5).collect();
            self.violate(format!("{how} of {name} on {site:?} discards {}", list.join(", ")));
        }
    }

    /// Acknowledged versions that no index of the same lineage or name on `site` holds.
    pub(super) fn lost(&self, site: Site) -> Vec<String> {
        let mut lost = BTreeSet::new();
        let mut cache: HashMap<&str, Vec<&Index>> = HashMap::new();
        for write in self.ledger.values() {
            let relatives = cache
                .entry(write.uuid.as_str())
                .or_insert_with(|| self.family(site, &write.uuid, &write.index));
            if !held(relatives, write) {
                lost.insert(write.text());
            }
        }
        lost.into_iter().collect()
    }

    /// Ids of live documents.
    pub(super) fn live_ids(&self, site: Site, index: &str) -> BTreeSet<String> {
        let Some(index) = self.at(site).indices.get(index) else {
            return BTreeSet::new();
        };
        let documents = index.shards.iter().flat_map(|shard| &shard.documents);
        documents
            .filter(|(_, document)| document.source.is_some())
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn relatives(&self, site: Site, index: &Index) -> Vec<&Index> {
        self.family(site, &index.uuid, &index.name)
    }

    /// Indices on `site` that follow relationships connect with a UUID, or of its name.
    fn family(&self, site: Site, uuid: &str, name: &str) -> Vec<&Index> {
        let mut uuids: HashSet<&str> = HashSet::from([uuid]);
        loop {
            let before = uuids.len();
            for Lineage { leader, follower } in &self.lineages {
                if uuids.contains(leader.1.as_str()) {
                    uuids.insert(&follower.1);
                } else if uuids.contains(follower.1.as_str()) {
                    uuids.insert(&leader.1);
                }
            }
            if uuids.len() == before {
                break;
            }
        }
        let indices = self.at(site).indices.values();
        indices.filter(|index| index.name == name || uuids.contains(index.uuid.as_str())).collect()
    }

    fn violate(&mut self, violation: String) {
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }
}

/// Whether an index is esdr's own (`esdr…` or `.esdr…`): each cluster has its own, so its
/// documents are neither replicated nor lost.
pub(super) fn is_own(name: &str) -> bool {
    name.trim_start_matches('.').starts_with("esdr")
}

fn held(indices: &[&Index], write: &Acknowledged) -> bool {
    let shards = indices.iter().flat_map(|index| &index.shards);
    shards
        .filter_map(|shard| shard.documents.get(&write.id))
        .any(|document| write.is_in(document))
        // A delete is also held where the document has never been or is gone for good.
        || (write.source.is_none() && !indices.is_empty() && !indices.iter().any(|index| {
            index.shards.iter().any(|shard| {
                shard.documents.get(&write.id).is_some_and(|document| document.source.is_some())
            })
        }))
}
