//! What becomes of one salvaged document, by what the leader has in its place. Pure.

use serde::Serialize;

use super::{line::Line, same::same};
use crate::es::api::Found;

/// What becomes of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// The leader has none of this id.
    Absent,
    /// The leader has the same content.
    Already,
    /// The leader has what it had when it was promoted: the salvaged one is its next version.
    Behind(Place),
    /// The leader's own clients have written it since.
    Changed(Place),
    /// The leader has none, and knows of a version as new: it was deleted a moment ago.
    Deleted,
}

/// Where the leader's document stands: a write on this condition meets no other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) version: i64,
    pub(super) seq_no: i64,
    pub(super) primary_term: i64,
}

/// Why a document is not as it was salvaged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The leader's clients have written it since.
    Changed,
    /// The leader's clients have deleted it since.
    Deleted,
    /// It was written by others time and again, or in the very moment.
    Raced,
    /// The leader does not take it, by its mapping for one.
    Refused,
}

/// Judges a document. `promoted_max` is the highest position that the leader had when it was
/// promoted: what stands above was written by its own clients, for it keeps its positions
/// through every later switch. `was_refused`: it was absent before, and its version refused.
pub(super) fn verdict(line: &Line, found: &Found, promoted_max: i64, was_refused: bool) -> Verdict {
    if !found.found {
        return if was_refused { Verdict::Deleted } else { Verdict::Absent };
    }
    if found.source.as_ref().is_some_and(|source| same(source.get(), line.source.get())) {
        return Verdict::Already;
    }
    let place = place(found);
    if place.seq_no <= promoted_max { Verdict::Behind(place) } else { Verdict::Changed(place) }
}

/// The same where the version counts too: the content alone is not enough while its version is
/// lower. A write on condition raises it by one.
pub(super) fn by_version(verdict: Verdict, line: &Line, found: &Found) -> Verdict {
    let place = place(found);
    match verdict {
        Verdict::Already if place.version < line.version => Verdict::Behind(place),
        verdict => verdict,
    }
}

fn place(found: &Found) -> Place {
    Place {
        version: found.version.unwrap_or_default(),
        seq_no: found.seq_no.unwrap_or(i64::MAX),
        primary_term: found.primary_term.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        let text = r#"{"shard":0,"_id":"1","_version":3,"_seq_no":9,"_source":{"n":3}}"#;
        serde_json::from_str(text).unwrap()
    }

    fn judged(found: &str, was_refused: bool) -> Verdict {
        let found: Found = serde_json::from_str(found).unwrap();
        verdict(&line(), &found, 6, was_refused)
    }

    #[test]
    fn what_the_leaders_clients_have_written_is_a_conflict() {
        let at = |seq_no: i64, n: i64| {
            format!(
                r#"{{"_id":"1","found":true,"_version":2,"_seq_no":{seq_no},"_primary_term":1,"_source":{{"n":{n}}}}}"#
            )
        };
        let place = |seq_no| Place { version: 2, seq_no, primary_term: 1 };
        assert_eq!(judged(&at(6, 1), false), Verdict::Behind(place(6)));
        assert_eq!(judged(&at(7, 1), false), Verdict::Changed(place(7)));
        assert_eq!(judged(&at(7, 3), false), Verdict::Already, "whoever wrote it");
        assert_eq!(judged(r#"{"_id":"1"}"#, false), Verdict::Absent);
        assert_eq!(judged(r#"{"_id":"1"}"#, true), Verdict::Deleted);
    }

    #[test]
    fn where_versions_count_the_same_content_is_written_until_it_has_its_own() {
        let judged = |version: i64| {
            let found = format!(
                r#"{{"_id":"1","found":true,"_version":{version},"_seq_no":12,"_primary_term":1,"_source":{{"n":3}}}}"#
            );
            let found: Found = serde_json::from_str(&found).unwrap();
            by_version(verdict(&line(), &found, 6, false), &line(), &found)
        };
        let place = Place { version: 2, seq_no: 12, primary_term: 1 };
        assert_eq!(judged(2), Verdict::Behind(place));
        assert_eq!(judged(3), Verdict::Already);
        assert_eq!(judged(4), Verdict::Already, "the deleted one before it is forgotten");
    }
}
