//! The error answers of Elasticsearch.

use serde_json::{Map, Value, json};

use super::personality::Personality;

/// An error answer: a status and the body that real servers send with it.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Refusal {
    /// The usual envelope around one cause.
    pub(super) fn caused(status: u16, cause: Value) -> Self {
        let mut error = Map::new();
        error.insert("root_cause".to_owned(), json!([cause]));
        if let Value::Object(fields) = cause {
            error.extend(fields);
        }
        Self { status, body: json!({"error": error, "status": status}) }
    }

    /// The usual envelope around a type and a reason.
    pub(super) fn new(status: u16, kind: &str, reason: impl Into<String>) -> Self {
        Self::caused(status, json!({"type": kind, "reason": reason.into()}))
    }

    /// 400 `illegal_argument_exception`, by far the most common refusal.
    pub(super) fn argument(reason: impl Into<String>) -> Self {
        Self::new(400, "illegal_argument_exception", reason)
    }

    /// An error that is a mere text, as 405 answers and missing aliases are.
    pub(super) fn text(status: u16, text: impl Into<String>) -> Self {
        Self { status, body: json!({"error": text.into(), "status": status}) }
    }

    /// 404 for a concrete index that is not there.
    pub(super) fn missing(personality: Personality, name: &str) -> Self {
        Self::caused(404, missing_cause(personality, name))
    }

    /// 404 for an index expression that names something that is not there.
    pub(super) fn missing_resource(personality: Personality, kind: &str, name: &str) -> Self {
        let reason = missing_reason(personality, name);
        Self::caused(
            404,
            json!({"type": "index_not_found_exception", "reason": reason, "resource.type": kind,
                   "resource.id": name, "index_uuid": "_na_", "index": name}),
        )
    }

    /// 400 for a call that needs an open index.
    pub(super) fn closed(name: &str, uuid: &str) -> Self {
        Self::caused(
            400,
            json!({"type": "index_closed_exception", "reason": "closed", "index_uuid": uuid, "index": name}),
        )
    }

    /// The cause alone, as items of `_bulk` and nested errors carry it.
    pub(super) fn cause(&self) -> Value {
        let mut cause = self.body["error"].clone();
        if let Value::Object(map) = &mut cause {
            map.shift_remove("root_cause");
        }
        cause
    }
}

/// The cause of a missing index, without its envelope.
pub(super) fn missing_cause(personality: Personality, name: &str) -> Value {
    json!({"type": "index_not_found_exception", "reason": missing_reason(personality, name),
           "index_uuid": "_na_", "index": name})
}

fn missing_reason(personality: Personality, name: &str) -> String {
    if personality.is_old() {
        "no such index".to_owned()
    } else {
        format!("no such index [{name}]")
    }
}
