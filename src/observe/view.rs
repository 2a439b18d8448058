//! From answers to a view. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Reading, gather::version};
use crate::{
    es::{
        api::{
            AutoFollow, CatIndex, ClusterSettings, FollowTask, FollowerInfo, Health, IndexAliases,
            IndexSettings, IndexStats, License as LicenseAnswer, RemoteInfo, Root, ShardStats,
            TaskParams, WriteTask,
        },
        error::Error,
    },
    model::world::{
        Alias, Following, Index, Lease, License, Pattern, Remote, Shard, Task, Version, View,
    },
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What one cluster answered. Without one of the results the cluster is ill.
pub(super) struct Answers {
    pub(super) health: Result<Health, Error>,
    pub(super) settings: Result<ClusterSettings, Error>,
    pub(super) indices: Result<Vec<CatIndex>, Error>,
    pub(super) index_settings: Result<BTreeMap<String, IndexSettings>, Error>,
    pub(super) stats: Result<BTreeMap<String, IndexStats>, Error>,
    pub(super) aliases: Result<BTreeMap<String, IndexAliases>, Error>,
    pub(super) followers: Result<Vec<FollowerInfo>, Error>,
    pub(super) license: Option<LicenseAnswer>,
    pub(super) remotes: Option<BTreeMap<String, RemoteInfo>>,
    pub(super) tasks: Option<BTreeMap<String, Vec<FollowTask>>>,
    pub(super) params: Option<Vec<TaskParams>>,
    pub(super) patterns: Option<Vec<AutoFollow>>,
    pub(super) restoring: Option<BTreeSet<String>>,
    pub(super) writes: Option<Vec<WriteTask>>,
}

impl Answers {
    /// The failures of what must not be missing, for people.
    pub(super) fn missing(&self) -> Vec<String> {
        let errors = [
            self.health.as_ref().err(),
            self.settings.as_ref().err(),
            self.indices.as_ref().err(),
            self.index_settings.as_ref().err(),
            self.stats.as_ref().err(),
            self.aliases.as_ref().err(),
            self.followers.as_ref().err(),
        ];
        errors.into_iter().flatten().map(without_query).collect()
    }
}

/// The query of a read is noise to people.
fn without_query(error: &Error) -> String {
    let text = error.to_string();
    match (text.find('?'), text.find(": ")) {
        (Some(mark), Some(colon)) if mark < colon => format!("{}{}", &text[..mark], &text[colon..]),
        _ => text,
    }
}

/// The view that these answers make; what is missing is empty.
pub(super) fn view(root: &Root, answers: Answers, now_ms: i64) -> View {
    let version = version(root);
    let settings = answers.index_settings.unwrap_or_default();
    let is_full = |it: &IndexSettings| it.is_true("index.blocks.read_only_allow_delete");
    let mut view = View {
        uuid: root.cluster_uuid.clone(),
        cluster_name: root.cluster_name.clone(),
        version,
        health: answers
            .health
            .map(|health| health.status)
            .unwrap_or_default(),
        license: answers
            .license
            .map(|it| license(&it, now_ms))
            .unwrap_or_default(),
        remotes: remotes(&answers.settings.unwrap_or_default(), answers.remotes),
        patterns: answers
            .patterns
            .map(|list| list.into_iter().map(pattern).collect()),
        disk_full: settings.values().any(is_full),
        ..View::default()
    };
    let writes = answers.writes.unwrap_or_default();
    view.write_tasks_ms = writes
        .iter()
        .filter(|it| !it.is_replication())
        .map(|it| it.running_ms)
        .collect();
    for row in answers.indices.unwrap_or_default() {
        let own = settings.get(&row.index).cloned().unwrap_or_default();
        view.indices
            .insert(row.index.clone(), index(row, &own, version));
    }
    add_aliases(&mut view, answers.aliases.unwrap_or_default());
    add_shards(&mut view, answers.stats.unwrap_or_default());
    for name in answers.restoring.unwrap_or_default() {
        if let Some(index) = view.indices.get_mut(&name) {
            index.restoring = true;
        }
    }
    let tasks = answers.tasks.unwrap_or_default();
    let params = answers.params.unwrap_or_default();
    add_followers(
        &mut view,
        answers.followers.unwrap_or_default(),
        tasks,
        &params,
    );
    view
}

/// One index's checkpoints, in the order of its shards.
pub(super) fn reading(stats: IndexStats) -> Reading {
    let writing = stats.shards.values().map(|shard| shard.index_current).sum();
    let shards = stats
        .shards
        .into_iter()
        .map(|(number, stats)| shard(number, stats))
        .collect();
    Reading {
        uuid: stats.uuid,
        writing,
        shards,
    }
}

fn license(answer: &LicenseAnswer, now_ms: i64) -> License {
    License {
        kind: answer.kind.clone(),
        status: answer.status.clone(),
        days_left: answer
            .expiry_date_in_millis
            .map(|end_ms| (end_ms - now_ms).div_euclid(DAY_MS)),
    }
}

/// Remotes by the settings, and those that only the node's own file configures.
fn remotes(
    settings: &ClusterSettings,
    infos: Option<BTreeMap<String, RemoteInfo>>,
) -> BTreeMap<String, Remote> {
    let infos = infos.unwrap_or_default();
    let aliases: BTreeSet<String> = settings
        .remote_aliases()
        .into_iter()
        .chain(infos.keys().cloned())
        .collect();
    let text = |key: String| {
        settings
            .get(&key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let remote = |alias: &String| {
        let info = infos.get(alias).cloned().unwrap_or_default();
        let seeds = settings.list(&format!("cluster.remote.{alias}.seeds"));
        let proxy = text(format!("cluster.remote.{alias}.proxy_address"));
        Remote {
            seeds: if seeds.is_empty() { info.seeds } else { seeds },
            proxy: proxy.or(info.proxy_address),
            connected: info.connected,
            leads_to: None,
        }
    };
    aliases
        .iter()
        .map(|alias| (alias.clone(), remote(alias)))
        .collect()
}

fn pattern(answer: AutoFollow) -> Pattern {
    let mut body = answer.pattern;
    let list = |body: &Map<String, Value>, key: &str| -> Vec<String> {
        let items = body
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let exclusions = list(&body, "leader_index_exclusion_patterns");
    // The call that puts it back knows neither a state nor, before 7.14, exclusions.
    let active = body
        .shift_remove("active")
        .and_then(|it| it.as_bool())
        .unwrap_or(true);
    if exclusions.is_empty() {
        body.shift_remove("leader_index_exclusion_patterns");
    }
    Pattern {
        name: answer.name,
        active,
        remote: body["remote_cluster"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        leader_patterns: list(&body, "leader_index_patterns"),
        exclusions,
        body: Value::Object(body),
    }
}

fn index(row: CatIndex, settings: &IndexSettings, version: Version) -> Index {
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
        replicas: settings
            .get("index.number_of_replicas")
            .map_or(row.rep, str::to_owned),
        write_block: settings.is_true("index.blocks.write"),
        soft_deletes: soft_deletes.map_or(created_with, |text| text == "true"),
        complete: settings.is_true("index.lifecycle.indexing_complete"),
        name: row.index,
        uuid: row.uuid,
        ..Index::default()
    }
}

fn add_aliases(view: &mut View, all: BTreeMap<String, IndexAliases>) {
    for (name, aliases) in all {
        if let Some(index) = view.indices.get_mut(&name) {
            index.aliases = aliases
                .into_iter()
                .map(|(name, it)| alias(name, &it))
                .collect();
        }
    }
}

fn alias(name: String, properties: &Map<String, Value>) -> Alias {
    let text = |key: &str| {
        properties
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
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
fn add_shards(view: &mut View, all: BTreeMap<String, IndexStats>) {
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
    let of_followers = stats
        .leases
        .into_iter()
        .filter(|lease| lease.source == "ccr");
    let lease = |lease: crate::es::api::LeaseStats| Lease {
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

fn add_followers(
    view: &mut View,
    followers: Vec<FollowerInfo>,
    mut tasks: BTreeMap<String, Vec<FollowTask>>,
    params: &[TaskParams],
) {
    for info in followers {
        let Some(index) = view.indices.get_mut(&info.follower_index) else {
            continue;
        };
        let own = params
            .iter()
            .find(|it| it.follower_uuid == index.uuid && !it.leader_uuid.is_empty());
        let tasks = tasks.remove(&info.follower_index).unwrap_or_default();
        let mut tasks: Vec<Task> = tasks.iter().map(task).collect();
        tasks.sort_by_key(|task| task.shard);
        index.following = Some(Following {
            remote: info.remote_cluster,
            leader_index: info.leader_index,
            leader_uuid: own.map(|it| it.leader_uuid.clone()),
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
