//! `_bulk`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    refusal::Refusal,
    reply::{Handled, ok},
    site::Site,
    world::World,
    write::{Given, Verb, Write},
};

/// `POST` and `PUT` on `/_bulk`, `/{index}/_bulk` and 6.8's `/{index}/{type}/_bulk`
pub(super) fn post(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "refresh",
        "timeout",
        "wait_for_active_shards",
        "pipeline",
        "routing",
        "_source",
        "require_alias",
        "type",
    ])?;
    let is_old = world.at(site).personality.is_old();
    let Some(body) = &ask.body else {
        return Err(Refusal::new(400, "parse_exception", "request body is required"));
    };
    if !body.ends_with('\n') {
        return Err(Refusal::argument("The bulk request must be terminated by a newline [\\n]"));
    }
    let default = match ask.segments.len() {
        1 => ("", "_doc"),
        2 => (ask.segment(0), "_doc"),
        _ => (ask.segment(0), ask.segment(1)),
    };
    let is_late = world.take_late_bulk(site);
    let mut lines = body.lines().filter(|line| !line.trim().is_empty());
    let mut items: Vec<Value> = Vec::new();
    let mut errors = false;
    while let Some(line) = lines.next() {
        let action: Value =
            serde_json::from_str(line).map_err(|error| malformed(&error.to_string()))?;
        let Some((verb, meta)) = action.as_object().and_then(|action| action.iter().next()) else {
            return Err(malformed("Malformed action/metadata line"));
        };
        let mut write = write(verb, meta, default)?;
        write.refresh = ask.flag("refresh");
        write.is_late = is_late;
        if write.verb != Verb::Delete {
            let source = lines.next().ok_or_else(|| malformed("a source line is missing"))?;
            let source: Value =
                serde_json::from_str(source).map_err(|error| malformed(&error.to_string()))?;
            write.source = Arc::new(source);
        }
        let (item, failed) = done(world, site, write, is_old);
        errors |= failed;
        items.push(Value::Object(Map::from_iter([(verb.clone(), item)])));
    }
    // Not inside `json!`, which would copy every item.
    let mut answer = json!({"took": 1, "errors": errors});
    answer["items"] = Value::Array(items);
    ok(answer)
}

fn malformed(why: &str) -> Refusal {
    Refusal::argument(why)
}

/// One line of metadata; `default` is the index and the type of the path.
fn write(verb: &str, meta: &Value, default: (&str, &str)) -> Result<Write, Refusal> {
    let text = |key: &str| meta.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| meta.get(key).and_then(Value::as_i64);
    let verb = match verb {
        "index" => Verb::Index,
        "create" => Verb::Create,
        "delete" => Verb::Delete,
        other => {
            return Err(malformed(&format!(
                "Malformed action/metadata line [1], expected field [create], [delete], [index] or [update] but found [{other}]"
            )));
        }
    };
    let kind = text("version_type").or_else(|| text("_version_type")).unwrap_or_default();
    let given = match (number("version").or_else(|| number("_version")), kind.as_str()) {
        (Some(version), "external" | "external_gt") => Given::External(version),
        (Some(version), "external_gte") => Given::ExternalGte(version),
        _ => match (number("if_seq_no"), number("if_primary_term")) {
            (Some(seq_no), Some(term)) => Given::If(seq_no, term),
            _ => Given::None,
        },
    };
    Ok(Write {
        target: text("_index").unwrap_or_else(|| default.0.to_owned()),
        kind: text("_type").unwrap_or_else(|| default.1.to_owned()),
        id: text("_id"),
        routing: text("routing").or_else(|| text("_routing")),
        verb,
        source: Arc::new(Value::Null),
        given,
        refresh: false,
        is_late: false,
    })
}

fn done(world: &mut World, site: Site, write: Write, is_old: bool) -> (Value, bool) {
    let (target, kind, id) = (write.target.clone(), write.kind.clone(), write.id.clone());
    match world.write(site, write) {
        Ok((status, mut item)) => {
            item["status"] = json!(status);
            (item, false)
        }
        Err(refusal) => {
            let mut item = Map::new();
            item.insert("_index".to_owned(), json!(target));
            if is_old {
                item.insert("_type".to_owned(), json!(kind));
            }
            item.insert("_id".to_owned(), json!(id));
            item.insert("status".to_owned(), json!(refusal.status));
            item.insert("error".to_owned(), refusal.cause());
            (Value::Object(item), true)
        }
    }
}
