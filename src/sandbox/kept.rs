//! Templates, pipelines and lifecycle policies: kept as given and without effect, but for the
//! settings of legacy templates. None of them is replicated, so the two clusters can differ in
//! them.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    flat::Flat,
    refusal::Refusal,
    reply::{Handled, Reply, acknowledged, ok},
    settings,
    site::Site,
    wildcard,
    world::World,
};

/// The kind of thing a path is about, and the name in it; `None` for other paths.
fn kind<'a>(segments: &[&'a str], is_old: bool) -> Option<(&'static str, &'a str)> {
    let (kind, rest) = match segments {
        ["_template", rest @ ..] => ("_template", rest),
        ["_ingest", "pipeline", rest @ ..] => ("_ingest/pipeline", rest),
        ["_ilm", "policy", rest @ ..] => ("_ilm/policy", rest),
        ["_index_template", rest @ ..] if !is_old => ("_index_template", rest),
        ["_component_template", rest @ ..] if !is_old => ("_component_template", rest),
        _ => return None,
    };
    match rest {
        [] => Some((kind, "")),
        [name] => Some((kind, name)),
        _ => None,
    }
}

/// Serves a call about something kept, if it is one.
pub(super) fn call(world: &mut World, site: Site, ask: &Ask, segments: &[&str]) -> Option<Handled> {
    let is_old = world.at(site).personality.is_old();
    if ask.method.as_str() == "GET" && segments.first() == Some(&"_data_stream") && !is_old {
        return Some(ok(json!({"data_streams": []})));
    }
    let (kind, name) = kind(segments, is_old)?;
    let key = (kind.to_owned(), name.to_owned());
    match ask.method.as_str() {
        "GET" | "HEAD" => Some(get(world, site, kind, name)),
        "PUT" | "POST" if !name.is_empty() => Some(ask.required_object().and_then(|body| {
            world.at_mut(site).kept.insert(key, Value::Object(body));
            acknowledged()
        })),
        "DELETE" if !name.is_empty() => Some(match world.at_mut(site).kept.remove(&key) {
            Some(_) => acknowledged(),
            None => Err(missing(kind, name)),
        }),
        _ => None,
    }
}

/// What the legacy templates that match say of an index that is born: those of a higher order
/// over the others.
pub(super) fn settings_for(cluster: &Cluster, index: &str) -> Flat {
    let templates = cluster.kept.iter().filter(|((kind, _), _)| kind == "_template");
    let takes = |body: &&Value| {
        let patterns = body["index_patterns"].as_array().into_iter().flatten();
        patterns.filter_map(Value::as_str).any(|pattern| wildcard::matches(pattern, index))
    };
    let mut matching: Vec<&Value> = templates.map(|(_, body)| body).filter(takes).collect();
    matching.sort_by_key(|body| body["order"].as_i64().unwrap_or_default());
    matching.into_iter().flat_map(|body| settings::from_body(&body["settings"])).collect()
}

fn missing(kind: &str, name: &str) -> Refusal {
    Refusal::new(404, "resource_not_found_exception", format!("{kind} matching [{name}] not found"))
}

fn get(world: &World, site: Site, kind: &str, name: &str) -> Handled {
    let pattern = if name.is_empty() { "*" } else { name };
    let found: Vec<(&String, &Value)> = world
        .at(site)
        .kept
        .iter()
        .filter(|((of, named), _)| of == kind && wildcard::matches(pattern, named))
        .map(|((_, named), body)| (named, body))
        .collect();
    if found.is_empty() && !pattern.contains('*') {
        // Pipelines and legacy templates answer an empty object, the others an error.
        return match kind {
            "_template" | "_ingest/pipeline" => Ok(Reply::Json(404, json!({}))),
            _ => Err(missing(kind, name)),
        };
    }
    let list = |of: &str, one: &str| -> Value {
        let rows = found.iter().map(|(name, body)| json!({"name": name, one: body}));
        json!({of: rows.collect::<Vec<_>>()})
    };
    ok(match kind {
        "_index_template" => list("index_templates", "index_template"),
        "_component_template" => list("component_templates", "component_template"),
        "_ilm/policy" => {
            let rows = found.iter().map(|(name, body)| {
                let row = json!({"version": 1, "modified_date": "2026-01-01T00:00:00.000Z",
                                 "policy": body["policy"]});
                ((*name).clone(), row)
            });
            Value::Object(rows.collect())
        }
        _ => Value::Object(
            found
                .iter()
                .map(|(name, body)| ((*name).clone(), (*body).clone()))
                .collect::<Map<_, _>>(),
        ),
    })
}
