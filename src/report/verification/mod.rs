//! Whether both sides have the same.

mod answer;
mod json;
mod screen;

pub(crate) use json::verification as json;
pub(crate) use screen::verification as screen;
