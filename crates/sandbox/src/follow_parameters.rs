//! The parameters of a follow task: which there are, what they default to.

use serde_json::{Map, Value, json};

use super::{ask::Ask, refusal::Refusal};

/// Every follow parameter with its default, in the order in which `_ccr/info` shows them.
pub(super) fn defaults() -> [(&'static str, Value); 10] {
    [
        ("max_read_request_operation_count", json!(5120)),
        ("max_write_request_operation_count", json!(5120)),
        ("max_outstanding_read_requests", json!(12)),
        ("max_outstanding_write_requests", json!(9)),
        ("max_read_request_size", json!("32mb")),
        ("max_write_request_size", json!("9223372036854775807b")),
        ("max_write_buffer_count", json!(2_147_483_647)),
        ("max_write_buffer_size", json!("512mb")),
        ("max_retry_delay", json!("500ms")),
        ("read_poll_timeout", json!("1m")),
    ]
}

/// The follow parameters that a body gives.
pub(super) fn given(body: &Map<String, Value>) -> Map<String, Value> {
    defaults()
        .iter()
        .filter_map(|(key, _)| body.get(*key).map(|value| ((*key).to_owned(), value.clone())))
        .collect()
}

/// The follow parameters that a body gives, the rest by default.
pub(super) fn complete(body: &Map<String, Value>) -> Map<String, Value> {
    defaults()
        .into_iter()
        .map(|(key, default)| {
            (
                key.to_owned(),
                body.get(key).filter(|value| !value.is_null()).cloned().unwrap_or(default),
            )
        })
        .collect()
}

/// Refuses fields of a body that are neither follow parameters nor in `known`. `parser` is
/// the name in the server's message; `suffix` what it says after the field.
pub(super) fn check(
    ask: &Ask,
    body: &Map<String, Value>,
    known: &[&str],
    parser: &str,
    suffix: &str,
) -> Result<(), Refusal> {
    let parameters = defaults();
    let unknown = body.keys().find(|key| {
        !known.contains(&key.as_str()) && !parameters.iter().any(|(name, _)| name == key)
    });
    let Some(field) = unknown else { return Ok(()) };
    let text = ask.body.as_deref().unwrap_or_default();
    let column = text.find(&format!("\"{field}\"")).unwrap_or(0) + 1;
    Err(Refusal::new(
        400,
        "x_content_parse_exception",
        format!("[1:{column}] [{parser}] unknown field [{field}]{suffix}"),
    ))
}
