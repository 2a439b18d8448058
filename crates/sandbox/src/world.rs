//! Everything there is: two clusters, the links between them, what a test has broken.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{sync::oneshot, time::Instant};

use super::{
    ask::Ask,
    cluster::{AutoFollowStats, Cluster, License, Life},
    dirty_set::DirtySet,
    fault::{Pace, Rule},
    flat::Flat,
    invariants::{Acknowledged, Lineage},
    personality::Personality,
    reply::Reply,
    site::Site,
};

/// The state of a link in one direction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Link {
    Up,
    /// Connections are refused or reset at once.
    Cut,
    /// Packets vanish: nothing comes back.
    Frozen,
}

/// Where a remote's alias leads just now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    /// No such alias in the settings.
    Unknown,
    /// Nothing listens there, or the link is cut.
    Refused,
    /// Connected, but nothing comes back.
    Silent,
    To(Site),
}

/// A request that waits for something frozen.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) site: Site,
    pub(super) ask: Ask,
    pub(super) reply: oneshot::Sender<Reply>,
}

/// Work for a leader that could not be reached because it was silent.
#[derive(Clone, Debug)]
pub(super) struct Deferred {
    pub(super) from: Site,
    pub(super) remote: String,
    pub(super) leader: String,
    pub(super) lease: String,
}

/// The whole simulation, behind one lock.
#[derive(Debug)]
pub(super) struct World {
    pub(super) clusters: [Cluster; 2],
    /// Links by `[from][to]`; those to oneself are always up.
    pub(super) links: [[Link; 2]; 2],
    /// How fast each cluster's followers copy.
    pub(super) paces: [Pace; 2],
    pub(super) rules: Vec<Rule>,
    pub(super) requests: [Vec<String>; 2],
    pub(super) parked: Vec<Parked>,
    pub(super) deferred: Vec<Deferred>,
    pub(super) violations: Vec<String>,
    pub(super) lineages: Vec<Lineage>,
    pub(super) two_writable_allowed: bool,
    pub(super) discards_allowed: BTreeSet<String>,
    /// Where esdr puts what it salvages: that is not lost.
    pub(super) salvage_folder: Option<PathBuf>,
    /// Newest acknowledged write per index UUID and document id.
    pub(super) ledger: HashMap<(String, String), Acknowledged>,
    /// Writes of the request at hand, acknowledged once its answer goes out.
    pub(super) pending: Vec<Acknowledged>,
    /// What replication has to look at again.
    pub(super) stirred: DirtySet,
    /// What the check for two writable sides has to look at again.
    pub(super) unchecked: DirtySet,
    pub(super) born: Instant,
    pub(super) born_ms: u64,
    /// By how much a test has moved the clock on.
    pub(super) moved_on: Duration,
    pub(super) random: fastrand::Rng,
}

impl World {
    /// Two empty clusters with a trial licence each.
    pub(super) fn new(personalities: [Personality; 2], names: [&str; 2], seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let clusters = Site::BOTH.map(|site| {
            let personality = personalities[site.at()];
            Cluster {
                personality,
                name: names[site.at()].to_owned(),
                uuid: uuid(&mut random),
                node_id: uuid(&mut random),
                transport_address: format!("127.0.0.1:{}", 9300 + site.at()),
                http_address: format!("127.0.0.1:{}", 9200 + site.at()),
                indices: std::collections::BTreeMap::new(),
                persistent: Flat::new(),
                transient: Flat::new(),
                license: License { kind: "trial".to_owned(), is_active: true, trial_used: true },
                patterns: std::collections::BTreeMap::new(),
                auto_follow: AutoFollowStats::default(),
                life: Life::Up,
                is_ill: false,
                auto_create: true,
                late_bulks: 0,
                disk_available_bytes: super::cat::DISK_BYTES / 2,
                warming: 0,
                restoring: 0,
                metadata_version: 1,
                allocation_id: 0,
                last_follow_ms: None,
                is_lazy: false,
                kept: std::collections::BTreeMap::new(),
                repositories: std::collections::BTreeMap::new(),
                contexts: HashMap::new(),
            }
        });
        let born_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Self {
            clusters,
            links: [[Link::Up; 2]; 2],
            paces: [Pace::Free, Pace::Free],
            rules: Vec::new(),
            requests: [Vec::new(), Vec::new()],
            parked: Vec::new(),
            deferred: Vec::new(),
            violations: Vec::new(),
            lineages: Vec::new(),
            two_writable_allowed: false,
            discards_allowed: BTreeSet::new(),
            salvage_folder: None,
            ledger: HashMap::new(),
            pending: Vec::new(),
            stirred: DirtySet::default(),
            unchecked: DirtySet::default(),
            born: Instant::now(),
            born_ms: u64::try_from(born_ms).unwrap_or(0),
            moved_on: Duration::ZERO,
            random,
        }
    }

    /// One of the clusters.
    pub(super) fn at(&self, site: Site) -> &Cluster {
        &self.clusters[site.at()]
    }

    /// One of the clusters, to change.
    pub(super) fn at_mut(&mut self, site: Site) -> &mut Cluster {
        &mut self.clusters[site.at()]
    }

    /// Epoch milliseconds; follows tokio's clock, so that paused tests control it.
    pub(super) fn now_ms(&self) -> u64 {
        let gone = self.born.elapsed() + self.moved_on;
        self.born_ms + u64::try_from(gone.as_millis()).unwrap_or(0)
    }

    /// A new identifier of 22 characters, as Elasticsearch makes them.
    pub(super) fn uuid(&mut self) -> String {
        uuid(&mut self.random)
    }

    /// A new document id of 20 characters.
    pub(super) fn document_id(&mut self) -> String {
        uuid(&mut self.random).chars().take(20).collect::<String>().replace(['_', '-'], "x")
    }

    /// Where a remote's alias leads, seen from one cluster.
    pub(super) fn reach(&self, from: Site, alias: &str) -> Reach {
        let cluster = self.at(from);
        let key = |name: &str| format!("cluster.remote.{alias}.{name}");
        let mut addresses: Vec<&str> = Vec::new();
        for name in ["seeds", "proxy_address"] {
            match cluster.setting(&key(name)) {
                Some(serde_json::Value::Array(items)) => {
                    addresses.extend(items.iter().filter_map(serde_json::Value::as_str));
                }
                Some(serde_json::Value::String(text)) => {
                    addresses.extend(text.split(',').map(str::trim));
                }
                _ => {}
            }
        }
        if addresses.is_empty() {
            return Reach::Unknown;
        }
        let target = Site::BOTH
            .into_iter()
            .find(|site| addresses.contains(&self.at(*site).transport_address.as_str()));
        let Some(target) = target else {
            return Reach::Refused;
        };
        let link = if target == from { Link::Up } else { self.links[from.at()][target.at()] };
        match (self.at(target).life, link) {
            (Life::Killed, _) | (_, Link::Cut) => Reach::Refused,
            (Life::Frozen, _) | (_, Link::Frozen) => Reach::Silent,
            (Life::Up, Link::Up) => Reach::To(target),
        }
    }

    /// Notes a change of a cluster's metadata, which wakes auto-follow on the other one.
    pub(super) fn touch(&mut self, site: Site) {
        self.at_mut(site).metadata_version += 1;
    }
}

fn uuid(random: &mut fastrand::Rng) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let first = char::from(ALPHABET[random.usize(..62)]);
    let rest = (0..21).map(|_| char::from(ALPHABET[random.usize(..64)]));
    std::iter::once(first).chain(rest).collect()
}
