//! `_reindex` in the background, and what its task says afterwards.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    ask::Ask,
    index::Index,
    murmur,
    refusal::Refusal,
    reply::{Handled, ok},
    shard::{Document, Operation, Work},
    site::Site,
    world::World,
};

/// Where the answers of ended tasks are kept.
const TASKS: &str = "_tasks";

/// `POST /_reindex?wait_for_completion=false` from one index to another that exists, documents
/// with their versions. It is done at once; a copy that has a document as new keeps it.
pub(super) fn post(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["wait_for_completion", "refresh", "timeout", "requests_per_second", "slices"])?;
    let body = ask.required_object()?;
    let name = |end: &str| body.get(end).and_then(|end| end["index"].as_str()).unwrap_or_default();
    let (from, to) = (name("source").to_owned(), name("dest").to_owned());
    let source = world.at(site).index(&from)?;
    let is_lazy = world.at(site).is_lazy;
    let mut documents: Vec<(String, Document)> = Vec::new();
    for shard in &source.shards {
        let all = if is_lazy { shard.refreshed() } else { shard.documents.clone() };
        documents.extend(all.into_iter().filter(|(_, document)| document.source.is_some()));
    }
    let total = documents.len();
    let is_old = world.at(site).personality.is_old();
    let target = world.at_mut(site).index_mut(&to)?;
    if let Some(refusal) = target.block_refusal(is_old) {
        return Err(refusal);
    }
    let created = documents.into_iter().filter(|document| take(target, document)).count();
    let id = format!("{}:{}", world.at(site).node_id, world.at(site).kept.len() + 10);
    let task = answer(&from, &to, (total, created));
    world.at_mut(site).kept.insert((TASKS.to_owned(), id.clone()), task);
    ok(json!({"task": id}))
}

/// `GET /_tasks/{id}` of a task that has ended.
pub(super) fn task(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["wait_for_completion", "timeout"])?;
    let id = ask.segment(1);
    let answer = world.at(site).kept.get(&(TASKS.to_owned(), id.to_owned())).cloned();
    answer.map_or_else(
        || {
            let reason = format!("task [{id}] isn't running and hasn't stored its results");
            Err(Refusal::new(404, "resource_not_found_exception", reason))
        },
        ok,
    )
}

/// Takes one document in; false where there is one as new.
fn take(target: &mut Index, (id, document): &(String, Document)) -> bool {
    let routing = document.routing.as_deref().unwrap_or(id);
    let at = murmur::shard_of(routing, target.shards.len(), target.routing_shards);
    let shard = &mut target.shards[at];
    let Some(source) = &document.source else { return false };
    if shard.documents.get(id).is_some_and(|held| held.version >= document.version) {
        return false;
    }
    shard.apply(Operation {
        seq_no: shard.next_seq_no(),
        term: shard.term,
        id: id.clone(),
        version: document.version,
        routing: document.routing.clone(),
        work: Work::Index(Arc::clone(source)),
    });
    shard.refresh();
    true
}

fn answer(from: &str, to: &str, (total, created): (usize, usize)) -> Value {
    let description = format!("reindex from [{from}] to [{to}]");
    let conflicts = total - created;
    let counts = json!({"total": total, "created": created, "version_conflicts": conflicts});
    let mut response = counts.clone();
    response["failures"] = json!([]);
    json!({
        "completed": true,
        "task": {
            "action": "indices:data/write/reindex",
            "description": description,
            "status": counts,
        },
        "response": response,
    })
}
