//! What a step still asks for, and of which sides that is not known.

use super::{action::Action, pair::Role, reason::Reason};

/// What one step still asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Due {
    pub actions: Vec<Action>,
    pub reasons: Vec<Reason>,
    /// Reasons that the operator waives: what they are about is left as it is.
    pub waived: Vec<Reason>,
    /// Sides that the step speaks of and that were not seen: what is left to do is not known.
    pub unseen: Vec<Unseen>,
}

impl Due {
    /// Nothing is left to do, and that was seen.
    pub(crate) fn is_done(&self) -> bool {
        self.actions.is_empty() && self.reasons.is_empty() && self.unseen.is_empty()
    }
}

/// A side that was not seen, or not in the part that a step is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unseen {
    pub role: Role,
    /// By its configured name.
    pub cluster: String,
    /// Why, for people.
    pub why: String,
}
