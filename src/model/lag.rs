//! How far a follower is behind. Pure; trusts nothing that is known to lie.

use serde::{Deserialize, Serialize};

use super::index::{Following, Index, Shard, Task};

/// A task's word counts while its last read was sent at most this long ago: the long poll
/// of a minute, and what a busy server adds.
const READ_AGE_MAX_MS: i64 = 75_000;

/// What a lag is known by, the weakest last.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Both clusters' own shard checkpoints.
    Measured,
    /// The follower's last word: a lower bound.
    Reported,
    Unknown,
}

impl Evidence {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Reported => "reported",
            Self::Unknown => "unknown",
        }
    }
}

/// The lag of one index.
#[derive(Clone, Debug, PartialEq)]
pub struct Lag {
    /// Operations that the follower lacks; a number only when measured.
    pub lag_ops: Option<u64>,
    /// A lower bound, when reported.
    pub at_least: Option<u64>,
    pub evidence: Evidence,
    /// Operations that the follower is known to lack, by the highest position ever heard of
    /// the leader, however long ago; a lower bound. `None`: nothing was heard.
    pub missing: Option<u64>,
    /// Age of the oldest word that a report rests on, in milliseconds; `None` when measured.
    pub age_ms: Option<i64>,
    /// One entry a shard that anything is known of, by number.
    pub shards: Vec<ShardLag>,
}

/// Where the two copies of a shard stand; `None` where it could not be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ShardLag {
    pub shard: u32,
    pub leader_checkpoint: Option<i64>,
    pub leader_max_seq_no: Option<i64>,
    pub follower_checkpoint: Option<i64>,
}

/// The lag of `follower` behind `leader` (`None`: the leader's cluster does not answer).
///
/// Measured only when every shard of both sides was read from its own cluster, and then
/// `leader global checkpoint − follower global checkpoint` summed, a negative one (the
/// follower was read a moment later) as 0; read a moment earlier it only says too much.
/// Otherwise the word of the follow tasks, a lower bound, if
/// all of them are healthy; a task that has sent no read since it began
/// (`since_read_ms` −1) repeats the follower's own checkpoint, and counts as unknown.
pub(crate) fn lag(leader: Option<&Index>, follower: &Index) -> Lag {
    if let Some(leader) = leader
        && is_comparable(leader, follower)
    {
        let pairs = leader.shards.iter().zip(&follower.shards);
        let ops = pairs.map(|(leader, follower)| {
            ops_between(follower.global_checkpoint, leader.global_checkpoint)
        });
        let missing = leader.shards.iter().zip(&follower.shards);
        let missing = missing
            .map(|(leader, follower)| ops_between(follower.global_checkpoint, leader.max_seq_no));
        return Lag {
            lag_ops: Some(ops.sum()),
            at_least: None,
            missing: Some(missing.sum()),
            evidence: Evidence::Measured,
            age_ms: None,
            shards: shards(Some(leader), follower),
        };
    }
    let shards = shards(leader, follower);
    let missing = missing(follower);
    match follower.following.as_ref().and_then(|following| reported(following, follower)) {
        Some((at_least, age_ms)) => Lag {
            lag_ops: None,
            at_least: Some(at_least),
            missing,
            evidence: Evidence::Reported,
            age_ms: Some(age_ms),
            shards,
        },
        None => Lag {
            lag_ops: None,
            at_least: None,
            missing,
            evidence: Evidence::Unknown,
            age_ms: None,
            shards,
        },
    }
}

/// True where nothing is left to copy, on every shard: the follower's checkpoint and highest
/// sequence number, and the leader's local and global checkpoint, all equal the leader's
/// highest sequence number.
/// A proof only under a write block. A shard that could not be read proves nothing.
pub(crate) fn drained(leader: &Index, follower: &Index) -> bool {
    is_comparable(leader, follower)
        && leader.shards.iter().zip(&follower.shards).all(|(leader, follower)| {
            let positions = [
                follower.global_checkpoint,
                follower.max_seq_no,
                leader.global_checkpoint,
                leader.local_checkpoint,
            ];
            positions.iter().all(|position| *position == leader.max_seq_no)
        })
}

/// Every shard of both sides was read, they are the same shards, and nothing says that the
/// follower follows another index than this one, such as the one before it of this name.
fn is_comparable(leader: &Index, follower: &Index) -> bool {
    let leader_uuid = follower.following.as_ref().and_then(|it| it.leader_uuid.as_ref());
    if leader_uuid.is_some_and(|uuid| *uuid != leader.uuid) {
        return false;
    }
    let numbers =
        |index: &Index| -> Vec<u32> { index.shards.iter().map(|shard| shard.number).collect() };
    leader.is_measured() && follower.is_measured() && numbers(leader) == numbers(follower)
}

/// The lower bound by the tasks' words, and the age of the oldest of them.
/// Only missing operations of a *whole*, healthy set of tasks make a bound that can be
/// told: one silent shard may hide everything.
fn reported(following: &Following, follower: &Index) -> Option<(u64, i64)> {
    let tasks = &following.tasks;
    if follower.shard_count == 0 || !(0..follower.shard_count).all(|shard| has_task(tasks, shard)) {
        return None;
    }
    if !tasks.iter().all(is_healthy) {
        return None;
    }
    let at_least = tasks.iter().map(|task| {
        let own = follower.shards.iter().find(|shard| shard.number == task.shard);
        let checkpoint = own.map_or(task.follower_checkpoint, |own| own.global_checkpoint);
        ops_between(checkpoint, task.leader_checkpoint)
    });
    Some((at_least.sum(), tasks.iter().map(|task| task.since_read_ms).max()?))
}

/// The highest positions heard of the leader, by shard: the word of each task that has
/// read since it began, or that names more than the follower has. A task that has heard
/// nothing repeats the follower's own position, and is left out.
pub(crate) fn heard(follower: &Index) -> Vec<(u32, i64)> {
    let tasks = follower.following.iter().flat_map(|following| &following.tasks);
    tasks
        .filter(|task| task.since_read_ms >= 0 || task.leader_max_seq_no > task.follower_checkpoint)
        .map(|task| (task.shard, task.leader_max_seq_no))
        .collect()
}

/// What was heard of the leader less what the follower has.
fn missing(follower: &Index) -> Option<u64> {
    let ops = heard(follower).into_iter().filter_map(|(number, max_seq_no)| {
        let own = follower.shards.iter().find(|shard| shard.number == number)?;
        Some(ops_between(own.global_checkpoint, max_seq_no))
    });
    ops.reduce(|sum, ops| sum + ops)
}

fn has_task(tasks: &[Task], shard: u32) -> bool {
    tasks.iter().any(|task| task.shard == shard)
}

/// The rule of trust for a follow task's word about its leader.
fn is_healthy(task: &Task) -> bool {
    task.fatal.is_none()
        && task.read_errors.is_empty()
        && (0..=READ_AGE_MAX_MS).contains(&task.since_read_ms)
}

/// Operations from one position to a later one.
pub(crate) fn ops_between(behind: i64, ahead: i64) -> u64 {
    u64::try_from(ahead.saturating_sub(behind)).unwrap_or(0)
}

/// Every shard that anything is known of. A task's leader positions stand in only where
/// its word counts.
fn shards(leader: Option<&Index>, follower: &Index) -> Vec<ShardLag> {
    let leader_shards = leader.map(|leader| leader.shards.as_slice()).unwrap_or_default();
    let tasks = follower.following.as_ref().map(|following| following.tasks.as_slice());
    let count = follower.shard_count.max(leader.map_or(0, |leader| leader.shard_count));
    let find =
        |shards: &[Shard], number: u32| shards.iter().find(|it| it.number == number).cloned();
    (0..count)
        .map(|shard| {
            let theirs = find(leader_shards, shard);
            let own = find(&follower.shards, shard);
            let task = tasks
                .unwrap_or_default()
                .iter()
                .find(|task| task.shard == shard && leader.is_none() && is_healthy(task));
            ShardLag {
                shard,
                leader_checkpoint: theirs
                    .as_ref()
                    .map(|it| it.global_checkpoint)
                    .or(task.map(|task| task.leader_checkpoint)),
                leader_max_seq_no: theirs
                    .map(|it| it.max_seq_no)
                    .or(task.map(|task| task.leader_max_seq_no)),
                follower_checkpoint: own.map(|it| it.global_checkpoint),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
