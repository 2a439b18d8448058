//! Auto-follow patterns and the coordinator that acts on them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::{Cluster, Pattern},
    follow::validated,
    follow_parameters,
    refusal::Refusal,
    reply::{Handled, Reply, acknowledged, object, ok},
    site::Site,
    wildcard,
    world::World,
};

fn allow(world: &World, site: Site, ask: &Ask) -> Result<(), Refusal> {
    let known: &[&str] =
        if world.at(site).personality.is_old() { &[] } else { &["master_timeout", "timeout"] };
    ask.allow(known)
}

fn missing(name: &str) -> Refusal {
    Refusal::new(
        404,
        "resource_not_found_exception",
        format!("auto-follow pattern [{name}] is missing"),
    )
}

/// `PUT /_ccr/auto_follow/{name}`: matches that exist already count as followed.
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let is_old = world.at(site).personality.is_old();
    let body = ask.required_object()?;
    let mut fields = vec!["remote_cluster", "leader_index_patterns", "follow_index_pattern"];
    if !is_old {
        fields.extend(["leader_index_exclusion_patterns", "settings"]);
    }
    let suffix = if is_old { ", parser not found" } else { "" };
    follow_parameters::check(ask, &body, &fields, "put_auto_follow_pattern_request", suffix)?;
    let (name, remote, patterns) = named(ask, &body)?;
    world.at(site).require_ccr()?;
    let Some(target) = world.licensed_leader(site, &remote, "cluster state")? else {
        return Ok(Reply::Park);
    };
    let old = world.at(site).patterns.get(&name);
    let old_patterns: Vec<String> = old.map(|old| old.patterns.clone()).unwrap_or_default();
    let mut pattern = Pattern {
        is_active: true,
        remote,
        patterns,
        exclusions: texts(body.get("leader_index_exclusion_patterns")),
        renamed: body.get("follow_index_pattern").and_then(Value::as_str).map(str::to_owned),
        settings: body.get("settings").cloned().unwrap_or(Value::Null),
        parameters: follow_parameters::given(&body),
        followed: old.map(|old| old.followed.clone()).unwrap_or_default(),
        seen_version: 0,
    };
    let leaders = world.at(target).indices.values();
    let existing: BTreeSet<String> = leaders
        .filter(|leader| pattern.matches(&leader.name))
        .filter(|leader| !old_patterns.iter().any(|old| wildcard::matches(old, &leader.name)))
        .map(|leader| leader.uuid.clone())
        .collect();
    pattern.followed.extend(existing);
    world.at_mut(site).patterns.insert(name, pattern);
    acknowledged()
}

/// The name, the remote and the patterns, if they are as they have to be.
fn named(ask: &Ask, body: &Map<String, Value>) -> Result<(String, String, Vec<String>), Refusal> {
    let remote = body.get("remote_cluster").and_then(Value::as_str).unwrap_or_default();
    let patterns = texts(body.get("leader_index_patterns"));
    let name = ask.segment(2);
    let problems: Vec<&str> = [
        (remote.is_empty(), "[remote_cluster] is missing"),
        (patterns.is_empty(), "[leader_index_patterns] is missing"),
        (name.starts_with('_'), "[name] must not start with '_'"),
        (name.contains(','), "[name] must not contain a ','"),
    ]
    .into_iter()
    .filter(|(is_wrong, _)| *is_wrong)
    .map(|(_, problem)| problem)
    .collect();
    validated(&problems)?;
    Ok((name.to_owned(), remote.to_owned(), patterns))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `GET /_ccr/auto_follow[/{name}]`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let cluster = world.at(site);
    let wanted = ask.segment(2);
    if !wanted.is_empty() && !cluster.patterns.contains_key(wanted) {
        return Err(missing(wanted));
    }
    let rows: Vec<Value> = cluster
        .patterns
        .iter()
        .filter(|(name, _)| wanted.is_empty() || *name == wanted)
        .map(|(name, pattern)| json!({"name": name, "pattern": shown(cluster, pattern)}))
        .collect();
    ok(object([("patterns", Value::Array(rows))]))
}

fn shown(cluster: &Cluster, pattern: &Pattern) -> Value {
    let is_old = cluster.personality.is_old();
    let mut out = Map::new();
    if !is_old {
        out.insert("active".to_owned(), json!(pattern.is_active));
    }
    out.insert("remote_cluster".to_owned(), json!(pattern.remote));
    out.insert("leader_index_patterns".to_owned(), json!(pattern.patterns));
    if !is_old {
        out.insert("leader_index_exclusion_patterns".to_owned(), json!(pattern.exclusions));
    }
    if let Some(follow) = &pattern.renamed {
        out.insert("follow_index_pattern".to_owned(), json!(follow));
    }
    if !pattern.settings.is_null() {
        out.insert("settings".to_owned(), pattern.settings.clone());
    }
    out.extend(pattern.parameters.clone());
    Value::Object(out)
}

/// `DELETE /_ccr/auto_follow/{name}`: followers keep following.
pub(super) fn delete(world: &mut World, site: Site, ask: &Ask) -> Handled {
    allow(world, site, ask)?;
    let name = ask.segment(2);
    world.at_mut(site).patterns.remove(name).ok_or_else(|| missing(name))?;
    acknowledged()
}

/// `POST /_ccr/auto_follow/{name}/pause` and `/resume` (from 7.5 on)
pub(super) fn switch(world: &mut World, site: Site, ask: &Ask, is_active: bool) -> Handled {
    allow(world, site, ask)?;
    let name = ask.segment(2);
    let pattern = world.at_mut(site).patterns.get_mut(name).ok_or_else(|| missing(name))?;
    if is_active && !pattern.is_active {
        // What appeared meanwhile is picked up.
        pattern.seen_version = 0;
    }
    pattern.is_active = is_active;
    acknowledged()
}
