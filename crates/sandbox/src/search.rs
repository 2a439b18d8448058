//! `_search` with scrolls and points in time, and `_count`.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::{Cluster, Context},
    names::{self, Wanted},
    page::{page, select, size, total},
    query::Query,
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
    pub(super) routing: Option<String>,
    pub(super) seq_no: i64,
    pub(super) term: i64,
    pub(super) version: i64,
    pub(super) source: Arc<Value>,
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
    let expression = if ask.segments.len() == 1 { "_all" } else { ask.segment(0) };
    if let Some((remote, pattern)) = expression.split_once(':') {
        return across(world, site, remote, pattern, ask, &body);
    }
    let pit = body.get("pit").and_then(|pit| pit["id"].as_str()).map(str::to_owned);
    let cluster = world.at(site);
    let (hits, shards) = match &pit {
        Some(id) => {
            let context = cluster.contexts.get(id).ok_or_else(|| context_missing(id))?;
            (context.hits.iter().cloned().collect(), 1)
        }
        None => gather(cluster, expression, ask, &body)?,
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
        let context = Context { hits: rest, size: page_size, total, body };
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
    let id = ask.parameter("scroll_id").or_else(|| body.get("scroll_id").and_then(Value::as_str));
    let id = id.unwrap_or_else(|| ask.segment(2)).to_owned();
    let is_old = world.at(site).personality.is_old();
    let context = world.at_mut(site).contexts.get_mut(&id).ok_or_else(|| context_missing(&id))?;
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
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::String(text)) => vec![text.clone()],
        _ => vec![ask.segment(2).to_owned()],
    };
    let contexts = &mut world.at_mut(site).contexts;
    let freed = ids.iter().filter(|id| contexts.remove(*id).is_some()).count();
    let status = if freed == 0 { 404 } else { 200 };
    Ok(Reply::Json(status, json!({"succeeded": freed > 0 || status == 404, "num_freed": freed})))
}

/// `POST /{index}/_pit`: a view of the documents as they are now.
pub(super) fn open_pit(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["keep_alive", "preference", "routing", "ignore_unavailable", "expand_wildcards"])?;
    let (hits, shards) = gather(world.at(site), ask.segment(0), ask, &Value::Null)?;
    let id = format!("pit-{}", world.uuid());
    let context = Context { hits: hits.into(), size: 0, total: 0, body: Value::Null };
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
    let expression = if ask.segments.len() == 1 { "_all" } else { ask.segment(0) };
    let (hits, shards) = gather(world.at(site), expression, ask, &body)?;
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

/// The live documents of an expression, in index order, and the number of shards asked. Those
/// that the body's query rules out by their sequence numbers may be left out.
fn gather(
    cluster: &Cluster,
    expression: &str,
    ask: &Ask,
    body: &Value,
) -> Result<(Vec<Hit>, usize), Refusal> {
    let seq_nos = body.get("query").and_then(|query| Query::parse(query).ok());
    let seq_nos = seq_nos.map_or((0, i64::MAX), |query| query.seq_nos());
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
            return Err(Refusal::new(503, "search_phase_execution_exception", "all shards failed"));
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
            let documents = if cluster.is_lazy { &shard.refreshed() } else { &shard.documents };
            let found = shard.between(seq_nos, documents).filter_map(|(id, document)| {
                document.source.as_ref().map(|source| Hit {
                    index: name.clone(),
                    shard: at,
                    id: id.clone(),
                    seq_no: document.seq_no,
                    term: document.term,
                    version: document.version,
                    routing: document.routing.clone(),
                    source: Arc::clone(source),
                })
            });
            hits.extend(
                found.filter(|hit| filter.as_ref().is_none_or(|filter| filter.matches(hit))),
            );
        }
    }
    Ok((hits, shards))
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
        Reach::Unknown if is_old => {
            Err(Refusal::missing(cluster.personality, &format!("{remote}:{pattern}")))
        }
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
            let there = world.at(target);
            // As of a node that has not found a master since its start: it serves no reads.
            let found = if there.is_ill {
                let reason = "blocked by: [SERVICE_UNAVAILABLE/2/no master];";
                Err(Refusal::new(503, "cluster_block_exception", reason))
            } else {
                gather(there, pattern, ask, body)
            };
            let (mut hits, shards) = match found {
                Err(refusal) if super::remote::skips_unavailable(cluster, remote) && !is_old => {
                    let mut answer = page(is_old, &[], body, 0);
                    answer["_clusters"] = counts(0);
                    let failures = json!([{"shard": -1, "reason": refusal.cause()}]);
                    answer["_clusters"]["details"] =
                        json!({remote: {"status": "skipped", "failures": failures}});
                    return ok(answer);
                }
                gathered => gathered?,
            };
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
