//! The copy on a cluster: documents of one small index, `esdr-state-…`.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    RecordStore,
    documents::{Document, assemble, bulk_lines, document, index_body},
};
use crate::{
    es::{
        error::Error,
        transport::{Method, Request},
    },
    model::{lineage::Entry, membership::state_index},
};

/// The newest entries that are read, of all sets together.
pub(super) const ENTRIES_MAX: usize = 1_000;
/// A server's own limit of one answer (`index.max_result_window`).
const DOCUMENTS_MAX: usize = 10_000;
/// Nothing on the emergency path may wait for a state index.
const DEADLINE: Duration = Duration::from_secs(5);

/// Reads every entry that a cluster holds, the newest [`ENTRIES_MAX`] of them. A cluster without a
/// state index holds none.
///
/// # Errors
/// Where it cannot answer for it.
pub(super) async fn read(store: &RecordStore) -> Result<Vec<Entry>, Error> {
    let index = state_index(&store.uuid);
    // The newest by their number; those without one, which have -1 there, by their time.
    let headers = json!({"size": ENTRIES_MAX, "query": {"term": {"kind": "entry"}},
                         "sort": [{"n": "desc"}, {"at_ms": "desc"}]});
    let mut documents = search(store, &index, headers).await?;
    let runs: BTreeSet<&str> = documents.iter().map(|document| document.run.as_str()).collect();
    let members = json!({"size": DOCUMENTS_MAX, "sort": [{"n": "asc"}],
        "query": {"bool": {"filter": [{"term": {"kind": "members"}}, {"terms": {"run": runs}}]}}});
    documents.extend(search(store, &index, members).await?);
    Ok(assemble(documents))
}

/// Of an answer to a search: the documents and nothing about them.
#[derive(Deserialize)]
struct Found {
    hits: Hits,
}

#[derive(Deserialize)]
struct Hits {
    #[serde(default)]
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "_source")]
    source: Box<RawValue>,
}

async fn search(store: &RecordStore, index: &str, body: Value) -> Result<Vec<Document>, Error> {
    // How many there are is answered where there are none, too.
    let filter = "filter_path=hits.total,hits.hits._source";
    let path = format!("/{index}/_search?ignore_unavailable=true&{filter}");
    let request = Request::new(Method::Post, path).json(body).within(DEADLINE);
    let found: Found = store.es.read(request).await?;
    Ok(found.hits.hits.iter().filter_map(|hit| document(&hit.source)).collect())
}

/// Writes an entry, making the state index where it is missing.
pub(super) async fn write(
    store: &RecordStore,
    entry: &Entry,
    changed: Option<&[usize]>,
) -> Result<(), WriteError> {
    let index = state_index(&store.uuid);
    make_index(store, &index).await?;
    let lines = bulk_lines(&index, store.version.has_types(), entry, changed);
    // A server without the shard answers so in this time, and not in its minute.
    let path = "/_bulk?refresh=true&timeout=3s";
    let request = Request::new(Method::Post, path).lines(lines).within(DEADLINE);
    let answer = store.es.send(request).await?;
    if answer["errors"] == json!(false) {
        return Ok(());
    }
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let error = items.iter().map(|item| &item["index"]["error"]).find(|error| !error.is_null());
    Err(WriteError::Item(
        error.map_or_else(String::new, |error| {
            error["reason"].as_str().unwrap_or_default().to_owned()
        }),
    ))
}

/// Makes the state index where it is missing.
pub(super) async fn prepare(store: &RecordStore) -> Result<(), Error> {
    make_index(store, &state_index(&store.uuid)).await
}

pub(super) async fn make_index(store: &RecordStore, index: &str) -> Result<(), Error> {
    let path = format!("/{index}");
    let head = Request::new(Method::Get, format!("{path}/_settings")).within(DEADLINE);
    match store.es.send(head).await {
        Ok(_) => return Ok(()),
        Err(error) if error.is_missing_index() => {}
        Err(error) => return Err(error),
    }
    let body = index_body(store.version.has_types());
    let put = Request::new(Method::Put, path).json(body).within(DEADLINE);
    match store.es.send(put).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_index_exists() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Why an entry could not be written on a cluster.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Call(#[from] Error),
    #[error("the cluster did not take the document: {0}")]
    Item(String),
}

impl WriteError {
    /// Whether the cluster has answered.
    pub(super) fn is_answer(&self) -> bool {
        match self {
            Self::Call(error) => !error.is_unanswered(),
            Self::Item(_) => true,
        }
    }
}
