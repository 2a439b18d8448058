//! What a handler hands back.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// What becomes of one request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// A JSON answer.
    Json(u16, Value),
    /// An answer that is not JSON, such as a proxy's page, or empty.
    Text(u16, String),
    /// The request is never answered, whatever it did.
    Never,
    /// The request waits for something frozen and is taken up again when that thaws.
    Park,
}

/// A handler's result: a refusal is an answer too, with its own shape.
pub(super) type Handled = Result<Reply, Refusal>;

/// 200 with a body; a `Result`, for every handler ends with it.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn ok(body: Value) -> Handled {
    Ok(Reply::Json(200, body))
}

/// An object with these fields. They are moved, where `json!` would copy what may be the whole of an
/// answer.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// `{"acknowledged": true}`
pub(super) fn acknowledged() -> Handled {
    ok(json!({"acknowledged": true}))
}
