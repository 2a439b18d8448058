//! `_cluster/state/metadata`: what else tells the UUIDs of leader and follower.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    flat::nest,
    index::Index,
    names::{self, Wanted},
    reply::{Handled, object, ok},
    site::Site,
    unstarted::Unstarted,
    world::World,
};

const KNOWN: [&str; 8] = [
    "local",
    "master_timeout",
    "flat_settings",
    "expand_wildcards",
    "ignore_unavailable",
    "allow_no_indices",
    "wait_for_metadata_version",
    "wait_for_timeout",
];

/// `GET /_cluster/state/routing_table/{index}`, primaries alone: no replica has a node. What is not
/// there is left out.
pub(super) fn routing(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&KNOWN)?;
    let cluster = world.at(site);
    let wanted = Wanted { missing_ok: true, ..Wanted::ALL.asked(ask) };
    let mut indices = Map::new();
    for name in names::resolve(cluster, ask.segment(3), wanted)? {
        let index = cluster.index(&name)?;
        let shards = (0..index.shards.len())
            .map(|number| (number.to_string(), routed(cluster, index, number)));
        indices.insert(name, object([("shards", Value::Object(shards.collect()))]));
    }
    ok(object([
        ("cluster_name", json!(cluster.name)),
        ("cluster_uuid", json!(cluster.uuid)),
        ("routing_table", object([("indices", Value::Object(indices))])),
    ]))
}

fn routed(cluster: &Cluster, index: &Index, number: usize) -> Value {
    let mut out = json!({
        "state": if index.red { "UNASSIGNED" } else { "STARTED" },
        "primary": true,
        "node": if index.red { Value::Null } else { json!(cluster.node_id) },
        "relocating_node": null,
        "shard": number,
        "index": index.name,
    });
    if index.red
        && let Some(why) = Unstarted::of(index)
    {
        why.add_to(&mut out);
    }
    Value::Array(vec![out])
}

/// `GET /_cluster/state[/metadata[/{index}]]`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&KNOWN)?;
    let cluster = world.at(site);
    let mut indices = Map::new();
    let found = names::resolve(cluster, ask.segment(3), Wanted::ALL.asked(ask))?;
    let is_kept = ask.keeps(&["metadata", "indices"]);
    for name in found.into_iter().filter(|_| is_kept) {
        let row = row(cluster, cluster.index(&name)?);
        indices.insert(name, row);
    }
    let tasks = object([
        ("last_allocation_id", json!(cluster.allocation_id)),
        ("tasks", json!(persistent(cluster))),
    ]);
    let metadata = object([
        ("cluster_uuid", json!(cluster.uuid)),
        ("templates", json!({})),
        ("indices", Value::Object(indices)),
        ("persistent_tasks", tasks),
    ]);
    ok(object([
        ("cluster_name", json!(cluster.name)),
        ("cluster_uuid", json!(cluster.uuid)),
        ("metadata", metadata),
    ]))
}

fn row(cluster: &Cluster, index: &Index) -> Value {
    let mut out = json!({
        "version": index.settings_version + index.mapping_version,
        "mapping_version": index.mapping_version,
        "settings_version": index.settings_version,
        "state": if index.open { "open" } else { "close" },
        "settings": nest(&index.settings),
        "mappings": index.mappings,
        "aliases": index.aliases.keys().collect::<Vec<_>>(),
    });
    // 6.8 does not show the custom metadata of an index.
    if let Some(following) = index.following.as_ref().filter(|_| !cluster.personality.is_old()) {
        out["ccr"] = json!({
            "leader_index_name": following.leader,
            "remote_cluster_name": following.remote,
            "leader_index_shard_history_uuids": following.histories.join(","),
            "leader_index_uuid": following.leader_uuid,
        });
    }
    let terms: Map<String, Value> = index
        .shards
        .iter()
        .enumerate()
        .map(|(at, shard)| (at.to_string(), json!(shard.term)))
        .collect();
    out["primary_terms"] = Value::Object(terms);
    out
}

fn persistent(cluster: &Cluster) -> Vec<Value> {
    let is_old = cluster.personality.is_old();
    let explanation =
        if is_old { "" } else { "node is the least loaded data node and remote cluster client" };
    let mut out = Vec::new();
    for index in cluster.indices.values() {
        let Some(following) = &index.following else {
            continue;
        };
        for (at, task) in following.tasks.iter().flatten().enumerate() {
            let mut params = Map::new();
            params.insert("remote_cluster".to_owned(), json!(following.remote));
            params.insert("follow_shard_index".to_owned(), json!(index.name));
            params.insert("follow_shard_index_uuid".to_owned(), json!(index.uuid));
            params.insert("follow_shard_shard".to_owned(), json!(at));
            params.insert("leader_shard_index".to_owned(), json!(following.leader));
            params.insert("leader_shard_index_uuid".to_owned(), json!(following.leader_uuid));
            params.insert("leader_shard_shard".to_owned(), json!(at));
            params.extend(following.parameters.clone());
            params.insert("headers".to_owned(), json!({}));
            out.push(json!({
                "id": format!("{}-{at}", index.uuid),
                "task": {"xpack/ccr/shard_follow_task": {"params": params}},
                "allocation_id": task.allocation_id,
                "assignment": {"executor_node": cluster.node_id, "explanation": explanation},
            }));
        }
    }
    out
}
