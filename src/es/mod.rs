//! The wire. It knows Elasticsearch's REST interface and no other module of esdr.

pub mod transport;
