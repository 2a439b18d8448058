//! One request as a handler sees it.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{filter_path, refusal::Refusal};
use esdr_es::transport::Method;

/// Parameters that every call takes.
const COMMON: [&str; 5] = ["pretty", "human", "error_trace", "filter_path", "format"];

/// A request taken apart: path segments and parameters are percent-decoded.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    /// The path without its query, as it was sent.
    pub(super) path: String,
    pub(super) segments: Vec<String>,
    parameters: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Ask {
    /// Takes a request target and a body apart; an empty body counts as none.
    pub(super) fn new(method: Method, target: &str, body: Option<String>) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let parameters = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decoded(key), decoded(value))
            })
            .collect();
        Self {
            method,
            path: path.to_owned(),
            segments: path.split('/').filter(|part| !part.is_empty()).map(decoded).collect(),
            parameters,
            body: body.filter(|body| !body.is_empty()),
        }
    }

    /// Refuses parameters that are neither common nor in `known`, as the server does.
    pub(super) fn allow(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown: Vec<String> = self
            .parameters
            .iter()
            .map(|(key, _)| key.as_str())
            .filter(|key| !COMMON.contains(key) && !known.contains(key))
            .map(|key| format!("[{key}]"))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let word = if unknown.len() == 1 { "parameter" } else { "parameters" };
        let list = unknown.join(", ");
        Err(Refusal::argument(format!(
            "request [{}] contains unrecognized {word}: {list}",
            self.path
        )))
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether anything at this place of the answer, or below it, is asked for.
    pub(super) fn keeps(&self, at: &[&str]) -> bool {
        self.parameter("filter_path").is_none_or(|paths| filter_path::keeps(paths, at))
    }

    /// Whether a flag is set: present and not `false`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value != "false")
    }

    /// A numeric parameter.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.parameter(name).and_then(|value| value.parse().ok())
    }

    /// The path segment at `at`, empty when there is none.
    pub(super) fn segment(&self, at: usize) -> &str {
        self.segments.get(at).map_or("", String::as_str)
    }

    /// The body as an object; an absent one is empty.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match &self.body {
            None => Ok(Map::new()),
            Some(text) => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => Ok(map),
                Ok(_) => Err(Refusal::new(400, "parse_exception", "expected an object")),
                Err(error) => Err(Refusal::new(400, "json_parse_exception", error.to_string())),
            },
        }
    }

    /// The body as an object; an absent one is refused.
    pub(super) fn required_object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_none() {
            return Err(Refusal::new(400, "parse_exception", "request body is required"));
        }
        self.object()
    }
}
