//! The node: `GET /`, `_nodes` and `_tasks`.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    ccr_stats::identity,
    reply::{Handled, ok},
    site::Site,
    wildcard,
    world::World,
};

/// The action of a follow task.
const FOLLOW: &str = "xpack/ccr/shard_follow_task[c]";
/// The action of a bulk request.
const BULK: &str = "indices:data/write/bulk";

const NEW_ROLES: [&str; 11] = [
    "data",
    "data_cold",
    "data_content",
    "data_frozen",
    "data_hot",
    "data_warm",
    "ingest",
    "master",
    "ml",
    "remote_cluster_client",
    "transform",
];

/// `GET /`
pub(super) fn root(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[])?;
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let (kind, hash, date, lucene) = if is_old {
        ("zip", "4f67856", "2022-01-06T21:30:50.087716Z", "7.7.3")
    } else {
        ("docker", "0d9d1bf", "2026-01-01T00:00:00.000000000Z", "9.12.2")
    };
    let (wire, index) = if is_old { ("5.6.0", "5.0.0") } else { ("7.17.0", "7.0.0") };
    ok(json!({
        "name": cluster.node_name(),
        "cluster_name": cluster.name,
        "cluster_uuid": cluster.uuid,
        "version": {
            "number": cluster.personality.number(),
            "build_flavor": "default",
            "build_type": kind,
            "build_hash": hash,
            "build_date": date,
            "build_snapshot": false,
            "lucene_version": lucene,
            "minimum_wire_compatibility_version": wire,
            "minimum_index_compatibility_version": index,
        },
        "tagline": "You Know, for Search",
    }))
}

/// `GET /_nodes` and below it.
pub(super) fn nodes(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["timeout", "flat_settings"])?;
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let roles: Vec<&str> =
        if is_old { vec!["master", "data", "ingest"] } else { NEW_ROLES.to_vec() };
    let node = json!({
        "name": cluster.node_name(),
        "transport_address": cluster.transport_address,
        "host": "127.0.0.1",
        "ip": "127.0.0.1",
        "version": cluster.personality.number(),
        "roles": roles,
        "attributes": {"xpack.installed": "true"},
        "http": {"publish_address": cluster.http_address},
    });
    ok(json!({
        "_nodes": {"total": 1, "successful": 1, "failed": 0},
        "cluster_name": cluster.name,
        "nodes": {&cluster.node_id: node},
    }))
}

/// `GET /_tasks`: follow tasks, and the writes that are still under way after a block.
pub(super) fn tasks(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "actions",
        "detailed",
        "nodes",
        "parent_task_id",
        "wait_for_completion",
        "timeout",
        "group_by",
    ])?;
    let patterns: Vec<&str> = ask.parameter("actions").unwrap_or("*").split(',').collect();
    let wants = |action: &str| patterns.iter().any(|pattern| wildcard::matches(pattern, action));
    let cluster = world.at(site);
    let node = &cluster.node_id;
    let is_old = cluster.personality.is_old();
    let mut tasks = Map::new();
    let mut found = Vec::new();
    if wants(FOLLOW) {
        found.extend(follow_tasks(world, site));
    }
    if wants(BULK) {
        found.extend(late_bulk(world, site));
    }
    for (number, mut task) in (1000..).zip(found) {
        task["node"] = json!(node);
        task["id"] = json!(number);
        task["headers"] = json!({});
        tasks.insert(format!("{node}:{number}"), task);
    }
    if tasks.is_empty() {
        return ok(json!({"nodes": {}}));
    }
    let roles: Vec<&str> =
        if is_old { vec!["master", "data", "ingest"] } else { NEW_ROLES.to_vec() };
    ok(json!({"nodes": {node: {
        "name": cluster.node_name(),
        "transport_address": cluster.transport_address,
        "host": "127.0.0.1",
        "ip": cluster.transport_address,
        "roles": roles,
        "attributes": {"xpack.installed": "true"},
        "tasks": tasks,
    }}}))
}

fn follow_tasks(world: &World, site: Site) -> Vec<Value> {
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let now_ms = world.now_ms();
    let mut out = Vec::new();
    for index in cluster.indices.values() {
        let Some(following) = &index.following else {
            continue;
        };
        for (at, task) in following.tasks.iter().flatten().enumerate() {
            let age_ms = now_ms.saturating_sub(task.started_ms);
            let mut row = json!({
                "type": "persistent",
                "action": FOLLOW,
                "status": task.stats(&identity(index, following, at), now_ms, !is_old),
                "description": format!("id={}-{at}", index.uuid),
                "start_time_in_millis": task.started_ms,
                "running_time_in_nanos": age_ms * 1_000_000,
                "cancellable": true,
                "parent_task_id": format!("cluster:{}", task.allocation_id),
            });
            if !is_old {
                row["cancelled"] = json!(false);
            }
            out.push(row);
        }
    }
    out
}

/// A bulk request from before a write block that is still under way.
fn late_bulk(world: &World, site: Site) -> Option<Value> {
    if !world.has_writes_under_way(site) {
        return None;
    }
    let indices = world.at(site).indices.values();
    let blocked_ms = indices.filter_map(|index| index.blocked_ms).max()?;
    let started_ms = blocked_ms.saturating_sub(50);
    Some(json!({
        "type": "transport",
        "action": BULK,
        "description": "requests[1]",
        "start_time_in_millis": started_ms,
        "running_time_in_nanos": world.now_ms().saturating_sub(started_ms) * 1_000_000,
        "cancellable": false,
    }))
}
