//! The record: the lineage of switches, kept in a small index on every cluster that
//! answers, and beside the journal. It exists because some states cannot be seen: an
//! index unfollowed and not yet opened keeps no trace of having followed, and a former
//! leader that comes back looks exactly like a leader.

mod documents;
mod local;
pub(crate) mod lock;
mod remote;

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
pub struct Shelf {
    pub cluster: String,
    /// Its UUID, which names the state index.
    pub uuid: String,
    pub version: Version,
    pub es: Es,
}

/// The clusters that can hold a copy: those that answered.
pub(crate) fn shelves(world: &World, clusters: &[Watched]) -> Vec<Shelf> {
    clusters
        .iter()
        .filter_map(|watched| {
            let view = world.view(&watched.name)?;
            Some(Shelf {
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

/// The lineage of the clusters that were seen, out of all copies.
pub(crate) fn lineage_of(copies: Vec<Entry>, world: &World, clusters: &[Watched]) -> Lineage {
    Lineage::of(copies, &identities(world, clusters))
}

/// Where an entry was written, and where it could not be, with the reason.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Written {
    pub on: Vec<String>,
    pub not_on: Vec<(String, String)>,
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
        Ok(lineage_of(self.copies(world, clusters).await?, world, clusters))
    }

    /// Every copy of every entry, whosever it is: on the clusters that answered, and here.
    ///
    /// # Errors
    /// As for [`Record::read`].
    pub async fn copies(&self, world: &World, clusters: &[Watched]) -> anyhow::Result<Vec<Entry>> {
        let mut copies = local::read(&self.folder)?;
        let shelves = shelves(world, clusters);
        let remote = futures_util::future::join_all(shelves.iter().map(remote::read)).await;
        copies.extend(remote.into_iter().flatten());
        for copy in &copies {
            FileName::run(&copy.run).map_err(|bad| NotAnEntry { bad, set: copy.set.clone() })?;
        }
        Ok(copies)
    }

    /// Makes the state index on every cluster that answers, where it is missing, so that
    /// it is there on the day.
    pub async fn prepare(&self, shelves: &[Shelf]) -> Written {
        let results = futures_util::future::join_all(shelves.iter().map(remote::prepare)).await;
        let mut written = Written::default();
        for (shelf, result) in shelves.iter().zip(results) {
            match result {
                Ok(()) => written.on.push(shelf.cluster.clone()),
                Err(error) => written.not_on.push((shelf.cluster.clone(), error.to_string())),
            }
        }
        written
    }

    /// Writes an entry everywhere it can be written, and locally first. `changed` are
    /// the positions of the members that differ from the last writing; `None`: all. A cluster that
    /// has missed a writing gets all of them: a part would stand for an entry that is whole.
    ///
    /// # Errors
    /// Where not even the local copy can be written: then nothing may be changed.
    pub async fn write(
        &self,
        shelves: &[Shelf],
        entry: &Entry,
        changed: Option<&[usize]>,
    ) -> anyhow::Result<Written> {
        local::write(&self.folder, entry)?;
        let key = |shelf: &Shelf| (shelf.uuid.clone(), entry.run.clone(), entry.set.clone());
        let mut whole: BTreeSet<CopyKey> = self.take_whole(entry);
        let writes = shelves.iter().map(|shelf| {
            let changed = changed.filter(|_| whole.contains(&key(shelf)));
            remote::write(shelf, entry, changed)
        });
        let results = futures_util::future::join_all(writes).await;
        whole.clear();
        let mut written = Written::default();
        for (shelf, result) in shelves.iter().zip(results) {
            match result {
                Ok(()) => {
                    whole.insert(key(shelf));
                    written.on.push(shelf.cluster.clone());
                }
                Err(error) => written.not_on.push((shelf.cluster.clone(), error.to_string())),
            }
        }
        self.locked().append(&mut whole);
        Ok(written)
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
