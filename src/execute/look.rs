//! A look at both clusters that stands for a while, and how long sides have not been seen.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::world::World;

/// Sides that are needed, and have not been seen since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Absence(pub(super) Option<Instant>);

impl Absence {
    /// They are seen.
    pub(super) fn end(&mut self) {
        self.0 = None;
    }
}

/// A look after which nothing was sent: the next step may go by it as well.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) world: World,
    /// When it began.
    pub(super) taken: Instant,
}

impl Look {
    /// Not so long ago that clients may have made another world of it.
    pub(super) fn is_fresh(&self) -> bool {
        self.taken.elapsed() < FRESH
    }
}

/// So long a look stands for the next one. A run that was halted looks again.
const FRESH: Duration = Duration::from_millis(500);
