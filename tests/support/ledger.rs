//! A client under load that remembers what was acknowledged to it.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{ack::Ack, http, until::until};

/// How the writer writes.
#[derive(Clone, Debug)]
pub struct Load {
    /// Operations in one bulk request.
    pub batch: usize,
    /// Of ten operations, so many overwrite a document written before.
    pub updates_of_ten: u64,
    /// Of ten operations, so many delete a document written before.
    pub deletes_of_ten: u64,
    /// Rest between two requests, so that a test does not eat the machine: what a follower reads is
    /// made searchable first, so that each request costs a leader two.
    pub rest: Duration,
    /// What the ids of its documents begin with: two writers share none.
    pub ids: &'static str,
}

impl Default for Load {
    fn default() -> Self {
        let rest = Duration::from_millis(50);
        Self { batch: 20, updates_of_ten: 2, deletes_of_ten: 0, rest, ids: "doc" }
    }
}

/// Where the writer writes to: an index or an alias.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Target {
    url: String,
    name: String,
}

/// What a document holds: the number of the operation that wrote it last, as `n`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Content {
    Number(u64),
    Deleted,
}

/// What is known of one document.
#[derive(Clone, Debug, Default)]
struct Document {
    /// The last acknowledged content.
    acked: Option<Content>,
    /// What may or may not have been done since, for want of an answer.
    unknown: Vec<Content>,
}

#[derive(Default)]
struct Book {
    documents: BTreeMap<String, Document>,
    acked: u64,
    refused: BTreeMap<u16, u64>,
    refused_last: Option<String>,
    unanswered: u64,
    /// Nothing was acknowledged since the last request without an answer. A server that was frozen
    /// carries that one out when it goes on, and be it beside what it acknowledges first.
    has_backlog: bool,
    acked_last: Option<Instant>,
    pause_max: Duration,
    acks: Vec<Ack>,
}

struct Shared {
    target: Mutex<Target>,
    book: Mutex<Book>,
    stop: AtomicBool,
}

/// A writer at work in a thread of its own.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Begins to write to an index or alias.
    pub fn start(url: &str, name: &str) -> Self {
        Self::with(url, name, Load::default())
    }

    pub fn with(url: &str, name: &str, load: Load) -> Self {
        let shared = Arc::new(Shared {
            target: Mutex::new(Target { url: url.to_owned(), name: name.to_owned() }),
            book: Mutex::new(Book::default()),
            stop: AtomicBool::new(false),
        });
        let working = Arc::clone(&shared);
        let thread = thread::spawn(move || work(&working, &load));
        Self { shared, thread: Some(thread) }
    }

    /// From the next request on it writes elsewhere, as an application that is redirected.
    pub fn redirect(&self, url: &str, name: &str) {
        *self.shared.target.lock().unwrap() = Target { url: url.to_owned(), name: name.to_owned() };
    }

    /// Operations acknowledged so far.
    pub fn acked(&self) -> u64 {
        self.shared.book.lock().unwrap().acked
    }

    /// Operations refused so far, whatever the status.
    pub fn refused(&self) -> u64 {
        self.shared.book.lock().unwrap().refused.values().sum()
    }

    /// Waits until so many more operations were acknowledged than at the call.
    pub fn until_acked_more(&self, count: u64) {
        let wanted = self.acked() + count;
        until(Duration::from_secs(60), &format!("{count} more writes are acknowledged"), || {
            (self.acked() >= wanted).then_some(())
        });
    }

    /// Ends the writing, waits for the last answer, and hands over the ledger.
    pub fn stop(mut self) -> Ledger {
        self.end();
        Ledger { book: std::mem::take(&mut *self.shared.book.lock().unwrap()) }
    }

    fn end(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the writer did not panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
    }
}

/// One operation of a bulk request, and what the document holds after it.
struct Operation {
    id: String,
    content: Content,
}

fn work(shared: &Shared, load: &Load) {
    let mut number = 0;
    let mut typed = HashMap::new();
    while !shared.stop.load(Ordering::SeqCst) {
        let target = shared.target.lock().unwrap().clone();
        let Some(path) = bulk_path(&target, &mut typed) else {
            thread::sleep(load.rest);
            continue;
        };
        let operations = compose(&mut number, load);
        let deadline = Duration::from_secs(5);
        let sent = Instant::now();
        let answer = http::send("POST", &target.url, &path, lines_of(&operations), deadline);
        shared.book.lock().unwrap().enter(operations, answer, sent);
        thread::sleep(load.rest);
    }
}

/// 6.8 wants a type in the path, 8 knows none. `None` while the cluster does not answer.
fn bulk_path(target: &Target, typed: &mut HashMap<String, bool>) -> Option<String> {
    if !typed.contains_key(&target.url) {
        let answer = http::send("GET", &target.url, "/", (), Duration::from_secs(2));
        let (_, root) = answer.ok().filter(|(status, _)| *status == 200)?;
        let version = root["version"]["number"].as_str()?;
        typed.insert(target.url.clone(), version.starts_with("6."));
    }
    let kind = if typed[&target.url] { "/_doc" } else { "" };
    Some(format!("/{}{kind}/_bulk", target.name))
}

/// No document twice in one request, so that the order within it does not matter.
fn compose(number: &mut u64, load: &Load) -> Vec<Operation> {
    let first = *number;
    let mut operations: Vec<Operation> = Vec::new();
    for _ in 0..load.batch {
        *number += 1;
        let n = *number;
        let old = fastrand::u64(1..=first.max(1));
        let old_is_free = first > 0 && operations.iter().all(|o| o.id != id_of(load, old));
        let kind = n % 10;
        let (id, content) = if old_is_free && kind < load.updates_of_ten {
            (old, Content::Number(n))
        } else if old_is_free && kind < load.updates_of_ten + load.deletes_of_ten {
            (old, Content::Deleted)
        } else {
            (n, Content::Number(n))
        };
        operations.push(Operation { id: id_of(load, id), content });
    }
    operations
}

fn id_of(load: &Load, number: u64) -> String {
    format!("{}-{number}", load.ids)
}

fn lines_of(operations: &[Operation]) -> String {
    let mut lines = String::new();
    for Operation { id, content } in operations {
        if let Content::Number(n) = content {
            writeln!(lines, "{}\n{}", json!({"index": {"_id": id}}), json!({"n": n})).unwrap();
        } else {
            writeln!(lines, "{}", json!({"delete": {"_id": id}})).unwrap();
        }
    }
    lines
}

impl Book {
    fn enter(
        &mut self,
        operations: Vec<Operation>,
        answer: Result<http::Answer, String>,
        sent: Instant,
    ) {
        let (status, body) = match answer {
            Ok(answer) => answer,
            Err(why) => {
                self.refused_last = Some(why);
                self.unanswered += operations.len() as u64;
                self.has_backlog = true;
                for operation in operations {
                    let document = self.documents.entry(operation.id).or_default();
                    document.unknown.push(operation.content);
                }
                return;
            }
        };
        let items = body["items"].as_array();
        let acked = self.acked;
        for (at, operation) in operations.into_iter().enumerate() {
            let item = items.and_then(|items| items[at].as_object()?.values().next());
            // Without items the whole request was refused: a closed or missing target.
            let status = item.map_or(status, status_of);
            self.enter_one(operation, status, || item.unwrap_or(&body).to_string());
        }
        if self.acked > acked {
            self.has_backlog = false;
            self.acks.push(Ack { sent, answered: Instant::now() });
        }
    }

    fn enter_one(&mut self, operation: Operation, status: u16, text: impl FnOnce() -> String) {
        // 404 is what a delete of a document that was never stored answers: done.
        let deleted_nothing = status == 404 && operation.content == Content::Deleted;
        if !(200..300).contains(&status) && !deleted_nothing {
            *self.refused.entry(status).or_default() += 1;
            self.refused_last = Some(text());
            return;
        }
        let document = self.documents.entry(operation.id).or_default();
        document.acked = Some(operation.content);
        if !self.has_backlog {
            document.unknown.clear();
        }
        self.acked += 1;
        let now = Instant::now();
        if let Some(last) = self.acked_last.replace(now) {
            self.pause_max = self.pause_max.max(now - last);
        }
    }
}

fn status_of(item: &Value) -> u16 {
    item["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0)
}

/// What the writer was told, once it has stopped.
pub struct Ledger {
    book: Book,
}

impl Ledger {
    /// Operations acknowledged.
    pub fn acked(&self) -> u64 {
        self.book.acked
    }

    /// When something was acknowledged, in this order.
    pub fn acks(&self) -> &[Ack] {
        &self.book.acks
    }

    /// Operations refused with this status.
    pub fn refused_with(&self, status: u16) -> u64 {
        self.book.refused.get(&status).copied().unwrap_or(0)
    }

    /// Refusals by status.
    pub fn refused(&self) -> &BTreeMap<u16, u64> {
        &self.book.refused
    }

    /// The last refusal or lack of an answer, as it was worded.
    pub fn refused_last(&self) -> Option<&str> {
        self.book.refused_last.as_deref()
    }

    /// Operations without an answer, which may have been done or not.
    pub fn unanswered(&self) -> u64 {
        self.book.unanswered
    }

    /// The longest time between two acknowledgements.
    pub fn pause_max(&self) -> Duration {
        self.book.pause_max
    }

    /// Documents that must be there: acknowledged, and not deleted since for certain.
    pub fn documents(&self) -> usize {
        self.book.documents.values().filter(|d| matches!(d.acked, Some(Content::Number(_)))).count()
    }

    /// Every document whose last acknowledged content `index` on the cluster does not hold,
    /// with what it holds instead. Read by id, so that nothing waits for a refresh.
    pub fn missing_on(&self, url: &str, index: &str) -> Vec<String> {
        self.missing_but(url, index, &BTreeMap::new())
    }

    /// The same, but for contents that are kept elsewhere, by id.
    pub fn missing_but(
        &self,
        url: &str,
        index: &str,
        kept: &BTreeMap<String, (i64, Value)>,
    ) -> Vec<String> {
        let acked: Vec<(&String, &Document)> =
            self.book.documents.iter().filter(|(_, document)| document.acked.is_some()).collect();
        let mut missing = Vec::new();
        for chunk in acked.chunks(1000) {
            let ids: Vec<&String> = chunk.iter().map(|(id, _)| *id).collect();
            let body = http::ok("POST", url, &format!("/{index}/_mget"), json!({"ids": ids}));
            let docs = body["docs"].as_array().expect("docs");
            assert_eq!(docs.len(), chunk.len(), "one answer an id");
            for ((id, document), found) in chunk.iter().zip(docs) {
                let found =
                    found["_source"]["n"].as_u64().map_or(Content::Deleted, Content::Number);
                let elsewhere = kept.get(*id).and_then(|(_, content)| content["n"].as_u64());
                let counts = |content| {
                    document.acked == Some(content) || document.unknown.contains(&content)
                };
                let is_kept = elsewhere.is_some_and(|n| counts(Content::Number(n)));
                let is_there = counts(found);
                if !is_there && !is_kept {
                    let wanted = document.acked;
                    let kept = elsewhere.map_or_else(String::new, |n| format!(", kept {n}"));
                    missing.push(format!("{id}: acknowledged {wanted:?}, found {found:?}{kept}"));
                }
            }
        }
        missing
    }

    /// Fails the test, naming the first ten, unless everything acknowledged is there.
    #[track_caller]
    pub fn assert_all_on(&self, url: &str, index: &str) {
        let missing = self.missing_on(url, index);
        let first: Vec<&String> = missing.iter().take(10).collect();
        assert!(missing.is_empty(), "{} writes are missing in {index}: {first:?}", missing.len());
    }
}
