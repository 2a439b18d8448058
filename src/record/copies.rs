//! The copies of the record, by where they stand, and what single clusters lack.

use super::{RecordStore, identities, remote::ENTRIES_MAX};
use crate::{
    model::{
        lineage::{Entry, Lineage},
        unread::Part,
        world::{Cluster, World},
    },
    observe::Watched,
};

/// So many entries are written at most where they are lacking, the newest: nothing waits long for
/// what an operator may never ask for.
const SPREAD_MAX: usize = 20;

/// Every copy of every entry that was found.
pub struct Copies {
    pub(super) here: Vec<Entry>,
    /// By the cluster that answered for its own.
    pub(super) there: Vec<(RecordStore, Vec<Entry>)>,
    /// The clusters that answered, and not for theirs: what is not in the others may be there.
    pub(super) unread: Vec<String>,
}

impl Copies {
    /// All of them, in no order.
    pub fn each(&self) -> impl Iterator<Item = &Entry> {
        self.here.iter().chain(self.there.iter().flat_map(|(_, entries)| entries))
    }

    /// Those of this machine.
    pub fn here(&self) -> &[Entry] {
        &self.here
    }

    /// The lineage of the clusters that were seen, out of all copies.
    pub fn into_lineage(self, world: &World, clusters: &[Watched]) -> Lineage {
        let there = self.there.into_iter().flat_map(|(_, entries)| entries);
        Lineage::of(self.here.into_iter().chain(there).collect(), &identities(world, clusters))
    }

    /// The same, where it is also asked what stands on this machine alone, or what is lacking where.
    pub fn lineage(&self, world: &World, clusters: &[Watched]) -> Lineage {
        let mut lineage = Lineage::of(self.each().cloned().collect(), &identities(world, clusters));
        let stands_here_alone = |entry: &&Entry| {
            let mut may_hold = self.may_hold(entry).peekable();
            may_hold.peek().is_some() && may_hold.all(|(_, found)| lacks(found, entry))
        };
        let alone = lineage.iter().filter(stands_here_alone);
        let alone = alone.map(|entry| entry.set.clone()).collect();
        lineage.note_here_alone(alone);
        lineage
    }

    /// Notes where it could not be read.
    pub fn note_unread(&self, world: &mut World) {
        for cluster in &self.unread {
            if let Some(Cluster::Ok(view) | Cluster::Ill { view, .. }) =
                world.clusters.get_mut(cluster)
            {
                view.unread.insert(Part::Record);
            }
        }
    }

    /// What clusters that answered lack of the entries of these sets, the oldest first.
    pub fn lacking(
        &self,
        lineage: &Lineage,
        is_meant: impl Fn(&str) -> bool,
    ) -> Vec<(RecordStore, Vec<Entry>)> {
        let of_store = |(store, found): &(RecordStore, Vec<Entry>)| {
            let newest = lineage.iter().rev().filter(|entry| {
                is_meant(&entry.set) && store.is_side_of(entry) && lacks(found, entry)
            });
            let mut lacking: Vec<Entry> = newest.take(SPREAD_MAX).cloned().collect();
            lacking.reverse();
            (store.clone(), lacking)
        };
        self.there.iter().map(of_store).collect()
    }

    /// The clusters of an entry that answered for theirs.
    fn may_hold<'c>(
        &'c self,
        entry: &'c Entry,
    ) -> impl Iterator<Item = &'c (RecordStore, Vec<Entry>)> {
        self.there.iter().filter(|(store, _)| store.is_side_of(entry))
    }
}

/// Whether what was found on a cluster has no copy of an entry, or an older one. Where not
/// everything was read, what is missing may be there.
fn lacks(found: &[Entry], entry: &Entry) -> bool {
    let copy = found.iter().find(|it| it.run == entry.run && it.set == entry.set);
    match copy {
        Some(copy) => copy.revision < entry.revision,
        None => found.len() < ENTRIES_MAX,
    }
}
