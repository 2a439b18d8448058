//! What a document means that stands at its place on one side only, once it has been looked
//! up by its id on the other. Pure.

use super::difference::Difference;
use crate::es::api::Document;

/// How the two copies of a shard came to be what they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Footing {
    /// The follower follows, and has every operation up to here; it has no other than the
    /// leader's.
    Following { follower_checkpoint: i64 },
    /// The leader was promoted at this position: below it both were one, above it each side
    /// went on alone.
    Apart { promoted: i64 },
    /// Both are regular, and nothing says that they were ever one.
    Twins,
}

/// What is made of one document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// On both sides, the same.
    Same,
    Differs(Difference),
    /// It was written again meanwhile, or is judged from the other side.
    Moved,
    /// The leader has it no more: deleted there since it was promoted, or it never had it.
    Gone,
    /// Not there at this moment: only a second look can tell a delete that is on its way.
    LookAgain,
}

fn compared(shard: u32, leader: &Document, follower: &Document) -> Verdict {
    Difference::between(shard, leader, follower).map_or(Verdict::Same, Verdict::Differs)
}

/// A document of the leader that the follower does not have at its place; `found` is the
/// follower's of the same id.
pub(super) fn of_leader(
    footing: Footing,
    shard: u32,
    own: &Document,
    found: Option<&Document>,
) -> Verdict {
    match (footing, found) {
        (Footing::Following { .. }, None) => Verdict::LookAgain,
        (Footing::Apart { .. } | Footing::Twins, None) => {
            Verdict::Differs(Difference::missing(shard, own))
        }
        (Footing::Following { .. }, Some(found)) if found.seq_no > own.seq_no => Verdict::Moved,
        // Everything that the former leader wrote alone is looked at from its side.
        (Footing::Apart { promoted }, Some(found)) if found.seq_no > promoted => Verdict::Moved,
        (_, Some(found)) => compared(shard, own, found),
    }
}

/// A document of the follower that the leader does not have at its place; `found` is the
/// leader's of the same id.
pub(super) fn of_follower(
    footing: Footing,
    shard: u32,
    own: &Document,
    found: Option<&Document>,
) -> Verdict {
    match (footing, found) {
        (Footing::Following { .. }, None) => Verdict::LookAgain,
        (Footing::Following { .. }, Some(found)) if found.seq_no > own.seq_no => Verdict::Moved,
        (Footing::Apart { promoted }, None) if own.seq_no <= promoted => Verdict::Gone,
        // Written again by the new leader's own clients.
        (Footing::Apart { promoted }, Some(found))
            if own.seq_no <= promoted && found.seq_no > promoted =>
        {
            Verdict::Moved
        }
        (Footing::Apart { .. } | Footing::Twins, None) => {
            Verdict::Differs(Difference::extra(shard, own))
        }
        // The leader's document is looked up as well, and told from there.
        (Footing::Twins, Some(_)) => Verdict::Moved,
        (_, Some(found)) => compared(shard, found, own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::difference::What;

    const FOLLOWING: Footing = Footing::Following { follower_checkpoint: 9 };
    const APART: Footing = Footing::Apart { promoted: 9 };

    fn at(seq_no: i64, version: i64) -> Document {
        let source = Some(serde_json::from_str("{}").unwrap());
        Document { id: "x".to_owned(), seq_no, version, source }
    }

    fn what(verdict: Verdict) -> What {
        match verdict {
            Verdict::Differs(difference) => difference.what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn while_it_follows_what_was_written_again_is_no_difference() {
        assert_eq!(of_leader(FOLLOWING, 0, &at(5, 1), Some(&at(12, 2))), Verdict::Moved);
        assert_eq!(of_follower(FOLLOWING, 0, &at(5, 1), Some(&at(12, 2))), Verdict::Moved);
        assert_eq!(of_leader(FOLLOWING, 0, &at(5, 1), None), Verdict::LookAgain);
        assert_eq!(of_follower(FOLLOWING, 0, &at(5, 1), None), Verdict::LookAgain);
    }

    #[test]
    fn a_follower_that_has_less_than_its_checkpoint_says_differs() {
        assert_eq!(what(of_leader(FOLLOWING, 0, &at(5, 2), Some(&at(1, 1)))), What::Version);
        assert_eq!(what(of_follower(FOLLOWING, 0, &at(5, 2), Some(&at(1, 1)))), What::Version);
    }

    #[test]
    fn below_the_promoted_position_the_leader_may_go_on() {
        assert_eq!(of_follower(APART, 0, &at(5, 1), Some(&at(12, 2))), Verdict::Moved);
        assert_eq!(of_follower(APART, 0, &at(5, 1), None), Verdict::Gone);
        assert_eq!(what(of_leader(APART, 0, &at(5, 1), None)), What::Missing);
    }

    #[test]
    fn above_it_the_former_leader_may_have_nothing_of_its_own() {
        assert_eq!(what(of_follower(APART, 0, &at(10, 1), None)), What::Extra);
        assert_eq!(what(of_follower(APART, 0, &at(10, 2), Some(&at(11, 1)))), What::Version);
        assert_eq!(of_leader(APART, 0, &at(5, 1), Some(&at(10, 2))), Verdict::Moved);
        // Written back by version after a salvage.
        assert_eq!(of_follower(APART, 0, &at(10, 2), Some(&at(14, 2))), Verdict::Same);
    }

    #[test]
    fn twins_are_compared_by_id_and_told_once() {
        let (ours, theirs) = (at(5, 1), at(12, 2));
        assert_eq!(what(of_leader(Footing::Twins, 0, &ours, Some(&theirs))), What::Version);
        assert_eq!(of_follower(Footing::Twins, 0, &theirs, Some(&ours)), Verdict::Moved);
        assert_eq!(what(of_leader(Footing::Twins, 0, &ours, None)), What::Missing);
        assert_eq!(what(of_follower(Footing::Twins, 0, &theirs, None)), What::Extra);
    }
}
