//! Looks at every configured cluster at once, in a handful of requests each whatever the
//! number of indices. Nothing here waits on a cluster longer than its deadlines, and no
//! cluster waits on another. Changes nothing.

mod agreement;
mod capacity;
mod gather;
mod identity;
mod index;
mod repository;
mod resolve_remotes;
mod sight;
mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::{
    clock::now_ms,
    es::{api::Es, error::Error},
    model::world::{Cluster, Shard, World},
};
use gather::{Seen, gather};

pub(crate) use capacity::observe_capacities;
pub(crate) use identity::observe_identities;
pub(crate) use repository::observe_repositories;

/// A configured cluster to look at.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Configured name.
    pub name: String,
    /// The pinned cluster UUID: nothing else answers for this name.
    pub uuid: Option<String>,
    /// The alias under which other clusters are to reach it.
    pub alias: String,
    /// Configured transport addresses, seeds or proxy; empty where none are given.
    pub addresses: Vec<String>,
    pub es: Es,
}

/// The checkpoints of one index, read again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// `uuid` of the index.
    pub uuid: String,
    /// Writes being carried out, summed over the primaries.
    pub writing: u64,
    /// Primaries that could be read, by number. Fewer than the index has means unknown.
    pub shards: Vec<Shard>,
}

/// Looks at all clusters at once, within about seven seconds even where calls hang. The
/// record is not read: `lineage` is empty.
pub(crate) async fn observe(clusters: &[Watched]) -> World {
    observe_but(clusters, &BTreeMap::new()).await
}

/// The same without those clusters that are known to be silent, with the reason: neither they
/// nor the others' way to them is asked, so that nothing waits for them.
pub(crate) async fn observe_but(clusters: &[Watched], silent: &BTreeMap<String, String>) -> World {
    let began = Instant::now();
    let at_ms = now_ms();
    let aliases_of_others = |watched: &Watched| -> Vec<String> {
        let others = clusters.iter().filter(|other| other.name != watched.name);
        let asked = others.filter(|other| !silent.contains_key(&other.name));
        asked.map(|other| other.alias.clone()).collect()
    };
    let looks = clusters.iter().map(|watched| async {
        if let Some(reason) = silent.get(&watched.name) {
            return Seen::unreachable(reason.clone());
        }
        gather(watched, aliases_of_others(watched), silent.is_empty(), at_ms).await
    });
    let seen: Vec<Seen> = join_all(looks).await;
    let mut world = World { at_ms, ..World::default() };
    let mut probes = BTreeMap::new();
    for (watched, seen) in clusters.iter().zip(seen) {
        world.clusters.insert(watched.name.clone(), seen.cluster);
        probes.insert(watched.name.clone(), seen.probes);
    }
    resolve_remotes::resolve(clusters, &mut world);
    world.sights = sight::sights(clusters, &world, &probes);
    world.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    world
}

/// Looks at one cluster alone. What its remotes lead to is not known then: `leads_to` is
/// `None`.
pub(crate) async fn observe_cluster(watched: &Watched) -> Cluster {
    gather(watched, Vec::new(), true, now_ms()).await.cluster
}

/// Reads checkpoints again, of these indices only: `_stats` and nothing else. An index
/// that is missing or closed is absent.
///
/// # Errors
/// Whatever `_stats` answers; nothing is known then.
pub(crate) async fn observe_shards(
    es: &Es,
    names: &[String],
) -> Result<BTreeMap<String, Reading>, Error> {
    let stats = es.stats_shards(Some(names), false).await?;
    Ok(stats.into_iter().map(|(name, stats)| (name, index::reading(stats))).collect())
}
