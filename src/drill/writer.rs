//! A client that writes without pause, as an application with two addresses does: where
//! one side refuses it turns to the other.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinHandle;

use crate::es::{
    api::Es,
    transport::{Method, Request},
};

/// Documents in one request.
const BATCH: u64 = 20;
/// A client turns to the other side when it has waited so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// A refused client waits a moment before it tries again.
const PAUSE: Duration = Duration::from_millis(5);

/// What the client was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// Documents that were acknowledged, by index.
    pub acknowledged: BTreeMap<String, Vec<String>>,
    pub refused_requests: u64,
    /// The longest time between two acknowledgements, in milliseconds.
    pub paused_ms: u64,
}

impl Ledger {
    /// How many documents were acknowledged.
    pub(crate) fn documents(&self) -> u64 {
        self.acknowledged.values().map(|ids| ids.len() as u64).sum()
    }
}

/// A client at work.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    ledger: Arc<Mutex<Ledger>>,
    task: JoinHandle<()>,
}

impl Writer {
    /// Begins to write to these indices of the first cluster, and of the second when the
    /// first refuses. Its documents bear its name.
    pub(crate) fn start(name: &'static str, clusters: [Es; 2], indices: Vec<String>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let work = write(name, clusters, indices, Arc::clone(&stop), Arc::clone(&ledger));
        Self { stop, ledger, task: tokio::spawn(work) }
    }

    /// What it was told so far. The pause is measured from now on again.
    pub(crate) fn look(&self) -> Ledger {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = ledger.clone();
        ledger.paused_ms = 0;
        seen
    }

    /// Waits until so many more documents are acknowledged, a minute at most.
    pub(crate) async fn until_more(&self, count: u64) {
        let from = self.look_quietly().documents();
        let began = Instant::now();
        while self.look_quietly().documents() < from + count && began.elapsed().as_secs() < 60 {
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn look_quietly(&self) -> Ledger {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the writing and hands over what it was told.
    pub(crate) async fn stop(self) -> Ledger {
        self.stop.store(true, Ordering::SeqCst);
        // It ends by itself after its last answer.
        let _ = self.task.await;
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn write(
    name: &'static str,
    clusters: [Es; 2],
    indices: Vec<String>,
    stop: Arc<AtomicBool>,
    ledger: Arc<Mutex<Ledger>>,
) {
    let mut side = 0;
    let mut next = 0_u64;
    let mut last = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        let index = &indices[usize::try_from(next / BATCH).unwrap_or(0) % indices.len()];
        let ids: Vec<String> = (next..next + BATCH).map(|n| format!("{name}-{n}")).collect();
        next += BATCH;
        let taken = bulk(&clusters[side], index, &ids).await;
        {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            if taken.is_empty() {
                ledger.refused_requests += 1;
                side = 1 - side;
            } else {
                let paused_ms = u64::try_from(last.elapsed().as_millis()).unwrap_or(u64::MAX);
                ledger.paused_ms = ledger.paused_ms.max(paused_ms);
                last = Instant::now();
                ledger.acknowledged.entry(index.clone()).or_default().extend(taken);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The ids that were acknowledged.
async fn bulk(es: &Es, index: &str, ids: &[String]) -> Vec<String> {
    let mut lines = String::new();
    for id in ids {
        let action = json!({"index": {"_index": index, "_id": id}});
        lines += &format!("{action}\n{}\n", json!({"id": id}));
    }
    let request = Request::new(Method::Post, "/_bulk").lines(lines).within(PATIENCE);
    let Ok(answer) = es.send(request).await else {
        return Vec::new();
    };
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| {
            let item = &item["index"];
            (item["status"].as_u64()? < 300).then(|| item["_id"].as_str().map(str::to_owned))?
        })
        .collect()
}
