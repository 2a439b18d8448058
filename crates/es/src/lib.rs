//! The wire. It knows Elasticsearch's REST interface and no other module of esdr.

mod answer;
pub mod api;
pub mod bytes;
pub mod digest;
pub mod duration;
pub mod error;
pub mod exception;
pub mod http;
mod lenient;
pub mod path;
pub mod recognise;
pub mod requests;
#[cfg(any(test, feature = "scripted"))]
pub mod scripted;
pub mod transport;
