//! Plain data. No I/O, no clock, no printing.

pub mod lineage;
pub mod problem;
pub mod topology;
pub mod world;
