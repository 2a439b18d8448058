//! Replication: each follow task reads from its leader and writes what it has read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    cluster::Life,
    fault::Pace,
    flat::Flat,
    index::Index,
    leader_view::{LeaderView, Seen},
    lease,
    settings::is_replicated,
    shard::Operation,
    site::Site,
    task::Task,
    world::{Reach, World},
};

/// How long an idle read waits at the leader (`read_poll_timeout`, in milliseconds).
pub(super) const POLL_MS: u64 = 60_000;

impl World {
    /// Lets every follower of every running cluster that has something to do take one step.
    pub(super) fn advance(&mut self) {
        self.auto_follow();
        for (site, name) in self.take_stirred() {
            if self.at(site).life == Life::Up && self.step(site, &name) {
                self.keep_stirred((site, name));
            }
        }
    }

    /// One step of one follower; whether the next one has something to do.
    fn step(&mut self, site: Site, name: &str) -> bool {
        let Some(index) = self.at_mut(site).indices.get_mut(name) else {
            return false;
        };
        if index.starting > 0 {
            index.starting -= 1;
            if index.starting == 0 && index.open && !index.is_active() {
                self.start_tasks(site, name);
            }
            return true;
        }
        if !index.is_active() {
            return false;
        }
        if index.restoring > 0 {
            index.restoring -= 1;
            return true;
        }
        if let Some(exception) = self.history_gone(site, name) {
            self.end_tasks(site, name, &exception);
            return false;
        }
        let leader_view = self.leader_view(site, name);
        let (now_ms, pace) = (self.now_ms(), self.paces[site.at()]);
        let is_old = self.at(site).personality.is_old();
        let Some(index) = self.at_mut(site).indices.get_mut(name) else {
            return false;
        };
        let seen = match leader_view {
            LeaderView::Silent => return false,
            LeaderView::Failed(exception) => {
                failed(index, &exception, now_ms, false);
                return false;
            }
            LeaderView::Fatal(exception) => {
                failed(index, &exception, now_ms, true);
                return false;
            }
            LeaderView::Seen(seen) => seen,
        };
        let follower = Follower { index, seen: *seen, now_ms, pace, is_old };
        follower.read_and_write();
        self.renew(site, name);
        true
    }

    /// That the leader no longer has what the follower reads next.
    fn history_gone(&self, site: Site, name: &str) -> Option<Value> {
        let following = self.at(site).indices.get(name)?.following.as_ref()?;
        let Reach::To(target) = self.reach(site, &following.remote) else {
            return None;
        };
        self.lease_has_expired(site, name, target)
    }

    /// Renews the leases of a follower whose leader can be reached.
    fn renew(&mut self, site: Site, name: &str) {
        let cluster = self.at(site);
        let Some(index) = cluster.indices.get(name) else {
            return;
        };
        let Some(following) = &index.following else {
            return;
        };
        let Reach::To(target) = self.reach(site, &following.remote) else {
            return;
        };
        let id = lease::id(
            &cluster.name,
            (name, &index.uuid),
            &following.remote,
            (&following.leader, &following.leader_uuid),
        );
        let retain: Vec<i64> = index.shards.iter().map(|shard| shard.checkpoint + 1).collect();
        let leader = following.leader.clone();
        self.lease(target, &leader, &id, &retain);
        let now_ms = self.now_ms();
        if let Some(following) =
            self.at_mut(site).indices.get_mut(name).and_then(|index| index.following.as_mut())
        {
            following.renewed_ms = now_ms;
        }
    }
}

fn failed(index: &mut Index, exception: &Value, now_ms: u64, is_fatal: bool) {
    let Some(tasks) = index.following.as_mut().and_then(|following| following.tasks.as_mut())
    else {
        return;
    };
    for task in tasks.iter_mut().filter(|task| task.fatal.is_none()) {
        // A task that has not reached its leader yet is still asking for its mapping: it
        // neither counts a read nor shows an exception.
        if task.primed {
            task.read_failed(exception.clone(), now_ms);
        }
        if is_fatal && task.primed {
            task.fatal = Some(exception.clone());
        }
    }
}

/// One follower in the middle of a step.
struct Follower<'a> {
    index: &'a mut Index,
    seen: Seen,
    now_ms: u64,
    pace: Pace,
    is_old: bool,
}

impl Follower<'_> {
    fn read_and_write(self) {
        let Self { index, mut seen, now_ms, pace, is_old } = self;
        let Some(mut following) = index.following.take() else {
            return;
        };
        let histories = following.histories.clone();
        for (at, task) in following.tasks.iter_mut().flatten().enumerate() {
            let Some((history, checkpoint, max, news)) = seen.shards.get_mut(at) else {
                continue;
            };
            let (checkpoint, max, news) = (*checkpoint, *max, std::mem::take(news));
            if task.fatal.is_some() {
                continue;
            }
            if histories.get(at).is_some_and(|expected| expected != history) {
                let expected = &histories[at];
                task.fatal = Some(json!({"type": "illegal_state_exception", "reason":
                    format!("unexpected history uuid, expected [{expected}], actual [{history}]")}));
                continue;
            }
            let news = within(news, pace, task);
            if !read(task, index, &seen, &news, now_ms, is_old) {
                continue;
            }
            task.leader_global_checkpoint = task.leader_global_checkpoint.max(checkpoint);
            task.leader_max_seq_no = task.leader_max_seq_no.max(max);
            write(task, index, at, news, is_old);
        }
        index.following = Some(following);
    }
}

/// The part of the news that the pace lets through.
fn within(mut news: Vec<Operation>, pace: Pace, task: &Task) -> Vec<Operation> {
    match pace {
        Pace::Free => {}
        Pace::Operations(most) => news.truncate(usize::try_from(most).unwrap_or(0)),
        Pace::StopAt(last) => {
            let last = last.max(task.follower_global_checkpoint);
            news.retain(|operation| operation.seq_no <= last);
        }
    }
    news
}

/// One read: brings metadata and counters up to date. False when the metadata could not be
/// applied, which holds the operations back too.
fn read(
    task: &mut Task,
    index: &mut Index,
    seen: &Seen,
    news: &[Operation],
    now_ms: u64,
    is_old: bool,
) -> bool {
    let polled = task.last_read_ms.is_none_or(|at| now_ms >= at + POLL_MS);
    let unread = news.last().is_some_and(|last| last.seq_no > task.last_requested_seq_no);
    task.read_exception = None;
    task.retries = 0;
    if !task.primed {
        task.primed = true;
        task.mapping_version = task.mapping_version.max(seen.mapping_version);
        task.settings_version = seen.settings_version;
        task.aliases_version = seen.aliases_version;
        sync(index, seen, is_old);
    }
    if polled || unread {
        task.last_read_ms = Some(now_ms);
        // A full disk refuses a change of the mapping on 6.8, and the task asks again.
        let refused = is_old && index.is_set("index.blocks.read_only_allow_delete");
        if refused && seen.mapping_version > task.mapping_version {
            if unread && !task.is_held_back {
                count_read(task, news);
                task.is_held_back = true;
            }
            return false;
        }
        task.mapping_version = seen.mapping_version;
        task.settings_version = seen.settings_version;
        task.aliases_version = seen.aliases_version;
        sync(index, seen, is_old);
    }
    if unread {
        if !std::mem::take(&mut task.is_held_back) {
            count_read(task, news);
        }
        task.last_requested_seq_no = news.last().map_or(-1, |last| last.seq_no);
        task.outstanding_writes += 1;
    }
    true
}

fn count_read(task: &mut Task, news: &[Operation]) {
    let fresh = news.iter().filter(|op| op.seq_no > task.last_requested_seq_no).count();
    task.successful_reads += 1;
    task.operations_read += fresh as u64;
}

/// Copies mappings, replicated settings and, but for 6.8, aliases without their write flag.
fn sync(index: &mut Index, seen: &Seen, is_old: bool) {
    if index.mappings != seen.mappings {
        index.mappings = seen.mappings.clone();
        index.mapping_version += 1;
    }
    let differing: Flat = seen
        .settings
        .iter()
        .filter(|(key, value)| is_replicated(key) && index.settings.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .chain(
            index
                .settings
                .keys()
                .filter(|key| is_replicated(key) && !seen.settings.contains_key(*key))
                .map(|key| (key.clone(), Value::Null)),
        )
        .collect();
    if !differing.is_empty() {
        index.change_settings(&differing);
    }
    if is_old {
        return;
    }
    let aliases = without_write_flag(&seen.aliases);
    if index.aliases != aliases {
        index.aliases = aliases;
        index.aliases_version += 1;
    }
}

/// A leader's aliases as a follower gets them.
pub(super) fn without_write_flag(aliases: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut aliases = aliases.clone();
    for body in aliases.values_mut() {
        body["is_write_index"] = json!(false);
    }
    aliases
}

/// Writes what was read, unless a block or a close stands in the way.
fn write(task: &mut Task, index: &mut Index, at: usize, news: Vec<Operation>, is_old: bool) {
    if news.is_empty() {
        return;
    }
    if !index.open || index.red || index.blocked(is_old).is_some() {
        task.failed_writes += 1;
        return;
    }
    let Some(shard) = index.shards.get_mut(at) else {
        return;
    };
    let before = shard.log.len();
    for operation in news {
        let term = shard.term;
        shard.apply(Operation { term, ..operation });
    }
    let written = shard.log.len() - before;
    if written > 0 || task.outstanding_writes > 0 {
        task.successful_writes += 1;
        task.operations_written += written as u64;
    }
    task.outstanding_writes = 0;
    task.follower_global_checkpoint = task.follower_global_checkpoint.max(shard.checkpoint);
    task.follower_max_seq_no = task.follower_max_seq_no.max(shard.max_seq_no);
}
