//! `logs`, written on clusterA and on clusterB and copied both ways.

use crate::model::{
    bidi::BidiSpec,
    topology::Topology,
    world::{Alias, Cluster, Following, Index, Lease, Task, View, World},
};

use super::{NOW_MS, leader, pair};

/// The two clusters and the alias.
pub(crate) fn topology() -> Topology {
    let clusters = ["clusterA".to_owned(), "clusterB".to_owned()];
    let logs = BidiSpec { name: "logs".to_owned(), clusters, history: None };
    Topology { bidi: vec![logs], ..super::topology(&[]) }
}

/// The alias `logs` with this write flag.
pub(crate) fn alias(is_write_index: Option<bool>) -> Alias {
    Alias { name: "logs".to_owned(), is_write_index, ..Alias::default() }
}

/// Both sites write at 1,000, and each copy lacks so many operations: clusterB's copy of
/// clusterA's first.
pub(crate) fn logs(lags: [i64; 2]) -> World {
    let mut world = pair(Vec::new(), Vec::new());
    for (at, cluster) in ["clusterA", "clusterB"].into_iter().enumerate() {
        let other = other(cluster);
        let name = format!("logs-{}", cluster.to_lowercase());
        let mut own = leader(&name, &[1000]);
        own.uuid = uuid(cluster, &name);
        own.aliases = vec![alias(Some(true))];
        own.shards[0].leases = vec![Lease {
            id: format!(
                "{other}/{name}/{}-following-{}/{name}/{}",
                uuid(other, &name),
                remote(other),
                own.uuid
            ),
            retaining_seq_no: 0,
            timestamp_ms: NOW_MS - 20_000,
        }];
        let mut copy = copy(other, &name, &name, 1000 - lags[at]);
        copy.aliases = vec![alias(Some(false))];
        world = plus(plus(world, cluster, own), other, copy);
    }
    world
}

/// A follower on a cluster of an index on the other one, last read 200 ms ago.
pub(crate) fn copy(on: &str, of: &str, name: &str, position: i64) -> Index {
    let mut copy = leader(name, &[position]);
    copy.uuid = uuid(on, name);
    copy.following = Some(Following {
        remote: remote(on).to_owned(),
        leader_index: of.to_owned(),
        leader_uuid: Some(uuid(other(on), of)),
        is_compared: false,
        active: true,
        parameters: None,
        tasks: vec![Task {
            shard: 0,
            leader_checkpoint: position,
            leader_max_seq_no: position,
            follower_checkpoint: position,
            since_read_ms: 200,
            reads: 7,
            ..Task::default()
        }],
    });
    copy
}

/// With one more index.
pub(crate) fn plus(mut world: World, cluster: &str, index: Index) -> World {
    view(&mut world, cluster).indices.insert(index.name.clone(), index);
    world
}

/// Without an index.
pub(crate) fn less(mut world: World, cluster: &str, index: &str) -> World {
    view(&mut world, cluster).indices.remove(index).unwrap();
    world
}

/// With an index changed.
pub(crate) fn changed(
    mut world: World,
    cluster: &str,
    index: &str,
    change: impl FnOnce(&mut Index),
) -> World {
    change(view(&mut world, cluster).indices.get_mut(index).unwrap());
    world
}

/// What is seen of a cluster that answers.
pub(crate) fn view<'w>(world: &'w mut World, cluster: &str) -> &'w mut View {
    match world.clusters.get_mut(cluster) {
        Some(Cluster::Ok(view)) => view,
        other => panic!("{other:?}"),
    }
}

fn other(cluster: &str) -> &'static str {
    if cluster == "clusterA" { "clusterB" } else { "clusterA" }
}

/// The alias by which a cluster knows the other one.
fn remote(on: &str) -> &'static str {
    if on == "clusterA" { "dc2" } else { "dc1" }
}

fn uuid(cluster: &str, index: &str) -> String {
    format!("uuid-{cluster}-{index}")
}
