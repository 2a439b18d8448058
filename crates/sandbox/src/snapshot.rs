//! Snapshot repositories, kept in memory, and snapshots in them. A snapshot takes a moment,
//! during which the indices that it holds cannot be closed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    index::Index,
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, acknowledged, ok},
    site::Site,
    world::World,
};
use esdr_es::transport::Method::{self, Delete, Get, Post, Put};

/// How long a snapshot takes.
const TAKES_MS: u64 = 30;

/// One repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Repository {
    kind: String,
    settings: Map<String, Value>,
    snapshots: BTreeMap<String, Snapshot>,
}

#[derive(Clone, Debug)]
struct Snapshot {
    uuid: String,
    begun_ms: u64,
    /// As they were when it was begun.
    indices: Vec<Index>,
}

impl Repository {
    fn is_readonly(&self) -> bool {
        self.settings.get("readonly").is_some_and(|value| value == "true" || value == true)
    }
}

impl Snapshot {
    fn is_done(&self, now_ms: u64) -> bool {
        now_ms >= self.begun_ms + TAKES_MS
    }

    fn shards(&self) -> usize {
        self.indices.iter().map(|index| index.shards.len()).sum()
    }
}

/// Serves a call about repositories and snapshots, if it is one.
pub(super) fn call(
    world: &mut World,
    site: Site,
    ask: &Ask,
    method: Method,
    segments: &[&str],
) -> Option<Handled> {
    let ["_snapshot", rest @ ..] = segments else {
        return None;
    };
    Some(match (method, rest) {
        (Get, [] | ["_all"]) => list(world, site),
        (Put | Post, [repository]) => put(world, site, ask, repository),
        (Get, [repository]) => of(world, site, repository).and_then(|found| {
            ok(json!({*repository: {"type": found.kind, "settings": found.settings}}))
        }),
        (Delete, [repository]) => of(world, site, repository).cloned().and_then(|_| {
            world.at_mut(site).repositories.remove(*repository);
            acknowledged()
        }),
        (Post, [repository, "_verify"]) => verify(world, site, repository),
        (Put | Post, [repository, name]) => take(world, site, ask, (repository, name)),
        (Get, [repository, "_all"]) => told(world, site, repository, None),
        (Get, [repository, name]) => told(world, site, repository, Some(name)),
        (Delete, [repository, name]) => delete(world, site, repository, name),
        (Get, [repository, name, "_status"]) => status(world, site, repository, name),
        (Post, [repository, name, "_restore"]) => restore(world, site, ask, (repository, name)),
        _ => return None,
    })
}

/// 400 for an index that a snapshot under way holds.
pub(super) fn refuse_held(world: &World, site: Site, wanted: &[String]) -> Result<(), Refusal> {
    let now_ms = world.now_ms();
    let cluster = world.at(site);
    let under_way = cluster.repositories.values().flat_map(|it| it.snapshots.values());
    let mut held = under_way.filter(|it| !it.is_done(now_ms)).flat_map(|it| &it.indices);
    let Some(index) = held.find(|index| wanted.contains(&index.name)) else {
        return Ok(());
    };
    let reason = format!(
        "Cannot close indices that are being snapshotted: [[{}/{}]]. Try again after snapshot finishes or \
         cancel the currently running snapshot.",
        index.name, index.uuid
    );
    let kind = if cluster.personality.is_old() {
        "illegal_argument_exception"
    } else {
        "snapshot_in_progress_exception"
    };
    Err(Refusal::new(400, kind, reason))
}

/// An index of this name as complete snapshots hold it.
pub(super) fn holding<'w>(world: &'w World, site: Site, name: &str) -> Vec<&'w Index> {
    let now_ms = world.now_ms();
    let all = world.at(site).repositories.values().flat_map(|it| it.snapshots.values());
    let done = all.filter(|it| it.is_done(now_ms)).flat_map(|it| &it.indices);
    done.filter(|index| index.name == name).collect()
}

fn of<'w>(world: &'w World, site: Site, name: &str) -> Result<&'w Repository, Refusal> {
    world.at(site).repositories.get(name).ok_or_else(|| {
        Refusal::new(404, "repository_missing_exception", format!("[{name}] missing"))
    })
}

fn list(world: &World, site: Site) -> Handled {
    let all = world.at(site).repositories.iter();
    let rows =
        all.map(|(name, it)| (name.clone(), json!({"type": it.kind, "settings": it.settings})));
    ok(Value::Object(rows.collect()))
}

fn put(world: &mut World, site: Site, ask: &Ask, name: &str) -> Handled {
    ask.allow(&["verify", "timeout", "master_timeout"])?;
    let body = ask.required_object()?;
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    let settings = body.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
    if kind != "fs" || !settings.contains_key("location") {
        let reason = format!("[{name}] missing location");
        return Err(Refusal::new(500, "repository_exception", reason));
    }
    let as_text = |value: Value| match value {
        Value::String(text) => Value::String(text),
        other => Value::String(other.to_string()),
    };
    let settings = settings.into_iter().map(|(key, value)| (key, as_text(value))).collect();
    let known = world.at_mut(site).repositories.entry(name.to_owned()).or_default();
    kind.clone_into(&mut known.kind);
    known.settings = settings;
    acknowledged()
}

fn verify(world: &World, site: Site, name: &str) -> Handled {
    of(world, site, name)?;
    let cluster = world.at(site);
    ok(json!({"nodes": {cluster.node_id.clone(): {"name": cluster.node_name()}}}))
}

/// `PUT /_snapshot/{repository}/{name}?wait_for_completion=false`
fn take(world: &mut World, site: Site, ask: &Ask, (repository, name): (&str, &str)) -> Handled {
    ask.allow(&["wait_for_completion", "master_timeout"])?;
    let now_ms = world.now_ms();
    let is_old = world.at(site).personality.is_old();
    let found = of(world, site, repository)?;
    if found.is_readonly() {
        let reason = format!("[{repository}] cannot create snapshot in a readonly repository");
        return Err(Refusal::new(500, "repository_exception", reason));
    }
    if found.snapshots.contains_key(name) {
        let reason = format!(
            "[{repository}:{name}] Invalid snapshot name [{name}], snapshot with the same name already exists"
        );
        return Err(Refusal::new(400, "invalid_snapshot_name_exception", reason));
    }
    let mut all = world.at(site).repositories.values().flat_map(|it| it.snapshots.values());
    if is_old && all.any(|it| !it.is_done(now_ms)) {
        let reason = format!("[{repository}:{name}]  a snapshot is already running");
        return Err(Refusal::new(503, "concurrent_snapshot_execution_exception", reason));
    }
    let indices = match ask.object()?.get("indices") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        }
        _ => "_all".to_owned(),
    };
    let names = names::resolve(world.at(site), &indices, Wanted::ALL)?;
    let held: Result<Vec<Index>, Refusal> =
        names.iter().map(|name| world.at(site).index(name).cloned()).collect();
    let snapshot = Snapshot { uuid: world.uuid(), begun_ms: now_ms, indices: held? };
    if let Some(found) = world.at_mut(site).repositories.get_mut(repository) {
        found.snapshots.insert(name.to_owned(), snapshot);
    }
    ok(json!({"accepted": true}))
}

fn missing(repository: &str, name: &str) -> Refusal {
    let reason = format!("[{repository}:{name}] is missing");
    Refusal::new(404, "snapshot_missing_exception", reason)
}

/// `GET /_snapshot/{repository}/{name}`, or of all.
fn told(world: &World, site: Site, repository: &str, name: Option<&str>) -> Handled {
    let (now_ms, cluster) = (world.now_ms(), world.at(site));
    let is_old = cluster.personality.is_old();
    let all = of(world, site, repository)?.snapshots.iter();
    let wanted: Vec<_> = all.filter(|(key, _)| name.is_none_or(|name| name == *key)).collect();
    if let (true, Some(name)) = (wanted.is_empty(), name) {
        return Err(missing(repository, name));
    }
    let row = |(name, it): &(&String, &Snapshot)| {
        let names: Vec<&str> = it.indices.iter().map(|index| index.name.as_str()).collect();
        let is_done = it.is_done(now_ms);
        let done = if is_done { it.shards() } else { 0 };
        let mut row = json!({
            "snapshot": name, "uuid": it.uuid, "version": cluster.personality.number(),
            "indices": names, "include_global_state": false,
            "state": if is_done { "SUCCESS" } else { "IN_PROGRESS" },
            "start_time_in_millis": it.begun_ms, "failures": [],
            "shards": {"total": done, "failed": 0, "successful": done},
        });
        if !is_old {
            row["repository"] = json!(repository);
            row["data_streams"] = json!([]);
            row["feature_states"] = json!([]);
        }
        row
    };
    let rows: Vec<Value> = wanted.iter().map(row).collect();
    let mut body = json!({"snapshots": rows});
    if !is_old {
        body["total"] = json!(wanted.len());
        body["remaining"] = json!(0);
    }
    ok(body)
}

fn status(world: &World, site: Site, repository: &str, name: &str) -> Handled {
    let found = of(world, site, repository)?.snapshots.get(name);
    let it = found.ok_or_else(|| missing(repository, name))?;
    let is_done = it.is_done(world.now_ms());
    let (started, done) = if is_done { (0, it.shards()) } else { (it.shards(), 0) };
    let stats = json!({
        "initializing": 0, "started": started, "finalizing": 0, "done": done, "failed": 0,
        "total": it.shards(),
    });
    let state = if is_done { "SUCCESS" } else { "STARTED" };
    ok(json!({"snapshots": [{
        "snapshot": name, "repository": repository, "uuid": it.uuid, "state": state,
        "include_global_state": false, "shards_stats": stats,
    }]}))
}

fn delete(world: &mut World, site: Site, repository: &str, name: &str) -> Handled {
    of(world, site, repository)?;
    let found = world.at_mut(site).repositories.get_mut(repository);
    match found.and_then(|found| found.snapshots.remove(name)) {
        Some(_) => acknowledged(),
        None => Err(missing(repository, name)),
    }
}

/// `POST /_snapshot/{repository}/{name}/_restore` of one index under another name.
fn restore(world: &mut World, site: Site, ask: &Ask, (repository, name): (&str, &str)) -> Handled {
    ask.allow(&["wait_for_completion", "master_timeout"])?;
    let body = ask.required_object()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (wanted, becomes) = (text("indices"), text("rename_replacement"));
    let found = of(world, site, repository)?.snapshots.get(name);
    let mut held = found.ok_or_else(|| missing(repository, name))?.indices.iter();
    let mut copy = held
        .find(|index| index.name == wanted)
        .cloned()
        .ok_or_else(|| Refusal::missing(world.at(site).personality, wanted))?;
    super::create::check_free(world.at(site), becomes)?;
    becomes.clone_into(&mut copy.name);
    copy.uuid = world.uuid();
    copy.settings.insert("index.uuid".to_owned(), json!(copy.uuid));
    copy.aliases.clear();
    copy.following = None;
    for shard in &mut copy.shards {
        shard.leases.clear();
        shard.history_uuid = world.uuid();
    }
    let shards = copy.shards.len();
    world.at_mut(site).indices.insert(becomes.to_owned(), copy);
    world.touch(site);
    let shards = json!({"total": shards, "failed": 0, "successful": shards});
    ok(json!({"snapshot": {"snapshot": name, "indices": [becomes], "shards": shards}}))
}
