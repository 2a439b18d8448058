//! From goals to calls: the planner. Pure: no I/O, no clock, no printing.

pub mod action;
pub mod pair;
pub mod reason;
pub mod remaining;
pub mod subject;
