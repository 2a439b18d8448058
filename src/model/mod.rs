//! Plain data. No I/O, no clock, no printing.

pub(crate) mod bidi;
pub(crate) mod capacity;
pub(crate) mod comparison;
pub(crate) mod connection;
pub(crate) mod copied;
pub(crate) mod divergence;
pub(crate) mod holding;
pub(crate) mod index_pattern;
pub(crate) mod lag;
pub(crate) mod lineage;
pub(crate) mod lock;
pub(crate) mod loss;
pub(crate) mod membership;
pub(crate) mod missed;
pub(crate) mod pins;
pub(crate) mod placeholder;
pub mod problem;
pub(crate) mod safety;
pub(crate) mod set_spec;
pub(crate) mod template;
pub mod topology;
pub(crate) mod unread;
pub(crate) mod version;
pub(crate) mod world;
