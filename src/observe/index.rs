//! From answers to indices. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Reading;
use crate::{
    duration,
    es::api::{
        CatIndex, FollowTask, FollowerInfo, IndexAliases, IndexSettings, IndexStats, LeaseStats,
        ShardStats, TaskParams,
    },
    model::world::{Alias, Following, Index, Lease, Shard, Task, Version, View},
};

/// One index's checkpoints, in the order of its shards.
pub(super) fn reading(stats: IndexStats) -> Reading {
    let writing = stats.shards.values().map(|shard| shard.index_current).sum();
    let shards = stats.shards.into_iter().map(|(number, stats)| shard(number, stats)).collect();
    Reading { uuid: stats.uuid, writing, shards }
}

pub(super) fn index(row: CatIndex, settings: &IndexSettings, version: Version) -> Index {
    let number = |key: &str| settings.get(key).and_then(|text| text.parse::<u64>().ok());
    let shards = number("index.number_of_shards").and_then(|count| u32::try_from(count).ok());
    // From 7.0 an index has soft deletes unless it says otherwise.
    let created_with =
        number("index.version.created").map_or(version.major >= 7, |created| created >= 7_000_000);
    let soft_deletes = settings.get("index.soft_deletes.enabled");
    Index {
        open: row.status != "close",
        health: row.health,
        shard_count: shards.unwrap_or(row.pri),
        replicas: settings.get("index.number_of_replicas").map_or(row.rep, str::to_owned),
        primaries_bytes: row.primaries_bytes.parse().ok(),
        stored_bytes: row.stored_bytes.parse().ok(),
        frozen: settings.is_true("index.store.snapshot.partial"),
        disk_full: settings.is_true("index.blocks.read_only_allow_delete"),
        write_block: settings.is_true("index.blocks.write"),
        read_only: settings.is_true("index.blocks.read_only"),
        is_managed: settings.get("index.lifecycle.name").is_some_and(|name| !name.is_empty()),
        soft_deletes: soft_deletes.map_or(created_with, |text| text == "true"),
        history_ms: settings.get("index.soft_deletes.retention_lease.period").and_then(period_ms),
        complete: settings.is_true("index.lifecycle.indexing_complete"),
        name: row.index,
        uuid: row.uuid,
        ..Index::default()
    }
}

/// A length of time as the server prints it, such as `12h`.
fn period_ms(text: &str) -> Option<u64> {
    let time = duration::parse(text).ok()?;
    u64::try_from(time.as_millis()).ok()
}

pub(super) fn add_aliases(view: &mut View, all: BTreeMap<String, IndexAliases>) {
    for (name, aliases) in all {
        if let Some(index) = view.indices.get_mut(&name) {
            index.aliases = aliases.into_iter().map(|(name, it)| alias(name, &it)).collect();
        }
    }
}

fn alias(name: String, properties: &Map<String, Value>) -> Alias {
    let text = |key: &str| properties.get(key).and_then(Value::as_str).map(str::to_owned);
    let flag = |key: &str| properties.get(key).and_then(Value::as_bool);
    Alias {
        name,
        filter: properties.get("filter").cloned(),
        index_routing: text("index_routing"),
        search_routing: text("search_routing"),
        is_write_index: flag("is_write_index"),
        is_hidden: flag("is_hidden"),
    }
}

/// Checkpoints count only for the very index: one of the same name may have come between.
pub(super) fn add_shards(view: &mut View, all: BTreeMap<String, IndexStats>) {
    for (name, stats) in all {
        let Some(index) = view.indices.get_mut(&name) else {
            continue;
        };
        if !stats.uuid.is_empty() && stats.uuid != index.uuid {
            continue;
        }
        let reading = reading(stats);
        index.writing = reading.writing;
        index.shards = reading.shards;
    }
}

fn shard(number: u32, stats: ShardStats) -> Shard {
    let of_followers = stats.leases.into_iter().filter(|lease| lease.source == "ccr");
    let lease = |lease: LeaseStats| Lease {
        id: lease.id,
        retaining_seq_no: lease.retaining_seq_no,
        timestamp_ms: lease.timestamp_ms,
    };
    Shard {
        number,
        max_seq_no: stats.max_seq_no,
        local_checkpoint: stats.local_checkpoint,
        global_checkpoint: stats.global_checkpoint,
        history_uuid: stats.history_uuid,
        leases: of_followers.map(lease).collect(),
    }
}

pub(super) fn add_followers(
    view: &mut View,
    followers: Vec<FollowerInfo>,
    mut tasks: BTreeMap<String, Vec<FollowTask>>,
    params: &[TaskParams],
) {
    for info in followers {
        let Some(index) = view.indices.get_mut(&info.follower_index) else {
            continue;
        };
        let own =
            params.iter().find(|it| it.follower_uuid == index.uuid && !it.leader_uuid.is_empty());
        let tasks = tasks.remove(&info.follower_index).unwrap_or_default();
        let mut tasks: Vec<Task> = tasks.iter().map(task).collect();
        tasks.sort_by_key(|task| task.shard);
        index.following = Some(Following {
            remote: info.remote_cluster,
            leader_index: info.leader_index,
            leader_uuid: own.map(|it| it.leader_uuid.clone()),
            is_compared: false,
            active: info.status == "active",
            parameters: info.parameters,
            tasks,
        });
    }
}

fn task(answer: &FollowTask) -> Task {
    Task {
        shard: answer.shard_id,
        leader_checkpoint: answer.leader_global_checkpoint,
        leader_max_seq_no: answer.leader_max_seq_no,
        follower_checkpoint: answer.follower_global_checkpoint,
        since_read_ms: answer.time_since_last_read_millis,
        reads: answer.successful_read_requests,
        failed_reads: answer.failed_read_requests,
        read_errors: answer.read_errors(),
        fatal: answer.fatal(),
    }
}
