//! Aliases: reading them, and `_aliases`, which changes several at once or none.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, Reply, acknowledged, object, ok},
    site::Site,
    wildcard,
    world::World,
};

/// An alias's body as the server keeps it: `routing` split in two, the rest as given.
pub(super) fn stored(body: &Value) -> Value {
    let mut out = Map::new();
    for key in ["filter", "index_routing", "search_routing", "is_write_index", "is_hidden"] {
        let value = body.get(key).or_else(|| match key {
            "index_routing" | "search_routing" => body.get("routing"),
            _ => None,
        });
        if let Some(value) = value.filter(|value| !value.is_null()) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(out)
}

/// Refuses a second write index for one alias.
pub(super) fn check_write_flag(
    cluster: &Cluster,
    alias: &str,
    index: &str,
    body: &Value,
) -> Result<(), Refusal> {
    if body.get("is_write_index") != Some(&json!(true)) {
        return Ok(());
    }
    let mut writers: Vec<&str> = cluster
        .behind(alias)
        .into_iter()
        .filter(|other| {
            other.name != index && other.aliases[alias].get("is_write_index") == Some(&json!(true))
        })
        .map(|other| other.name.as_str())
        .collect();
    if writers.is_empty() {
        return Ok(());
    }
    writers.push(index);
    writers.sort_unstable();
    let list = writers.join(",");
    let reason = format!("alias [{alias}] has more than one write index [{list}]");
    Err(Refusal::new(500, "illegal_state_exception", reason))
}

/// `GET` on `/_alias`, `/_alias/{a}`, `/{i}/_alias` and `/{i}/_alias/{a}`.
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "expand_wildcards",
        "ignore_unavailable",
        "allow_no_indices",
        "local",
        "master_timeout",
    ])?;
    let segments: Vec<&str> = ask.segments.iter().map(String::as_str).collect();
    let (expression, wanted) = match segments.as_slice() {
        ["_alias", wanted] => ("_all", *wanted),
        [expression, "_alias"] => (*expression, ""),
        [expression, "_alias", wanted] => (*expression, *wanted),
        _ => ("_all", ""),
    };
    let cluster = world.at(site);
    // On 6.8 the bare call is another one than the others.
    let reach = if segments.len() == 1 && cluster.personality.is_old() {
        Wanted::NAMED
    } else {
        Wanted::ALL
    };
    let patterns: Vec<&str> = wanted.split(',').filter(|pattern| !pattern.is_empty()).collect();
    let mut out = Map::new();
    for name in names::resolve(cluster, expression, reach.asked(ask))? {
        let aliases: Map<String, Value> = cluster.indices[&name]
            .aliases
            .iter()
            .filter(|(alias, _)| {
                patterns.is_empty() || patterns.iter().any(|pattern| is_named(pattern, alias))
            })
            .map(|(alias, body)| (alias.clone(), body.clone()))
            .collect();
        if patterns.is_empty() || !aliases.is_empty() {
            out.insert(name, object([("aliases", Value::Object(aliases))]));
        }
    }
    let missing: Vec<&str> = patterns
        .into_iter()
        .filter(|pattern| !names::is_pattern(pattern))
        .filter(|pattern| !out.values().any(|row| row["aliases"].get(*pattern).is_some()))
        .collect();
    if missing.is_empty() {
        return ok(Value::Object(out));
    }
    let noun = if missing.len() == 1 { "alias" } else { "aliases" };
    let mut body = Map::new();
    body.insert("error".to_owned(), json!(format!("{noun} [{}] missing", missing.join(","))));
    body.insert("status".to_owned(), json!(404));
    body.extend(out);
    Ok(Reply::Json(404, Value::Object(body)))
}

fn is_named(pattern: &str, alias: &str) -> bool {
    pattern == "_all" || wildcard::matches(pattern, alias)
}

/// `POST /_aliases`
pub(super) fn post(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["master_timeout", "timeout"])?;
    let body = ask.required_object()?;
    let actions = body.get("actions").and_then(Value::as_array).cloned().unwrap_or_default();
    if actions.is_empty() {
        return Err(Refusal::new(
            400,
            "action_request_validation_exception",
            "Validation Failed: 1: Must specify at least one alias action;",
        ));
    }
    change(world, site, &actions)
}

/// `PUT` and `DELETE` on `/{index}/_alias/{alias}`
pub(super) fn one(world: &mut World, site: Site, ask: &Ask, verb: &str) -> Handled {
    ask.allow(&["master_timeout", "timeout"])?;
    let mut body = ask.object()?;
    body.insert("index".to_owned(), json!(ask.segment(0)));
    body.insert("alias".to_owned(), json!(ask.segment(2)));
    change(world, site, &[json!({verb: body})])
}

/// What the actions of one call add up to.
#[derive(Default)]
struct Changes {
    /// Aliases that were added, with their index. Their write flags are judged at the end,
    /// so that one call can move a flag from one index to another.
    added: Vec<(String, String)>,
    /// Indices that go.
    gone: Vec<String>,
}

/// Carries out all actions, or, when one is refused, none.
fn change(world: &mut World, site: Site, actions: &[Value]) -> Handled {
    let cluster = world.at_mut(site);
    let before: Vec<_> = cluster
        .indices
        .values()
        .map(|index| (index.name.clone(), index.aliases.clone(), index.aliases_version))
        .collect();
    let changes = match carry_out(cluster, actions) {
        Ok(changes) => changes,
        Err(refusal) => {
            for (name, aliases, version) in before {
                let index = cluster.index_mut(&name)?;
                index.aliases = aliases;
                index.aliases_version = version;
            }
            return Err(refusal);
        }
    };
    for name in changes.gone {
        world.check_discard(site, &name, "delete");
        world.at_mut(site).indices.remove(&name);
    }
    world.touch(site);
    if world.at(site).personality.is_old() {
        acknowledged()
    } else {
        ok(json!({"acknowledged": true, "errors": false}))
    }
}

fn carry_out(cluster: &mut Cluster, actions: &[Value]) -> Result<Changes, Refusal> {
    let mut changes = Changes::default();
    for action in actions {
        let (verb, body) = action
            .as_object()
            .and_then(|action| action.iter().next())
            .ok_or_else(|| Refusal::argument("[aliases] expected one action"))?;
        act(cluster, verb, body, &mut changes)?;
    }
    for (alias, index) in &changes.added {
        let body = cluster.index(index)?.aliases.get(alias).cloned().unwrap_or_default();
        check_write_flag(cluster, alias, index, &body)?;
    }
    Ok(changes)
}

fn act(
    cluster: &mut Cluster,
    verb: &str,
    body: &Value,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let wanted = Wanted { aliases: false, ..Wanted::ALL };
    let found = names::resolve(cluster, &texts(body, "index", "indices").join(","), wanted)?;
    cluster.check_metadata(&found)?;
    if verb == "remove_index" {
        changes.gone.extend(found);
        return Ok(());
    }
    let followers: Vec<&str> = found
        .iter()
        .filter(|name| cluster.indices[*name].following.is_some())
        .map(String::as_str)
        .collect();
    if !followers.is_empty() && !cluster.personality.is_old() {
        let list = followers.join(",");
        let reason = format!(
            "can't modify aliases on indices [{list}]; aliases of following indices are \
             self-replicated from their leader indices"
        );
        return Err(Refusal::new(403, "status_exception", reason));
    }
    for alias in &texts(body, "alias", "aliases") {
        match verb {
            "add" => add(cluster, &found, alias, body, changes)?,
            "remove" => remove(cluster, &found, alias, body.get("must_exist"))?,
            _ => {
                let reason = format!("[alias_action] unknown field [{verb}]");
                return Err(Refusal::argument(reason));
            }
        }
    }
    Ok(())
}

fn texts(body: &Value, one: &str, many: &str) -> Vec<String> {
    match body.get(one).or_else(|| body.get(many)) {
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn add(
    cluster: &mut Cluster,
    found: &[String],
    alias: &str,
    body: &Value,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    if let Some(index) =
        cluster.indices.get(alias).filter(|_| !changes.gone.iter().any(|name| name == alias))
    {
        let reason = format!(
            "Invalid alias name [{alias}], an index exists with the same name as the alias"
        );
        let cause = json!({"type": "invalid_alias_name_exception", "reason": reason,
                           "index_uuid": index.uuid, "index": alias});
        return Err(Refusal::caused(400, cause));
    }
    for name in found {
        let index = cluster.index_mut(name)?;
        index.aliases.insert(alias.to_owned(), stored(body));
        index.aliases_version += 1;
        changes.added.push((alias.to_owned(), name.clone()));
    }
    Ok(())
}

fn remove(
    cluster: &mut Cluster,
    found: &[String],
    alias: &str,
    must_exist: Option<&Value>,
) -> Result<(), Refusal> {
    let mut removed = false;
    for name in found {
        let index = cluster.index_mut(name)?;
        let before = index.aliases.len();
        index.aliases.retain(|other, _| !wildcard::matches(alias, other));
        if index.aliases.len() < before {
            index.aliases_version += 1;
            removed = true;
        }
    }
    if removed || must_exist == Some(&json!(false)) {
        return Ok(());
    }
    let cause = json!({"type": "aliases_not_found_exception", "reason": format!("aliases [{alias}] missing"),
                       "resource.type": "aliases", "resource.id": alias});
    Err(Refusal::caused(404, cause))
}
