//! The door to the simulation: transports, faults, what was seen.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::timeout;

use super::{fault::Fault, personality::Personality, request::Outcome, site::Site, world::World};
use esdr_es::transport::{Body, Request, Response, Sending, Transport, Unanswered};

/// What UUIDs are made from, so that a run can be repeated.
const SEED: u64 = 6_823;

/// Two simulated clusters A and B that can follow each other. Neither knows the other until
/// a remote is configured with [`Pair::seed`].
pub struct Pair {
    world: Mutex<World>,
}

impl Pair {
    /// Two clusters of one version, named `clusterA` and `clusterB`.
    pub fn new(personality: Personality) -> Arc<Self> {
        Self::named(personality, ["clusterA", "clusterB"])
    }

    /// Two clusters of one version, named `clusterA` and `clusterB`, with UUIDs that no other pair
    /// has.
    pub fn unlike_any(personality: Personality) -> Arc<Self> {
        let names = ["clusterA", "clusterB"];
        let world = World::new([personality; 2], names, fastrand::u64(..));
        Arc::new(Self { world: Mutex::new(world) })
    }

    /// Two clusters of one version with names of their own.
    pub fn named(personality: Personality, names: [&str; 2]) -> Arc<Self> {
        Arc::new(Self { world: Mutex::new(World::new([personality; 2], names, SEED)) })
    }

    /// Two clusters of different versions, named `clusterA` and `clusterB`.
    pub fn versions(personalities: [Personality; 2]) -> Arc<Self> {
        let names = ["clusterA", "clusterB"];
        Arc::new(Self { world: Mutex::new(World::new(personalities, names, SEED)) })
    }

    /// A pair over a simulation.
    pub(super) fn of(world: World) -> Self {
        Self { world: Mutex::new(world) }
    }

    /// Two clusters as [`Pair::new`] makes them, with other UUIDs.
    pub fn others(personality: Personality) -> Arc<Self> {
        let names = ["clusterA", "clusterB"];
        Arc::new(Self { world: Mutex::new(World::new([personality; 2], names, SEED + 1)) })
    }

    /// A transport to one cluster. Deadlines count on tokio's clock.
    pub fn transport(self: &Arc<Self>, site: Site) -> Arc<dyn Transport> {
        Arc::new(Wire { pair: Arc::clone(self), site })
    }

    /// The transport address by which a remote reaches this cluster; any other seed leads
    /// nowhere.
    pub fn seed(&self, site: Site) -> String {
        self.world().at(site).transport_address.clone()
    }

    /// Breaks or mends something, now. What waited for a thaw, a mend or a kill goes on.
    pub fn fault(&self, fault: Fault) {
        let mut world = self.world();
        world.break_or_mend(fault);
        world.stir_all();
        world.take_up_parked();
        world.settle();
    }

    /// Moves the clock of both clusters on: leases age, long polls end.
    pub fn pass(&self, time: Duration) {
        let mut world = self.world();
        world.moved_on += time;
        world.stir_all();
        if time >= Duration::from_secs(1) {
            for site in Site::BOTH {
                world.refresh(site);
            }
        }
        world.settle();
    }

    /// Lets replication move one step on, as the background tick does while serving HTTP.
    pub fn tick(&self) {
        self.world().settle();
    }

    /// `METHOD path` (query included) of every request that a cluster has taken, in order.
    pub fn requests(&self, site: Site) -> Vec<String> {
        self.world().requests[site.at()].clone()
    }

    /// What went against the invariants: a second writable side, a discarded version that
    /// the other side does not hold. Each is listed once.
    pub fn violations(&self) -> Vec<String> {
        self.world().violations.clone()
    }

    /// Whether two writable sides are expected, as in a forced run.
    pub fn allow_two_writable(&self, is_allowed: bool) {
        let mut world = self.world();
        world.two_writable_allowed = is_allowed;
        world.stir_all();
    }

    /// Lets an index of this name be overwritten or deleted whatever it holds.
    pub fn allow_discard(&self, index: &str) {
        self.world().discards_allowed.insert(index.to_owned());
    }

    /// What is in salvage files below this folder is not lost when a copy goes.
    pub fn salvages_into(&self, folder: &std::path::Path) {
        self.world().salvage_folder = Some(folder.to_owned());
    }

    /// Acknowledged document versions (`index/id vN`) that a cluster holds in no index of
    /// the same lineage or name, nor a newer version of.
    pub fn lost(&self, site: Site) -> Vec<String> {
        self.world().lost(site)
    }

    /// Ids of live documents of an index, sorted; empty when it does not exist.
    pub fn documents(&self, site: Site, index: &str) -> BTreeSet<String> {
        self.world().live_ids(site, index)
    }

    /// The simulation; a panic elsewhere does not make it unreadable.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wire to one cluster.
struct Wire {
    pair: Arc<Pair>,
    site: Site,
}

impl Transport for Wire {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let deadline = request.deadline;
            let body = request.body.map(|body| match body {
                Body::Json(value) => value.to_string(),
                Body::Lines(lines) => lines,
            });
            let exchange = self.pair.exchange(self.site, request.method, &request.path, body);
            match timeout(deadline, exchange).await {
                Err(_) => Err(Unanswered::Timeout { deadline_ms: deadline.as_millis() }),
                Ok(Outcome::Refused) => {
                    let address = self.pair.world().at(self.site).http_address.clone();
                    let reason = format!("connection refused by {address}");
                    Err(Unanswered::Connect { reason })
                }
                Ok(Outcome::Broken) => {
                    let reason = "connection closed before the answer was complete".to_owned();
                    Err(Unanswered::Broken { reason })
                }
                Ok(Outcome::Answer { status, body, product, .. }) => {
                    Ok(Response { status, body, product: product.map(str::to_owned) })
                }
            }
        })
    }
}
