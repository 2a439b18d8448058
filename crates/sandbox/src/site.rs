//! Which of the two clusters.

/// One of the two simulated clusters.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Site {
    A,
    B,
}

impl Site {
    /// Both clusters, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The other cluster of the pair.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Position in arrays that hold one element per cluster.
    pub(super) fn at(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }
}
