//! Plain data. No I/O, no clock, no printing.

pub mod lag;
pub mod lineage;
pub mod topology;
pub mod world;
