//! What an old copy and the leader have that the other has not.

mod diverged;
pub(in crate::report) mod json;
pub(in crate::report) mod screen;
mod words;
