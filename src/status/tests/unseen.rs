//! What is said of a set while nothing of it can be seen.

use expect_test::expect;

use super::{
    check,
    worlds::{pair, without},
};

/// Nobody has said that there is nothing, nor who leads.
#[test]
fn of_a_set_of_which_nothing_can_be_seen_nothing_is_known() {
    let world = pair(Vec::new(), Vec::new());
    check(
        without(without(world, "clusterA"), "clusterB"),
        expect![[r#"
        orders: nobody leads, unknown, lag null (>= null) unknown, would lose null/null
        Problem unreachable: clusterA does not answer: connect timed out after 2.0 s (2 addresses)
        Problem unreachable: clusterB does not answer: connect timed out after 2.0 s (2 addresses)
        Problem nothing_replicated: nothing can be seen of orders: a cluster does not answer, and no record is known to be of it
        exit 5"#]],
    );
}
