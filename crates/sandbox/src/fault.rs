//! What a test can break, and how it is mended.

use std::time::Duration;

use super::{
    cluster::Life,
    index::Index,
    shard::Shard,
    site::Site,
    task::Task,
    world::{Link, World},
};
use esdr_es::transport::Method;

/// Something that goes wrong, or is put right again.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The process dies: connections are refused. What waits for an answer gets none.
    Kill(Site),
    /// The process stops with its connections open: accepts, never answers, also not the
    /// other cluster.
    Freeze(Site),
    /// A frozen process goes on, and takes up what it was asked meanwhile.
    Thaw(Site),
    /// The process starts (again). Its follow tasks start over: until they reach the leader
    /// their lag reads 0 and `time_since_last_read_millis` -1.
    Restart(Site),
    /// The follow tasks of a cluster start over, as after a move to another node.
    RestartTasks(Site),
    /// Calls from one cluster to the other fail at once; both answer their clients.
    Cut { from: Site, to: Site },
    /// Calls from one cluster to the other are swallowed; both answer their clients.
    FreezeLink { from: Site, to: Site },
    /// The link works again.
    Mend { from: Site, to: Site },
    /// How fast the followers *on* a cluster copy.
    Pace { site: Site, pace: Pace },
    /// No elected master: calls that need one answer 503 `master_not_discovered_exception`.
    Ill(Site),
    /// A master again.
    Well(Site),
    /// The licence becomes of this type (`trial`, `basic`, `platinum`, …), active or expired.
    License { site: Site, kind: String, is_active: bool },
    /// So many bytes are free on the node's disk of 200 GB.
    Disk { site: Site, available_bytes: u64 },
    /// Every open index gets (or loses) `index.blocks.read_only_allow_delete`.
    DiskFull { site: Site, is_full: bool },
    /// Whether a write to an unknown name creates an index.
    AutoCreate { site: Site, is_on: bool },
    /// An index loses its primaries, or gets them back.
    Red { site: Site, index: String, is_red: bool },
    /// A follower's primaries fail each time that the server starts them, and it gives them up.
    GivenUp { site: Site, index: String },
    /// Within 300 ms after a write block by `_settings`, so many bulk requests are still
    /// acknowledged, as 6.8 does; a write task and `index_current` 1 show meanwhile.
    LateAcks { site: Site, bulks: usize },
    /// So many `_stats` calls list no shard of an index right after its `_open`.
    SlowOpen { site: Site, calls: u32 },
    /// So many requests pass until a copy from a leader is complete.
    SlowBootstrap { site: Site, requests: u32 },
    /// A follower loses an operation in the middle: a gap below `max_seq_no`.
    Gap { site: Site, index: String, shard: usize, seq_no: i64 },
    /// Searches and counts see only what a refresh, or `refresh=` on a write, has made
    /// searchable; moving the clock on refreshes too.
    LazyRefresh { site: Site, is_on: bool },
    /// The shards of an index get another history, as after a restore: its followers' tasks
    /// end, and `resume_follow` is refused.
    NewHistory { site: Site, index: String },
    /// The follow tasks of an index end for good with this exception (`type`, `reason`).
    Fatal { site: Site, index: String, exception: serde_json::Value },
    /// Requests that match misbehave.
    Request(Rule),
    /// All rules for requests are dropped.
    NoRules,
}

/// How fast followers copy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// All there is, at once.
    Free,
    /// At most so many operations per shard and request served.
    Operations(i64),
    /// Nothing beyond this sequence number, so that a drain never ends.
    StopAt(i64),
}

/// Which requests misbehave, and how; used up by count.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The cluster that is asked.
    pub site: Site,
    /// Any method when `None`.
    pub method: Option<Method>,
    /// Part of the path (query included) that must occur; empty matches all.
    pub contains: String,
    /// How many matching requests pass unharmed first.
    pub skip: usize,
    /// How many then misbehave; `usize::MAX` for all.
    pub times: usize,
    /// What happens to them.
    pub what: Misbehaviour,
}

impl Rule {
    /// The next request at `site` whose path holds `contains`.
    pub fn next(site: Site, contains: &str, what: Misbehaviour) -> Self {
        Self { site, method: None, contains: contains.to_owned(), skip: 0, times: 1, what }
    }

    /// The same rule for one method only.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// The same rule, first letting `skip` matching requests pass.
    #[must_use]
    pub fn skip(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// The same rule for `times` requests.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    fn matches(&self, site: Site, method: Method, target: &str) -> bool {
        self.site == site
            && self.times > 0
            && self.method.is_none_or(|wanted| wanted == method)
            && target.contains(&self.contains)
    }
}

/// How a request misbehaves.
#[derive(Clone, Debug)]
pub enum Misbehaviour {
    /// Served after this time.
    Delay(Duration),
    /// The connection breaks before anything is done.
    Drop,
    /// Done, but answered with this status and body, such as a proxy's 502 page.
    DoneButAnswered { status: u16, body: String },
    /// Done, but never answered.
    DoneButSilent,
    /// Not done, and answered with this status and body.
    Refused { status: u16, body: String },
    /// Done twice, as after a repeat by a proxy; the second answer is the one given.
    Twice,
}

impl World {
    /// How the request at hand misbehaves, if it does; counts it.
    pub(super) fn misbehaviour(
        &mut self,
        site: Site,
        method: Method,
        target: &str,
    ) -> Option<Misbehaviour> {
        for rule in &mut self.rules {
            if !rule.matches(site, method, target) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if rule.times != usize::MAX {
                rule.times -= 1;
            }
            return Some(rule.what.clone());
        }
        None
    }

    /// Breaks or mends something. Requests that were parked are not taken up here.
    pub(super) fn break_or_mend(&mut self, fault: Fault) {
        match fault {
            Fault::Kill(site) => {
                self.at_mut(site).life = Life::Killed;
                self.parked.retain(|parked| parked.site != site);
                self.end_restores(site.other());
            }
            Fault::Freeze(site) => self.at_mut(site).life = Life::Frozen,
            Fault::Thaw(site) => self.at_mut(site).life = Life::Up,
            Fault::Restart(site) => self.restart(site),
            Fault::RestartTasks(site) => self.restart_tasks(site),
            Fault::Cut { from, to } => self.links[from.at()][to.at()] = Link::Cut,
            Fault::FreezeLink { from, to } => self.links[from.at()][to.at()] = Link::Frozen,
            Fault::Mend { from, to } => self.links[from.at()][to.at()] = Link::Up,
            Fault::Pace { site, pace } => self.paces[site.at()] = pace,
            Fault::Ill(site) => self.at_mut(site).is_ill = true,
            Fault::Well(site) => self.at_mut(site).is_ill = false,
            Fault::License { site, kind, is_active } => {
                let license = &mut self.at_mut(site).license;
                license.trial_used |= kind == "trial";
                license.kind = kind;
                license.is_active = is_active;
            }
            Fault::Disk { site, available_bytes } => {
                self.at_mut(site).disk_available_bytes = available_bytes;
            }
            Fault::DiskFull { site, is_full } => self.fill_disk(site, is_full),
            Fault::AutoCreate { site, is_on } => self.at_mut(site).auto_create = is_on,
            Fault::Red { site, index, is_red } => {
                if let Some(index) = self.at_mut(site).indices.get_mut(&index) {
                    index.red = is_red;
                }
            }
            Fault::GivenUp { site, index } => {
                if let Some(index) = self.at_mut(site).indices.get_mut(&index) {
                    index.give_up();
                }
            }
            Fault::LateAcks { site, bulks } => self.at_mut(site).late_bulks = bulks,
            Fault::SlowOpen { site, calls } => self.at_mut(site).warming = calls,
            Fault::SlowBootstrap { site, requests } => self.at_mut(site).restoring = requests,
            Fault::Gap { site, index, shard, seq_no } => self.tear(site, &index, shard, seq_no),
            Fault::LazyRefresh { site, is_on } => {
                self.refresh(site);
                self.at_mut(site).is_lazy = is_on;
            }
            Fault::NewHistory { site, index } => self.forget_history(site, &index),
            Fault::Fatal { site, index, exception } => self.end_tasks(site, &index, &exception),
            Fault::Request(rule) => self.rules.push(rule),
            Fault::NoRules => self.rules.clear(),
        }
    }

    fn restart(&mut self, site: Site) {
        // What a frozen process had not taken up yet is gone with it.
        self.parked.retain(|parked| parked.site != site);
        let cluster = self.at_mut(site);
        cluster.life = Life::Up;
        cluster.contexts.clear();
        for index in cluster.indices.values_mut() {
            for shard in &mut index.shards {
                shard.term += 1;
            }
        }
        self.end_restores(site);
        self.restart_tasks(site);
    }

    /// Half a copy is none: a restore is tried once.
    fn end_restores(&mut self, site: Site) {
        let indices = self.at_mut(site).indices.values_mut();
        indices.filter(|index| index.restoring > 0).for_each(Index::give_up);
    }

    fn restart_tasks(&mut self, site: Site) {
        let now_ms = self.now_ms();
        for index in self.at_mut(site).indices.values_mut() {
            let Some(tasks) =
                index.following.as_mut().and_then(|following| following.tasks.as_mut())
            else {
                continue;
            };
            for (task, shard) in tasks.iter_mut().zip(&index.shards) {
                // A fatal exception is kept in the cluster state's task only until the node
                // starts it again.
                *task = Task::new(task.allocation_id, shard.checkpoint, shard.max_seq_no, now_ms);
            }
        }
    }

    /// Makes everything searchable, but for indices with `refresh_interval` -1.
    pub(super) fn refresh(&mut self, site: Site) {
        for index in self.at_mut(site).indices.values_mut() {
            if index.setting("index.refresh_interval") != Some("-1") {
                index.shards.iter_mut().for_each(Shard::refresh);
            }
        }
    }

    fn forget_history(&mut self, site: Site, index: &str) {
        let fresh: Vec<String> = (0..1024).map(|_| self.uuid()).collect();
        let Some(index) = self.at_mut(site).indices.get_mut(index) else {
            return;
        };
        for (shard, uuid) in index.shards.iter_mut().zip(fresh) {
            shard.history_uuid = uuid;
        }
    }

    fn fill_disk(&mut self, site: Site, is_full: bool) {
        const KEY: &str = "index.blocks.read_only_allow_delete";
        for index in self.at_mut(site).indices.values_mut().filter(|index| index.open) {
            let value = if is_full { serde_json::json!("true") } else { serde_json::Value::Null };
            index.change_settings(&[(KEY.to_owned(), value)].into_iter().collect());
        }
        self.touch(site);
    }

    fn tear(&mut self, site: Site, index: &str, shard: usize, seq_no: i64) {
        let Some(index) = self.at_mut(site).indices.get_mut(index) else {
            return;
        };
        let Some(shard) = index.shards.get_mut(shard) else {
            return;
        };
        if let Some(lost) = shard.log.remove(&seq_no) {
            shard.documents.remove(&lost.id);
            shard.checkpoint = shard.checkpoint.min(seq_no - 1);
        }
    }
}
