//! Templates: what indices are born with.

use serde_json::Value;

/// A template of indices on one cluster, as the server shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    pub name: String,
    /// Of the kind from before 7.8, which later servers still know.
    pub is_legacy: bool,
    pub patterns: Vec<String>,
    /// `order` of a legacy one, else `priority`: the highest wins.
    pub rank: i64,
    /// Made by esdr.
    pub is_own: bool,
    /// Whole, as it can be put again.
    pub body: Value,
}
