//! Snapshot repositories, and snapshots in them.

use serde::Deserialize;
use serde_json::Value;

use super::Es;
use crate::{
    error::Error,
    lenient,
    path::encode,
    requests::{snapshot_request, verify_repository_request},
    transport::{Method, Request},
};

/// How a snapshot stands.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct SnapshotInfo {
    /// `IN_PROGRESS`, `SUCCESS`, `PARTIAL`, `FAILED` or `INCOMPATIBLE`.
    pub state: String,
    /// The indices that it holds.
    pub indices: Vec<String>,
    /// Why it failed as a whole.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: String,
}

/// How far a snapshot under way has come, in shards.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct SnapshotShards {
    pub done: usize,
    pub total: usize,
}

impl Es {
    /// Whether there is a repository of that name that snapshots can be taken into; `None`
    /// where there is none. `GET /_snapshot/{name}`.
    pub async fn is_repository_writable(&self, name: &str) -> Result<Option<bool>, Error> {
        match self.send(Request::new(Method::Get, format!("/_snapshot/{}", encode(name)))).await {
            Ok(answer) => {
                let settings = &answer[name]["settings"];
                let is_readonly = settings["readonly"] == "true" || settings["readonly"] == true;
                // Repositories behind a URL can only be read.
                Ok(Some(!is_readonly && answer[name]["type"] != "url"))
            }
            Err(error) if error.is_missing_repository() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// See [`verify_repository_request`].
    ///
    /// # Errors
    /// 500 where a node cannot write there, 404 where there is no such repository.
    pub async fn verify_repository(&self, name: &str) -> Result<(), Error> {
        self.send(verify_repository_request(name)).await.map(drop)
    }

    /// See [`snapshot_request`].
    ///
    /// # Errors
    /// [`Error::is_snapshot_exists`] where there is one of that name,
    /// [`Error::is_busy`] where another one is under way.
    pub async fn take_snapshot(
        &self,
        repository: &str,
        name: &str,
        indices: &[String],
    ) -> Result<(), Error> {
        self.send(snapshot_request(repository, name, indices)).await.map(drop)
    }

    /// `GET /_snapshot/{repository}/{name}`; `None` where there is none of that name.
    ///
    /// # Errors
    /// 404 where there is no such repository.
    pub async fn snapshot(
        &self,
        repository: &str,
        name: &str,
    ) -> Result<Option<SnapshotInfo>, Error> {
        #[derive(Deserialize)]
        struct Answer {
            snapshots: Vec<SnapshotInfo>,
        }
        let path = format!("/_snapshot/{}/{}", encode(repository), encode(name));
        match self.read::<Answer>(Request::new(Method::Get, path)).await {
            Ok(answer) => Ok(answer.snapshots.into_iter().next()),
            Err(error) if error.is_missing_snapshot() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GET /_snapshot/{repository}/{name}/_status` of one under way.
    pub async fn snapshot_shards(
        &self,
        repository: &str,
        name: &str,
    ) -> Result<SnapshotShards, Error> {
        let (repository, name) = (encode(repository), encode(name));
        let path =
            format!("/_snapshot/{repository}/{name}/_status?filter_path=snapshots.shards_stats");
        let mut answer: Value = self.send(Request::new(Method::Get, path)).await?;
        let shards = answer["snapshots"][0]["shards_stats"].take();
        Ok(serde_json::from_value(shards).unwrap_or_default())
    }
}
