//! What the indices of a bi-directional alias are made with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the indices that are written are made with, beside what the server's templates say.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Definition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mappings: Option<Map<String, Value>>,
    /// One index after another is written: the first is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rolls: bool,
}

impl Definition {
    /// Whether there is nothing but the templates.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
