//! How a command has ended.

mod answer;
mod failure;
pub(in crate::report) mod refusal;
mod screen;

pub(crate) use failure::failure;
pub(crate) use screen::result as screen;
