//! From a request on the wire to an answer on the wire.

use tokio::sync::oneshot;

use super::{
    ask::Ask,
    cluster::Life,
    fault::Misbehaviour,
    filter_path,
    pair::Pair,
    personality::Personality,
    refusal::Refusal,
    reply::Reply,
    route,
    site::Site,
    world::{Parked, World},
};
use esdr_es::transport::{Method, REQUEST_LINE_BYTES_MAX};

/// What a client sees of its request.
pub(super) enum Outcome {
    Answer {
        status: u16,
        body: String,
        is_json: bool,
        /// The header `X-Elastic-Product`.
        product: Option<&'static str>,
    },
    /// No connection.
    Refused,
    /// The connection broke without an answer.
    Broken,
}

impl Outcome {
    fn of(reply: Reply, personality: Personality) -> Option<Self> {
        let (status, body, is_json) = match reply {
            Reply::Json(status, body) => (status, body.to_string(), true),
            Reply::Text(status, body) => (status, body, false),
            Reply::Never | Reply::Park => return None,
        };
        Some(Self::Answer { status, body, is_json, product: personality.product() })
    }

    /// What something in between answers in the server's place.
    fn instead(status: u16, body: String) -> Self {
        Self::Answer { status, is_json: body.starts_with('{'), body, product: None }
    }
}

/// How far a request has come once the simulation has seen it.
enum Begun {
    Done(Outcome),
    Waiting(oneshot::Receiver<Reply>),
    Never,
}

impl Pair {
    /// Carries one request to one cluster. Pends for good when there will be no answer.
    pub(super) async fn exchange(
        &self,
        site: Site,
        method: Method,
        target: &str,
        body: Option<String>,
    ) -> Outcome {
        let misbehaviour = {
            let mut world = self.world();
            if world.at(site).life == Life::Killed {
                return Outcome::Refused;
            }
            world.requests[site.at()].push(format!("{} {target}", method.as_str()));
            world.misbehaviour(site, method, target)
        };
        let ask = Ask::new(method, target, body);
        if method.as_str().len() + target.len() + " HTTP/1.1 ".len() > REQUEST_LINE_BYTES_MAX {
            return self.too_long(site);
        }
        match misbehaviour {
            None => self.answer(site, ask).await,
            Some(Misbehaviour::Delay(time)) => {
                tokio::time::sleep(time).await;
                self.answer(site, ask).await
            }
            Some(Misbehaviour::Drop) => Outcome::Broken,
            Some(Misbehaviour::Refused { status, body }) => Outcome::instead(status, body),
            Some(Misbehaviour::DoneButAnswered { status, body }) => {
                self.do_unacknowledged(site, &ask);
                Outcome::instead(status, body)
            }
            Some(Misbehaviour::DoneButSilent) => {
                self.do_unacknowledged(site, &ask);
                std::future::pending().await
            }
            Some(Misbehaviour::Twice) => {
                self.do_unacknowledged(site, &ask);
                self.answer(site, ask).await
            }
        }
    }

    async fn answer(&self, site: Site, ask: Ask) -> Outcome {
        match self.begin(site, ask) {
            Begun::Done(outcome) => outcome,
            Begun::Never => std::future::pending().await,
            Begun::Waiting(waiting) => match waiting.await {
                // The sender is dropped when the process dies.
                Err(_) => Outcome::Broken,
                Ok(reply) => {
                    let personality = self.world().at(site).personality;
                    match Outcome::of(reply, personality) {
                        Some(outcome) => outcome,
                        None => std::future::pending().await,
                    }
                }
            },
        }
    }

    fn begin(&self, site: Site, ask: Ask) -> Begun {
        let mut world = self.world();
        let reply = world.serve(site, &ask);
        if matches!(reply, Reply::Park) {
            return Begun::Waiting(world.park(site, ask));
        }
        if let Some(outcome) = Outcome::of(reply, world.at(site).personality) {
            world.acknowledge();
            return Begun::Done(outcome);
        }
        world.pending.clear();
        Begun::Never
    }

    fn do_unacknowledged(&self, site: Site, ask: &Ask) {
        let mut world = self.world();
        world.serve(site, ask);
        world.pending.clear();
    }

    fn too_long(&self, site: Site) -> Outcome {
        let personality = self.world().at(site).personality;
        let kind = if personality.is_old() {
            "too_long_frame_exception"
        } else {
            "too_long_http_line_exception"
        };
        let reason = format!("An HTTP line is larger than {REQUEST_LINE_BYTES_MAX} bytes.");
        let refusal = Refusal::new(400, kind, reason);
        let (body, product) = (refusal.body.to_string(), personality.product());
        Outcome::Answer { status: 400, body, is_json: true, product }
    }
}

impl World {
    /// Serves one request. Replication moves on once: before a read, so that it sees what is
    /// new, and after a change, so that nobody sees less than was done. The invariants are
    /// looked at after each change.
    pub(super) fn serve(&mut self, site: Site, ask: &Ask) -> Reply {
        if self.at(site).life == Life::Frozen {
            return Reply::Park;
        }
        let is_read = matches!(ask.method, Method::Get | Method::Head);
        if is_read {
            self.advance();
        }
        let before = if is_read { None } else { self.named(site, ask) };
        let reply = match route::dispatch(self, site, ask) {
            Ok(Reply::Json(status, body)) => Reply::Json(status, filtered(ask, body)),
            Ok(reply) => reply,
            // Errors are never filtered.
            Err(refusal) => Reply::Json(refusal.status, refusal.body),
        };
        let reply = match reply {
            Reply::Json(status, _) if ask.method == Method::Head => {
                Reply::Text(status, String::new())
            }
            reply => reply,
        };
        if !is_read {
            self.stir_by(site, ask, before);
            self.settle();
        }
        reply
    }

    /// Moves replication on and looks at the invariants.
    pub(super) fn settle(&mut self) {
        self.advance();
        self.check_two_writable();
    }

    fn park(&mut self, site: Site, ask: Ask) -> oneshot::Receiver<Reply> {
        let (reply, waiting) = oneshot::channel();
        self.parked.push(Parked { site, ask, reply });
        waiting
    }

    /// Serves again what waited for something frozen; what still waits is parked again.
    /// Requests whose client has gone are served too: they stand in the server's buffers.
    pub(super) fn take_up_parked(&mut self) {
        self.carry_out_deferred();
        for parked in std::mem::take(&mut self.parked) {
            match self.serve(parked.site, &parked.ask) {
                Reply::Park => self.parked.push(parked),
                reply => {
                    if parked.reply.send(reply).is_ok() {
                        self.acknowledge();
                    }
                    self.pending.clear();
                }
            }
        }
    }
}

fn filtered(ask: &Ask, body: serde_json::Value) -> serde_json::Value {
    match ask.parameter("filter_path") {
        Some(paths) => filter_path::apply(body, paths),
        None => body,
    }
}
