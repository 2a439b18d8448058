//! The way from one machine to one cluster, and what may happen on it.

use std::{
    fmt,
    sync::{Arc, Mutex},
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
    /// Nothing comes back until the request's own time is over.
    Silent,
    Busy,
    Unavailable,
    NoMaster,
    Malformed,
    /// Another cluster answers.
    Stranger,
    /// Lost, and as often as esdr asks it again, in one of the ways of [`Answer::LOST`] by turns.
    GivenUp,
}

/// How often esdr asks again what was lost on the way.
const REPEATS: usize = 2;

impl Answer {
    pub const ALL: [Self; 10] = [
        Self::Refused,
        Self::CutBefore,
        Self::CutAfter,
        Self::Silent,
        Self::Busy,
        Self::Unavailable,
        Self::NoMaster,
        Self::Malformed,
        Self::Stranger,
        Self::GivenUp,
    ];

    /// What becomes of a question on its way that esdr asks again.
    pub const LOST: [Self; 4] = [Self::CutBefore, Self::Busy, Self::Unavailable, Self::Malformed];

    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::CutBefore => "cut-before",
            Self::CutAfter => "cut-after",
            Self::Silent => "silent",
            Self::Busy => "429",
            Self::Unavailable => "503",
            Self::NoMaster => "no-master",
            Self::Malformed => "malformed",
            Self::Stranger => "stranger",
            Self::GivenUp => "given-up",
        }
    }
}

/// Where in a run: after how many lines of its journals, and the number of the request since,
/// from 1; 0 is right after the line.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    pub line: usize,
    pub request: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.request {
            0 => write!(f, "{}", self.line),
            request => write!(f, "{}.{request}", self.line),
        }
    }
}

/// A request that goes out.
pub struct Sent<'r> {
    /// Counted from 1.
    pub number: usize,
    pub place: Place,
    pub site: Site,
    pub request: &'r Request,
}

/// What sees each request, and may have it answered otherwise.
pub type Tap = Box<dyn FnMut(&Sent<'_>) -> Option<Answer> + Send>;

/// The requests of a machine, counted over all of its wires.
#[derive(Default)]
pub struct Requests {
    /// How many there were, and where the run is.
    count: Mutex<(usize, Place)>,
    step: Mutex<String>,
    tap: Mutex<Option<Tap>>,
    /// What is given up, whom it asks, in which way it is lost, and how often it still will be.
    given_up: Mutex<Option<(Site, Request, Answer, usize)>>,
}

impl Requests {
    /// Counts from here.
    pub fn tap(&self, tap: Tap) {
        *self.count.lock().unwrap() = (0, Place::default());
        *self.tap.lock().unwrap() = Some(tap);
        *self.given_up.lock().unwrap() = None;
    }

    pub fn sent(&self) -> usize {
        self.count.lock().unwrap().0
    }

    /// A line was written to the journal.
    pub fn line(&self, text: &str) {
        let (_, place) = &mut *self.count.lock().unwrap();
        *place = Place { line: place.line + 1, request: 0 };
        let step = text.split_once(r#""step":""#).and_then(|(_, rest)| rest.split('"').next());
        step.unwrap_or_default().clone_into(&mut self.step.lock().unwrap());
    }

    /// The step that the last line is about.
    pub fn step(&self) -> String {
        self.step.lock().unwrap().clone()
    }

    fn next(&self, site: Site, request: &Request) -> Option<Answer> {
        let mut given_up = self.given_up.lock().unwrap();
        if let Some((whom, what, how, left)) = &mut *given_up
            && (*whom, *left > 0) == (site, true)
            && (what.method, &what.path, &what.body)
                == (request.method, &request.path, &request.body)
        {
            *left -= 1;
            return Some(*how);
        }
        let (number, place) = {
            let (number, place) = &mut *self.count.lock().unwrap();
            *number += 1;
            place.request += 1;
            (*number, *place)
        };
        let mut tap = self.tap.lock().unwrap();
        let answer = tap.as_mut().and_then(|tap| tap(&Sent { number, place, site, request }));
        if answer != Some(Answer::GivenUp) {
            return answer;
        }
        let how = Answer::LOST[(place.line + request.path.len()) % Answer::LOST.len()];
        *given_up = request.is_question().then(|| (site, request.clone(), how, REPEATS));
        Some(how)
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

    /// Whether it is still out of sight.
    pub fn is_unseen(&self) -> bool {
        self.unseen.lock().unwrap().is_some()
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
            Some(Answer::Silent) => std::future::pending().await,
            Some(Answer::Busy) => answer(429, BUSY, ELASTICSEARCH),
            Some(Answer::Unavailable) => answer(503, "<html>503 Service Unavailable</html>", None),
            Some(Answer::NoMaster) => answer(503, NO_MASTER, ELASTICSEARCH),
            Some(Answer::Malformed) => answer(200, "<html>hello</html>", None),
            Some(Answer::Stranger) => stranger(request).await,
            Some(Answer::GivenUp) => unreachable!("it is lost in one of the ways"),
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
