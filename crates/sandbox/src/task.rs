//! The follow task of one shard, as `_ccr/stats` shows it.

use serde_json::{Map, Value, json};

/// State and counters of one running shard follow task; counters start over with the task.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// `allocation_id` of the persistent task.
    pub(super) allocation_id: u64,
    /// Whether the task has reached the leader since it started. Before that it has sent no
    /// read, and its view of the leader is the follower's own checkpoint.
    pub(super) primed: bool,
    pub(super) leader_global_checkpoint: i64,
    pub(super) leader_max_seq_no: i64,
    pub(super) follower_global_checkpoint: i64,
    pub(super) follower_max_seq_no: i64,
    pub(super) last_requested_seq_no: i64,
    pub(super) outstanding_writes: u64,
    pub(super) mapping_version: u64,
    pub(super) settings_version: u64,
    pub(super) aliases_version: u64,
    pub(super) successful_reads: u64,
    pub(super) failed_reads: u64,
    pub(super) operations_read: u64,
    pub(super) successful_writes: u64,
    pub(super) failed_writes: u64,
    pub(super) operations_written: u64,
    /// How often the read under way has failed, and with what.
    pub(super) retries: u64,
    pub(super) read_exception: Option<Value>,
    /// Epoch milliseconds of the last read that was sent.
    pub(super) last_read_ms: Option<u64>,
    /// Epoch milliseconds before which a failed read is not repeated.
    pub(super) retry_at_ms: u64,
    pub(super) fatal: Option<Value>,
    /// Whether operations were read that cannot be written before a change of the mapping,
    /// which is refused.
    pub(super) is_held_back: bool,
    /// Epoch milliseconds of the task's start.
    pub(super) started_ms: u64,
}

impl Task {
    /// A task that has just started over a shard with this checkpoint.
    pub(super) fn new(allocation_id: u64, checkpoint: i64, max_seq_no: i64, now_ms: u64) -> Self {
        Self {
            allocation_id,
            primed: false,
            leader_global_checkpoint: checkpoint,
            leader_max_seq_no: checkpoint,
            follower_global_checkpoint: checkpoint,
            follower_max_seq_no: max_seq_no,
            last_requested_seq_no: checkpoint,
            outstanding_writes: 0,
            mapping_version: 0,
            settings_version: 0,
            aliases_version: 0,
            successful_reads: 0,
            failed_reads: 0,
            operations_read: 0,
            successful_writes: 0,
            failed_writes: 0,
            operations_written: 0,
            retries: 0,
            read_exception: None,
            last_read_ms: None,
            retry_at_ms: 0,
            fatal: None,
            is_held_back: false,
            started_ms: now_ms,
        }
    }

    /// Notes a read that failed. Elasticsearch backs off between attempts; here the next
    /// attempt comes 500 ms later, so that counters rise at a believable pace.
    pub(super) fn read_failed(&mut self, exception: Value, now_ms: u64) {
        if now_ms < self.retry_at_ms && self.read_exception.as_ref() == Some(&exception) {
            return;
        }
        self.failed_reads += 1;
        self.retries += 1;
        self.read_exception = Some(exception);
        self.last_read_ms = Some(now_ms);
        self.retry_at_ms = now_ms + 500;
    }

    /// The difference between the checkpoints that the task knows.
    pub(super) fn lag(&self) -> i64 {
        self.leader_global_checkpoint - self.follower_global_checkpoint
    }

    /// The object that `_ccr/stats` and `_tasks` show. `aliases` is false for servers that
    /// do not replicate aliases: they leave the version out.
    pub(super) fn stats(&self, identity: &Map<String, Value>, now_ms: u64, aliases: bool) -> Value {
        let mut out = identity.clone();
        let mut put = |key: &str, value: Value| {
            out.insert(key.to_owned(), value);
        };
        put("leader_global_checkpoint", json!(self.leader_global_checkpoint));
        put("leader_max_seq_no", json!(self.leader_max_seq_no));
        put("follower_global_checkpoint", json!(self.follower_global_checkpoint));
        put("follower_max_seq_no", json!(self.follower_max_seq_no));
        put("last_requested_seq_no", json!(self.last_requested_seq_no));
        put("outstanding_read_requests", json!(u64::from(self.last_read_ms.is_some())));
        put("outstanding_write_requests", json!(self.outstanding_writes));
        put("write_buffer_operation_count", json!(0));
        put("write_buffer_size_in_bytes", json!(0));
        put("follower_mapping_version", json!(self.mapping_version));
        put("follower_settings_version", json!(self.settings_version));
        if aliases {
            put("follower_aliases_version", json!(self.aliases_version));
        }
        put("total_read_time_millis", json!(self.successful_reads));
        put("total_read_remote_exec_time_millis", json!(0));
        put("successful_read_requests", json!(self.successful_reads));
        put("failed_read_requests", json!(self.failed_reads));
        put("operations_read", json!(self.operations_read));
        put("bytes_read", json!(self.operations_read * 30));
        put("total_write_time_millis", json!(self.successful_writes));
        put("successful_write_requests", json!(self.successful_writes));
        put("failed_write_requests", json!(self.failed_writes));
        put("operations_written", json!(self.operations_written));
        put("read_exceptions", self.read_exceptions());
        let since = self.last_read_ms.map_or(json!(-1), |at| json!(now_ms.saturating_sub(at)));
        put("time_since_last_read_millis", since);
        if let Some(fatal) = &self.fatal {
            put("fatal_exception", fatal.clone());
        }
        Value::Object(out)
    }

    fn read_exceptions(&self) -> Value {
        match &self.read_exception {
            Some(exception) => json!([{
                "from_seq_no": self.last_requested_seq_no + 1,
                "retries": self.retries,
                "exception": exception,
            }]),
            None => json!([]),
        }
    }
}
