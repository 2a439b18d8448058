//! Typed calls. Each reads only the fields that esdr uses and ignores the rest.

mod allocation;
mod ccr;
mod ccr_changes;
mod content;
mod copies;
mod docs;
mod identity;
mod index;
mod info;
mod mapping;
mod mget;
mod probe;
mod remote;
mod repeat;
mod scroll;
mod shards;
mod snapshots;
mod templates;

pub use allocation::CatAllocation;
pub use ccr::{AutoFollow, FollowTask, FollowerInfo, ReadException, TaskParams};
pub use ccr_changes::Forgotten;
pub use content::{Document, Documents};
pub use copies::{Definition, Reindex};
pub use docs::{BulkItem, hits_total};
pub use index::{CatIndex, IndexAliases, IndexSettings};
pub use info::{Health, License, WriteTask};
pub use mapping::KeptSource;
pub use mget::{Found, Wanted};
pub use probe::Probe;
pub use remote::{ClusterSettings, RemoteInfo};
pub use scroll::{Hit, Scroll};
pub use shards::{IndexStats, LeaseStats, RoutedShard, ShardStats};
pub use snapshots::{SnapshotInfo, SnapshotShards};
pub use templates::TemplateAnswer;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use self::{identity::Identity, repeat::Repeats};
pub use super::recognise::{Root, RootVersion};
use super::{
    answer::{is_json, parse, refused, snippet},
    error::Error,
    transport::{Request, Response, Transport, Unanswered},
};

/// One cluster behind one transport. Cheap to clone.
#[derive(Clone)]
pub struct Es {
    name: String,
    transport: Arc<dyn Transport>,
    deadline: Option<Duration>,
    /// As it was read last, and when.
    license: Arc<Mutex<Option<(Instant, License)>>>,
    identity: Arc<Mutex<Identity>>,
    repeats: Arc<Mutex<Repeats>>,
}

impl std::fmt::Debug for Es {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Es").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Es {
    /// A cluster by its configured name.
    pub fn new(name: impl Into<String>, transport: Arc<dyn Transport>) -> Self {
        Self {
            name: name.into(),
            transport,
            deadline: None,
            license: Arc::default(),
            identity: Arc::default(),
            repeats: Arc::default(),
        }
    }

    /// The configured name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The addresses that are tried, the one that answered last in first place.
    pub fn addresses(&self) -> Vec<String> {
        self.transport.addresses()
    }

    /// The same cluster, every request of which may take this long instead of its own deadline.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// The same cluster behind another transport, which is made of its own.
    #[must_use]
    pub fn through(&self, wrap: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>) -> Self {
        Self { transport: wrap(Arc::clone(&self.transport)), ..self.clone() }
    }

    /// Sends a request as it is and returns the JSON of a 2xx answer (null for an empty one).
    ///
    /// # Errors
    /// Every other answer, and none.
    pub async fn send(&self, request: Request) -> Result<Value, Error> {
        self.read(request).await
    }

    /// Sends a request and reads a 2xx answer as `T`.
    ///
    /// # Errors
    /// Every other answer, one that is no `T`, and none.
    pub async fn read<T: DeserializeOwned>(&self, request: Request) -> Result<T, Error> {
        let (method, path) = (request.method, request.path.clone());
        let response = self.exchange(request).await?;
        if !(200..300).contains(&response.status) {
            return Err(refused(method, path, &response));
        }
        parse(method, path, &response)
    }

    /// Sends a request and takes any status, as long as the answer is JSON or empty. Where the
    /// address that is asked takes no connection another one is chosen; a read that got lost on
    /// the way is asked again, within the deadline.
    pub(crate) async fn exchange(&self, mut request: Request) -> Result<Response, Error> {
        self.prove(&request).await?;
        request.at = self.chosen();
        if let Some(deadline) = self.deadline {
            request.deadline = deadline;
        }
        // On the heap: a look holds a good dozen of these.
        let answer = Box::pin(self.exchange_again(request.clone())).await;
        if request.at.is_none() || !is_unsent(&answer) {
            return answer;
        }
        Box::pin(self.elsewhere(request, answer)).await
    }

    /// The same at another address, where one is of use.
    async fn elsewhere(
        &self,
        mut request: Request,
        answer: Result<Response, Error>,
    ) -> Result<Response, Error> {
        if self.root().await.is_err() {
            return answer;
        }
        request.at = self.chosen();
        self.exchange_again(request).await
    }

    async fn exchange_once(&self, request: Request) -> Result<Response, Error> {
        let (method, path, deadline) = (request.method, request.path.clone(), request.deadline);
        // The transport keeps the deadline itself; this one holds even if it does not.
        let sending = tokio::time::timeout(deadline, self.transport.send(request)).await;
        let timeout = Unanswered::Timeout { deadline_ms: deadline.as_millis() };
        match sending.unwrap_or(Err(timeout)) {
            Ok(response) if is_json(&response) => Ok(response),
            Ok(response) => {
                let snippet = snippet(&response.body);
                Err(Error::NotElasticsearch { method, path, status: response.status, snippet })
            }
            Err(cause) => Err(Error::Unanswered { method, path, cause }),
        }
    }
}

/// Nothing was sent, so that another address may be asked the same.
fn is_unsent(answer: &Result<Response, Error>) -> bool {
    matches!(answer, Err(Error::Unanswered { cause: Unanswered::Connect { .. }, .. }))
}

#[cfg(test)]
mod tests;
