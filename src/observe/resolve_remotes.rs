//! Which configured cluster stands behind a remote alias. Evidence first, names last.

use std::collections::BTreeSet;

use super::Watched;
use crate::model::world::{Cluster, Remote, View, World};

/// Fills in `leads_to` of every remote.
pub(super) fn resolve(clusters: &[Watched], world: &mut World) {
    let mut found: Vec<(String, String, Option<String>)> = Vec::new();
    for (name, cluster) in &world.clusters {
        let Some(view) = cluster.view() else { continue };
        for (alias, remote) in &view.remotes {
            let target = leads_to(clusters, world, (name, view), alias, remote);
            found.push((name.clone(), alias.clone(), target));
        }
    }
    for (name, alias, target) in found {
        let view = world.clusters.get_mut(&name).and_then(view_mut);
        if let Some(remote) = view.and_then(|view| view.remotes.get_mut(&alias)) {
            remote.leads_to = target;
        }
    }
}

/// Leader UUIDs of the followers, else leases, else the address, else the configured alias
/// where nothing can be compared. Evidence for another cluster beats any name.
fn leads_to(
    clusters: &[Watched],
    world: &World,
    (from, view): (&str, &View),
    alias: &str,
    remote: &Remote,
) -> Option<String> {
    let others = || clusters.iter().filter(|watched| watched.name != from);
    most(others().map(|other| (other, leaders_held(view, alias, world.view(&other.name)))))
        .or_else(|| {
            most(others().map(|other| (other, leases_held(view, alias, world.view(&other.name)))))
        })
        .or_else(|| {
            others().find(|other| has_address(remote, &other.addresses)).map(|it| it.name.clone())
        })
        .or_else(|| {
            let named = others().find(|other| other.alias == alias)?;
            let is_incomparable = named.addresses.is_empty() || world.view(&named.name).is_none();
            is_incomparable.then(|| named.name.clone())
        })
}

/// The cluster with the most evidence, if there is any.
fn most<'a>(counts: impl Iterator<Item = (&'a Watched, usize)>) -> Option<String> {
    let found = counts.filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count);
    found.map(|(watched, _)| watched.name.clone())
}

/// How many followers over this alias follow an index that `other` holds, by UUID.
fn leaders_held(view: &View, alias: &str, other: Option<&View>) -> usize {
    let Some(other) = other else { return 0 };
    let by_uuid: BTreeSet<&str> = other.indices.values().map(|index| index.uuid.as_str()).collect();
    let followers = view.indices.values().filter_map(|index| index.following.as_ref());
    followers
        .filter(|following| following.remote == alias)
        .filter_map(|following| following.leader_uuid.as_deref())
        .filter(|uuid| by_uuid.contains(uuid))
        .count()
}

/// How many leases `other` keeps for followers of `view` over this alias. The follower's
/// UUID tells: two clusters may have one `cluster_name`.
fn leases_held(view: &View, alias: &str, other: Option<&View>) -> usize {
    let Some(other) = other else { return 0 };
    let own: BTreeSet<String> = view
        .indices
        .values()
        .map(|index| {
            let prefix = format!("{}/{}/{}", view.cluster_name, index.name, index.uuid);
            format!("{prefix}-following-{alias}")
        })
        .collect();
    let shards = other.indices.values().flat_map(|index| &index.shards);
    shards
        .flat_map(|shard| &shard.leases)
        .filter_map(|lease| lease.id.splitn(4, '/').nth(3).map(|rest| (lease, rest)))
        .filter(|(lease, rest)| own.contains(&lease.id[..lease.id.len() - rest.len() - 1]))
        .count()
}

fn has_address(remote: &Remote, addresses: &[String]) -> bool {
    remote.seeds.iter().chain(&remote.proxy).any(|address| addresses.contains(address))
}

fn view_mut(cluster: &mut Cluster) -> Option<&mut View> {
    match cluster {
        Cluster::Ok(view) | Cluster::Ill { view, .. } => Some(view),
        Cluster::Unreachable { .. } | Cluster::Refused { .. } => None,
    }
}
