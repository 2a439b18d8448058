//! What a run has told so far, kept for the summary at its end.

use std::collections::BTreeMap;

use crate::event::{Detail, Event, Kind};

/// One run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Digest {
    pub(crate) first_ms: Option<i64>,
    pub(crate) last_ms: Option<i64>,
    pub(crate) sets: BTreeMap<String, SetDigest>,
}

/// One set's part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SetDigest {
    /// The fence began.
    pub(crate) fenced_ms: Option<i64>,
    /// The last promote ended.
    pub(crate) promoted_ms: Option<i64>,
    /// The last fence was lifted.
    pub(crate) unfenced_ms: Option<i64>,
    /// Shards that were proved at lag 0 under the fence, and all there are.
    pub(crate) drained: Option<(usize, usize)>,
    pub(crate) drain_took_ms: Option<u64>,
    pub(crate) hooks: Vec<HookDigest>,
    /// The index that the canary was written to.
    pub(crate) canary: Option<String>,
    pub(crate) undone: bool,
    /// What copies that were given up had of their own.
    pub(crate) salvaged: Vec<SalvageDigest>,
    /// Names of the whole copies that stay beside.
    pub(crate) safety_copies: Vec<String>,
    /// The snapshots that hold whole copies, each with how many.
    pub(crate) snapshots: Vec<SnapshotDigest>,
}

/// One snapshot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SnapshotDigest {
    pub(crate) repository: String,
    pub(crate) name: String,
    pub(crate) indices: usize,
}

/// One index's salvage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SalvageDigest {
    pub(crate) index: String,
    pub(crate) ops: u64,
    pub(crate) documents: u64,
    pub(crate) file: Option<String>,
}

/// One of the operator's own programs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HookDigest {
    pub(crate) name: String,
    pub(crate) at_ms: i64,
    pub(crate) exit: Option<i32>,
}

impl Digest {
    /// Takes one event in.
    pub(crate) fn take(&mut self, event: &Event) {
        self.first_ms.get_or_insert(event.at_ms);
        self.last_ms = Some(event.at_ms);
        if event.set.is_empty() {
            return;
        }
        let set = self.sets.entry(event.set.clone()).or_default();
        let verb = event.step.split([' ', '(']).next().unwrap_or_default();
        match (verb, event.kind) {
            ("fence", Kind::Started) => {
                set.fenced_ms.get_or_insert(event.at_ms);
            }
            ("promote", Kind::Done) => set.promoted_ms = Some(event.at_ms),
            ("unfence", Kind::Done) => set.unfenced_ms = Some(event.at_ms),
            _ => {}
        }
        match &event.detail {
            Detail::Drain { shards_left, shards_total, .. } => {
                set.drained = Some((shards_total - shards_left.min(shards_total), *shards_total));
            }
            Detail::Took { took_ms } if verb == "drain" => set.drain_took_ms = Some(*took_ms),
            Detail::Salvage { ops, documents, file } => set.salvaged.push(SalvageDigest {
                index: event.indices.first().cloned().unwrap_or_default(),
                ops: *ops,
                documents: *documents,
                file: file.clone(),
            }),
            Detail::SafetyCopy { name } => set.safety_copies.push(name.clone()),
            Detail::Snapshot { repository, name } => set.snapshots.push(SnapshotDigest {
                repository: repository.clone(),
                name: name.clone(),
                indices: event.indices.len(),
            }),
            Detail::Canary { index } => set.canary = Some(index.clone()),
            Detail::Undone { .. } => {
                set.undone = true;
                set.unfenced_ms.get_or_insert(event.at_ms);
            }
            Detail::Hook { name, exit, .. } if event.kind != Kind::Started => {
                let name = name.clone();
                set.hooks.push(HookDigest { name, at_ms: event.at_ms, exit: *exit });
            }
            _ => {}
        }
    }
}

impl Digest {
    /// Whether a set's leader was fenced in this run.
    pub(crate) fn fenced(&self, set: &str) -> bool {
        self.sets.get(set).is_some_and(|set| set.fenced_ms.is_some())
    }
}
