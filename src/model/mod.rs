//! Plain data. No I/O, no clock, no printing.

pub mod bidi;
pub mod comparison;
pub mod connection;
pub mod copied;
pub mod divergence;
pub mod holding;
pub mod index_pattern;
pub mod lag;
pub mod lineage;
pub mod lock;
pub mod loss;
pub mod membership;
pub mod missed;
pub mod pins;
pub mod placeholder;
pub mod problem;
pub mod room;
pub mod safety;
pub mod set_spec;
pub mod template;
pub mod topology;
pub mod unread;
pub mod version;
pub mod world;
