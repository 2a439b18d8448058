//! The wire. It knows Elasticsearch's REST interface and no other module of esdr.

pub mod api;
pub mod digest;
pub mod error;
pub mod exception;
pub mod http;
pub(crate) mod lenient;
pub mod path;
pub mod recognise;
pub mod requests;
#[cfg(test)]
pub(crate) mod scripted;
pub mod transport;
