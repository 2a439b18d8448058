//! `_mget`: several documents by id, always up to date.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    doc,
    refusal::Refusal,
    reply::{Handled, object, ok},
    site::Site,
    world::World,
};

/// One document that is asked for.
struct Wanted<'a> {
    index: &'a str,
    kind: &'a str,
    id: &'a str,
    routing: Option<&'a str>,
    source: bool,
}

/// `GET` and `POST` on `/_mget`, `/{index}/_mget` and 6.8's `/{index}/{type}/_mget`
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "preference",
        "realtime",
        "refresh",
        "routing",
        "stored_fields",
        "_source",
        "_source_includes",
        "_source_excludes",
    ])?;
    let (index, kind) = match ask.segments.len() {
        1 => ("", "_doc"),
        2 => (ask.segment(0), "_doc"),
        _ => (ask.segment(0), ask.segment(1)),
    };
    let body = ask.required_object()?;
    let cluster = world.at(site);
    let source = ask.parameter("_source") != Some("false");
    let routing = ask.parameter("routing");
    let items = ["ids", "docs"].iter().filter_map(|key| body.get(*key).and_then(Value::as_array));
    let mut docs = Vec::new();
    for item in items.flatten() {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let wanted = Wanted {
            index: text("_index").unwrap_or(index),
            kind: text("_type").unwrap_or(kind),
            id: item.as_str().or_else(|| text("_id")).unwrap_or_default(),
            routing: text("routing").or(routing),
            source: source && item.get("_source") != Some(&json!(false)),
        };
        docs.push(shown(cluster, &wanted));
    }
    if docs.is_empty() {
        return Err(Refusal::new(
            400,
            "action_request_validation_exception",
            "Validation Failed: 1: no documents to get;",
        ));
    }
    ok(object([("docs", Value::Array(docs))]))
}

/// The document, found or not; what cannot be read is an error of its own.
fn shown(cluster: &Cluster, wanted: &Wanted<'_>) -> Value {
    let Wanted { kind, id, .. } = wanted;
    let index = match doc::readable(cluster, wanted.index) {
        Ok(index) => index,
        Err(refusal) => {
            let mut out = Map::new();
            out.insert("_index".to_owned(), json!(wanted.index));
            if cluster.personality.is_old() {
                out.insert("_type".to_owned(), json!(kind));
            }
            out.insert("_id".to_owned(), json!(id));
            out.insert("error".to_owned(), refusal.body["error"].clone());
            return Value::Object(out);
        }
    };
    let mut out = doc::shown(cluster, index, kind, id, wanted.routing);
    if !wanted.source {
        out.remove("_source");
    }
    Value::Object(out)
}
