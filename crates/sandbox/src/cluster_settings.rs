//! `_cluster/settings`, remotes among them.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    flat::{Flat, flatten, shaped},
    refusal::Refusal,
    reply::{Handled, ok},
    site::Site,
    world::World,
};

/// Groups of settings that the server registers.
const GROUPS: [&str; 13] = [
    "cluster.",
    "action.",
    "search.",
    "indices.",
    "xpack.",
    "ccr.",
    "logger.",
    "script.",
    "discovery.",
    "transport.",
    "http.",
    "network.",
    "ingest.",
];

/// `GET /_cluster/settings`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["flat_settings", "include_defaults", "master_timeout", "timeout", "local"])?;
    let cluster = world.at(site);
    let as_flat = ask.flag("flat_settings");
    let mut out = json!({
        "persistent": shaped(&cluster.persistent, as_flat),
        "transient": shaped(&cluster.transient, as_flat),
    });
    if ask.flag("include_defaults") {
        let mut defaults = defaults(cluster);
        defaults.retain(|key, _| cluster.setting(key).is_none());
        out["defaults"] = shaped(&defaults, as_flat);
    }
    ok(out)
}

/// `PUT /_cluster/settings`: merges, `null` deletes; echoes what was set.
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["flat_settings", "master_timeout", "timeout"])?;
    let body = ask.required_object()?;
    let as_flat = ask.flag("flat_settings");
    let cluster = world.at_mut(site);
    let before = (cluster.persistent.clone(), cluster.transient.clone());
    let echoed = match merge(cluster, &body, as_flat) {
        Ok(echoed) => echoed,
        Err(refusal) => {
            (cluster.persistent, cluster.transient) = before;
            return Err(refusal);
        }
    };
    world.touch(site);
    let mut out = Map::new();
    out.insert("acknowledged".to_owned(), json!(true));
    out.extend(echoed);
    ok(Value::Object(out))
}

/// Merges the settings of a body; what was set, by scope.
fn merge(
    cluster: &mut Cluster,
    body: &Map<String, Value>,
    as_flat: bool,
) -> Result<Map<String, Value>, Refusal> {
    let mut echoed = Map::new();
    for scope in ["persistent", "transient"] {
        let mut changes = Flat::new();
        if let Some(given) = body.get(scope) {
            flatten("", given, &mut changes);
        }
        for key in changes.keys() {
            check(cluster, scope, key)?;
        }
        let is_persistent = scope == "persistent";
        let target = if is_persistent { &mut cluster.persistent } else { &mut cluster.transient };
        for (key, value) in &changes {
            if value.is_null() {
                target.remove(key);
            } else {
                target.insert(key.clone(), value.clone());
            }
        }
        changes.retain(|_, value| !value.is_null());
        echoed.insert(scope.to_owned(), shaped(&changes, as_flat));
    }
    check_modes(cluster)?;
    Ok(echoed)
}

fn check(cluster: &Cluster, scope: &str, key: &str) -> Result<(), Refusal> {
    let old =
        ["seeds", "skip_unavailable", "proxy", "transport.ping_schedule", "transport.compress"];
    let new = [
        "mode",
        "node_connections",
        "proxy_address",
        "proxy_socket_connections",
        "server_name",
        "transport.compression_scheme",
    ];
    let globals = [
        "cluster.remote.node.attr",
        "cluster.remote.initial_connect_timeout",
        "cluster.remote.connections_per_cluster",
        "cluster.remote.connect",
    ];
    let is_known = match key.strip_prefix("cluster.remote.") {
        Some(_) if globals.contains(&key) => true,
        // The alias is the first part, so an alias with a dot has no known setting.
        Some(rest) => rest.split_once('.').is_some_and(|(_, setting)| {
            old.contains(&setting) || (!cluster.personality.is_old() && new.contains(&setting))
        }),
        None => GROUPS.iter().any(|group| key.starts_with(group)),
    };
    if is_known {
        return Ok(());
    }
    Err(Refusal::argument(format!("{scope} setting [{key}], not recognized")))
}

/// A remote has the settings of one mode only.
fn check_modes(cluster: &Cluster) -> Result<(), Refusal> {
    for alias in cluster.remotes() {
        let mode = format!("cluster.remote.{alias}.mode");
        let configured =
            cluster.setting(&mode).and_then(Value::as_str).unwrap_or("sniff").to_uppercase();
        for (setting, required) in [("seeds", "SNIFF"), ("proxy_address", "PROXY")] {
            let key = format!("cluster.remote.{alias}.{setting}");
            if cluster.setting(&key).is_some() && configured != required {
                return Err(Refusal::argument(format!(
                    "Setting \"{key}\" cannot be used with the configured \"{mode}\" [required={required}, configured={configured}]"
                )));
            }
        }
    }
    Ok(())
}

fn defaults(cluster: &Cluster) -> Flat {
    let is_old = cluster.personality.is_old();
    let mut out: Vec<(&str, &str)> = vec![
        ("action.auto_create_index", "true"),
        ("action.destructive_requires_name", if is_old { "false" } else { "true" }),
        ("ccr.auto_follow.wait_for_metadata_timeout", "60s"),
        ("ccr.indices.recovery.chunk_size", "1mb"),
        ("ccr.indices.recovery.internal_action_timeout", "60s"),
        ("ccr.indices.recovery.max_bytes_per_sec", "40mb"),
        ("ccr.indices.recovery.max_concurrent_file_chunks", "5"),
        ("ccr.indices.recovery.recovery_activity_timeout", "60s"),
        ("ccr.wait_for_metadata_timeout", "60s"),
        ("cluster.indices.close.enable", "true"),
        ("cluster.max_shards_per_node", "1000"),
        ("cluster.routing.allocation.disk.threshold_enabled", "true"),
        ("cluster.routing.allocation.disk.watermark.flood_stage", "95%"),
        ("cluster.routing.allocation.disk.watermark.high", "90%"),
        ("cluster.routing.allocation.disk.watermark.low", "85%"),
        ("cluster.remote.connections_per_cluster", "3"),
        ("cluster.remote.initial_connect_timeout", "30s"),
        ("cluster.remote.node.attr", ""),
        ("http.max_initial_line_length", "4kb"),
    ];
    if is_old {
        out.push(("cluster.remote.connect", "true"));
    } else {
        out.extend([
            ("cluster.routing.allocation.disk.watermark.enable_for_single_data_node", "true"),
            ("cluster.routing.allocation.disk.watermark.flood_stage.max_headroom", "100GB"),
            ("cluster.routing.allocation.disk.watermark.high.max_headroom", "150GB"),
            ("cluster.routing.allocation.disk.watermark.low.max_headroom", "200GB"),
        ]);
    }
    out.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}
