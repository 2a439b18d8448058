//! One primary shard: its operations, its documents, its leases.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde_json::Value;

/// What one operation does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Work {
    /// Shared, for a document is kept in the log, as it is, and on every copy.
    Index(Arc<Value>),
    Delete,
    NoOp,
}

/// One entry of a shard's history.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) seq_no: i64,
    pub(super) term: i64,
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) routing: Option<String>,
    pub(super) work: Work,
}

/// The newest operation on one document; `source` is `None` once it is deleted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub(super) routing: Option<String>,
    pub(super) seq_no: i64,
    pub(super) term: i64,
    pub(super) version: i64,
    pub(super) source: Option<Arc<Value>>,
}

/// A retention lease of a follower.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) id: String,
    pub(super) retaining_seq_no: i64,
    /// Epoch milliseconds of the last renewal.
    pub(super) timestamp_ms: u64,
}

/// A primary shard. Sequence numbers start at 0; -1 stands for none.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    /// Operations by sequence number.
    pub(super) log: BTreeMap<i64, Operation>,
    /// Every document ever seen, deleted ones included.
    pub(super) documents: HashMap<String, Document>,
    /// The highest sequence number below which nothing is missing: local and global
    /// checkpoint alike, for each shard stands alone in its cluster.
    pub(super) checkpoint: i64,
    pub(super) max_seq_no: i64,
    /// Highest sequence number in the last commit. A follower is born from the commit and
    /// replays the rest, so an unflushed leader gives birth to an empty follower.
    pub(super) committed: i64,
    /// Highest sequence number that a search sees where refreshes are lazy.
    pub(super) searchable: i64,
    pub(super) term: i64,
    pub(super) history_uuid: String,
    pub(super) translog_uuid: String,
    pub(super) leases: Vec<Lease>,
    pub(super) leases_version: i64,
}

impl Shard {
    /// An empty shard.
    pub(super) fn new(history_uuid: String, translog_uuid: String, term: i64) -> Self {
        Self {
            log: BTreeMap::new(),
            documents: HashMap::new(),
            checkpoint: -1,
            max_seq_no: -1,
            committed: -1,
            searchable: -1,
            term,
            history_uuid,
            translog_uuid,
            leases: Vec::new(),
            leases_version: 0,
        }
    }

    /// Takes one operation in, wherever its sequence number stands.
    pub(super) fn apply(&mut self, operation: Operation) {
        let seq_no = operation.seq_no;
        if self.log.contains_key(&seq_no) {
            return;
        }
        let source = match &operation.work {
            Work::Index(source) => Some(Some(Arc::clone(source))),
            Work::Delete => Some(None),
            Work::NoOp => None,
        };
        if let Some(source) = source {
            let newest = self.documents.get(&operation.id).is_none_or(|old| old.seq_no < seq_no);
            if newest {
                let Operation { term, version, .. } = operation;
                let routing = operation.routing.clone();
                let document = Document { routing, seq_no, term, version, source };
                self.documents.insert(operation.id.clone(), document);
            }
        }
        self.log.insert(seq_no, operation);
        self.max_seq_no = self.max_seq_no.max(seq_no);
        while self.log.contains_key(&(self.checkpoint + 1)) {
            self.checkpoint += 1;
        }
    }

    /// The next free sequence number.
    pub(super) fn next_seq_no(&self) -> i64 {
        self.max_seq_no + 1
    }

    /// Writes everything into a commit, as a flush and a close do.
    pub(super) fn flush(&mut self) {
        self.committed = self.max_seq_no;
        self.refresh();
    }

    /// Makes everything searchable.
    pub(super) fn refresh(&mut self) {
        self.searchable = self.max_seq_no;
    }

    /// The documents as a search sees them, up to the last refresh.
    pub(super) fn refreshed(&self) -> HashMap<String, Document> {
        let mut seen = Self::new(String::new(), String::new(), 0);
        for operation in self.log.range(..=self.searchable).map(|(_, operation)| operation) {
            seen.apply(operation.clone());
        }
        seen.documents
    }

    /// Those of `documents`, which are this shard's, whose newest operation lies between two
    /// sequence numbers, both included, in their order.
    pub(super) fn between<'s>(
        &'s self,
        (from, to): (i64, i64),
        documents: &'s HashMap<String, Document>,
    ) -> impl Iterator<Item = (&'s String, &'s Document)> {
        // A range that ends before it begins is a panic of the map's.
        let operations = self.log.range(from..=to.max(from));
        operations.filter(move |(seq_no, _)| **seq_no <= to).filter_map(|(seq_no, operation)| {
            let (id, document) = documents.get_key_value(&operation.id)?;
            (document.seq_no == *seq_no).then_some((id, document))
        })
    }

    /// A new shard with what the last commit of this one holds and a history of its own.
    pub(super) fn born_from_commit(&self, history: String, translog: String, term: i64) -> Self {
        let mut child = Self::new(history, translog, term);
        for operation in self.log.range(..=self.committed).map(|(_, operation)| operation) {
            child.apply(operation.clone());
        }
        child.flush();
        child
    }

    /// Fills the gaps below `max_seq_no` with no-ops, as the engine of a regular index does
    /// when it opens.
    pub(super) fn fill_gaps(&mut self) {
        for seq_no in 0..=self.max_seq_no {
            if !self.log.contains_key(&seq_no) {
                let term = self.term;
                let work = Work::NoOp;
                self.apply(Operation {
                    seq_no,
                    term,
                    id: String::new(),
                    version: 1,
                    routing: None,
                    work,
                });
            }
        }
    }

    /// Number of documents that a search finds.
    pub(super) fn live(&self) -> usize {
        self.documents.values().filter(|document| document.source.is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn write(seq_no: i64, id: &str) -> Operation {
        let work = Work::Index(Arc::new(json!({"n": seq_no})));
        Operation { seq_no, term: 1, id: id.to_owned(), version: 1, routing: None, work }
    }

    #[test]
    fn a_gap_holds_the_checkpoint_back_until_it_is_filled() {
        let mut shard = Shard::new("h".into(), "t".into(), 1);
        shard.apply(write(0, "a"));
        shard.apply(write(2, "c"));
        assert_eq!((shard.checkpoint, shard.max_seq_no), (0, 2));
        shard.fill_gaps();
        assert_eq!((shard.checkpoint, shard.max_seq_no, shard.live()), (2, 2, 2));
    }

    #[test]
    fn a_follower_is_born_from_the_commit_only() {
        let mut shard = Shard::new("h".into(), "t".into(), 1);
        shard.apply(write(0, "a"));
        shard.flush();
        shard.apply(write(1, "b"));
        let child = shard.born_from_commit("h2".into(), "t2".into(), 1);
        assert_eq!((child.max_seq_no, child.live()), (0, 1));
    }
}
