//! An entry as documents: a header, and its members by the hundred, so that writing a
//! batch's positions rewrites a few small documents and not the whole entry.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::model::lineage::{Entry, Member};

/// Members in one document.
pub(super) const MEMBERS_PER_DOCUMENT: usize = 100;

/// The mapping of a state index: nothing of the data itself is indexed.
pub(super) fn index_body(has_types: bool) -> Value {
    let mapping = json!({
        "dynamic": false,
        "properties": {
            "kind": {"type": "keyword"},
            "run": {"type": "keyword"},
            "set": {"type": "keyword"},
            "n": {"type": "integer"},
            "at_ms": {"type": "long"},
            "data": {"type": "object", "enabled": false}
        }
    });
    let mappings = if has_types { json!({"_doc": mapping}) } else { mapping };
    json!({
        "settings": {
            "index.number_of_shards": 1,
            "index.number_of_replicas": 0,
            "index.auto_expand_replicas": "0-1"
        },
        "mappings": mappings
    })
}

/// The lines of a bulk request that writes the header, and of the members those
/// documents that hold a changed one.
pub(super) fn bulk_lines(
    index: &str,
    has_types: bool,
    entry: &Entry,
    changed: Option<&[usize]>,
) -> String {
    let mut header = entry.clone();
    header.members = Vec::new();
    let mut lines = String::new();
    let mut push = |id: String, document: Value| {
        let mut action = json!({"index": {"_index": index, "_id": id}});
        if has_types {
            action["index"]["_type"] = json!("_doc");
        }
        lines += &format!("{action}\n{document}\n");
    };
    for (n, members) in entry.members.chunks(MEMBERS_PER_DOCUMENT).enumerate() {
        let holds = |at: &usize| at / MEMBERS_PER_DOCUMENT == n;
        if changed.is_none_or(|changed| changed.iter().any(holds)) {
            push(
                format!("{}.{}.{n}", entry.run, entry.set),
                json!({"kind": "members", "run": entry.run, "set": entry.set, "n": n,
                       "at_ms": entry.at_ms, "data": {"members": members}}),
            );
        }
    }
    // The header comes last: it stands for an entry that is whole.
    push(
        format!("{}.{}", entry.run, entry.set),
        json!({"kind": "entry", "run": entry.run, "set": entry.set, "n": place(entry),
               "at_ms": entry.at_ms, "data": {"entry": header}}),
    );
    lines
}

/// By this the newest entries are found, whatever the clocks say; -1 for one without a number.
fn place(entry: &Entry) -> i64 {
    i64::try_from(entry.number).ok().filter(|number| *number > 0).unwrap_or(-1)
}

/// A document of a state index, as it is read.
#[derive(Deserialize)]
pub(super) struct Document {
    kind: String,
    pub(super) run: String,
    set: String,
    #[serde(default)]
    n: i64,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    entry: Option<Entry>,
    #[serde(default)]
    members: Vec<Member>,
}

/// A document, unless it cannot be read, for it was written by a newer esdr.
pub(super) fn document(text: &RawValue) -> Option<Document> {
    serde_json::from_str(text.get()).ok()
}

/// Puts entries together from their documents, in any order.
pub(super) fn assemble(documents: Vec<Document>) -> Vec<Entry> {
    let (headers, mut members): (Vec<Document>, Vec<Document>) =
        documents.into_iter().partition(|document| document.kind == "entry");
    let mut entries: Vec<Entry> =
        headers.into_iter().filter_map(|document| document.data.entry).collect();
    members.sort_by_key(|document| document.n);
    for Document { run, set, data, .. } in members {
        if let Some(entry) = entries.iter_mut().find(|e| e.run == run && e.set == set) {
            entry.members.extend(data.members);
        }
    }
    entries
}
