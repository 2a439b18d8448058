//! `_stats`, `_recovery` and `_fleet/global_checkpoints`.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    index::Index,
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, object, ok},
    shard::Shard,
    site::Site,
    world::World,
};

/// Metrics that `_stats` knows.
const METRICS: [&str; 18] = [
    "_all",
    "docs",
    "store",
    "indexing",
    "get",
    "search",
    "merge",
    "refresh",
    "flush",
    "warmer",
    "query_cache",
    "fielddata",
    "completion",
    "segments",
    "translog",
    "request_cache",
    "recovery",
    "bulk",
];

/// `_stats`; a closed index is refused, or left out of wildcards, unless 8.x is asked with
/// `forbid_closed_indices=false`.
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let is_old = world.at(site).personality.is_old();
    let mut known = vec![
        "level",
        "groups",
        "types",
        "fields",
        "completion_fields",
        "fielddata_fields",
        "include_segment_file_sizes",
        "ignore_unavailable",
        "allow_no_indices",
        "expand_wildcards",
    ];
    if !is_old {
        known.extend(["forbid_closed_indices", "include_unloaded_segments"]);
    }
    ask.allow(&known)?;
    let (expression, metrics) = match ask.segments.as_slice() {
        [first, metrics] if first == "_stats" => ("_all", metrics.as_str()),
        [_] | [] => ("_all", ""),
        [expression, _] => (expression.as_str(), ""),
        [expression, _, metrics, ..] => (expression.as_str(), metrics.as_str()),
    };
    check_metrics(ask, metrics)?;
    let mut wanted = Wanted::OPEN.asked(ask);
    wanted.closed = ask.parameter("forbid_closed_indices") == Some("false");
    wanted.closed_by_wildcard = wanted.closed;
    let found = names::resolve(world.at(site), expression, wanted)?;
    let wants = |metric: &str| {
        metrics.is_empty() || metrics.split(',').any(|one| one == metric || one == "_all")
    };
    let made = Made::of(ask, &wants);
    let mut out = Map::new();
    let (mut total, mut successful) = (0, 0);
    for name in found {
        let draining =
            world.at(site).indices.get(&name).is_some_and(|index| world.is_draining(index));
        let busy = u64::from(draining && world.at(site).late_bulks > 0);
        let cluster = world.at_mut(site);
        let Some(index) = cluster.indices.get_mut(&name) else {
            continue;
        };
        let is_warming = index.warming > 0;
        index.warming = index.warming.saturating_sub(1);
        total += index.shards.len() as u64 * (1 + index.replicas());
        successful += index.shards.len();
        let cluster = world.at(site);
        let made = Made { shards: made.shards && !is_warming, ..made };
        out.insert(name.clone(), row(cluster, &cluster.indices[&name], &wants, made, busy));
    }
    ok(object([
        ("_shards", json!({"total": total, "successful": successful, "failed": 0})),
        ("_all", json!({"primaries": {}, "total": {}})),
        ("indices", Value::Object(out)),
    ]))
}

fn check_metrics(ask: &Ask, metrics: &str) -> Result<(), Refusal> {
    let mut named = metrics.split(',').filter(|metric| !metric.is_empty());
    let Some(metric) = named.find(|metric| !METRICS.contains(metric)) else {
        return Ok(());
    };
    let path = &ask.path;
    let reason = format!("request [{path}] contains unrecognized metric: [{metric}]");
    Err(Refusal::argument(reason))
}

/// What of an index's row is made: a filter drops the rest.
#[derive(Clone, Copy)]
struct Made {
    totals: bool,
    shards: bool,
    counts: bool,
    commit: bool,
    leases: bool,
}

impl Made {
    fn of(ask: &Ask, wants: &dyn Fn(&str) -> bool) -> Self {
        // One that is about some indices only is left to the filter itself.
        let is_general = |path: &str| path.starts_with("indices.*.");
        let is_of_all =
            ask.parameter("filter_path").is_some_and(|it| it.split(',').all(is_general));
        let keeps = |at: &[&str]| !is_of_all || ask.keeps(&[&["indices", "any"], at].concat());
        let of_copies = |part: &str| keeps(&["shards", "0", part]);
        Self {
            totals: keeps(&["primaries"]) || keeps(&["total"]),
            shards: ask.parameter("level") == Some("shards"),
            counts: ["docs", "store", "indexing"].iter().any(|it| wants(it) && of_copies(it)),
            commit: of_copies("commit"),
            leases: of_copies("retention_leases"),
        }
    }
}

fn row(
    cluster: &Cluster,
    index: &Index,
    wants: &dyn Fn(&str) -> bool,
    made: Made,
    busy: u64,
) -> Value {
    let mut out = Map::new();
    out.insert("uuid".to_owned(), json!(index.uuid));
    if !cluster.personality.is_old() {
        out.insert("health".to_owned(), json!(index.health()));
        out.insert("status".to_owned(), json!(if index.open { "open" } else { "close" }));
    }
    if made.totals {
        let live: usize = index.shards.iter().map(Shard::live).sum();
        let operations: usize = index.shards.iter().map(|shard| shard.log.len()).sum();
        let common = common(wants, live, operations, busy);
        out.insert("primaries".to_owned(), common.clone());
        out.insert("total".to_owned(), common);
    }
    if made.shards {
        let shards: Map<String, Value> = index
            .shards
            .iter()
            .enumerate()
            .filter(|_| !index.red)
            .map(|(at, shard)| {
                (at.to_string(), Value::Array(vec![copy(cluster, shard, wants, made, busy)]))
            })
            .collect();
        out.insert("shards".to_owned(), Value::Object(shards));
    }
    Value::Object(out)
}

fn common(wants: &dyn Fn(&str) -> bool, live: usize, operations: usize, busy: u64) -> Value {
    let mut out = Map::new();
    if wants("docs") {
        out.insert("docs".to_owned(), json!({"count": live, "deleted": operations - live}));
    }
    if wants("store") {
        out.insert("store".to_owned(), json!({"size_in_bytes": 230 + live * 40}));
    }
    if wants("indexing") {
        out.insert(
            "indexing".to_owned(),
            json!({"index_total": operations, "index_current": busy,
            "index_failed": 0, "delete_total": 0, "delete_current": 0}),
        );
    }
    Value::Object(out)
}

fn copy(
    cluster: &Cluster,
    shard: &Shard,
    wants: &dyn Fn(&str) -> bool,
    made: Made,
    busy: u64,
) -> Value {
    let mut out = json!({"routing": {"state": "STARTED", "primary": true, "node": cluster.node_id,
                                     "relocating_node": null}});
    if made.counts
        && let (Value::Object(out), Value::Object(common)) =
            (&mut out, common(wants, shard.live(), shard.log.len(), busy))
    {
        out.extend(common);
    }
    if made.commit {
        out["commit"] = commit(cluster, shard);
    }
    out["seq_no"] = json!({"max_seq_no": shard.max_seq_no, "local_checkpoint": shard.checkpoint,
                           "global_checkpoint": shard.checkpoint});
    if made.leases {
        out["retention_leases"] = leases(cluster, shard);
    }
    out
}

fn commit(cluster: &Cluster, shard: &Shard) -> Value {
    let mut user_data = json!({
        "local_checkpoint": shard.committed.to_string(),
        "max_unsafe_auto_id_timestamp": "-1",
        "translog_uuid": shard.translog_uuid,
        "history_uuid": shard.history_uuid,
        "max_seq_no": shard.committed.to_string(),
    });
    if cluster.personality.is_old() {
        user_data["translog_generation"] = json!("1");
    } else {
        user_data["es_version"] = json!(cluster.personality.created());
    }
    json!({"id": shard.translog_uuid, "generation": 2, "user_data": user_data,
           "num_docs": shard.live()})
}

fn leases(cluster: &Cluster, shard: &Shard) -> Value {
    let is_old = cluster.personality.is_old();
    let mut leases: Vec<Value> = Vec::new();
    if !is_old {
        leases.push(
            json!({"id": format!("peer_recovery/{}", cluster.node_id), "retaining_seq_no": 0,
                           "timestamp": 0, "source": "peer recovery"}),
        );
    }
    leases.extend(shard.leases.iter().map(|lease| {
        json!({"id": lease.id, "retaining_seq_no": lease.retaining_seq_no,
               "timestamp": lease.timestamp_ms, "source": "ccr"})
    }));
    object([
        ("primary_term", json!(shard.term)),
        ("version", json!(shard.leases_version + i64::from(!is_old))),
        ("leases", Value::Array(leases)),
    ])
}

/// `GET /{index}/_recovery`: a copy from a leader shows as a restore from a snapshot.
pub(super) fn recovery(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "detailed",
        "active_only",
        "ignore_unavailable",
        "expand_wildcards",
        "allow_no_indices",
    ])?;
    let cluster = world.at(site);
    let expression = if ask.segments.len() == 1 { "_all" } else { ask.segment(0) };
    let mut out = Map::new();
    for name in names::resolve(cluster, expression, Wanted::OPEN.asked(ask))? {
        let index = cluster.index(&name)?;
        if ask.flag("active_only") && index.restoring == 0 {
            continue;
        }
        let shards: Vec<Value> =
            (0..index.shards.len()).map(|at| recovered(cluster, index, at)).collect();
        out.insert(name, json!({"shards": shards}));
    }
    ok(Value::Object(out))
}

fn recovered(cluster: &Cluster, index: &Index, at: usize) -> Value {
    let is_old = cluster.personality.is_old();
    let recovery = &index.recovery;
    let version = if is_old { "6.8.23" } else { "8.19.9-8.19.21" };
    let is_done = index.restoring == 0;
    let (kind, source) = match &recovery.remote {
        Some(remote) => (
            "SNAPSHOT",
            json!({"repository": format!("_ccr_{remote}"), "snapshot": "_latest_",
            "version": version, "index": recovery.leader, "restoreUUID": recovery.restore_uuid}),
        ),
        None => ("EMPTY_STORE", json!({})),
    };
    let bytes =
        if recovery.remote.is_some() { recovery.bytes / index.shards.len().max(1) } else { 0 };
    let got = if is_done { bytes } else { bytes / 2 };
    let mut size =
        json!({"total_in_bytes": bytes, "reused_in_bytes": 0, "recovered_in_bytes": got});
    if !is_old {
        size["recovered_from_snapshot_in_bytes"] = json!(0);
    }
    let percent = if is_done { "100.0%" } else { "50.0%" };
    size["percent"] = json!(percent);
    let mut out = json!({"id": at, "type": kind, "stage": if is_done { "DONE" } else { "INDEX" }, "primary": true,
        "start_time_in_millis": recovery.started_ms});
    if is_done {
        out["stop_time_in_millis"] = json!(recovery.started_ms + 30);
    }
    out["total_time_in_millis"] = json!(30);
    out["source"] = source;
    out["target"] = json!({"id": cluster.node_id, "host": "127.0.0.1",
        "transport_address": cluster.transport_address, "ip": "127.0.0.1", "name": cluster.node_name()});
    out["index"] = json!({"size": size, "files": {"total": 1, "reused": 0, "recovered": 1, "percent": percent},
        "total_time_in_millis": 20, "source_throttle_time_in_millis": 0, "target_throttle_time_in_millis": 0});
    out["translog"] = json!({"recovered": 0, "total": 0, "percent": "100.0%", "total_on_start": 0, "total_time_in_millis": 5});
    out["verify_index"] = json!({"check_index_time_in_millis": 0, "total_time_in_millis": 0});
    out
}

/// `GET /{index}/_fleet/global_checkpoints` (from 7.13 on), without waiting.
pub(super) fn global_checkpoints(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["wait_for_advance", "wait_for_index", "checkpoints", "timeout"])?;
    let index = world.at(site).index(ask.segment(0))?;
    if !index.open {
        return Err(Refusal::closed(&index.name, &index.uuid));
    }
    let checkpoints: Vec<i64> = index.shards.iter().map(|shard| shard.checkpoint).collect();
    ok(json!({"global_checkpoints": checkpoints, "timed_out": false}))
}
