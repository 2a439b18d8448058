//! What happens in a run.

pub(in crate::report) mod json;
mod live;
pub(in crate::report) mod screen;

pub(crate) use json::event as json;
pub use live::Beside;
#[cfg(test)]
pub(crate) use live::Board;
pub(crate) use live::Live;
pub(crate) use screen::event as screen;
