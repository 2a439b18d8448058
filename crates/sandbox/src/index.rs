//! One index: its settings, its shards, what it follows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{flat::Flat, refusal::Refusal, shard::Shard, task::Task};

/// The `ccr` metadata of a follower and its tasks.
#[derive(Clone, Debug)]
pub(super) struct Following {
    pub(super) remote: String,
    pub(super) leader: String,
    pub(super) leader_uuid: String,
    /// The leader's history per shard at bootstrap.
    pub(super) histories: Vec<String>,
    /// Follow parameters, complete with defaults.
    pub(super) parameters: Map<String, Value>,
    /// Epoch milliseconds of the last look at the leases.
    pub(super) renewed_ms: u64,
    /// One task per shard; `None` while paused.
    pub(super) tasks: Option<Vec<Task>>,
}

/// How the shards came to be, as `_recovery` tells it.
#[derive(Clone, Debug)]
pub(super) struct Recovery {
    /// The remote's alias when the index was copied from a leader.
    pub(super) remote: Option<String>,
    pub(super) leader: String,
    pub(super) restore_uuid: String,
    /// Epoch milliseconds.
    pub(super) started_ms: u64,
    pub(super) bytes: usize,
}

/// How the server names the block that refuses writes and changes of the metadata.
const READ_ONLY: &str = "[FORBIDDEN/5/index read-only (api)]";

/// One index of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) uuid: String,
    pub(super) open: bool,
    /// Settings by full key, `index.` included.
    pub(super) settings: Flat,
    pub(super) settings_version: u64,
    pub(super) mappings: Value,
    pub(super) mapping_version: u64,
    /// Alias name to its body (`filter`, routings, `is_write_index`).
    pub(super) aliases: BTreeMap<String, Value>,
    pub(super) aliases_version: u64,
    pub(super) routing_shards: usize,
    pub(super) shards: Vec<Shard>,
    pub(super) following: Option<Following>,
    pub(super) recovery: Recovery,
    /// Whether its primaries are gone: health red, writes refused.
    pub(super) red: bool,
    /// Whether the server has tried to start them so often that it does not try any more.
    pub(super) given_up: bool,
    /// Whether that came over it while it was copied: no task has run yet.
    pub(super) half_copied: bool,
    /// How many requests the copy from the leader still takes.
    pub(super) restoring: u32,
    /// For how many steps more the index, copied for a pattern, waits for its tasks: it looks
    /// paused.
    pub(super) starting: u32,
    /// How many `_stats` calls still list no shard, right after an open.
    pub(super) warming: u32,
    /// Epoch milliseconds at which `index.blocks.write` was last set by `_settings`.
    pub(super) blocked_ms: Option<u64>,
}

impl Index {
    /// A setting as text.
    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(Value::as_str)
    }

    /// Whether a boolean setting is on.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.setting(key) == Some("true")
    }

    /// Replicas per shard. Each cluster has one node, so none of them is ever assigned.
    pub(super) fn replicas(&self) -> u64 {
        self.setting("index.number_of_replicas").and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Changes or, with `null`, removes settings.
    pub(super) fn change_settings(&mut self, changes: &Flat) {
        for (key, value) in changes {
            if value.is_null() {
                self.settings.remove(key);
            } else {
                self.settings.insert(key.clone(), value.clone());
            }
        }
        self.settings_version += 1;
    }

    /// The write blocks that stand on the index, in words.
    pub(super) fn blocked(&self, is_old: bool) -> Option<(u16, &'static str)> {
        let writes = self.is_set("index.blocks.write");
        match (writes, self.is_set("index.blocks.read_only")) {
            (true, true) if is_old => {
                return Some((
                    403,
                    "[FORBIDDEN/8/index write (api)];[FORBIDDEN/5/index read-only (api)]",
                ));
            }
            (true, true) => {
                return Some((
                    403,
                    "[FORBIDDEN/8/index write (api), FORBIDDEN/5/index read-only (api)]",
                ));
            }
            (false, true) => return Some((403, READ_ONLY)),
            (true, false) => return Some((403, "[FORBIDDEN/8/index write (api)]")),
            (false, false) => {}
        }
        if self.is_set("index.blocks.read_only_allow_delete") {
            return Some(if is_old {
                (403, "[FORBIDDEN/12/index read-only / allow delete (api)]")
            } else {
                (
                    429,
                    "[TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, \
                       index has read-only-allow-delete block]",
                )
            });
        }
        None
    }

    /// 403 or 429 for a blocked write.
    pub(super) fn block_refusal(&self, is_old: bool) -> Option<Refusal> {
        let (status, block) = self.blocked(is_old)?;
        Some(Refusal::new(status, "cluster_block_exception", self.block_text(is_old, block)))
    }

    /// 403 for a change of its metadata: settings, aliases, mappings, close, delete, rollover.
    pub(super) fn metadata_refusal(&self, is_old: bool) -> Option<Refusal> {
        self.is_set("index.blocks.read_only").then(|| {
            Refusal::new(403, "cluster_block_exception", self.block_text(is_old, READ_ONLY))
        })
    }

    /// The sentence around a block.
    pub(super) fn block_text(&self, is_old: bool, block: &str) -> String {
        if is_old {
            format!("blocked by: {block};")
        } else {
            format!("index [{}] blocked by: {block};", self.name)
        }
    }

    /// Whether clients can write: regular, open and without a block.
    pub(super) fn is_writable(&self) -> bool {
        self.open && self.following.is_none() && self.blocked(true).is_none() && !self.red
    }

    /// Whether the follow tasks run.
    pub(super) fn is_active(&self) -> bool {
        self.following.as_ref().is_some_and(|following| following.tasks.is_some())
    }

    /// Its primaries never start again.
    pub(super) fn give_up(&mut self) {
        self.half_copied = self.restoring > 0;
        if let Some(following) = self.following.as_mut().filter(|_| self.half_copied) {
            following.tasks = None;
        }
        (self.red, self.given_up, self.restoring) = (true, true, 0);
    }

    /// `green`, `yellow` (a replica without a node) or `red`.
    pub(super) fn health(&self) -> &'static str {
        if self.red || (!self.open && self.has_gaps()) {
            "red"
        } else if self.replicas() > 0 {
            "yellow"
        } else {
            "green"
        }
    }

    /// Whether an operation is missing below the highest one: such a follower turns red when
    /// it is closed, from 7.2 on.
    pub(super) fn has_gaps(&self) -> bool {
        self.shards.iter().any(|shard| shard.max_seq_no > shard.checkpoint)
    }

    /// Adds top-level fields that the mapping does not know, as dynamic mapping does.
    pub(super) fn learn(&mut self, source: &Value) -> bool {
        let Value::Object(fields) = source else {
            return false;
        };
        if !self.mappings.is_object() {
            self.mappings = json!({});
        }
        if !self.mappings["properties"].is_object() {
            self.mappings["properties"] = json!({});
        }
        let mut learned = false;
        for (key, value) in fields {
            if self.mappings["properties"].get(key).is_none() {
                self.mappings["properties"][key] = mapped(value);
                learned = true;
            }
        }
        if learned {
            self.mapping_version += 1;
        }
        learned
    }
}

fn mapped(value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_f64() => json!({"type": "float"}),
        Value::Number(_) => json!({"type": "long"}),
        Value::Object(_) => json!({"type": "object"}),
        _ => {
            json!({"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}})
        }
    }
}
