//! Sorting hits and showing a page of them.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::{
    query::{self, Query},
    refusal::Refusal,
    search::Hit,
};

/// Filters and sorts; what `search_after` cuts off is gone, what `from` skips is not.
pub(super) fn select(hits: Vec<Hit>, body: &Value) -> Result<Vec<Hit>, Refusal> {
    let query = body.get("query").map_or(Ok(Query::All), Query::parse)?;
    let found = hits.into_iter().filter(|hit| query.matches(hit));
    let keys = sort_keys(body);
    let mut found: Vec<(Vec<Value>, Hit)> =
        found.map(|hit| (sort_values(&hit, &keys), hit)).collect();
    found.sort_by(|(left, _), (right, _)| order(left, right, &keys));
    if let Some(after) = body.get("search_after").and_then(Value::as_array) {
        found.retain(|(values, _)| order(values, after, &keys).is_gt());
    }
    Ok(found.into_iter().map(|(_, hit)| hit).collect())
}

/// Fields to sort by, each with whether it descends.
fn sort_keys(body: &Value) -> Vec<(String, bool)> {
    let one = |item: &Value| match item {
        Value::String(field) => Some((field.clone(), false)),
        Value::Object(map) => map.iter().next().map(|(field, how)| {
            let how = how.get("order").unwrap_or(how);
            (field.clone(), how.as_str() == Some("desc"))
        }),
        _ => None,
    };
    match body.get("sort") {
        Some(Value::Array(items)) => items.iter().filter_map(one).collect(),
        Some(item) => one(item).into_iter().collect(),
        None => Vec::new(),
    }
}

fn sort_values(hit: &Hit, keys: &[(String, bool)]) -> Vec<Value> {
    keys.iter()
        .map(|(field, _)| match field.as_str() {
            "_doc" | "_shard_doc" => json!((hit.shard as u64) << 32 | hit.seq_no.unsigned_abs()),
            "_score" => json!(1.0),
            field => query::values(hit, field).into_iter().next().unwrap_or(Value::Null),
        })
        .collect()
}

/// How two hits stand to each other by their values of the keys.
fn order(left: &[Value], right: &[Value], keys: &[(String, bool)]) -> Ordering {
    left.iter()
        .zip(right)
        .zip(keys)
        .map(|((left, right), (_, down))| directed(query::compare(left, right), *down))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn directed(order: Ordering, down: bool) -> Ordering {
    if down { order.reverse() } else { order }
}

/// The page size that a body asks for; ten without.
pub(super) fn size(body: &Value) -> usize {
    body.get("size")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(10)
}

/// `hits.total`: a number on 6.8, an object from 7.0 on.
pub(super) fn total(is_old: bool, total: usize) -> Value {
    if is_old { json!(total) } else { json!({"value": total, "relation": "eq"}) }
}

/// One page of hits as an answer.
pub(super) fn page(is_old: bool, found: &[Hit], body: &Value, shards: usize) -> Value {
    let keys = sort_keys(body);
    let from = body
        .get("from")
        .and_then(Value::as_u64)
        .and_then(|from| usize::try_from(from).ok())
        .unwrap_or(0);
    let hits: Vec<Value> = found
        .iter()
        .skip(from)
        .take(size(body))
        .map(|hit| shown(hit, body, &keys, is_old))
        .collect();
    let max_score = match (keys.is_empty(), hits.is_empty(), is_old) {
        (true, false, _) => json!(1.0),
        (true, true, true) => json!(0.0),
        _ => Value::Null,
    };
    let mut answer = json!({
        "took": 1,
        "timed_out": false,
        "_shards": {"total": shards, "successful": shards, "skipped": 0, "failed": 0},
        "hits": {"total": total(is_old, found.len()), "max_score": max_score},
    });
    // Not inside `json!`, which would copy every hit.
    answer["hits"]["hits"] = Value::Array(hits);
    if let Some(aggregations) = body.get("aggs").or_else(|| body.get("aggregations")) {
        answer["aggregations"] = aggregated(found, aggregations);
    }
    answer
}

fn shown(hit: &Hit, body: &Value, keys: &[(String, bool)], is_old: bool) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("_index", json!(hit.index));
    if is_old {
        put("_type", json!("_doc"));
    }
    put("_id", json!(hit.id));
    if body.get("version") == Some(&json!(true)) {
        put("_version", json!(hit.version));
    }
    if body.get("seq_no_primary_term") == Some(&json!(true)) {
        put("_seq_no", json!(hit.seq_no));
        put("_primary_term", json!(hit.term));
    }
    put("_score", if keys.is_empty() { json!(1.0) } else { Value::Null });
    if let Some(routing) = &hit.routing {
        put("_routing", json!(routing));
    }
    if body.get("_source") != Some(&json!(false)) {
        put("_source", Value::clone(&hit.source));
    }
    if !keys.is_empty() {
        put("sort", Value::Array(sort_values(hit, keys)));
    }
    Value::Object(out)
}

/// `max`, `min` and `value_count` of one field.
fn aggregated(found: &[Hit], aggregations: &Value) -> Value {
    let mut out = Map::new();
    for (name, aggregation) in aggregations.as_object().into_iter().flatten() {
        let Some((kind, body)) = aggregation.as_object().and_then(|map| map.iter().next()) else {
            continue;
        };
        let field = body["field"].as_str().unwrap_or_default();
        let numbers = found
            .iter()
            .flat_map(|hit| query::values(hit, field))
            .filter_map(|value| value.as_f64());
        let value = match kind.as_str() {
            "max" => json!(numbers.reduce(f64::max)),
            "min" => json!(numbers.reduce(f64::min)),
            _ => json!(numbers.count()),
        };
        out.insert(name.clone(), json!({"value": value}));
    }
    Value::Object(out)
}
