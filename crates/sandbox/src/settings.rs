//! Index settings: which replicate, and the `_settings` calls.

use serde_json::{Map, Value};

use super::{
    ask::Ask,
    flat::{Flat, flatten, shaped},
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, acknowledged, object, ok},
    site::Site,
    wildcard,
    world::World,
};

/// Settings that a follower keeps for itself; a trailing `*` stands for a whole group.
const NEVER_REPLICATED: [&str; 33] = [
    "index.number_of_replicas",
    "index.auto_expand_replicas",
    "index.routing.allocation.*",
    "index.routing.rebalance.*",
    "index.unassigned.node_left.delayed_timeout",
    "index.blocks.*",
    "index.priority",
    "index.write.wait_for_active_shards",
    "index.hidden",
    "index.refresh_interval",
    "index.search.*",
    "index.max_result_window",
    "index.max_inner_result_window",
    "index.max_rescore_window",
    "index.max_docvalue_fields_search",
    "index.max_script_fields",
    "index.max_ngram_diff",
    "index.max_shingle_diff",
    "index.max_refresh_listeners",
    "index.max_slices_per_scroll",
    "index.max_regex_length",
    "index.max_terms_count",
    "index.analyze.max_token_count",
    "index.highlight.max_analyzed_offset",
    "index.query.default_field",
    "index.query_string.*",
    "index.default_pipeline",
    "index.final_pipeline",
    "index.soft_deletes.retention*",
    "index.translog.*",
    "index.gc_deletes",
    "index.requests.cache.enable",
    "index.codec",
];

/// Settings that belong to one index on one cluster and are neither copied nor compared.
pub(super) fn is_identity(key: &str) -> bool {
    matches!(
        key,
        "index.uuid"
            | "index.provided_name"
            | "index.creation_date"
            | "index.xpack.ccr.following_index"
            | "index.verified_before_close"
    ) || key.starts_with("index.version.")
}

/// Whether a running follower takes a setting over from its leader.
pub(super) fn is_replicated(key: &str) -> bool {
    let groups = ["index.merge.*", "index.indexing.slowlog.*"];
    !is_identity(key)
        && !NEVER_REPLICATED.iter().chain(&groups).any(|pattern| wildcard::matches(pattern, key))
}

/// A setting's key with its `index.` prefix.
pub(super) fn full_key(key: &str) -> String {
    if key.starts_with("index.") { key.to_owned() } else { format!("index.{key}") }
}

/// The settings of a request body in flat form, every key complete.
pub(super) fn from_body(body: &Value) -> Flat {
    let mut flat = Flat::new();
    flatten("", body, &mut flat);
    flat.into_iter().map(|(key, value)| (full_key(&key), value)).collect()
}

/// `GET /_settings`, `/{index}/_settings` and both with a list of setting names.
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "flat_settings",
        "include_defaults",
        "expand_wildcards",
        "ignore_unavailable",
        "allow_no_indices",
        "local",
        "master_timeout",
    ])?;
    let (expression, wanted) = match ask.segments.as_slice() {
        [] | [_] => ("_all", ""),
        [first, wanted] if first == "_settings" => ("_all", wanted.as_str()),
        [expression, _] => (expression.as_str(), ""),
        [expression, _, wanted, ..] => (expression.as_str(), wanted.as_str()),
    };
    let cluster = world.at(site);
    let patterns: Vec<&str> = wanted.split(',').filter(|pattern| !pattern.is_empty()).collect();
    let mut out = Map::new();
    for name in names::resolve(cluster, expression, Wanted::NAMED.asked(ask))? {
        let Some(index) = cluster.indices.get(&name) else {
            continue;
        };
        let kept: Flat = index
            .settings
            .iter()
            .filter(|(key, _)| {
                patterns.is_empty()
                    || patterns
                        .iter()
                        .any(|pattern| *pattern == "_all" || wildcard::matches(pattern, key))
            })
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if kept.is_empty() && !patterns.is_empty() {
            continue;
        }
        out.insert(name, object([("settings", shaped(&kept, ask.flag("flat_settings")))]));
    }
    ok(Value::Object(out))
}

/// `PUT /{index}/_settings`: takes effect at once and does not wait for writes under way.
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "flat_settings",
        "preserve_existing",
        "expand_wildcards",
        "ignore_unavailable",
        "allow_no_indices",
        "master_timeout",
        "timeout",
        "reopen",
    ])?;
    let body = Value::Object(ask.required_object()?);
    let given = match body.get("settings") {
        Some(inner) if inner.is_object() => inner.clone(),
        _ => body,
    };
    let changes = from_body(&given);
    if changes.contains_key("index.xpack.ccr.following_index") {
        return Err(Refusal::argument(
            "can not update internal setting [index.xpack.ccr.following_index]; this setting is \
             managed via a dedicated API",
        ));
    }
    let expression = if ask.segments.len() == 1 { "_all" } else { ask.segment(0) };
    let found = names::resolve(world.at(site), expression, Wanted::ALL.asked(ask))?;
    // What changes that very block passes it, whatever else it changes.
    let lifts = ["index.blocks.read_only", "index.blocks.read_only_allow_delete"];
    if !changes.keys().any(|key| lifts.contains(&key.as_str())) {
        world.at(site).check_metadata(&found)?;
    }
    check_updateable(world, site, &found, &changes)?;
    let now_ms = world.now_ms();
    for name in found {
        let index = world.at_mut(site).index_mut(&name)?;
        let was_blocked = index.is_set("index.blocks.write");
        index.change_settings(&changes);
        if !was_blocked && index.is_set("index.blocks.write") {
            index.blocked_ms = Some(now_ms);
        }
    }
    world.touch(site);
    acknowledged()
}

fn check_updateable(
    world: &World,
    site: Site,
    found: &[String],
    changes: &Flat,
) -> Result<(), Refusal> {
    let fixed = ["index.number_of_shards", "index.soft_deletes.enabled", "index.uuid"];
    let Some(key) = changes.keys().find(|key| fixed.contains(&key.as_str())) else {
        return Ok(());
    };
    let indices = found.iter().filter_map(|name| world.at(site).indices.get(name));
    let listed: Vec<String> =
        indices.map(|index| format!("[{}/{}]", index.name, index.uuid)).collect();
    let list = listed.join(", ");
    let name = found.first().map_or("_all", String::as_str);
    Err(Refusal::argument(if *key == "index.number_of_shards" {
        format!("Can't update non dynamic settings [[{key}]] for open indices [{list}]")
    } else {
        format!("final {name} setting [{key}], not updateable")
    }))
}
