//! The only seam between esdr and a cluster: one request in, one answer out.

use std::{future::Future, pin::Pin, time::Duration};

use serde_json::Value;

/// The longest request line, in bytes, that every supported server takes
/// (`http.max_initial_line_length` defaults to 4 kB; a longer line is answered
/// with 400 `too_long_frame_exception`).
pub const REQUEST_LINE_BYTES_MAX: usize = 4096;

/// HTTP methods that Elasticsearch's REST interface uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    Delete,
    Get,
    Head,
    Post,
    Put,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// What a request carries besides its line.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// One JSON document, sent as `application/json`.
    Json(Value),
    /// Newline-delimited JSON, as `_bulk` takes it, sent as `application/x-ndjson`.
    Lines(String),
}

/// One request to one cluster. The path is already percent-encoded and holds the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub method: Method,
    /// Absolute path with its query, such as `/_cat/indices?format=json`.
    pub path: String,
    pub body: Option<Body>,
    /// How long the whole exchange may take, connecting included.
    pub deadline: Duration,
    /// The address of the cluster that it goes to, and to no other; none: as the transport
    /// chooses.
    pub at: Option<String>,
}

impl Request {
    /// A request without a body, with a deadline of ten seconds.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, deadline: Duration::from_secs(10), at: None }
    }

    /// The same request, carrying one JSON document.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(Body::Json(body));
        self
    }

    /// The same request, carrying newline-delimited JSON.
    #[must_use]
    pub fn lines(mut self, body: String) -> Self {
        self.body = Some(Body::Lines(body));
        self
    }

    /// The same request with another deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// Parts of a path that stand for reading, by whatever method.
const READS: [&str; 5] = ["_count", "_mget", "_msearch", "_refresh", "_search"];

/// Ends of a path that stand for a question, which may be a `POST`.
const QUESTIONS: [&str; 4] = ["_count", "_mget", "_msearch", "_search"];

impl Request {
    /// Whether it changes nothing on the cluster. What is not known to read counts as a change.
    pub fn is_read(&self) -> bool {
        let (path, _) = self.path_and_query();
        matches!(self.method, Method::Get | Method::Head)
            || path.split('/').any(|part| READS.contains(&part))
    }

    /// Whether it is a question that may be put twice for one answer. A scroll may not: its second
    /// page is not the first.
    pub fn is_question(&self) -> bool {
        let (path, query) = self.path_and_query();
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_search = self.method == Method::Post && QUESTIONS.contains(&last);
        let is_scroll = query.split('&').any(|part| part.starts_with("scroll="));
        matches!(self.method, Method::Get | Method::Head) || is_search && !is_scroll
    }

    fn path_and_query(&self) -> (&str, &str) {
        self.path.split_once('?').unwrap_or((&self.path, ""))
    }
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The body as text; Elasticsearch answers JSON, a proxy may answer anything.
    pub body: String,
    /// The header `X-Elastic-Product`, where there is one.
    pub product: Option<String>,
}

/// Why there is no answer. Never a verdict on what the request did: a request
/// without an answer may have taken effect.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unanswered {
    /// No connection could be opened to any address of the cluster.
    #[error("could not connect: {reason}")]
    Connect { reason: String },
    /// Connected, but the TLS handshake failed: a certificate that is not trusted or has run out.
    #[error("TLS failed: {reason}")]
    Tls { reason: String },
    /// Nothing came back within the deadline.
    #[error("no answer in {deadline_ms} ms")]
    Timeout { deadline_ms: u128 },
    /// The connection broke while the request was under way.
    #[error("the connection broke: {reason}")]
    Broken { reason: String },
    /// It never went out: whoever sends may not, or not now.
    #[error("not sent: {reason}")]
    Withheld { reason: String },
}

/// A future that can be kept in a trait object.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response, Unanswered>> + Send + 'a>>;

/// Anything that can carry a request to a cluster: HTTP in production, the
/// embedded clusters in a rehearsal.
pub trait Transport: Send + Sync {
    /// Sends one request and returns the answer, once, without retrying.
    ///
    /// # Errors
    /// [`Unanswered`] when no HTTP answer came back within `request.deadline`.
    fn send(&self, request: Request) -> Sending<'_>;

    /// The addresses that are tried, the one to be tried first in first place. Empty
    /// where the notion has no meaning.
    fn addresses(&self) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_read_is_a_change() {
        let reads = [
            (Method::Get, "/orders/_settings"),
            (Method::Head, "/orders"),
            (Method::Post, "/orders/_search?size=0"),
            (Method::Post, "/_search/scroll"),
            (Method::Delete, "/_search/scroll"),
            (Method::Post, "/orders/_count?preference=_shards:0"),
            (Method::Post, "/orders/_mget?_source=true"),
            (Method::Post, "/orders/_refresh"),
        ];
        for (method, path) in reads {
            assert!(Request::new(method, path).is_read(), "{path}");
        }
        let changes = [
            (Method::Put, "/orders/_settings"),
            (Method::Post, "/orders/_ccr/unfollow"),
            (Method::Post, "/_bulk?refresh=true"),
            (Method::Post, "/_reindex"),
            (Method::Delete, "/orders"),
            (Method::Post, "/orders/_close?wait=_count"),
        ];
        for (method, path) in changes {
            assert!(!Request::new(method, path).is_read(), "{path}");
        }
    }

    #[test]
    fn a_question_may_be_put_twice_and_neither_a_page_of_a_scroll_nor_a_change() {
        let questions = [
            (Method::Get, "/orders/_settings"),
            (Method::Post, "/orders/_search?size=0"),
            (Method::Post, "/orders/_mget?_source=true"),
        ];
        for (method, path) in questions {
            assert!(Request::new(method, path).is_question(), "{path}");
        }
        let others = [
            (Method::Post, "/orders/_search?size=100&scroll=1m"),
            (Method::Post, "/_search/scroll"),
            (Method::Post, "/orders/_refresh"),
            (Method::Delete, "/_search/scroll"),
            (Method::Put, "/orders/_settings"),
        ];
        for (method, path) in others {
            assert!(!Request::new(method, path).is_question(), "{path}");
        }
    }
}
