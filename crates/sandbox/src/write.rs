//! One write: from a name to a shard, with its version checks.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    index::Index,
    invariants::Acknowledged,
    murmur,
    refusal::Refusal,
    shard::{Operation, Shard, Work},
    site::Site,
    world::World,
};

/// For how long after a write block late writes are acknowledged, in milliseconds.
const LATE_MS: u64 = 300;

/// What a write wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verb {
    Index,
    Create,
    Delete,
}

/// A version that the client brings along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Given {
    None,
    External(i64),
    ExternalGte(i64),
    /// `if_seq_no` and `if_primary_term`
    If(i64, i64),
}

/// One document write as a client asks for it.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// An index or alias.
    pub(super) target: String,
    /// The mapping type, for 6.8's answers.
    pub(super) kind: String,
    pub(super) id: Option<String>,
    pub(super) routing: Option<String>,
    pub(super) verb: Verb,
    pub(super) source: Arc<Value>,
    pub(super) given: Given,
    pub(super) refresh: bool,
    /// Whether the request this belongs to may still pass a write block.
    pub(super) is_late: bool,
}

impl World {
    /// Whether a bulk request that meets a write block now may still pass; uses one up.
    pub(super) fn take_late_bulk(&mut self, site: Site) -> bool {
        let is_open = self.has_writes_under_way(site);
        let cluster = self.at_mut(site);
        if is_open {
            cluster.late_bulks -= 1;
        }
        is_open
    }

    /// Whether writes from before a write block are still under way.
    pub(super) fn has_writes_under_way(&self, site: Site) -> bool {
        self.at(site).late_bulks > 0
            && self.at(site).indices.values().any(|index| self.is_draining(index))
    }

    /// Whether an index was blocked so recently that writes are still under way.
    pub(super) fn is_draining(&self, index: &Index) -> bool {
        index.is_set("index.blocks.write")
            && index.blocked_ms.is_some_and(|at_ms| self.now_ms() < at_ms + LATE_MS)
    }

    /// Writes one document; the item that `_bulk` shows, with its status.
    pub(super) fn write(&mut self, site: Site, write: Write) -> Result<(u16, Value), Refusal> {
        let is_old = self.at(site).personality.is_old();
        let name = self.write_index(site, &write)?;
        let id = write.id.clone().unwrap_or_else(|| self.document_id());
        let may_pass = write.is_late && is_old;
        let now_ms = self.now_ms();
        let index = self.at_mut(site).index_mut(&name)?;
        if !index.open {
            return Err(Refusal::closed(&name, &index.uuid));
        }
        let passes = may_pass
            && index.is_set("index.blocks.write")
            && index.blocked_ms.is_some_and(|at_ms| now_ms < at_ms + LATE_MS);
        if let Some(refusal) = index.block_refusal(is_old).filter(|_| !passes) {
            return Err(refusal);
        }
        if index.following.is_some() {
            let reason =
                "a following engine does not accept operations without an assigned sequence number";
            return Err(Refusal::new(403, "status_exception", reason));
        }
        if index.red {
            let reason =
                format!("[{name}][0] primary shard is not active Timeout: [1m], request: [write]");
            return Err(Refusal::new(503, "unavailable_shards_exception", reason));
        }
        let routing = write.routing.as_deref().unwrap_or(&id);
        let at = murmur::shard_of(routing, index.shards.len(), index.routing_shards);
        let done = write_shard(index, at, &id, &write, is_old)?;
        if write.verb != Verb::Delete {
            index.learn(&write.source);
        }
        let source = (write.verb != Verb::Delete).then(|| Arc::clone(&write.source));
        let uuid = index.uuid.clone();
        let item = item(index, &id, &write, &done, is_old);
        self.pending.push(Acknowledged { index: name, uuid, id, version: done.version, source });
        Ok((done.status, item))
    }

    /// The concrete index of a write: by its name, through its alias, or created for it.
    fn write_index(&mut self, site: Site, write: &Write) -> Result<String, Refusal> {
        let target = &write.target;
        let cluster = self.at(site);
        if cluster.indices.contains_key(target) {
            return Ok(target.clone());
        }
        let behind = cluster.behind(target);
        if !behind.is_empty() {
            let flag =
                |index: &&&Index| index.aliases[target].get("is_write_index") == Some(&json!(true));
            if let Some(writer) = behind.iter().find(flag) {
                return Ok(writer.name.clone());
            }
            let disabled = behind[0].aliases[target].get("is_write_index") == Some(&json!(false));
            if behind.len() == 1 && !disabled {
                return Ok(behind[0].name.clone());
            }
            return Err(Refusal::argument(format!(
                "no write index is defined for alias [{target}]. The write index may be explicitly \
                 disabled using is_write_index=false or the alias points to multiple indices \
                 without one being designated as a write index"
            )));
        }
        let is_off =
            cluster.setting("action.auto_create_index").and_then(Value::as_str) == Some("false");
        let creates = write.verb != Verb::Delete
            || matches!(write.given, Given::External(_) | Given::ExternalGte(_));
        if is_off || !cluster.auto_create || !creates {
            let mut refusal = Refusal::missing(cluster.personality, target);
            if creates && !cluster.personality.is_old() {
                let reason =
                    format!("no such index [{target}] and [action.auto_create_index] is [false]");
                refusal.body["error"]["reason"] = json!(reason);
            }
            return Err(refusal);
        }
        self.create(site, target, super::flat::Flat::new(), json!({}), Map::new())?;
        Ok(target.clone())
    }
}

/// What came of a write.
struct Done {
    status: u16,
    result: &'static str,
    version: i64,
    seq_no: i64,
    term: i64,
}

fn write_shard(
    index: &mut Index,
    at: usize,
    id: &str,
    write: &Write,
    is_old: bool,
) -> Result<Done, Refusal> {
    let (name, uuid) = (index.name.clone(), index.uuid.clone());
    let Some(shard) = index.shards.get_mut(at) else {
        return Err(Refusal::new(500, "illegal_state_exception", "no such shard"));
    };
    let conflict = |why: String| {
        let place = if is_old { format!("[{}][{id}]", write.kind) } else { format!("[{id}]") };
        let cause = json!({"type": "version_conflict_engine_exception",
            "reason": format!("{place}: version conflict, {why}"),
            "index_uuid": uuid, "shard": at.to_string(), "index": name});
        Refusal::caused(409, cause)
    };
    let version = next_version(shard, id, write, is_old).map_err(conflict)?;
    let existed = shard.documents.get(id).is_some_and(|document| document.source.is_some());
    let work = if write.verb == Verb::Delete {
        Work::Delete
    } else {
        Work::Index(Arc::clone(&write.source))
    };
    let (seq_no, term) = (shard.next_seq_no(), shard.term);
    let routing = write.routing.clone();
    shard.apply(Operation { seq_no, term, id: id.to_owned(), version, routing, work });
    if write.refresh {
        shard.refresh();
    }
    let (status, result) = match (write.verb, existed) {
        (Verb::Delete, true) => (200, "deleted"),
        (Verb::Delete, false) => (404, "not_found"),
        (_, true) => (200, "updated"),
        (_, false) => (201, "created"),
    };
    Ok(Done { status, result, version, seq_no, term })
}

/// The version of the write, or why it conflicts.
fn next_version(shard: &Shard, id: &str, write: &Write, is_old: bool) -> Result<i64, String> {
    let document = shard.documents.get(id);
    let current = document.map_or(0, |document| document.version);
    let lives = document.is_some_and(|document| document.source.is_some());
    if write.verb == Verb::Create && lives {
        return Err(format!("document already exists (current version [{current}])"));
    }
    match write.given {
        Given::None => Ok(current + 1),
        Given::External(version) if version > current => Ok(version),
        Given::External(version) => Err(format!(
            "current version [{current}] is higher or equal to the one provided [{version}]"
        )),
        Given::ExternalGte(version) if version >= current => Ok(version),
        Given::ExternalGte(version) => {
            Err(format!("current version [{current}] is higher than the one provided [{version}]"))
        }
        // 6.8 takes the operation of a delete for one that may be named.
        Given::If(seq_no, term) => match document.filter(|_| lives || is_old) {
            Some(document) if document.seq_no == seq_no && document.term == term => Ok(current + 1),
            Some(document) => Err(format!(
                "required seqNo [{seq_no}], primary term [{term}]. current document has seqNo [{}] and primary term [{}]",
                document.seq_no, document.term
            )),
            None => Err(format!(
                "required seqNo [{seq_no}], primary term [{term}]. but no document was found"
            )),
        },
    }
}

fn item(index: &Index, id: &str, write: &Write, done: &Done, is_old: bool) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("_index", json!(index.name));
    if is_old {
        put("_type", json!(write.kind));
    }
    put("_id", json!(id));
    put("_version", json!(done.version));
    put("result", json!(done.result));
    if write.refresh {
        put("forced_refresh", json!(true));
    }
    put("_shards", json!({"total": 1 + index.replicas(), "successful": 1, "failed": 0}));
    put("_seq_no", json!(done.seq_no));
    put("_primary_term", json!(done.term));
    Value::Object(out)
}
