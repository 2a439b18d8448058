//! Of a bi-directional alias: how it stands, and what a run has brought about.

pub(in crate::report) mod answer;
pub(in crate::report) mod joined;
pub(in crate::report) mod screen;

pub(crate) use screen::bidi as screen;
