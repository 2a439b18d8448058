//! `_cat`, as JSON.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    index::Index,
    names::{self, Wanted},
    reply::{Handled, Reply, ok},
    shard::Shard,
    site::Site,
    wildcard,
    world::World,
};

const COMMON: [&str; 9] = ["h", "v", "s", "help", "bytes", "time", "local", "master_timeout", "ts"];

/// The disk of every node.
pub(super) const DISK_BYTES: u64 = 200 * 1024 * 1024 * 1024;
/// What its indices are said to store, whatever they hold.
const STORED_BYTES: u64 = 86_297_804;

/// `GET /_cat/indices[/{index}]`, closed indices included.
pub(super) fn indices(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let mut known = COMMON.to_vec();
    known.extend(["health", "pri", "include_unloaded_segments"]);
    if !is_old {
        known.push("expand_wildcards");
    }
    ask.allow(&known)?;
    let mut rows = Vec::new();
    for name in names::resolve(cluster, ask.segment(2), Wanted::ALL)? {
        let index = cluster.index(&name)?;
        let row = columns(ask, index, is_old);
        rows.push(picked(
            row,
            ask.parameter("h"),
            &["docs.count", "docs.deleted", "store.size", "pri.store.size", "dataset.size"],
        ));
    }
    shaped(ask, rows)
}

fn columns(ask: &Ask, index: &Index, is_old: bool) -> Map<String, Value> {
    let live: usize = index.shards.iter().map(Shard::live).sum();
    let operations: usize = index.shards.iter().map(|shard| shard.log.len()).sum();
    let when = |known: bool, value: Value| if known { value } else { Value::Null };
    let size = when(index.open, json!(size(ask, 230 + live as u64 * 40)));
    // 6.8 knows nothing of a closed index but its name and UUID: it has no shards then.
    let known = index.open || !is_old;
    let mut row = Map::new();
    let mut put = |key: &str, value: Value| {
        row.insert(key.to_owned(), value);
    };
    put("health", when(known, json!(index.health())));
    put("status", json!(if index.open { "open" } else { "close" }));
    put("index", json!(index.name));
    put("uuid", json!(index.uuid));
    put("pri", when(known, json!(index.shards.len().to_string())));
    put("rep", when(known, json!(index.replicas().to_string())));
    put("docs.count", when(index.open, json!(live.to_string())));
    put("docs.deleted", when(index.open, json!((operations - live).to_string())));
    put("store.size", size.clone());
    put("pri.store.size", size.clone());
    if !is_old {
        put("dataset.size", size);
    }
    let created = index.setting("index.creation_date").unwrap_or_default();
    put("creation.date", json!(created));
    row
}

/// A size as the call wants it: in bytes with `bytes=b`, else with one decimal and its unit.
fn size(ask: &Ask, bytes: u64) -> String {
    match ask.parameter("bytes") {
        Some("b") => bytes.to_string(),
        _ => esdr_es::bytes::format(bytes).to_lowercase().replace(' ', ""),
    }
}

/// The columns that `h` names, in its order; without it all but `creation.date`.
fn picked(row: Map<String, Value>, wanted: Option<&str>, sizes: &[&str]) -> Value {
    let Some(wanted) = wanted else {
        let kept = row.into_iter().filter(|(key, _)| key != "creation.date");
        return Value::Object(kept.collect());
    };
    let short = |key: &str| match key {
        "i" | "idx" => "index".to_owned(),
        "id" => "uuid".to_owned(),
        "s" => "status".to_owned(),
        "p" => "pri".to_owned(),
        "r" => "rep".to_owned(),
        "dc" => sizes[0].to_owned(),
        other => other.to_owned(),
    };
    let found = wanted.split(',').filter_map(|key| {
        let name = short(key);
        row.get(&name).map(|value| (key.to_owned(), value.clone()))
    });
    Value::Object(found.collect())
}

/// `GET /_cat/aliases[/{alias}]`, those of closed indices included.
pub(super) fn aliases(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let mut known = COMMON.to_vec();
    if !is_old {
        known.push("expand_wildcards");
    }
    ask.allow(&known)?;
    let wanted = ask.segment(2);
    let is_wanted = |alias: &str| {
        wanted.is_empty()
            || wanted
                .split(',')
                .any(|pattern| pattern == "_all" || wildcard::matches(pattern, alias))
    };
    let mut rows = Vec::new();
    for index in cluster.indices.values() {
        for (alias, body) in index.aliases.iter().filter(|(alias, _)| is_wanted(alias)) {
            let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or("-");
            let mut row = Map::new();
            let mut put = |key: &str, value: &str| row.insert(key.to_owned(), json!(value));
            put("alias", alias);
            put("index", &index.name);
            put("filter", body.get("filter").map_or("-", |_| "*"));
            put("routing.index", text("index_routing"));
            put("routing.search", text("search_routing"));
            if !is_old {
                let flag = body.get("is_write_index").and_then(Value::as_bool);
                put("is_write_index", flag.map_or("-", truth));
            }
            rows.push(chosen(row, ask.parameter("h")));
        }
    }
    shaped(ask, rows)
}

fn truth(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// The columns that `h` names, in its order.
fn chosen(row: Map<String, Value>, wanted: Option<&str>) -> Value {
    let Some(wanted) = wanted else {
        return Value::Object(row);
    };
    let found = wanted
        .split(',')
        .filter_map(|key| row.get(key).map(|value| (key.to_owned(), value.clone())));
    Value::Object(found.collect())
}

/// `GET /_cat/allocation`
pub(super) fn allocation(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&COMMON)?;
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let open = cluster.indices.values().filter(|index| index.open || !is_old);
    let (mut assigned, mut unassigned) = (0, 0);
    for index in open {
        assigned += index.shards.len() as u64;
        unassigned += index.shards.len() as u64 * index.replicas();
    }
    let mut node = json!({"shards": assigned.to_string()});
    if !is_old {
        node["shards.undesired"] = json!("0");
        node["write_load.forecast"] = json!("0.0");
        node["disk.indices.forecast"] = json!(size(ask, 0));
    }
    let available_bytes = cluster.disk_available_bytes;
    let used_bytes = DISK_BYTES.saturating_sub(available_bytes);
    let sizes = [
        ("indices", STORED_BYTES),
        ("used", used_bytes),
        ("avail", available_bytes),
        ("total", DISK_BYTES),
    ];
    for (key, bytes) in sizes {
        node[format!("disk.{key}")] = json!(size(ask, bytes));
    }
    node["disk.percent"] = json!((used_bytes * 100 / DISK_BYTES).to_string());
    for (key, value) in [("host", "127.0.0.1"), ("ip", "127.0.0.1"), ("node", &cluster.node_name())]
    {
        node[key] = json!(value);
    }
    if !is_old {
        node["node.role"] = json!("cdfhilmrstw");
    }
    let mut rows = vec![node];
    if unassigned > 0 {
        let mut row = rows[0].clone();
        for value in row.as_object_mut().into_iter().flat_map(Map::values_mut) {
            *value = Value::Null;
        }
        row["shards"] = json!(unassigned.to_string());
        row["node"] = json!("UNASSIGNED");
        rows.push(row);
    }
    shaped(ask, rows)
}

fn shaped(ask: &Ask, rows: Vec<Value>) -> Handled {
    if ask.parameter("format") == Some("json") {
        return ok(Value::Array(rows));
    }
    let text: String = rows
        .iter()
        .filter_map(Value::as_object)
        .map(|row| {
            let cells: Vec<&str> = row.values().map(|value| value.as_str().unwrap_or("")).collect();
            cells.join(" ") + "\n"
        })
        .collect();
    Ok(Reply::Text(200, text))
}
