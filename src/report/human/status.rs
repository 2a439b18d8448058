//! Who leads what, how far the other side is, what a failover now would lose.

use crate::{report::style::Paint, status::Status};

/// The whole screen.
pub(crate) fn status(_status: &Status, _all: bool, _width: usize, _paint: Paint) -> String {
    String::new()
}
