//! Taking the lock: seen to be free, or its holder seen to be silent, on every cluster that
//! answers; then taken in one order, that of the clusters' UUIDs, and given back where another
//! run is faster.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::Instant;

use super::{
    hold::Hold,
    holder::Holder,
    shared::Shared,
    site::{Site, Survey, Taken},
    watch::{READ_EVERY, STILL},
    wire::Spot,
};
use crate::{model::lock::Lock, observe::Watched, record::RecordStore};

/// How long another run's lock is watched at most, where its cluster cannot always be read.
const WATCH_MAX: Duration = Duration::from_secs(20);

/// After a lock was taken from a holder that may be alive: longer than it changes anything on the
/// word of its last look at the lock.
const LETS_GO: Duration = Duration::from_secs(1);

/// What a lock is wanted for.
pub(crate) struct Wanted {
    /// One a set, without owner.
    pub locks: Vec<Lock>,
    /// The clusters on which something may be changed.
    pub clusters: Vec<Watched>,
    /// Those of them that were seen.
    pub seen: Vec<RecordStore>,
    /// The owner from whom it is taken in any case.
    pub broken: Option<String>,
}

/// The attempt to get a lock.
pub(crate) struct Contest {
    holder: Holder,
    breaks: bool,
    sites: Vec<Arc<Site>>,
}

/// Somebody else holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Locked {
    pub cluster: String,
    pub lock: Lock,
    /// It was renewed while it was watched.
    pub is_alive: bool,
    /// So long it has stood still, where it was not.
    pub still: Duration,
}

impl Contest {
    pub(crate) fn new(wanted: Wanted) -> Self {
        let Wanted { mut locks, clusters, mut seen, broken } = wanted;
        locks.sort_by(|a, b| a.set.cmp(&b.set));
        locks.dedup_by(|a, b| a.set == b.set);
        seen.sort_by(|a, b| a.uuid.cmp(&b.uuid));
        let place = |watched: &Watched| {
            let is_it =
                |store: &RecordStore| store.cluster == watched.name && !store.uuid.is_empty();
            seen.iter().position(is_it)
        };
        let mut clusters: Vec<(Option<usize>, Watched)> =
            clusters.into_iter().map(|watched| (place(&watched), watched)).collect();
        // Those that were not seen come last: they are joined when they answer.
        clusters.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
        let site = |(place, watched): (Option<usize>, Watched)| {
            Arc::new(Site::new(watched, place.map(|at| seen[at].clone())))
        };
        let sites = clusters.into_iter().map(site).collect();
        let breaks = broken.is_some();
        Self { holder: Holder::new(locks, broken.as_ref()), breaks, sites }
    }

    /// Waits until nobody else who is alive holds it: a few readings, or as long as a silent one
    /// has to be watched. `tell` hears of a lock that is watched, once.
    ///
    /// # Errors
    /// Somebody does.
    pub(crate) async fn settle(&self, tell: &mut (dyn FnMut(&Lock) + Send)) -> Result<(), Locked> {
        self.free(tell).await.map(drop)
    }

    /// Takes it. `goes_without`: the run goes on where no cluster takes it.
    ///
    /// # Errors
    /// Somebody else holds it, or was faster.
    pub(crate) async fn take(
        self,
        goes_without: bool,
        tell: &mut (dyn FnMut(&Lock) + Send),
    ) -> Result<Hold, Locked> {
        'again: loop {
            let free = self.free(tell).await?;
            for (site, spots) in self.sites.iter().zip(free) {
                let Some(spots) = spots else { continue };
                if let Taken::Conflict = site.take(&self.holder, spots).await {
                    for site in &self.sites {
                        site.give_back(&self.holder).await;
                    }
                    continue 'again;
                }
            }
            let Self { holder, breaks, sites } = self;
            let hold = Hold::begin(Shared { holder, sites, goes_without });
            if breaks {
                tokio::time::sleep(LETS_GO).await;
            }
            return Ok(hold);
        }
    }

    /// What stands on each cluster, once none of it is in the way; `None` where that is not
    /// known.
    async fn free(
        &self,
        tell: &mut (dyn FnMut(&Lock) + Send),
    ) -> Result<Vec<Option<Vec<Spot>>>, Locked> {
        let began = Instant::now();
        let mut is_told = false;
        loop {
            let (mut free, mut unproven) = (Vec::new(), None);
            let surveys = join_all(self.sites.iter().map(|site| site.survey(&self.holder))).await;
            for (site, survey) in self.sites.iter().zip(surveys) {
                let cluster = site.watched.name.clone();
                let locked = |lock, is_alive, still| Locked { cluster, lock, is_alive, still };
                match survey {
                    Survey::Free(spots) => free.push(Some(spots)),
                    Survey::Unknown(_) => free.push(None),
                    Survey::Alive(lock) => return Err(locked(lock, true, Duration::ZERO)),
                    Survey::Unproven(lock, still) => unproven = Some(locked(lock, false, still)),
                }
            }
            let Some(locked) = unproven else { return Ok(free) };
            if began.elapsed() >= WATCH_MAX.max(STILL) {
                return Err(locked);
            }
            if !is_told && locked.still >= 2 * READ_EVERY {
                is_told = true;
                tell(&locked.lock);
            }
            tokio::time::sleep(READ_EVERY).await;
        }
    }
}
