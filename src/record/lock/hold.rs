//! A lock that is held: renewed beside the run, and proved before each change.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::{
    guard::Guard,
    holder::Lost,
    shared::{FRESH, SILENT, Shared},
    site::{Site, Standing},
    watch::RENEW_EVERY,
};
use crate::observe::Watched;

/// The locks of a run's sets on its clusters, from the moment they are taken.
pub(crate) struct Hold {
    shared: Arc<Shared>,
    /// One a cluster: a frozen one holds up no other's renewal.
    tasks: Vec<JoinHandle<()>>,
}

impl Hold {
    /// Begins to renew what was taken.
    pub(super) fn begin(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        let renewing = |site: &Arc<Site>| {
            let (site, shared) = (Arc::clone(site), Arc::clone(&shared));
            tokio::spawn(async move {
                while shared.holder.lost().is_none() {
                    tokio::time::sleep(RENEW_EVERY).await;
                    drop(site.check(&shared.holder, Duration::ZERO).await);
                }
            })
        };
        let tasks = shared.sites.iter().map(renewing).collect();
        Self { shared, tasks }
    }

    /// The clusters, with nothing to change on them without the lock.
    pub(crate) fn guarded(&self, clusters: &[Watched]) -> Vec<Watched> {
        let guard = |watched: &Watched| {
            let (cluster, shared) = (watched.name.clone(), Arc::clone(&self.shared));
            let es = watched.es.through(|inner| Arc::new(Guard { inner, cluster, shared }));
            Watched { es, ..watched.clone() }
        };
        clusters.iter().map(guard).collect()
    }

    /// What is done now, for whoever reads the lock: written with the next renewal.
    pub(crate) fn note(&self, set: &str, step: &str, waits_for: &str) {
        self.shared.holder.note(set, step, waits_for);
    }

    /// Whether it was found to be lost, as far as is known without asking.
    pub(crate) fn lost(&self) -> Option<Lost> {
        self.shared.holder.lost()
    }

    /// Proves it on every cluster that answers.
    ///
    /// # Errors
    /// Where it is lost on any.
    pub(crate) async fn prove(&self) -> Result<(), Lost> {
        let sites = self.shared.sites.iter();
        let asked = sites.filter(|site| !site.has_failed(SILENT));
        join_all(asked.map(|site| site.check(&self.shared.holder, FRESH))).await;
        self.lost().map_or(Ok(()), Err)
    }

    /// The same where it matters more than a few seconds: also those that did not answer of late.
    ///
    /// # Errors
    /// Where it is lost on any.
    pub(crate) async fn prove_everywhere(&self) -> Result<(), Lost> {
        let sites = self.shared.sites.iter();
        let held = sites.filter(|site| site.standing() == Standing::Held);
        join_all(held.map(|site| site.check(&self.shared.holder, FRESH))).await;
        self.lost().map_or(Ok(()), Err)
    }

    /// The clusters on which it does not stand, each with the reason; `None` where it did not answer.
    pub(crate) fn not_held(&self) -> Vec<(String, Option<String>)> {
        let name = |site: &Site| site.watched.name.clone();
        let sites = self.shared.sites.iter();
        sites
            .filter_map(|site| match site.standing() {
                Standing::Held => None,
                Standing::Unseen => Some((name(site), None)),
                Standing::NotTaken(reason) => Some((name(site), Some(reason))),
            })
            .collect()
    }

    /// Gives it back. What cannot be removed stands still, and whoever comes next sees that.
    pub(crate) async fn release(mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
        }
        let Shared { holder, sites, .. } = &*self.shared;
        let held = sites.iter().filter(|site| site.standing() == Standing::Held);
        let asked = held.filter(|site| !site.has_failed(SILENT));
        join_all(asked.map(|site| site.give_back(holder))).await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
