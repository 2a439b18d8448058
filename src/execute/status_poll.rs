//! Reading off one cluster what calls have done, with two requests whatever the number
//! of indices. The answers to the calls themselves are hints; this is the verdict.

use std::collections::BTreeMap;

use crate::es::{api::Es, error::Error};

/// What is seen of one index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) open: bool,
    /// It still follows; `Some(true)`: with running tasks.
    pub(super) following: Option<bool>,
}

/// Looks at every index of a cluster.
pub(super) async fn look(es: &Es, hides: bool) -> Result<BTreeMap<String, Seen>, Error> {
    let (indices, followers) = tokio::join!(es.cat_indices(hides), es.ccr_info_all());
    let followers: BTreeMap<String, bool> = followers?
        .into_iter()
        .map(|follower| (follower.follower_index, follower.status == "active"))
        .collect();
    Ok(indices?
        .into_iter()
        .map(|index| {
            let following = followers.get(&index.index).copied();
            (index.index, Seen { open: index.status == "open", following })
        })
        .collect())
}
