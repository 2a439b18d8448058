//! Single documents: `_doc`, `_create`, `_source` and 6.8's typed paths.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    index::Index,
    murmur,
    refusal::Refusal,
    reply::{Handled, Reply, ok},
    site::Site,
    world::World,
    write::{Given, Verb, Write},
};

/// `PUT`, `POST` and `DELETE` of one document.
pub(super) fn write(world: &mut World, site: Site, ask: &Ask, verb: Verb) -> Handled {
    let source =
        if verb == Verb::Delete { Value::Null } else { Value::Object(ask.required_object()?) };
    ask.allow(&[
        "refresh",
        "routing",
        "timeout",
        "version",
        "version_type",
        "if_seq_no",
        "if_primary_term",
        "op_type",
        "wait_for_active_shards",
        "pipeline",
        "require_alias",
    ])?;
    let verb = if ask.parameter("op_type") == Some("create") { Verb::Create } else { verb };
    let given = match (ask.number("version"), ask.parameter("version_type")) {
        (Some(version), Some("external" | "external_gt")) => Given::External(version),
        (Some(version), Some("external_gte")) => Given::ExternalGte(version),
        _ => match (ask.number("if_seq_no"), ask.number("if_primary_term")) {
            (Some(seq_no), Some(term)) => Given::If(seq_no, term),
            _ => Given::None,
        },
    };
    // `/{index}/_create/{id}` names no type, `/{index}/{type}/{id}` does.
    let kind = match ask.segment(1) {
        "_create" => "_doc",
        kind => kind,
    };
    let write = Write {
        target: ask.segment(0).to_owned(),
        kind: kind.to_owned(),
        id: ask.segments.get(2).cloned(),
        routing: ask.parameter("routing").map(str::to_owned),
        verb,
        source: Arc::new(source),
        given,
        refresh: ask.flag("refresh"),
        is_late: false,
    };
    let (status, item) = world.write(site, write)?;
    Ok(Reply::Json(status, item))
}

/// `GET` and `HEAD` of one document; always up to date, refreshed or not.
pub(super) fn get(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "routing",
        "preference",
        "realtime",
        "refresh",
        "_source",
        "stored_fields",
        "version",
        "version_type",
    ])?;
    let cluster = world.at(site);
    let id = ask.segment(2);
    let index = readable(cluster, ask.segment(0))?;
    let shown = shown(cluster, index, ask.segment(1), id, ask.parameter("routing"));
    let is_found = shown["found"] == json!(true);
    if ask.segment(1) == "_source" {
        return if is_found {
            ok(shown["_source"].clone())
        } else {
            Err(Refusal::new(
                404,
                "resource_not_found_exception",
                format!("Document not found [{}]/[_doc]/[{id}]", index.name),
            ))
        };
    }
    let mut shown = shown;
    if ask.parameter("_source") == Some("false") {
        shown.remove("_source");
    }
    let status = if is_found { 200 } else { 404 };
    Ok(Reply::Json(status, Value::Object(shown)))
}

/// The one open index that a document is read from, by its name or through an alias.
pub(super) fn readable<'a>(cluster: &'a Cluster, target: &str) -> Result<&'a Index, Refusal> {
    let index = match cluster.indices.get(target) {
        Some(index) => index,
        None => match cluster.behind(target).as_slice() {
            [index] => index,
            [] => {
                let personality = cluster.personality;
                return Err(Refusal::missing_resource(personality, "index_expression", target));
            }
            several => {
                let list: Vec<&str> = several.iter().map(|index| index.name.as_str()).collect();
                let list = list.join(", ");
                return Err(Refusal::argument(format!(
                    "Alias [{target}] has more than one indices associated with it [[{list}]], \
                     can't execute a single index op"
                )));
            }
        },
    };
    if index.open { Ok(index) } else { Err(Refusal::closed(&index.name, &index.uuid)) }
}

/// A document as `GET` and `_mget` show it, found or not.
pub(super) fn shown(
    cluster: &Cluster,
    index: &Index,
    kind: &str,
    id: &str,
    routing: Option<&str>,
) -> Map<String, Value> {
    let at = murmur::shard_of(routing.unwrap_or(id), index.shards.len(), index.routing_shards);
    let document = index.shards.get(at).and_then(|shard| shard.documents.get(id));
    let found =
        document.and_then(|document| document.source.as_ref().map(|source| (document, source)));
    let mut out = Map::new();
    out.insert("_index".to_owned(), json!(index.name));
    if cluster.personality.is_old() {
        out.insert("_type".to_owned(), json!(kind));
    }
    out.insert("_id".to_owned(), json!(id));
    let Some((document, source)) = found else {
        out.insert("found".to_owned(), json!(false));
        return out;
    };
    out.insert("_version".to_owned(), json!(document.version));
    out.insert("_seq_no".to_owned(), json!(document.seq_no));
    out.insert("_primary_term".to_owned(), json!(document.term));
    if let Some(routing) = &document.routing {
        out.insert("_routing".to_owned(), json!(routing));
    }
    out.insert("found".to_owned(), json!(true));
    out.insert("_source".to_owned(), Value::clone(source));
    out
}
