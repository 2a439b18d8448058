//! What of its documents an index keeps.

use serde_json::Value;

use super::Es;
use crate::{
    error::Error,
    path::encode,
    transport::{Method, Request},
};

/// How much of a document `_source` holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeptSource {
    Whole,
    /// `includes` or `excludes` leave fields out.
    Part,
    /// `enabled` is false.
    Nothing,
}

impl Es {
    /// `GET /{index}/_mapping`: how much of its documents the index keeps.
    ///
    /// # Errors
    /// 404 where there is no such index.
    pub async fn kept_source(&self, index: &str) -> Result<KeptSource, Error> {
        let path = format!("/{}/_mapping", encode(index));
        Ok(read(&self.send(Request::new(Method::Get, path)).await?))
    }
}

/// Before 7.0 each type has mappings of its own, below its name.
fn read(answer: &Value) -> KeptSource {
    let children = |value: &Value| -> Vec<Value> {
        value.as_object().into_iter().flat_map(|map| map.values().cloned()).collect()
    };
    let mappings: Vec<Value> =
        children(answer).iter().map(|index| index["mappings"].clone()).collect();
    let typed = mappings.iter().flat_map(children);
    let sources: Vec<Value> =
        typed.chain(mappings.clone()).map(|mapping| mapping["_source"].clone()).collect();
    let leaves_out = |source: &Value| {
        let names = |key: &str| source[key].as_array().is_some_and(|names| !names.is_empty());
        names("includes") || names("excludes")
    };
    let is_off = |source: &Value| source["enabled"] == false || source["mode"] == "disabled";
    if sources.iter().any(is_off) {
        KeptSource::Nothing
    } else if sources.iter().any(leaves_out) {
        KeptSource::Part
    } else {
        KeptSource::Whole
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mappings_are_read_with_a_type_and_without() {
        let of = |mappings: Value| read(&json!({"orders": {"mappings": mappings}}));
        assert_eq!(of(json!({})), KeptSource::Whole);
        assert_eq!(of(json!({"properties": {"_source": {"type": "text"}}})), KeptSource::Whole);
        let off = json!({"enabled": false});
        assert_eq!(of(json!({"_source": off})), KeptSource::Nothing);
        assert_eq!(of(json!({"_doc": {"_source": off}})), KeptSource::Nothing);
        assert_eq!(of(json!({"_source": {"excludes": ["secret"]}})), KeptSource::Part);
        assert_eq!(of(json!({"_source": {"mode": "synthetic"}})), KeptSource::Whole);
    }
}
