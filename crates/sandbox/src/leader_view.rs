//! What a follow task gets to see of its leader.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    advance::POLL_MS,
    flat::Flat,
    index::Index,
    lease::RENEW_MS,
    refusal::missing_cause,
    shard::Operation,
    site::Site,
    world::{Reach, World},
};

/// What a task sees of its leader's index.
pub(super) struct Seen {
    pub(super) mapping_version: u64,
    pub(super) settings_version: u64,
    pub(super) aliases_version: u64,
    pub(super) mappings: Value,
    pub(super) settings: Flat,
    pub(super) aliases: BTreeMap<String, Value>,
    /// Per shard: history, global checkpoint, highest sequence number, operations that the
    /// task has not read yet.
    pub(super) shards: Vec<(String, i64, i64, Vec<Operation>)>,
}

/// What the leader answers.
pub(super) enum LeaderView {
    /// Nothing comes back, or there is nothing new.
    Silent,
    /// An error that is retried.
    Failed(Value),
    /// An error that ends the task.
    Fatal(Value),
    Seen(Box<Seen>),
}

impl World {
    /// What the follower's leader answers just now.
    pub(super) fn leader_view(&self, site: Site, name: &str) -> LeaderView {
        let Some(index) = self.at(site).indices.get(name) else {
            return LeaderView::Silent;
        };
        let Some(following) = &index.following else {
            return LeaderView::Silent;
        };
        let target = match self.reach(site, &following.remote) {
            Reach::Silent => return LeaderView::Silent,
            Reach::To(target) => target,
            Reach::Unknown => {
                return LeaderView::Failed(json!({"type": "no_such_remote_cluster_exception",
                    "reason": format!("no such remote cluster: [{}]", following.remote)}));
            }
            Reach::Refused => {
                let cause = json!({"type": "connect_exception", "reason": "Connection refused"});
                return LeaderView::Failed(json!({"type": "connect_transport_exception",
                    "reason": format!("[{}] connect_exception", following.remote), "caused_by": cause}));
            }
        };
        let leaders = self.at(target);
        let leader = leaders.indices.get(&following.leader);
        let Some(leader) = leader.filter(|leader| leader.uuid == following.leader_uuid) else {
            return LeaderView::Fatal(missing_cause(leaders.personality, &following.leader));
        };
        let is_old = leaders.personality.is_old();
        if leaders.is_ill {
            return LeaderView::Failed(json!({"type": "cluster_block_exception",
                "reason": "blocked by: [SERVICE_UNAVAILABLE/2/no master];"}));
        }
        if !leader.open {
            let reason = leader.block_text(is_old, "[FORBIDDEN/4/index closed]");
            return LeaderView::Failed(
                json!({"type": "cluster_block_exception", "reason": reason}),
            );
        }
        if leader.red {
            return LeaderView::Failed(json!({"type": "no_shard_available_action_exception",
                "reason": format!("No shard available for [{}]", leader.name)}));
        }
        if is_idle(index, leader, self.now_ms()) {
            return LeaderView::Silent;
        }
        LeaderView::Seen(Box::new(see(index, leader)))
    }
}

/// Whether a look at the leader would change nothing: no news, no poll or lease due, no
/// failure to recover from. Most followers are idle most of the time.
fn is_idle(index: &Index, leader: &Index, now_ms: u64) -> bool {
    let Some(following) = &index.following else {
        return true;
    };
    let Some(tasks) = &following.tasks else {
        return true;
    };
    let idle = |task: &super::task::Task, at: usize| {
        let Some(shard) = leader.shards.get(at) else {
            return true;
        };
        task.fatal.is_some()
            || (task.primed
                && task.read_exception.is_none()
                && task.follower_global_checkpoint >= shard.checkpoint
                && task.leader_max_seq_no >= shard.max_seq_no
                && following.histories.get(at) == Some(&shard.history_uuid)
                && task.last_read_ms.is_some_and(|at_ms| now_ms < at_ms + POLL_MS))
    };
    now_ms < following.renewed_ms + RENEW_MS
        && tasks.iter().enumerate().all(|(at, task)| idle(task, at))
}

fn see(index: &Index, leader: &Index) -> Seen {
    let tasks = index.following.as_ref().and_then(|following| following.tasks.as_ref());
    let shards = leader
        .shards
        .iter()
        .enumerate()
        .map(|(at, shard)| {
            let from = tasks.and_then(|tasks| tasks.get(at)).map_or(0, |task| {
                // What was read and not yet written is read again: there is no buffer here.
                task.last_requested_seq_no.min(task.follower_global_checkpoint) + 1
            });
            let news = if from > shard.checkpoint {
                Vec::new()
            } else {
                shard.log.range(from..=shard.checkpoint).map(|(_, op)| op.clone()).collect()
            };
            (shard.history_uuid.clone(), shard.checkpoint, shard.max_seq_no, news)
        })
        .collect();
    Seen {
        mapping_version: leader.mapping_version,
        settings_version: leader.settings_version,
        aliases_version: leader.aliases_version,
        mappings: leader.mappings.clone(),
        settings: leader.settings.clone(),
        aliases: leader.aliases.clone(),
        shards,
    }
}
