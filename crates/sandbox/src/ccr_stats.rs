//! `_ccr/info` and `_ccr/stats`.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    index::{Following, Index},
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, object, ok},
    site::Site,
    world::World,
};

/// `GET /{index}/_ccr/info`
pub(super) fn info(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(timeouts(world.at(site)))?;
    let cluster = world.at(site);
    let rows: Vec<Value> = names::resolve(cluster, ask.segment(0), Wanted::ALL)?
        .iter()
        .filter_map(|name| cluster.indices.get(name))
        .filter_map(|index| index.following.as_ref().map(|following| row(index, following)))
        .collect();
    ok(object([("follower_indices", Value::Array(rows))]))
}

fn row(index: &Index, following: &Following) -> Value {
    let mut row = json!({
        "follower_index": index.name,
        "remote_cluster": following.remote,
        "leader_index": following.leader,
        "status": if following.tasks.is_some() { "active" } else { "paused" },
    });
    if following.tasks.is_some() {
        row["parameters"] = Value::Object(following.parameters.clone());
    }
    row
}

/// `GET /{index}/_ccr/stats`: exact names, `_all` or `*`; unknown ones among known ones are
/// passed over.
pub(super) fn one(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(timeouts(world.at(site)))?;
    let cluster = world.at(site);
    cluster.require_ccr()?;
    let wanted = ask.segment(0);
    let all = matches!(wanted, "_all" | "*");
    let names: Vec<&str> = wanted.split(',').collect();
    let now_ms = world.now_ms();
    let indices: Vec<Value> = cluster
        .indices
        .values()
        .filter(|index| all || names.contains(&index.name.as_str()))
        .filter_map(|index| shards(cluster, index, now_ms))
        .collect();
    if indices.is_empty() && !all {
        let reason = format!("No shard follow tasks for follower indices [{wanted}]");
        return Err(Refusal::new(404, "resource_not_found_exception", reason));
    }
    ok(object([("indices", Value::Array(indices))]))
}

/// `GET /_ccr/stats`
pub(super) fn all(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(timeouts(world.at(site)))?;
    let cluster = world.at(site);
    cluster.require_ccr()?;
    let now_ms = world.now_ms();
    let indices: Vec<Value> =
        cluster.indices.values().filter_map(|index| shards(cluster, index, now_ms)).collect();
    let errors: Vec<Value> = cluster
        .auto_follow
        .errors
        .iter()
        .map(|(key, at_ms, exception)| {
            json!({"leader_index": key, "timestamp": at_ms, "auto_follow_exception": exception})
        })
        .collect();
    let mut remotes: Vec<&str> = cluster
        .patterns
        .values()
        .filter(|pattern| pattern.is_active)
        .map(|pattern| pattern.remote.as_str())
        .collect();
    remotes.sort_unstable();
    remotes.dedup();
    let followed: Vec<Value> = remotes
        .into_iter()
        .map(|remote| {
            let seen = cluster.patterns.values().filter(|pattern| pattern.remote == remote);
            let seen = seen.map(|pattern| pattern.seen_version).max().unwrap_or(0);
            json!({"cluster_name": remote, "time_since_last_check_millis": 0,
                   "last_seen_metadata_version": seen})
        })
        .collect();
    let auto_follow = json!({
            "number_of_failed_follow_indices": cluster.auto_follow.failed,
            "number_of_failed_remote_cluster_state_requests": cluster.auto_follow.failed_states,
            "number_of_successful_follow_indices": cluster.auto_follow.followed,
            "recent_auto_follow_errors": errors,
            "auto_followed_clusters": followed,
    });
    ok(object([
        ("auto_follow_stats", auto_follow),
        ("follow_stats", object([("indices", Value::Array(indices))])),
    ]))
}

fn timeouts(cluster: &Cluster) -> &'static [&'static str] {
    if cluster.personality.is_old() { &[] } else { &["master_timeout", "timeout"] }
}

fn shards(cluster: &Cluster, index: &Index, now_ms: u64) -> Option<Value> {
    let following = index.following.as_ref()?;
    let tasks = following.tasks.as_ref()?;
    if index.restoring > 0 {
        return None;
    }
    let is_old = cluster.personality.is_old();
    let shards: Vec<Value> = tasks
        .iter()
        .enumerate()
        .map(|(at, task)| task.stats(&identity(index, following, at), now_ms, !is_old))
        .collect();
    let mut out = Map::new();
    out.insert("index".to_owned(), json!(index.name));
    if !is_old {
        let lag: i64 = tasks.iter().map(super::task::Task::lag).sum();
        out.insert("total_global_checkpoint_lag".to_owned(), json!(lag));
    }
    out.insert("shards".to_owned(), Value::Array(shards));
    Some(Value::Object(out))
}

/// The fields by which a shard's statistics are told apart.
pub(super) fn identity(index: &Index, following: &Following, shard: usize) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("remote_cluster".to_owned(), json!(following.remote));
    out.insert("leader_index".to_owned(), json!(following.leader));
    out.insert("follower_index".to_owned(), json!(index.name));
    out.insert("shard_id".to_owned(), json!(shard));
    out
}
