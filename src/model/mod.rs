//! Plain data without I/O and without a clock.

pub mod connection;
pub mod index_pattern;
pub mod set_spec;
pub mod topology;
