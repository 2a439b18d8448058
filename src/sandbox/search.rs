//! `_search` with scrolls and points in time, and `_count`.

use std::{cmp::Ordering, collections::VecDeque};

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::{Cluster, Context},
    names::{self, Wanted},
    query::{self, Query},
    refusal::Refusal,
    reply::{Handled, Reply, ok},
    site::Site,
    world::{Reach, World},
};

/// One live document as a search sees it.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) index: String,
    pub(super) shard: usize,
    pub(super) id: String,
    pub(super) seq_no: i64,
    pub(super) term: i64,
    pub(super) version: i64,
    pub(super) source: Value,
}

const KNOWN: [&str; 27] = [
    "size",
    "from",
    "q",
    "sort",
    "_source",
    "version",
    "seq_no_primary_term",
    "preference",
    "routing",
    "scroll",
    "ignore_unavailable",
    "allow_no_indices",
    "expand_wildcards",
    "timeout",
    "terminate_after",
    "track_total_hits",
    "track_scores",
    "rest_total_hits_as_int",
    "request_cache",
    "search_type",
    "batched_reduce_size",
    "allow_partial_search_results",
    "stored_fields",
    "ccs_minimize_roundtrips",
    "max_concurrent_shard_requests",
    "pre_filter_shard_size",
    "typed_keys",
];

/// `_search` on indices, aliases, patterns and those of a remote (`alias:pattern`).
pub(super) fn search(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&KNOWN)?;
    let mut body = Value::Object(ask.object()?);
    for (parameter, key) in [("size", "size"), ("from", "from")] {
        if let Some(number) = ask.number(parameter) {
            body[key] = json!(number);
        }
    }
    for key in ["version", "seq_no_primary_term"] {
        if ask.flag(key) {
            body[key] = json!(true);
        }
    }
    let expression = if ask.segments.len() == 1 {
        "_all"
    } else {
        ask.segment(0)
    };
    if let Some((remote, pattern)) = expression.split_once(':') {
        return across(world, site, remote, pattern, ask, &body);
    }
    let pit = body
        .get("pit")
        .and_then(|pit| pit["id"].as_str())
        .map(str::to_owned);
    let cluster = world.at(site);
    let (hits, shards) = match &pit {
        Some(id) => {
            let context = cluster
                .contexts
                .get(id)
                .ok_or_else(|| context_missing(id))?;
            (context.hits.iter().cloned().collect(), 1)
        }
        None => gather(cluster, expression, ask)?,
    };
    let found = select(hits, &body)?;
    let mut answer = page(cluster.personality.is_old(), &found, &body, shards);
    if let Some(id) = pit {
        answer["pit_id"] = json!(id);
    }
    if ask.parameter("scroll").is_some() {
        let (page_size, total) = (size(&body), found.len());
        let rest: VecDeque<Hit> = found.into_iter().skip(page_size).collect();
        let id = format!("DnF1ZXJ5VGhlbkZldGNo{}", world.uuid());
        let context = Context {
            hits: rest,
            size: page_size,
            total,
            body,
        };
        world.at_mut(site).contexts.insert(id.clone(), context);
        let mut with_id = Map::new();
        with_id.insert("_scroll_id".to_owned(), json!(id));
        if let Value::Object(fields) = answer {
            with_id.extend(fields);
        }
        answer = Value::Object(with_id);
    }
    ok(answer)
}

/// `POST /_search/scroll`: the next page.
pub(super) fn scroll(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["scroll", "scroll_id", "rest_total_hits_as_int"])?;
    let body = ask.object()?;
    let id = ask
        .parameter("scroll_id")
        .or_else(|| body.get("scroll_id").and_then(Value::as_str));
    let id = id.unwrap_or_else(|| ask.segment(2)).to_owned();
    let is_old = world.at(site).personality.is_old();
    let context = world
        .at_mut(site)
        .contexts
        .get_mut(&id)
        .ok_or_else(|| context_missing(&id))?;
    let count = context.size.min(context.hits.len());
    let next: Vec<Hit> = context.hits.drain(..count).collect();
    let mut body = context.body.clone();
    body["size"] = json!(count);
    let mut answer = page(is_old, &next, &body, 1);
    answer["hits"]["total"] = total(is_old, context.total);
    answer["_scroll_id"] = json!(id);
    ok(answer)
}

/// `DELETE /_search/scroll` and `DELETE /_pit`
pub(super) fn release(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["scroll_id"])?;
    let body = ask.object()?;
    let ids: Vec<String> = match body.get("scroll_id").or_else(|| body.get("id")) {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => vec![ask.segment(2).to_owned()],
    };
    let contexts = &mut world.at_mut(site).contexts;
    let freed = ids
        .iter()
        .filter(|id| contexts.remove(*id).is_some())
        .count();
    let status = if freed == 0 { 404 } else { 200 };
    Ok(Reply::Json(
        status,
        json!({"succeeded": freed > 0 || status == 404, "num_freed": freed}),
    ))
}

/// `POST /{index}/_pit`: a view of the documents as they are now.
pub(super) fn open_pit(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "keep_alive",
        "preference",
        "routing",
        "ignore_unavailable",
        "expand_wildcards",
    ])?;
    let (hits, shards) = gather(world.at(site), ask.segment(0), ask)?;
    let id = format!("pit-{}", world.uuid());
    let context = Context {
        hits: hits.into(),
        size: 0,
        total: 0,
        body: Value::Null,
    };
    world.at_mut(site).contexts.insert(id.clone(), context);
    ok(
        json!({"id": id, "_shards": {"total": shards, "successful": shards, "skipped": 0, "failed": 0}}),
    )
}

/// `_count`
pub(super) fn count(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "preference",
        "routing",
        "ignore_unavailable",
        "allow_no_indices",
        "expand_wildcards",
        "q",
        "min_score",
        "terminate_after",
    ])?;
    let body = Value::Object(ask.object()?);
    let expression = if ask.segments.len() == 1 {
        "_all"
    } else {
        ask.segment(0)
    };
    let (hits, shards) = gather(world.at(site), expression, ask)?;
    let count = select(hits, &body)?.len();
    ok(
        json!({"count": count, "_shards": {"total": shards, "successful": shards, "skipped": 0, "failed": 0}}),
    )
}

fn context_missing(id: &str) -> Refusal {
    Refusal::new(
        404,
        "search_context_missing_exception",
        format!("No search context found for id [{id}]"),
    )
}

/// All live documents of an expression, in index order, and the number of shards asked.
fn gather(cluster: &Cluster, expression: &str, ask: &Ask) -> Result<(Vec<Hit>, usize), Refusal> {
    let only: Option<Vec<usize>> = ask
        .parameter("preference")
        .and_then(|preference| preference.strip_prefix("_shards:"))
        .map(|list| {
            list.split('|')
                .next()
                .unwrap_or_default()
                .split(',')
                .filter_map(|at| at.parse().ok())
                .collect()
        });
    let mut hits = Vec::new();
    let mut shards = 0;
    let aliases: Vec<&str> = expression.split(',').collect();
    for name in names::resolve(cluster, expression, Wanted::OPEN.asked(ask))? {
        let index = cluster.index(&name)?;
        if index.red {
            return Err(Refusal::new(
                503,
                "search_phase_execution_exception",
                "all shards failed",
            ));
        }
        let filter = aliases
            .iter()
            .find_map(|alias| index.aliases.get(*alias))
            .and_then(|alias| alias.get("filter"))
            .map(Query::parse)
            .transpose()?;
        for (at, shard) in index.shards.iter().enumerate() {
            if only.as_ref().is_some_and(|only| !only.contains(&at)) {
                continue;
            }
            shards += 1;
            let mut found: Vec<Hit> = shard
                .documents
                .iter()
                .filter_map(|(id, document)| {
                    document.source.as_ref().map(|source| Hit {
                        index: name.clone(),
                        shard: at,
                        id: id.clone(),
                        seq_no: document.seq_no,
                        term: document.term,
                        version: document.version,
                        source: source.clone(),
                    })
                })
                .filter(|hit| filter.as_ref().is_none_or(|filter| filter.matches(hit)))
                .collect();
            found.sort_by_key(|hit| hit.seq_no);
            hits.extend(found);
        }
    }
    Ok((hits, shards))
}

/// Filters and sorts; what `search_after` cuts off is gone, what `from` skips is not.
fn select(hits: Vec<Hit>, body: &Value) -> Result<Vec<Hit>, Refusal> {
    let query = body.get("query").map_or(Ok(Query::All), Query::parse)?;
    let mut found: Vec<Hit> = hits.into_iter().filter(|hit| query.matches(hit)).collect();
    let keys = sort_keys(body);
    found.sort_by(|left, right| order(left, right, &keys));
    if let Some(after) = body.get("search_after").and_then(Value::as_array) {
        found.retain(|hit| {
            let order = sort_values(hit, &keys)
                .iter()
                .zip(after)
                .zip(&keys)
                .map(|((value, after), (_, down))| directed(query::compare(value, after), *down))
                .find(|order| order.is_ne());
            order == Some(Ordering::Greater)
        });
    }
    Ok(found)
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
            field => query::values(hit, field)
                .into_iter()
                .next()
                .unwrap_or(Value::Null),
        })
        .collect()
}

fn order(left: &Hit, right: &Hit, keys: &[(String, bool)]) -> Ordering {
    let (left, right) = (sort_values(left, keys), sort_values(right, keys));
    left.iter()
        .zip(&right)
        .zip(keys)
        .map(|((left, right), (_, down))| directed(query::compare(left, right), *down))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn directed(order: Ordering, down: bool) -> Ordering {
    if down { order.reverse() } else { order }
}

fn size(body: &Value) -> usize {
    body.get("size")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(10)
}

fn total(is_old: bool, total: usize) -> Value {
    if is_old {
        json!(total)
    } else {
        json!({"value": total, "relation": "eq"})
    }
}

/// One page of hits as an answer.
fn page(is_old: bool, found: &[Hit], body: &Value, shards: usize) -> Value {
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
        "hits": {"total": total(is_old, found.len()), "max_score": max_score, "hits": hits},
    });
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
    put(
        "_score",
        if keys.is_empty() {
            json!(1.0)
        } else {
            Value::Null
        },
    );
    if body.get("_source") != Some(&json!(false)) {
        put("_source", hit.source.clone());
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

/// A search on a remote cluster.
fn across(
    world: &World,
    site: Site,
    remote: &str,
    pattern: &str,
    ask: &Ask,
    body: &Value,
) -> Handled {
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let counts =
        |successful: u64| json!({"total": 1, "successful": successful, "skipped": 1 - successful});
    match world.reach(site, remote) {
        Reach::Silent => Ok(Reply::Park),
        Reach::Unknown if is_old => Err(Refusal::missing(
            cluster.personality,
            &format!("{remote}:{pattern}"),
        )),
        Reach::Unknown => Err(Refusal::new(
            404,
            "no_such_remote_cluster_exception",
            format!("no such remote cluster: [{remote}]"),
        )),
        Reach::Refused if super::remote::skips_unavailable(cluster, remote) => {
            let mut answer = page(is_old, &[], body, 0);
            answer["_clusters"] = counts(0);
            ok(answer)
        }
        Reach::Refused => {
            let cause = json!({"type": "connect_transport_exception", "reason": format!("[{remote}] connect_exception")});
            let reason = format!("unable to communicate with remote cluster [{remote}]");
            Err(Refusal::caused(
                500,
                json!({"type": "transport_exception", "reason": reason, "caused_by": cause}),
            ))
        }
        Reach::To(target) => {
            let (mut hits, shards) = gather(world.at(target), pattern, ask)?;
            for hit in &mut hits {
                hit.index = format!("{remote}:{}", hit.index);
            }
            let found = select(hits, body)?;
            let mut answer = page(is_old, &found, body, shards);
            answer["_clusters"] = counts(1);
            ok(answer)
        }
    }
}
