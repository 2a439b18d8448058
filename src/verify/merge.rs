//! Two pages of a shard, one of each side, walked in step by sequence number. Pure.

use std::cmp::Ordering;

use super::difference::Difference;
use crate::es::api::Document;

/// The documents of one side, in the order of their sequence numbers, from where both pages
/// begin up to `to`, complete.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) documents: Vec<Document>,
    pub(super) to: i64,
}

/// What two pages say together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Merged {
    /// Both pages are complete up to here; what lies above was left aside.
    pub(super) to: i64,
    /// Documents that are on both sides at the same place.
    pub(super) compared: u64,
    pub(super) differences: Vec<Difference>,
    /// At this place on one side only. It may have moved on while it was read: to be looked
    /// up by its id.
    pub(super) leader_only: Vec<Document>,
    pub(super) follower_only: Vec<Document>,
}

/// Walks both pages. Of two different documents at one place each is on one side only.
pub(super) fn merge(shard: u32, leader: Page, follower: Page) -> Merged {
    let to = leader.to.min(follower.to);
    let mut merged = Merged {
        to,
        compared: 0,
        differences: Vec::new(),
        leader_only: Vec::new(),
        follower_only: Vec::new(),
    };
    let within = |document: &Document| document.seq_no <= to;
    let mut ours = leader.documents.into_iter().filter(within).peekable();
    let mut theirs = follower.documents.into_iter().filter(within).peekable();
    loop {
        let order = match (ours.peek(), theirs.peek()) {
            (None, None) => return merged,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.seq_no.cmp(&other.seq_no),
        };
        let one = if order.is_le() { ours.next() } else { None };
        let other = if order.is_ge() { theirs.next() } else { None };
        match (one, other) {
            (Some(one), Some(other)) if one.id == other.id => {
                merged.compared += 1;
                merged.differences.extend(Difference::between(shard, &one, &other));
            }
            (one, other) => {
                merged.leader_only.extend(one);
                merged.follower_only.extend(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::difference::What;

    fn document(seq_no: i64, id: &str, version: i64, source: &str) -> Document {
        let source = Some(serde_json::from_str(source).unwrap());
        Document { id: id.to_owned(), seq_no, version, source }
    }

    fn plain(seq_nos: &[i64]) -> Vec<Document> {
        seq_nos.iter().map(|at| document(*at, &format!("d{at}"), 1, "{}")).collect()
    }

    fn page(documents: Vec<Document>, to: i64) -> Page {
        Page { documents, to }
    }

    fn ids(documents: &[Document]) -> Vec<&str> {
        documents.iter().map(|document| document.id.as_str()).collect()
    }

    #[test]
    fn equal_pages_differ_in_nothing() {
        let merged = merge(0, page(plain(&[0, 3, 4]), 9), page(plain(&[0, 3, 4]), 9));
        assert_eq!((merged.compared, merged.to), (3, 9));
        assert_eq!(merged.differences, []);
        assert_eq!((merged.leader_only, merged.follower_only), (vec![], vec![]));
    }

    #[test]
    fn what_is_on_one_side_only_is_to_be_looked_up() {
        let merged = merge(0, page(plain(&[0, 2, 5]), 9), page(plain(&[0, 1, 5, 7]), 9));
        assert_eq!(ids(&merged.leader_only), ["d2"]);
        assert_eq!(ids(&merged.follower_only), ["d1", "d7"]);
        assert_eq!(merged.compared, 2);
    }

    #[test]
    fn only_what_both_pages_cover_counts() {
        let merged = merge(0, page(plain(&[0, 1, 2]), 2), page(plain(&[0, 1, 3]), 3));
        assert_eq!((merged.to, merged.compared), (2, 2));
        assert_eq!(ids(&merged.leader_only), ["d2"]);
        assert_eq!(ids(&merged.follower_only), [""; 0], "3 lies above");
    }

    #[test]
    fn a_version_and_a_content_differ() {
        let ours = vec![document(0, "a", 1, r#"{"n":1}"#), document(1, "b", 2, "{}")];
        let theirs = vec![document(0, "a", 1, r#"{"n":2}"#), document(1, "b", 3, "{}")];
        let merged = merge(4, page(ours, 1), page(theirs, 1));
        let found: Vec<_> =
            merged.differences.iter().map(|it| (it.id.as_str(), it.shard, it.what)).collect();
        assert_eq!(found, [("a", 4, What::Source), ("b", 4, What::Version)]);
    }

    #[test]
    fn two_documents_at_one_place_are_two_histories() {
        let ours = vec![document(0, "a", 1, "{}")];
        let theirs = vec![document(0, "b", 1, "{}")];
        let merged = merge(0, page(ours, 0), page(theirs, 0));
        assert_eq!((ids(&merged.leader_only), ids(&merged.follower_only)), (vec!["a"], vec!["b"]));
    }
}
