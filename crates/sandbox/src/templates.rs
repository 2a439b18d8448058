//! Templates, pipelines and lifecycle policies, kept as given. Of templates the settings and the
//! aliases count for what is born: of a composable one alone that of the highest priority, and
//! where none matches those of all legacy ones, the higher order over the lower. Nothing here is
//! replicated, so the two clusters can differ in it.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    flat::{Flat, shaped},
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
        "GET" | "HEAD" => Some(get(world, site, kind, name, ask.flag("flat_settings"))),
        "PUT" | "POST" if !name.is_empty() => Some(ask.required_object().and_then(|body| {
            let body = Value::Object(body);
            if kind == "_index_template" {
                check_priority(world.at(site), name, &body)?;
            }
            world.at_mut(site).kept.insert(key, body);
            acknowledged()
        })),
        "DELETE" if !name.is_empty() => Some(match world.at_mut(site).kept.remove(&key) {
            Some(_) => acknowledged(),
            None => Err(missing(kind, name)),
        }),
        _ => None,
    }
}

/// What an index is born with, by the templates that match its name.
pub(super) struct Template {
    pub(super) settings: Flat,
    pub(super) aliases: Map<String, Value>,
}

pub(super) fn template_for(cluster: &Cluster, index: &str) -> Template {
    let takes = |body: &&Value| patterns(body).any(|pattern| wildcard::matches(pattern, index));
    let priority = |body: &&Value| body["priority"].as_i64().unwrap_or_default();
    let composable = of_kind(cluster, "_index_template").map(|(_, body)| body).filter(takes);
    let matching: Vec<&Value> = if let Some(body) = composable.max_by_key(priority) {
        vec![&body["template"]]
    } else {
        let legacy = of_kind(cluster, "_template").map(|(_, body)| body).filter(takes);
        let mut legacy: Vec<&Value> = legacy.collect();
        legacy.sort_by_key(|body| body["order"].as_i64().unwrap_or_default());
        legacy
    };
    let aliases = matching.iter().filter_map(|body| body["aliases"].as_object());
    Template {
        aliases: aliases.flatten().map(|(name, body)| (name.clone(), body.clone())).collect(),
        settings: matching.iter().flat_map(|body| settings::from_body(&body["settings"])).collect(),
    }
}

fn of_kind<'c>(
    cluster: &'c Cluster,
    kind: &'static str,
) -> impl Iterator<Item = (&'c String, &'c Value)> {
    let kept = cluster.kept.iter().filter(move |((of, _), _)| of == kind);
    kept.map(|((_, name), body)| (name, body))
}

fn patterns(body: &Value) -> impl Iterator<Item = &str> {
    body["index_patterns"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Two composable templates of one priority must not be able to match one name.
fn check_priority(cluster: &Cluster, name: &str, body: &Value) -> Result<(), Refusal> {
    let priority = body["priority"].as_i64().unwrap_or_default();
    let meets = |other: &Value| {
        let mut pairs = patterns(body).flat_map(|one| patterns(other).map(move |two| (one, two)));
        pairs.any(|(one, two)| wildcard::matches(one, two) || wildcard::matches(two, one))
    };
    let mut others = of_kind(cluster, "_index_template").filter(|(other, _)| *other != name);
    let Some((other, found)) = others.find(|(_, other)| {
        other["priority"].as_i64().unwrap_or_default() == priority && meets(other)
    }) else {
        return Ok(());
    };
    let list = |body: &Value| patterns(body).collect::<Vec<_>>().join(", ");
    let (own, theirs) = (list(body), list(found));
    Err(Refusal::argument(format!(
        "index template [{name}] has index patterns [{own}] matching patterns from existing \
         templates [{other}] with patterns ({other} => [{theirs}]) that have the same priority \
         [{priority}], multiple index templates may not match during index creation, please use \
         a different priority"
    )))
}

fn missing(kind: &str, name: &str) -> Refusal {
    Refusal::new(404, "resource_not_found_exception", format!("{kind} matching [{name}] not found"))
}

/// A template as the server shows it: its settings in one shape, as texts.
fn shown(kind: &str, body: &Value, as_flat: bool) -> Value {
    let mut body = body.clone();
    let settle = |body: &mut Value| {
        if body["settings"].is_object() {
            body["settings"] = shaped(&settings::from_body(&body["settings"]), as_flat);
        }
    };
    match kind {
        "_template" => {
            settle(&mut body);
            for (key, value) in
                [("order", json!(0)), ("mappings", json!({})), ("aliases", json!({}))]
            {
                if body.get(key).is_none() {
                    body[key] = value;
                }
            }
        }
        "_index_template" if body["template"].is_object() => settle(&mut body["template"]),
        _ => {}
    }
    body
}

fn get(world: &World, site: Site, kind: &str, name: &str, as_flat: bool) -> Handled {
    let pattern = if name.is_empty() { "*" } else { name };
    let found: Vec<(&String, Value)> = world
        .at(site)
        .kept
        .iter()
        .filter(|((of, named), _)| of == kind && wildcard::matches(pattern, named))
        .map(|((_, named), body)| (named, shown(kind, body, as_flat)))
        .collect();
    // Legacy templates are missing whatever is asked for by name, by a wildcard too.
    let by_name = !pattern.contains('*') || (kind == "_template" && !name.is_empty());
    if found.is_empty() && by_name {
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
            found.iter().map(|(name, body)| ((*name).clone(), body.clone())).collect::<Map<_, _>>(),
        ),
    })
}
