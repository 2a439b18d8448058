//! The way from one machine to one cluster, and what may happen on it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use esdr::{
    es::transport::{Request, Response, Sending, Transport, Unanswered},
    sandbox::{Pair, Personality, Site},
};
use tokio::{sync::watch, time::Instant};

/// How long a cluster is out of sight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Until {
    /// Until it is put right by hand.
    Mended,
    /// Until it has been looked for once in vain.
    OneLook,
}

/// What one request is answered instead of what the cluster has to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    Refused,
    CutBefore,
    /// The cluster has done what it was asked.
    CutAfter,
    Busy,
    Unavailable,
    NoMaster,
    Malformed,
    /// Another cluster answers.
    Stranger,
}

impl Answer {
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::CutBefore,
        Self::CutAfter,
        Self::Busy,
        Self::Unavailable,
        Self::NoMaster,
        Self::Malformed,
        Self::Stranger,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::CutBefore => "cut-before",
            Self::CutAfter => "cut-after",
            Self::Busy => "429",
            Self::Unavailable => "503",
            Self::NoMaster => "no-master",
            Self::Malformed => "malformed",
            Self::Stranger => "stranger",
        }
    }
}

/// The requests of a machine, counted over all of its wires.
#[derive(Default)]
pub struct Requests {
    sent: AtomicUsize,
    fails: Mutex<Option<(usize, Answer)>>,
    places: Mutex<Option<Places>>,
}

/// Which requests are places of their own.
#[derive(Default)]
struct Places {
    /// By their numbers.
    numbers: Vec<usize>,
    /// How often each was sent since the last line of the journal.
    asked: HashMap<String, usize>,
}

/// A question that is put to a cluster more often than this between two lines of the journal is a
/// poll: nothing was changed meanwhile, for a change is in the journal before it is made.
const ASKED_MAX: usize = 2;

impl Requests {
    pub fn fail(&self, nth: usize, how: Answer) {
        self.sent.store(0, Ordering::SeqCst);
        *self.fails.lock().unwrap() = Some((nth, how));
    }

    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// From now on it is noted which requests are places of their own.
    pub fn note_places(&self) {
        *self.places.lock().unwrap() = Some(Places::default());
    }

    /// The numbers of the requests that are places of their own: all but those of polls.
    pub fn places(&self) -> Vec<usize> {
        self.places.lock().unwrap().take().unwrap_or_default().numbers
    }

    /// A line was written to the journal.
    pub fn line(&self) {
        if let Some(places) = &mut *self.places.lock().unwrap() {
            places.asked.clear();
        }
    }

    fn note(&self, number: usize, site: Site, request: &Request) {
        let mut places = self.places.lock().unwrap();
        let Some(places) = &mut *places else { return };
        let Request { method, path, body, .. } = request;
        let asked = places.asked.entry(format!("{site:?} {method:?} {path} {body:?}")).or_default();
        *asked += 1;
        if *asked <= ASKED_MAX {
            places.numbers.push(number);
        }
    }

    fn next(&self, site: Site, request: &Request) -> Option<Answer> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        self.note(number, site, request);
        let fails = *self.fails.lock().unwrap();
        fails.filter(|(nth, _)| *nth == number).map(|(_, how)| how)
    }
}

/// A transport of one machine.
pub struct Wire {
    to: Arc<dyn Transport>,
    site: Site,
    unseen: Mutex<Option<Until>>,
    /// Whether anything may go out; shared by the machine's wires.
    gate: Arc<watch::Sender<bool>>,
    requests: Arc<Requests>,
}

impl Wire {
    pub fn new(
        (to, site): (Arc<dyn Transport>, Site),
        gate: Arc<watch::Sender<bool>>,
        requests: Arc<Requests>,
    ) -> Arc<Self> {
        Arc::new(Self { to, site, unseen: Mutex::new(None), gate, requests })
    }

    /// From now on this machine alone cannot reach the cluster.
    pub fn lose(&self, until: Until) {
        *self.unseen.lock().unwrap() = Some(until);
    }

    /// It can be reached again.
    pub fn mend(&self) {
        *self.unseen.lock().unwrap() = None;
    }

    fn is_lost(&self, request: &Request) -> bool {
        let mut unseen = self.unseen.lock().unwrap();
        let was = *unseen;
        if was == Some(Until::OneLook) && request.path == "/" {
            *unseen = None;
        }
        was.is_some()
    }

    async fn exchange(&self, request: Request) -> Result<Response, Unanswered> {
        let answer = |status, body: &str, product: Option<&str>| {
            Ok(Response { status, body: body.to_owned(), product: product.map(str::to_owned) })
        };
        let cut = || Unanswered::Broken { reason: "connection reset by peer".to_owned() };
        match self.requests.next(self.site, &request) {
            None => self.to.send(request).await,
            Some(Answer::Refused) => Err(refused()),
            Some(Answer::CutBefore) => Err(cut()),
            Some(Answer::CutAfter) => {
                drop(self.to.send(request).await);
                Err(cut())
            }
            Some(Answer::Busy) => answer(429, BUSY, ELASTICSEARCH),
            Some(Answer::Unavailable) => answer(503, "<html>503 Service Unavailable</html>", None),
            Some(Answer::NoMaster) => answer(503, NO_MASTER, ELASTICSEARCH),
            Some(Answer::Malformed) => answer(200, "<html>hello</html>", None),
            Some(Answer::Stranger) => stranger(request).await,
        }
    }
}

/// As long as esdr tries to reach a cluster: what a machine was halted with for longer than that
/// does not go out when it goes on.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);

impl Transport for Wire {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let mut open = self.gate.subscribe();
            let since = Instant::now();
            drop(open.wait_for(|is_open| *is_open).await);
            if self.is_lost(&request) || since.elapsed() > CONNECT_DEADLINE {
                return Err(refused());
            }
            self.exchange(request).await
        })
    }
}

fn refused() -> Unanswered {
    Unanswered::Connect { reason: "connection refused".to_owned() }
}

/// Simulated clusters of a version all have the same UUIDs: this one has one of its own.
async fn stranger(request: Request) -> Result<Response, Unanswered> {
    let stranger = Pair::new(Personality::V8_19).transport(Site::B);
    let root = stranger.send(Request::new(esdr::es::transport::Method::Get, "/")).await?;
    let root: serde_json::Value = serde_json::from_str(&root.body).unwrap();
    let uuid = root["cluster_uuid"].as_str().unwrap();
    let answer = stranger.send(request).await?;
    Ok(Response { body: answer.body.replace(uuid, "aStrangersOwnUuid12345"), ..answer })
}

/// The header `X-elastic-product`, as servers since 7.14 send it.
const ELASTICSEARCH: Option<&str> = Some("Elasticsearch");

const BUSY: &str = r#"{"error":{"type":"circuit_breaking_exception","reason":"[parent] Data too large","root_cause":[]},"status":429}"#;
const NO_MASTER: &str = r#"{"error":{"type":"master_not_discovered_exception","reason":null,"root_cause":[{"type":"master_not_discovered_exception","reason":null}]},"status":503}"#;
