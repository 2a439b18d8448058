//! What comes back for a request, read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    error::Error,
    exception::Exception,
    transport::{Method, Response},
};

/// The characters of a foreign answer that are kept for people.
const SNIPPET_CHARS_MAX: usize = 160;

/// Reads an answer whatever its status.
pub(crate) fn parse<T: DeserializeOwned>(
    method: Method,
    path: String,
    response: &Response,
) -> Result<T, Error> {
    let body = if response.body.trim().is_empty() { "null" } else { &response.body };
    serde_json::from_str(body).map_err(|error| {
        let detail = format!("{error} in: {}", snippet(&response.body));
        Error::Unreadable { method, path, detail }
    })
}

/// The error that an answer other than 2xx stands for.
pub(crate) fn refused(method: Method, path: String, response: &Response) -> Error {
    let status = response.status;
    let answer: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let exception = Exception::of_answer(&answer)
        .unwrap_or_else(|| Exception { reason: snippet(&response.body), ..Exception::default() });
    Error::Refused { method, path, status, exception: Box::new(exception) }
}

/// An empty body is what HEAD answers, and some proxies: the status tells the rest.
pub(crate) fn is_json(response: &Response) -> bool {
    let body = response.body.trim_start();
    if body.is_empty() {
        return response.status < 500;
    }
    body.starts_with(['{', '['])
}

/// What came, short enough for people.
pub(crate) fn snippet(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SNIPPET_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}
