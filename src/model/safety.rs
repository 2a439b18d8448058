//! What is kept of a former leader's index on its own cluster, beside the salvage file: a safety
//! copy, which is a second index, or a snapshot in a repository.

use serde::{Deserialize, Serialize};

use super::{
    names::{cut_to_a_name, plain},
    position::Position,
};

/// How the names of safety copies begin.
pub(super) const SAFETY: &str = "esdr-safety-";

/// A second index with all that a former leader's copy held. It is on record before it is made:
/// that, and its name, say that it is esdr's to delete.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SafetyCopy {
    pub index: String,
    /// Empty until it was seen whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uuid: String,
    /// Where the former leader's copy stood when it was begun, under its fence.
    pub positions: Vec<Position>,
    /// When it was begun, in milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// A snapshot that holds a former leader's copy. It is on record before it is begun.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Snapshot {
    pub repository: String,
    pub name: String,
    /// Where the former leader's copy stood when it was begun, under its fence.
    pub positions: Vec<Position>,
    /// When it was begun, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// It was seen complete.
    #[serde(default)]
    pub is_taken: bool,
}

impl SafetyCopy {
    /// Whether an index is this copy: not one that somebody made under its name later.
    pub fn is(&self, name: &str, uuid: &str) -> bool {
        is_safety_index(&self.index)
            && self.index == name
            && (self.uuid.is_empty() || self.uuid == uuid)
    }
}

/// The name of the safety copy that a run makes of an index. No pattern of the set takes it, or
/// readers of the set would count it too.
pub(crate) fn safety_index(run: &str, name: &str) -> String {
    cut_to_a_name(format!("{SAFETY}{run}-{name}"))
}

/// A safety copy, by its name.
pub(crate) fn is_safety_index(name: &str) -> bool {
    name.starts_with(SAFETY)
}

/// The name of the snapshot that a run takes of a set's copies. Names of sets may hold what a
/// name of a snapshot must not.
pub(crate) fn snapshot_name(run: &str, set: &str) -> String {
    format!("esdr-{run}-{}", plain(set))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_a_copy_by_its_name_and_by_its_uuid_where_that_is_on_record() {
        let copy = |index: &str, uuid: &str| SafetyCopy {
            index: index.to_owned(),
            uuid: uuid.to_owned(),
            ..SafetyCopy::default()
        };
        let name = safety_index("1122-b0c4", "orders");
        assert_eq!(name, "esdr-safety-1122-b0c4-orders");
        assert!(copy(&name, "u").is(&name, "u"));
        assert!(!copy(&name, "u").is(&name, "another"), "made anew by somebody");
        assert!(copy(&name, "").is(&name, "u"), "begun by a run that was killed");
        assert!(!copy("orders", "u").is("orders", "u"), "no name of esdr's");
    }

    #[test]
    fn names_are_such_as_a_server_takes() {
        assert_eq!(safety_index("1122-b0c4", &"x".repeat(255)).len(), 255);
        assert_eq!(snapshot_name("1122-b0c4", "Orders/EU"), "esdr-1122-b0c4-orders-eu");
    }
}
