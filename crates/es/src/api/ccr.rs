//! Cross-cluster replication: followers, their tasks, and patterns.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Es;
use crate::{
    error::Error,
    exception::Exception,
    transport::{Method, Request},
};

/// One row of `GET /_all/_ccr/info`: a follower, open or closed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct FollowerInfo {
    pub follower_index: String,
    pub remote_cluster: String,
    pub leader_index: String,
    /// `active` means only that a task exists, even one that stopped for good; else `paused`.
    pub status: String,
    /// Absent while paused.
    pub parameters: Option<Value>,
}

/// One shard's follow task in `GET /_ccr/stats`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct FollowTask {
    pub shard_id: u32,
    /// Right after a start this is the follower's own: not a word of the leader.
    pub leader_global_checkpoint: i64,
    pub leader_max_seq_no: i64,
    pub follower_global_checkpoint: i64,
    pub successful_read_requests: u64,
    pub failed_read_requests: u64,
    /// Since the last read was *sent*; -1: none since the task began.
    pub time_since_last_read_millis: i64,
    pub read_exceptions: Vec<ReadException>,
    pub fatal_exception: Option<Value>,
}

impl FollowTask {
    /// Reasons of the reads that fail at present.
    pub fn read_errors(&self) -> Vec<String> {
        self.read_exceptions.iter().map(|read| text(&read.exception)).collect()
    }

    /// Why the task stopped for good.
    pub fn fatal(&self) -> Option<String> {
        self.fatal_exception.as_ref().map(text)
    }
}

/// A read that fails at present.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct ReadException {
    exception: Value,
}

/// What a follow task was started with; the only place that shows index UUIDs.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct TaskParams {
    pub remote_cluster: String,
    #[serde(rename = "follow_shard_index")]
    pub follower_index: String,
    #[serde(rename = "follow_shard_index_uuid")]
    pub follower_uuid: String,
    #[serde(rename = "leader_shard_index")]
    pub leader_index: String,
    #[serde(rename = "leader_shard_index_uuid")]
    pub leader_uuid: String,
}

/// An auto-follow pattern.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct AutoFollow {
    pub name: String,
    /// As the server returns it, `active` (7.5) and empty exclusions (7.14) included.
    pub pattern: Map<String, Value>,
}

impl Es {
    /// Every follower of the cluster, paused and closed ones included.
    pub async fn ccr_info_all(&self) -> Result<Vec<FollowerInfo>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            follower_indices: Vec<FollowerInfo>,
        }
        let answer: Answer = self.read(Request::new(Method::Get, "/_all/_ccr/info")).await?;
        Ok(answer.follower_indices)
    }

    /// The tasks of every *running* follower, by follower. Paused ones are absent.
    /// 403 without a licence.
    pub async fn ccr_stats(&self) -> Result<BTreeMap<String, Vec<FollowTask>>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Row {
            index: String,
            shards: Vec<FollowTask>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Stats {
            indices: Vec<Row>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            follow_stats: Stats,
        }
        const SHARD: &str = "follow_stats.indices.shards";
        let fields = [
            "shard_id",
            "leader_global_checkpoint",
            "leader_max_seq_no",
            "follower_global_checkpoint",
            "successful_read_requests",
            "failed_read_requests",
            "time_since_last_read_millis",
            "read_exceptions",
            "fatal_exception",
        ];
        let fields = fields.map(|field| format!("{SHARD}.{field}")).join(",");
        let path = format!("/_ccr/stats?filter_path=follow_stats.indices.index,{fields}");
        let answer: Answer = self.read(Request::new(Method::Get, path)).await?;
        Ok(answer.follow_stats.indices.into_iter().map(|row| (row.index, row.shards)).collect())
    }

    /// What every follow task was started with, from the cluster state's persistent tasks.
    pub async fn persistent_tasks(&self) -> Result<Vec<TaskParams>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Task {
            task: BTreeMap<String, Value>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Tasks {
            tasks: Vec<Task>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Metadata {
            persistent_tasks: Tasks,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            metadata: Metadata,
        }
        const PARAMS: &str = "metadata.persistent_tasks.tasks.task.*.params";
        // Nothing else: a task's parameters hold the security headers of its creator.
        let fields = [
            "remote_cluster",
            "follow_shard_index",
            "follow_shard_index_uuid",
            "leader_shard_index",
            "leader_shard_index_uuid",
        ];
        let fields = fields.map(|field| format!("{PARAMS}.{field}")).join(",");
        let path = format!("/_cluster/state/metadata?filter_path={fields}");
        let answer: Answer = self.read(Request::new(Method::Get, path)).await?;
        let tasks = answer.metadata.persistent_tasks.tasks.into_iter();
        Ok(tasks
            .filter_map(|mut task| task.task.remove("xpack/ccr/shard_follow_task"))
            .filter_map(|mut task| serde_json::from_value(task.get_mut("params")?.take()).ok())
            .collect())
    }

    /// Every auto-follow pattern. Needs `manage_ccr`: 403 for an observer.
    pub async fn auto_follow(&self) -> Result<Vec<AutoFollow>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            patterns: Vec<AutoFollow>,
        }
        let answer: Answer = self.read(Request::new(Method::Get, "/_ccr/auto_follow")).await?;
        Ok(answer.patterns)
    }
}

fn text(error: &Value) -> String {
    Exception::of_error(error).to_string()
}
