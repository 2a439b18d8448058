//! What was not seen of a cluster. From the absence of an observation nothing follows: not that
//! an index is gone, not that nothing is left to do.

/// A part of a cluster's answers that may be missing without the cluster being ill.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Part {
    /// Auto-follow patterns.
    Patterns,
    /// Which indices are still being copied.
    Restoring,
    /// Follow tasks: which of them have stopped for good.
    Tasks,
    /// The licence.
    Licence,
    /// Templates of indices: whether a fence reaches names to be born.
    Templates,
    /// Its copy of the record: who was switched where, and which runs are unfinished.
    Record,
}

impl Part {
    /// That it could not be read, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Patterns => "its auto-follow patterns could not be read",
            Self::Restoring => "which of its indices are still being copied could not be read",
            Self::Tasks => "its follow tasks could not be read",
            Self::Licence => "its licence could not be read",
            Self::Templates => "its templates could not be read",
            Self::Record => "its record of switches could not be read",
        }
    }
}
