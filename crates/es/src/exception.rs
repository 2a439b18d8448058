//! Elasticsearch's error envelope.

use serde_json::{Map, Value};

/// What Elasticsearch says in an error answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exception {
    /// `error.type`, such as `illegal_argument_exception`; empty where `error` is a text.
    pub kind: String,
    /// `error.reason`, or the whole text where `error` is one.
    pub reason: String,
    /// Type and reason of the first root cause.
    pub root_cause: Option<(String, String)>,
    /// Types and reasons of the chain of `caused_by`, outermost first.
    pub caused_by: Vec<(String, String)>,
    /// Every other field, such as `index`, `resource.id` or `failed_to_remove_retention_leases`.
    pub extra: Map<String, Value>,
}

impl Exception {
    /// Reads an error answer. `None` where the document has no `error`.
    pub fn of_answer(answer: &Value) -> Option<Self> {
        answer.get("error").map(Self::of_error)
    }

    /// Reads the value of `error`, of a bulk item's `error`, or of `fatal_exception`.
    pub fn of_error(error: &Value) -> Self {
        let Value::Object(fields) = error else {
            let reason = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            return Self { reason, ..Self::default() };
        };
        let known = ["type", "reason", "root_cause", "caused_by", "stack_trace"];
        let extra = fields
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut caused_by = Vec::new();
        let mut cause = fields.get("caused_by");
        while let Some(inner) = cause {
            caused_by.push(type_and_reason(inner));
            cause = inner.get("caused_by");
        }
        let (kind, reason) = type_and_reason(error);
        let root_cause = fields.get("root_cause").and_then(|list| list.get(0)).map(type_and_reason);
        Self { kind, reason, root_cause, caused_by, extra }
    }

    /// True where the type of this exception, of its root or of a cause is `kind`.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.kind == kind || self.chain().any(|(found, _)| found == kind)
    }

    /// True where this exception's reason, its root's or a cause's contains `text`.
    pub fn says(&self, text: &str) -> bool {
        self.reason.contains(text) || self.chain().any(|(_, reason)| reason.contains(text))
    }

    fn chain(&self) -> impl Iterator<Item = &(String, String)> {
        self.root_cause.iter().chain(&self.caused_by)
    }
}

impl std::fmt::Display for Exception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind.is_empty() {
            return f.write_str(&self.reason);
        }
        write!(f, "{}: {}", self.kind, self.reason)?;
        // The outer reason of a remote failure is only the name of a transport action.
        if let Some((kind, reason)) = self.caused_by.last()
            && *reason != self.reason
        {
            write!(f, " (caused by {kind}: {reason})")?;
        }
        Ok(())
    }
}

fn type_and_reason(error: &Value) -> (String, String) {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("type"), text("reason"))
}
