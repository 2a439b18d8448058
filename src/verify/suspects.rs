//! Documents that are not at their place on the other side.

use super::pace::PAGE_DOCUMENTS_MAX;
use crate::es::api::Document;

/// Documents that are to be looked up; no more than a few pages are kept.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    pub(super) of_leader: Vec<Document>,
    pub(super) of_follower: Vec<Document>,
}

impl Suspects {
    /// It is time to look them up.
    pub(super) fn are_many(&self) -> bool {
        self.of_leader.len().max(self.of_follower.len()) >= PAGE_DOCUMENTS_MAX
    }
}
