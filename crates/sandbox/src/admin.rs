//! Calls on whole indices: open, close, delete, look at, mapping, refresh, flush, clone.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    flat::shaped,
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, Reply, acknowledged, object, ok},
    shard::Shard,
    site::Site,
    world::World,
};

const WILD: [&str; 5] =
    ["expand_wildcards", "ignore_unavailable", "allow_no_indices", "master_timeout", "timeout"];

/// `POST /{index}/_close`
pub(super) fn close(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let is_old = world.at(site).personality.is_old();
    let mut known = WILD.to_vec();
    if !is_old {
        known.push("wait_for_active_shards");
    }
    ask.allow(&known)?;
    let found = names::resolve_destructive(world.at(site), ask.segment(0), Wanted::ALL.asked(ask))?;
    let cluster = world.at(site);
    let restoring: Vec<String> = found
        .iter()
        .filter_map(|name| cluster.indices.get(name))
        .filter(|index| index.restoring > 0)
        .map(|index| format!("[{}/{}]", index.name, index.uuid))
        .collect();
    if !restoring.is_empty() {
        let list = restoring.join(", ");
        return Err(Refusal::argument(format!(
            "Cannot close indices that are being restored: [{list}]"
        )));
    }
    world.at(site).check_metadata(&found)?;
    super::snapshot::refuse_held(world, site, &found)?;
    let mut closed = Map::new();
    for name in found {
        let index = world.at_mut(site).index_mut(&name)?;
        if !index.open {
            continue;
        }
        index.open = false;
        for shard in &mut index.shards {
            shard.flush();
            // From 7.2 on a closed index is allocated as such, which takes a new term.
            if !is_old {
                shard.term += 1;
            }
        }
        if !is_old {
            index.settings.insert("index.verified_before_close".to_owned(), json!("true"));
            index.settings_version += 1;
        }
        closed.insert(name, json!({"closed": true}));
    }
    world.touch(site);
    if is_old {
        return acknowledged();
    }
    let any = !closed.is_empty();
    ok(json!({"acknowledged": true, "shards_acknowledged": any, "indices": closed}))
}

/// `POST /{index}/_open`
pub(super) fn open(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let mut known = WILD.to_vec();
    known.push("wait_for_active_shards");
    ask.allow(&known)?;
    let found = names::resolve_destructive(world.at(site), ask.segment(0), Wanted::ALL.asked(ask))?;
    world.at(site).check_metadata(&found)?;
    let warming = world.at(site).warming;
    for name in found {
        let index = world.at_mut(site).index_mut(&name)?;
        if index.open {
            continue;
        }
        index.open = true;
        index.warming = warming;
        if index.settings.remove("index.verified_before_close").is_some() {
            index.settings_version += 1;
        }
        let is_regular = index.following.is_none();
        for shard in &mut index.shards {
            shard.term += 1;
            if is_regular {
                shard.fill_gaps();
            }
        }
    }
    world.touch(site);
    ok(json!({"acknowledged": true, "shards_acknowledged": true}))
}

/// `DELETE /{index}`: leases that the index held on a leader stay there.
pub(super) fn delete(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&WILD)?;
    let expression = ask.segment(0);
    let wanted = Wanted { aliases: false, ..Wanted::ALL.asked(ask) };
    let cluster = world.at(site);
    if !cluster.indices.contains_key(expression) && !cluster.behind(expression).is_empty() {
        return Err(Refusal::argument(format!(
            "The provided expression [{expression}] matches an alias, specify the corresponding concrete indices instead."
        )));
    }
    let found = names::resolve_destructive(cluster, expression, wanted)?;
    cluster.check_metadata(&found)?;
    for name in found {
        world.check_discard(site, &name, "delete");
        world.at_mut(site).indices.remove(&name);
    }
    world.touch(site);
    acknowledged()
}

/// `HEAD /{index}`
pub(super) fn head(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "local",
        "ignore_unavailable",
        "allow_no_indices",
        "expand_wildcards",
        "flat_settings",
        "include_defaults",
    ])?;
    let wanted = Wanted { missing_ok: false, ..Wanted::ALL.asked(ask) };
    let is_there = names::resolve(world.at(site), ask.segment(0), wanted).is_ok();
    Ok(Reply::Text(if is_there { 200 } else { 404 }, String::new()))
}

/// `GET /{index}`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let mut known = WILD.to_vec();
    known.extend(["local", "flat_settings", "include_defaults", "include_type_name"]);
    ask.allow(&known)?;
    let cluster = world.at(site);
    let mut out = Map::new();
    for name in names::resolve(cluster, ask.segment(0), Wanted::NAMED.asked(ask))? {
        let index = cluster.index(&name)?;
        let mappings = typed_mappings(cluster.personality.is_old(), &index.mappings);
        let settings = shaped(&index.settings, ask.flag("flat_settings"));
        let aliases = json!(index.aliases);
        let whole = [("aliases", aliases), ("mappings", mappings), ("settings", settings)];
        out.insert(name, object(whole));
    }
    ok(Value::Object(out))
}

/// `GET /{index}/_mapping`
pub(super) fn get_mapping(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let mut known = WILD.to_vec();
    known.extend(["local", "include_type_name"]);
    ask.allow(&known)?;
    let cluster = world.at(site);
    let expression = if ask.segments.len() == 1 { "_all" } else { ask.segment(0) };
    let mut out = Map::new();
    for name in names::resolve(cluster, expression, Wanted::NAMED.asked(ask))? {
        let index = cluster.index(&name)?;
        let mappings = typed_mappings(cluster.personality.is_old(), &index.mappings);
        out.insert(name, object([("mappings", mappings)]));
    }
    ok(Value::Object(out))
}

fn typed_mappings(is_old: bool, mappings: &Value) -> Value {
    if is_old && mappings.get("properties").is_some() {
        json!({"_doc": mappings})
    } else {
        mappings.clone()
    }
}

/// `PUT /{index}/_mapping`, refused on a follower.
pub(super) fn put_mapping(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let mut known = WILD.to_vec();
    known.push("include_type_name");
    ask.allow(&known)?;
    let body = ask.required_object()?;
    let found = names::resolve(world.at(site), ask.segment(0), Wanted::ALL.asked(ask))?;
    if let Some(follower) =
        found.iter().find(|name| world.at(site).indices[*name].following.is_some())
    {
        return Err(Refusal::new(
            403,
            "status_exception",
            format!(
                "can't put mapping to the following indices [{follower}]; the mapping of the following \
             indices are self-replicated from its leader indices"
            ),
        ));
    }
    world.at(site).check_metadata(&found)?;
    for name in found {
        let index = world.at_mut(site).index_mut(&name)?;
        let new = body.get("_doc").and_then(Value::as_object).unwrap_or(&body);
        if !index.mappings.is_object() {
            index.mappings = json!({});
        }
        for (key, value) in new {
            if let (Some(Value::Object(old)), Value::Object(more)) =
                (index.mappings.get_mut(key), value)
            {
                old.extend(more.clone());
            } else {
                index.mappings[key] = value.clone();
            }
        }
        index.mapping_version += 1;
    }
    world.touch(site);
    acknowledged()
}

/// `_refresh` and `_flush`: everything is searchable at once here, a flush commits.
pub(super) fn refresh_or_flush(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "expand_wildcards",
        "ignore_unavailable",
        "allow_no_indices",
        "force",
        "wait_if_ongoing",
    ])?;
    let expression = if ask.segments.len() == 1 { "_all" } else { ask.segment(0) };
    let is_flush = ask.path.ends_with("_flush");
    let mut total = 0;
    let mut successful = 0;
    for name in names::resolve(world.at(site), expression, Wanted::OPEN.asked(ask))? {
        let index = world.at_mut(site).index_mut(&name)?;
        total += index.shards.len() as u64 * (1 + index.replicas());
        successful += index.shards.len();
        let act = if is_flush { Shard::flush } else { Shard::refresh };
        index.shards.iter_mut().for_each(act);
    }
    ok(json!({"_shards": {"total": total, "successful": successful, "failed": 0}}))
}

/// `PUT /{index}/_clone/{target}` of an index that is blocked for writes (from 7.4 on).
pub(super) fn clone(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["wait_for_active_shards", "master_timeout", "timeout"])?;
    let (source, target) = (ask.segment(0), ask.segment(2));
    super::create::check_name(world.at(site), target)?;
    super::create::check_free(world.at(site), target)?;
    let given = ask.object()?.get("settings").map(super::settings::from_body).unwrap_or_default();
    let mut copy = world.at(site).index(source)?.clone();
    if !copy.is_set("index.blocks.write") && !copy.is_set("index.blocks.read_only") {
        let reason = format!(
            "index {source} must be read-only to resize index. use \"index.blocks.write=true\""
        );
        return Err(Refusal::new(500, "illegal_state_exception", reason));
    }
    target.clone_into(&mut copy.name);
    copy.uuid = world.uuid();
    copy.aliases.clear();
    copy.following = None;
    let mut put = |key: &str, value: &str| copy.settings.insert(key.to_owned(), json!(value));
    put("index.uuid", &copy.uuid);
    put("index.provided_name", target);
    put("index.number_of_replicas", "1");
    put("index.routing_partition_size", "1");
    copy.change_settings(&given);
    // Its shards cannot be recovered under that block.
    copy.red = copy.is_set("index.blocks.read_only");
    let active = !copy.red;
    for shard in &mut copy.shards {
        shard.flush();
        shard.leases.clear();
        shard.history_uuid = world.uuid();
    }
    world.at_mut(site).indices.insert(target.to_owned(), copy);
    world.touch(site);
    ok(json!({"acknowledged": true, "shards_acknowledged": active, "index": target}))
}
