//! The cluster itself: who it is, how it fares, what it dials.

use std::{collections::BTreeMap, sync::PoisonError, time::Duration};

use tokio::time::Instant;

use serde::Deserialize;

use super::Es;
use crate::{
    answer::{parse, refused},
    error::Error,
    lenient,
    transport::{Method, Request},
};

/// A licence is taken for what it was so long ago.
const LICENSE_AGE_MAX: Duration = Duration::from_secs(10);

/// `GET /_cluster/health`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Health {
    /// `green`, `yellow` or `red`.
    pub status: String,
    /// What was waited for did not come in time.
    pub timed_out: bool,
    pub number_of_nodes: u32,
    pub active_primary_shards: u32,
    pub initializing_shards: u32,
    pub unassigned_shards: u32,
    pub number_of_pending_tasks: u32,
}

/// `GET /_license`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct License {
    /// Such as `basic`, `trial`, `platinum`, `enterprise`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `active`, `valid`, `invalid` or `expired`.
    pub status: String,
    /// In milliseconds since 1970; absent where it never ends.
    pub expiry_date_in_millis: Option<i64>,
}

/// A write that is being carried out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WriteTask {
    /// Such as `indices:data/write/bulk[s]`.
    pub action: String,
    /// Since it began, in milliseconds.
    pub running_ms: u64,
}

impl WriteTask {
    /// A follower's own work, which no fence concerns.
    pub fn is_replication(&self) -> bool {
        self.action.starts_with("indices:data/write/bulk_shard_operations")
    }
}

impl Es {
    /// `GET /_cluster/health`, of one index where one is named. Waits up to `timeout` for
    /// the status, and no longer for a master: without one it answers 503, and
    /// [`Error::is_no_master`]. 408 is an answer: `timed_out`.
    pub async fn health(
        &self,
        index: Option<&str>,
        wait_for_status: Option<&str>,
        timeout: Duration,
    ) -> Result<Health, Error> {
        let part = index.map(|index| format!("/{}", crate::path::encode(index)));
        let millis = timeout.as_millis();
        let wait = wait_for_status.map(|status| format!("&wait_for_status={status}"));
        let path = format!(
            "/_cluster/health{}?timeout={millis}ms&master_timeout={millis}ms{}",
            part.unwrap_or_default(),
            wait.unwrap_or_default()
        );
        let deadline = timeout + Duration::from_secs(2);
        let response =
            self.exchange(Request::new(Method::Get, path.clone()).within(deadline)).await?;
        match response.status {
            200 | 408 => parse(Method::Get, path, &response),
            _ => Err(refused(Method::Get, path, &response)),
        }
    }

    /// The licence, as it was read at most ten seconds ago: a server checks its signature
    /// at every call, which takes 6.8 a good 40 ms of processor time.
    pub async fn license(&self) -> Result<License, Error> {
        let known = self.license.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, license)) = known.filter(|(at, _)| at.elapsed() < LICENSE_AGE_MAX) {
            return Ok(license);
        }
        let license = self.license_now().await?;
        let read = Some((Instant::now(), license.clone()));
        *self.license.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(license)
    }

    /// `GET /_license`; not repeated, though it may be 404 while a master starts.
    async fn license_now(&self) -> Result<License, Error> {
        #[derive(Deserialize)]
        struct Answer {
            license: License,
        }
        Ok(self.read::<Answer>(Request::new(Method::Get, "/_license")).await?.license)
    }

    /// Writes under way, by `GET /_tasks?actions=indices:data/write/*`.
    pub async fn write_tasks(&self) -> Result<Vec<WriteTask>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Task {
            action: String,
            #[serde(deserialize_with = "lenient::number")]
            running_time_in_nanos: u64,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Node {
            tasks: BTreeMap<String, Task>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            nodes: BTreeMap<String, Node>,
        }
        let path = "/_tasks?actions=indices:data/write/*\
                    &filter_path=nodes.*.tasks.*.action,nodes.*.tasks.*.running_time_in_nanos";
        let answer: Answer = self.read(Request::new(Method::Get, path)).await?;
        let tasks = answer.nodes.into_values().flat_map(|node| node.tasks.into_values());
        Ok(tasks
            .map(|task| WriteTask {
                action: task.action,
                running_ms: task.running_time_in_nanos / 1_000_000,
            })
            .collect())
    }
}
