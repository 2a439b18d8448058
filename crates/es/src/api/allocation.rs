//! What the data nodes hold.

use serde::Deserialize;

use super::Es;
use crate::{
    error::Error,
    lenient,
    transport::{Method, Request},
};

/// One row of `GET /_cat/allocation`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct CatAllocation {
    /// The node's name; `UNASSIGNED` in the row of shards without a node.
    #[serde(deserialize_with = "lenient::text")]
    pub node: String,
    /// Empty in the row of shards without a node.
    #[serde(deserialize_with = "lenient::text")]
    pub ip: String,
    /// Letters, `f` for the frozen tier; empty before 8.12.
    #[serde(rename = "node.role", deserialize_with = "lenient::text")]
    pub roles: String,
    /// Empty as long as the node has not told it.
    #[serde(rename = "disk.avail", deserialize_with = "lenient::text")]
    pub available_bytes: String,
    /// The same.
    #[serde(rename = "disk.total", deserialize_with = "lenient::text")]
    pub total_bytes: String,
}

impl Es {
    /// One row for each data node, and one for the shards that have none, if there are any.
    pub async fn cat_allocation(&self) -> Result<Vec<CatAllocation>, Error> {
        self.read(Request::new(Method::Get, "/_cat/allocation?format=json&bytes=b")).await
    }
}
