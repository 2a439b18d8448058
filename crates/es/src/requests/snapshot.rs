//! Requests about snapshots.

use std::time::Duration;

use serde_json::json;

use super::CHANGE_DEADLINE;
use crate::{
    path::encode,
    transport::{Method, Request},
};

/// Every node writes a file into the repository, and reads those of the others.
const VERIFY_DEADLINE: Duration = Duration::from_secs(30);

/// `PUT /_snapshot/{repository}/{name}` without waiting for it: of open indices, write-blocked or
/// not, as they are when their shards are begun. The state of the cluster is left out. Up to 7.15
/// one snapshot is taken at a time: 503 meanwhile.
pub fn snapshot_request(repository: &str, name: &str, indices: &[String]) -> Request {
    let body = json!({"indices": indices, "include_global_state": false});
    let path =
        format!("/_snapshot/{}/{}?wait_for_completion=false", encode(repository), encode(name));
    Request::new(Method::Put, path).json(body).within(CHANGE_DEADLINE)
}

/// `POST /_snapshot/{repository}/_verify`: can every node write there? What is written for it
/// is removed again.
pub fn verify_repository_request(repository: &str) -> Request {
    let path = format!("/_snapshot/{}/_verify", encode(repository));
    Request::new(Method::Post, path).within(VERIFY_DEADLINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Body;

    #[test]
    fn a_snapshot_holds_these_indices_and_nothing_else() {
        let request = snapshot_request("nightly", "esdr-1", &["a".to_owned(), "b".to_owned()]);
        assert_eq!(request.path, "/_snapshot/nightly/esdr-1?wait_for_completion=false");
        let body = json!({"indices": ["a", "b"], "include_global_state": false});
        assert_eq!(request.body, Some(Body::Json(body)));
    }
}
