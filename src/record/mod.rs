//! The record: the lineage of switches, kept in a small index on every cluster that
//! answers, and beside the journal. It exists because some states cannot be seen: an
//! index unfollowed and not yet opened keeps no trace of having followed, and a former
//! leader that comes back looks exactly like a leader.

mod copies;
mod documents;
mod local;
pub(crate) mod lock;
mod remote;

pub(crate) use copies::Copies;
pub(crate) use local::make_folder;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    es::api::Es,
    files::{BadName, FileName},
    model::{
        lineage::{Entry, Identity, Lineage},
        world::{Version, World},
    },
    observe::Watched,
};

/// Where the record is kept: the clusters by name, and a folder here.
pub struct Record {
    folder: PathBuf,
    /// The copies that have every member as it was last written here.
    whole: Mutex<BTreeSet<CopyKey>>,
}

/// A copy of an entry: by the UUID of its cluster, the run and the set.
type CopyKey = (String, String, String);

/// A cluster that can hold a copy.
#[derive(Clone)]
pub struct RecordStore {
    pub cluster: String,
    /// Its UUID, which names the state index.
    pub uuid: String,
    pub version: Version,
    pub es: Es,
}

impl RecordStore {
    /// Whether it is one of an entry's two clusters: by UUID, and by name where the entry was opened
    /// without a sight of it.
    pub(crate) fn is_side_of(&self, entry: &Entry) -> bool {
        let sides = [(&entry.source, &entry.source_uuid), (&entry.target, &entry.target_uuid)];
        sides
            .into_iter()
            .any(|(name, uuid)| self.cluster == *name && (uuid.is_empty() || self.uuid == *uuid))
    }
}

/// The clusters that can hold a copy: those that answered.
pub(crate) fn record_stores(world: &World, clusters: &[Watched]) -> Vec<RecordStore> {
    clusters
        .iter()
        .filter_map(|watched| {
            let view = world.view(&watched.name)?;
            Some(RecordStore {
                cluster: watched.name.clone(),
                uuid: view.uuid.clone(),
                version: view.version,
                es: watched.es.clone(),
            })
        })
        .collect()
}

/// The record holds what no esdr has written. Whatever else stands in it is not to be relied upon.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the record has an entry of {set:?} that no esdr has written: {bad}")]
pub(crate) struct NotAnEntry {
    pub bad: BadName,
    pub set: String,
}

impl NotAnEntry {
    /// What it means for the data.
    pub(crate) const MEANING: &str =
        "Nothing was changed: which side leads cannot be said from such a record.";

    /// What to do next.
    pub(crate) const NEXT: &str = "find out who wrote it; delete that document of the clusters' \
         esdr-state-* indices, or that file of records/ in the state folder";
}

/// Who the clusters are: by this look, else by the file.
fn identities(world: &World, clusters: &[Watched]) -> Vec<Identity> {
    let identity = |watched: &Watched| {
        let seen = world.view(&watched.name).map(|view| view.uuid.clone());
        let seen = seen.filter(|uuid| !uuid.is_empty());
        Identity { name: watched.name.clone(), uuid: seen.or_else(|| watched.uuid.clone()) }
    };
    clusters.iter().map(identity).collect()
}

/// Where an entry was written, and where it could not be, with the reason.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Written {
    pub on: Vec<String>,
    pub not_on: Vec<(String, String)>,
    /// A cluster has answered, and does not take it.
    pub is_refused: bool,
}

impl Record {
    /// The record with its local copies below the state folder.
    pub fn new(state_folder: &Path) -> Self {
        Self { folder: state_folder.join("records"), whole: Mutex::default() }
    }

    /// Every entry of these clusters that is found, each after those that it follows, merged over
    /// all copies. `world` is what was seen of them.
    ///
    /// # Errors
    /// Where the local folder exists and cannot be read. A cluster whose copy cannot be
    /// read is passed over: the others and the local copy count. And where an entry names a run
    /// that no esdr can have made.
    pub async fn read(&self, world: &World, clusters: &[Watched]) -> anyhow::Result<Lineage> {
        Ok(self.copies(world, clusters).await?.into_lineage(world, clusters))
    }

    /// Every copy of every entry, whosever it is: on the clusters that answered, and here.
    ///
    /// # Errors
    /// As for [`Record::read`].
    pub async fn copies(&self, world: &World, clusters: &[Watched]) -> anyhow::Result<Copies> {
        let here = local::read(&self.folder)?;
        let record_stores = record_stores(world, clusters);
        let found = futures_util::future::join_all(record_stores.iter().map(remote::read)).await;
        let (mut there, mut unread) = (Vec::new(), Vec::new());
        for (store, entries) in record_stores.into_iter().zip(found) {
            match entries {
                Ok(entries) => there.push((store, entries)),
                Err(_) => unread.push(store.cluster),
            }
        }
        let copies = Copies { here, there, unread };
        for copy in copies.each() {
            FileName::run(&copy.run).map_err(|bad| NotAnEntry { bad, set: copy.set.clone() })?;
        }
        Ok(copies)
    }

    /// Writes what single clusters lack of an entry where another one, or this machine, has it: a
    /// cluster that was out of sight when it was written knows of it from then on. One that does not
    /// take it stays as it is. Only who holds the lock of the entries' sets may do this.
    pub async fn spread(&self, lacks: Vec<(RecordStore, Vec<Entry>)>) {
        let each = lacks.iter().map(|(store, entries)| async move {
            for entry in entries {
                if remote::write(store, entry, None).await.is_err() {
                    return;
                }
            }
        });
        futures_util::future::join_all(each).await;
    }

    /// Makes the state index on every cluster that answers, where it is missing, so that
    /// it is there on the day.
    pub async fn prepare(&self, record_stores: &[RecordStore]) -> Written {
        let results =
            futures_util::future::join_all(record_stores.iter().map(remote::prepare)).await;
        let mut written = Written::default();
        for (store, result) in record_stores.iter().zip(results) {
            match result {
                Ok(()) => written.on.push(store.cluster.clone()),
                Err(error) => written.not_on.push((store.cluster.clone(), error.to_string())),
            }
        }
        written
    }

    /// Writes an entry on this machine.
    ///
    /// # Errors
    /// Where it cannot be written: then nothing may be changed.
    pub fn write_here(&self, entry: &Entry) -> anyhow::Result<()> {
        local::write(&self.folder, entry)
    }

    /// Writes an entry on every cluster that takes it. `changed` are the positions of the members
    /// that differ from the last writing; `None`: all. A cluster that has missed a writing gets all
    /// of them: a part would stand for an entry that is whole.
    pub async fn write_there(
        &self,
        record_stores: &[RecordStore],
        entry: &Entry,
        changed: Option<&[usize]>,
    ) -> Written {
        let key = |store: &RecordStore| (store.uuid.clone(), entry.run.clone(), entry.set.clone());
        let mut whole: BTreeSet<CopyKey> = self.take_whole(entry);
        let writes = record_stores.iter().map(|store| {
            let changed = changed.filter(|_| whole.contains(&key(store)));
            remote::write(store, entry, changed)
        });
        let results = futures_util::future::join_all(writes).await;
        whole.clear();
        let mut written = Written::default();
        for (store, result) in record_stores.iter().zip(results) {
            match result {
                Ok(()) => {
                    whole.insert(key(store));
                    written.on.push(store.cluster.clone());
                }
                Err(error) => {
                    written.is_refused |= error.is_answer();
                    written.not_on.push((store.cluster.clone(), error.to_string()));
                }
            }
        }
        self.locked().append(&mut whole);
        written
    }

    /// The whole copies of an entry; none is one until it is written again.
    fn take_whole(&self, entry: &Entry) -> BTreeSet<CopyKey> {
        let mut all = self.locked();
        let is_its = |key: &CopyKey| key.1 == entry.run && key.2 == entry.set;
        let taken = all.iter().filter(|key| is_its(key)).cloned().collect();
        all.retain(|key| !is_its(key));
        taken
    }

    fn locked(&self) -> MutexGuard<'_, BTreeSet<CopyKey>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
