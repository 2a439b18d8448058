//! How everything stands.

mod answer;
mod clusters;
mod indices;
mod json;
pub(in crate::report) mod screen;
mod sets;

pub(crate) use json::status as json;
pub(crate) use screen::status as screen;
