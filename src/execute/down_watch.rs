//! Clusters that do not answer, and the watch for their return. What is known to be silent is
//! not asked again at each look: a frozen leader would cost every step two seconds.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;

use crate::{
    model::world::{Cluster, World},
    observe::Watched,
    plan::Plan,
};

/// How often a silent cluster is asked again, beside the run.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// The clusters of a run that gave no answer when they were last asked.
#[derive(Debug, Default)]
pub(crate) struct Silent(BTreeMap<String, Watch>);

#[derive(Debug)]
struct Watch {
    reason: String,
    is_back: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Silent {
    /// Sources that were not to be seen when the plan was made.
    pub(crate) fn of(plan: &Plan, clusters: &[Watched]) -> Self {
        let mut silent = Self::default();
        for switch in plan.switches.iter().filter(|switch| switch.source_uuid.is_none()) {
            silent.watch(&switch.source, "no answer when the plan was made", clusters);
        }
        silent
    }

    /// Those that have not answered since, with the reason.
    pub(super) fn reasons(&self) -> BTreeMap<String, String> {
        let silent = self.0.iter().filter(|(_, watch)| !watch.is_back());
        silent.map(|(name, watch)| (name.clone(), watch.reason.clone())).collect()
    }

    /// Takes over what a look has shown.
    pub(super) fn note(&mut self, world: &World, clusters: &[Watched]) {
        for (name, cluster) in &world.clusters {
            match cluster {
                Cluster::Unreachable { reason } => self.watch(name, reason, clusters),
                _ => drop(self.0.remove(name)),
            }
        }
    }

    /// The next look asks it, and the others whether they hear it.
    pub(super) fn ask_again(&mut self, cluster: &str) {
        self.0.remove(cluster);
    }

    /// Whether a cluster has been silent since it was last asked.
    pub(super) fn holds(&self, cluster: &str) -> bool {
        self.0.get(cluster).is_some_and(|watch| !watch.is_back())
    }

    /// A cluster that was silent answers again.
    pub(super) fn is_back(&self, cluster: &str) -> bool {
        self.0.get(cluster).is_some_and(Watch::is_back)
    }

    fn watch(&mut self, name: &str, reason: &str, clusters: &[Watched]) {
        if self.holds(name) {
            return;
        }
        let Some(watched) = clusters.iter().find(|watched| watched.name == name) else {
            return;
        };
        let is_back = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(until_back(watched.clone(), Arc::clone(&is_back)));
        self.0.insert(name.to_owned(), Watch { reason: reason.to_owned(), is_back, task });
    }
}

impl Watch {
    fn is_back(&self) -> bool {
        self.is_back.load(Ordering::SeqCst)
    }
}

/// Another cluster's answer, or that of anything else, is no return.
async fn until_back(watched: Watched, is_back: Arc<AtomicBool>) {
    while watched.es.root().await.is_err() {
        tokio::time::sleep(ASK_EVERY).await;
    }
    is_back.store(true, Ordering::SeqCst);
}
