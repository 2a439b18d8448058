//! Who holds history on a leader.

use serde::{Deserialize, Serialize};

/// A follower as its leader knows it: the parts of its retention leases' name.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Follower {
    /// `cluster_name` of the follower's cluster, which is not its configured name.
    pub cluster_name: String,
    pub index: String,
    pub uuid: String,
    /// The follower's cluster knows the leader's under this alias.
    pub remote: String,
}
