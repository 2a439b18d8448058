//! The transport of production: HTTP/1.1 and TLS, over one or more addresses of a cluster.

mod failure;
mod setup;

pub use setup::{Auth, HttpSetupError, Identity, Options, Pem};

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use reqwest::header::CONTENT_TYPE;

use super::{
    path::request_line_bytes,
    transport::{
        Body, Method, REQUEST_LINE_BYTES_MAX, Request, Response, Sending, Transport, Unanswered,
    },
};
use failure::{Failure, connect_reasons};

/// A cluster behind its addresses. The one that answered last is tried first.
pub struct HttpTransport {
    addresses: Vec<setup::Address>,
    credentials: Option<setup::Credentials>,
    /// Index of the address to try first.
    preferred: AtomicUsize,
    /// True while that address is known to answer.
    is_proven: AtomicBool,
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpTransport")
            .field("addresses", &self.addresses())
            .finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// Prepares the clients; connects to nothing yet.
    ///
    /// # Errors
    /// A URL, a certificate or a key that cannot be used, by name.
    pub fn new(options: Options) -> Result<Self, HttpSetupError> {
        let addresses = setup::addresses(&options)?;
        let credentials = options.auth.map(setup::Credentials::of).transpose()?;
        let (preferred, is_proven) = (AtomicUsize::new(0), AtomicBool::new(false));
        Ok(Self { addresses, credentials, preferred, is_proven })
    }

    /// Tries the addresses in turn until one has taken the request.
    async fn exchange(&self, request: Request) -> Result<Response, Unanswered> {
        let bytes = request_line_bytes(request.method, &request.path);
        debug_assert!(bytes <= REQUEST_LINE_BYTES_MAX, "request line of {bytes} bytes");
        if bytes > REQUEST_LINE_BYTES_MAX {
            let reason = format!("not sent: a request line of {bytes} bytes, 4096 are allowed");
            return Err(Unanswered::Broken { reason });
        }
        if let Some(url) = &request.at {
            return self.exchange_at(url, &request).await;
        }
        let began = Instant::now();
        let count = self.addresses.len();
        let first = self.preferred.load(Ordering::Relaxed);
        let is_read = matches!(request.method, Method::Get | Method::Head);
        // `GET /` is answered by any node from memory: silence is the node's own.
        let is_root = request.path == "/";
        let mut failures = Vec::new();
        for turn in 0..count {
            let at = (first + turn) % count;
            let left = request.deadline.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            let is_shared = is_read && (is_root || !self.is_proven.load(Ordering::Relaxed));
            let limit = if is_shared { share(left, count - turn) } else { left };
            match self.attempt(&request, at, limit).await {
                Ok(response) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    self.is_proven.store(true, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(failure) => {
                    let is_final = !is_read && !failure.is_before_sending();
                    // Other calls may be silent for their own reasons, such as a frozen peer.
                    if is_root || failure != Failure::Timeout {
                        self.distrust(at);
                    }
                    failures.push((self.addresses[at].url.clone(), failure));
                    if is_final {
                        break;
                    }
                }
            }
        }
        Err(verdict(failures, request.deadline))
    }

    /// Tries one address and no other.
    async fn exchange_at(&self, url: &str, request: &Request) -> Result<Response, Unanswered> {
        let Some(at) = self.addresses.iter().position(|address| address.url == url) else {
            let reason = format!("not sent: {url} is no address of this cluster");
            return Err(Unanswered::Broken { reason });
        };
        let answer = self.attempt(request, at, request.deadline).await;
        answer.map_err(|failure| verdict(vec![(url.to_owned(), failure)], request.deadline))
    }

    /// The next request begins with another address.
    fn distrust(&self, at: usize) {
        self.is_proven.store(false, Ordering::Relaxed);
        let next = (at + 1) % self.addresses.len();
        let _ = self.preferred.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    async fn attempt(
        &self,
        request: &Request,
        at: usize,
        limit: Duration,
    ) -> Result<Response, Failure> {
        let address = &self.addresses[at];
        let method = match request.method {
            Method::Delete => reqwest::Method::DELETE,
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let url = format!("{}{}", address.url, request.path);
        let mut builder = address.client.request(method, url).timeout(limit);
        if let Some(credentials) = &self.credentials {
            builder = credentials.on(builder);
        }
        builder = match &request.body {
            Some(Body::Json(body)) => {
                builder.header(CONTENT_TYPE, "application/json").body(body.to_string())
            }
            Some(Body::Lines(lines)) => {
                builder.header(CONTENT_TYPE, "application/x-ndjson").body(lines.clone())
            }
            None => builder,
        };
        let response = builder.send().await.map_err(|error| Failure::of(&error))?;
        let status = response.status().as_u16();
        let product = response.headers().get("x-elastic-product");
        let product = product.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.text().await.map_err(|error| Failure::of(&error).after_sending())?;
        Ok(Response { status, body, product })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.exchange(request))
    }

    fn addresses(&self) -> Vec<String> {
        let first = self.preferred.load(Ordering::Relaxed);
        let count = self.addresses.len();
        (0..count).map(|turn| self.addresses[(first + turn) % count].url.clone()).collect()
    }
}

/// How long one of several attempts may take. While no address is known to answer, and
/// always for `GET /`, a read leaves time for the others: one frozen node must not stand
/// for its cluster.
fn share(left: Duration, turns_left: usize) -> Duration {
    left / u32::try_from(turns_left).unwrap_or(u32::MAX)
}

/// What the failures mean together. A failed handshake outweighs silence, for something
/// is there; a request that was sent outweighs one that was not.
fn verdict(failures: Vec<(String, Failure)>, deadline: Duration) -> Unanswered {
    let timeout = Unanswered::Timeout { deadline_ms: deadline.as_millis() };
    let by_url = |url: &str, reason: &str| format!("{url}: {reason}");
    for (url, failure) in &failures {
        if let Failure::Tls(reason) = failure {
            return Unanswered::Tls { reason: by_url(url, reason) };
        }
    }
    if failures.iter().any(|(_, failure)| matches!(failure, Failure::Timeout)) {
        return timeout;
    }
    for (url, failure) in &failures {
        if let Failure::Broken(reason) = failure {
            return Unanswered::Broken { reason: by_url(url, reason) };
        }
    }
    if failures.is_empty() {
        timeout
    } else {
        Unanswered::Connect { reason: connect_reasons(&failures) }
    }
}

#[cfg(test)]
mod tests;
