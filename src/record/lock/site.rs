//! The locks of a run on one of its clusters.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use futures_util::future::join_all;
use tokio::{sync, time::Instant};

use super::{
    holder::{Holder, Lost, held},
    watch::{READ_EVERY, Verdict, Watch},
    wire::{self, Failed, Found, Spot, Stamp},
};
use crate::{
    es::error::Error,
    model::{
        lock::Lock,
        world::{Cluster, World},
    },
    observe::{Watched, observe_cluster},
    record::{RecordStore, record_stores},
};

/// A cluster of a run.
pub(super) struct Site {
    pub(super) watched: Watched,
    state: sync::Mutex<State>,
    glance: Mutex<Glance>,
}

struct State {
    /// Where the documents are; `None` until the cluster was seen.
    store: Option<RecordStore>,
    stamps: BTreeMap<String, Stamp>,
    watch: Watch,
}

/// What can be known without waiting for a request that is under way.
#[derive(Clone, Debug, Default)]
struct Glance {
    standing: Standing,
    /// When the renewal that proved it last was sent.
    verified_at: Option<Instant>,
    failed_at: Option<Instant>,
}

/// Whether a run's locks stand on a cluster.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) enum Standing {
    /// The cluster was not seen yet, or not asked.
    #[default]
    Unseen,
    /// It answers and takes no lock.
    NotTaken(String),
    Held,
}

/// What a cluster says of the locks now.
#[derive(Clone, Debug)]
pub(super) enum Check {
    Verified,
    /// Nothing came back.
    Unanswered(String),
    /// It answers, and the locks can be neither written nor read there.
    Unreadable(String),
    Lost,
}

/// What stands on a cluster before the locks are taken there.
pub(super) enum Survey {
    /// Nothing that is in the way.
    Free(Vec<Spot>),
    /// Somebody else's, and the holder is alive.
    Alive(Lock),
    /// Somebody else's, which has stood still for so long.
    Unproven(Lock, Duration),
    Unknown(Check),
}

/// How taking them ended.
pub(super) enum Taken {
    All,
    /// Somebody was faster.
    Conflict,
    Not(Check),
}

impl Site {
    pub(super) fn new(watched: Watched, store: Option<RecordStore>) -> Self {
        let state = State { store, stamps: BTreeMap::new(), watch: Watch::default() };
        Self { watched, state: sync::Mutex::new(state), glance: Mutex::default() }
    }

    pub(super) fn standing(&self) -> Standing {
        held(&self.glance).standing.clone()
    }

    /// Proved by a renewal that was sent not longer ago.
    pub(super) fn is_fresh(&self, at_most: Duration) -> bool {
        let glance = held(&self.glance);
        let is_held = glance.standing == Standing::Held;
        is_held && glance.verified_at.is_some_and(|at| at.elapsed() < at_most)
    }

    /// It could not be proved when that was tried last, not longer ago.
    pub(super) fn has_failed(&self, at_most: Duration) -> bool {
        held(&self.glance).failed_at.is_some_and(|at| at.elapsed() < at_most)
    }

    /// Renews the locks, or takes them where they do not stand yet. One that was proved not
    /// longer than `fresh` ago is not asked for again.
    pub(super) async fn check(&self, holder: &Holder, fresh: Duration) -> Check {
        let mut state = self.state.lock().await;
        if self.is_fresh(fresh) {
            return Check::Verified;
        }
        let began = Instant::now();
        let check = match self.standing() {
            Standing::Held => renew(&self.watched.name, &mut state, holder).await,
            Standing::Unseen | Standing::NotTaken(_) => self.join(&mut state, holder).await,
        };
        self.note(&check, began);
        check
    }

    /// Looks at what stands there, once.
    pub(super) async fn survey(&self, holder: &Holder) -> Survey {
        let mut state = self.state.lock().await;
        let began = Instant::now();
        let survey = survey(&self.watched.name, &mut state, holder).await;
        if let Survey::Unknown(check) = &survey {
            self.note(check, began);
        }
        survey
    }

    /// Takes what a survey has shown to be free.
    pub(super) async fn take(&self, holder: &Holder, found: Vec<Spot>) -> Taken {
        let mut state = self.state.lock().await;
        let began = Instant::now();
        let taken = take(&mut state, holder, found).await;
        match &taken {
            Taken::All => self.note(&Check::Verified, began),
            Taken::Not(check) => self.note(check, began),
            Taken::Conflict => {}
        }
        taken
    }

    /// Removes what was taken there. What cannot be removed stands still from now on.
    pub(super) async fn give_back(&self, holder: &Holder) {
        let mut state = self.state.lock().await;
        give_back(&mut state, holder).await;
        held(&self.glance).standing = Standing::Unseen;
    }

    /// A cluster that was not there at the beginning, or took no lock then.
    async fn join(&self, state: &mut State, holder: &Holder) -> Check {
        if state.store.is_none() {
            state.store = find(&self.watched).await;
        }
        let name = &self.watched.name;
        loop {
            match survey(name, state, holder).await {
                Survey::Unknown(check) => return check,
                Survey::Alive(lock) => return lost(holder, name, &lock.set.clone(), Some(lock)),
                Survey::Unproven(..) => tokio::time::sleep(READ_EVERY).await,
                Survey::Free(found) => match take(state, holder, found).await {
                    Taken::All => return Check::Verified,
                    Taken::Not(check) => return check,
                    // Another run has it since this moment.
                    Taken::Conflict => {}
                },
            }
        }
    }

    fn note(&self, check: &Check, began: Instant) {
        let mut glance = held(&self.glance);
        match check {
            Check::Verified => {
                *glance =
                    Glance { standing: Standing::Held, verified_at: Some(began), failed_at: None };
            }
            Check::Unreadable(reason) if glance.standing != Standing::Held => {
                glance.standing = Standing::NotTaken(reason.clone());
                glance.failed_at = Some(Instant::now());
            }
            _ => glance.failed_at = Some(Instant::now()),
        }
    }
}

/// The documents of a cluster that was not seen until now.
async fn find(watched: &Watched) -> Option<RecordStore> {
    let cluster: Cluster = observe_cluster(watched).await;
    let mut world = World::default();
    world.clusters.insert(watched.name.clone(), cluster);
    let found = record_stores(&world, std::slice::from_ref(watched)).into_iter().next()?;
    (!found.uuid.is_empty()).then_some(found)
}

async fn survey(name: &str, state: &mut State, holder: &Holder) -> Survey {
    let Some(store) = state.store.clone() else {
        return Survey::Unknown(Check::Unanswered(format!("{name} does not answer")));
    };
    let sets = holder.sets();
    let read = join_all(sets.iter().map(|set| wire::read(&store, set))).await;
    let (mut all, mut unproven, now) = (Vec::new(), None, Instant::now());
    for spot in read {
        let spot = match spot {
            Ok(spot) => spot,
            Err(error) => return Survey::Unknown(failure(&error)),
        };
        let others = spot.found().filter(|found| found.lock.owner != holder.owner);
        if let Some(Found { lock, .. }) = others {
            match holder.judge(&mut state.watch, name, lock, now) {
                Verdict::Alive => return Survey::Alive(lock.clone()),
                Verdict::Unproven(still) => unproven = Some((lock.clone(), still)),
                Verdict::Silent => {}
            }
        }
        all.push(spot);
    }
    match unproven {
        Some((lock, still)) => Survey::Unproven(lock, still),
        None => Survey::Free(all),
    }
}

async fn take(state: &mut State, holder: &Holder, spots: Vec<Spot>) -> Taken {
    let Some(store) = state.store.clone() else {
        return Taken::Not(Check::Unanswered(String::new()));
    };
    for (set, spot) in holder.sets().into_iter().zip(spots) {
        match wire::take(&store, &holder.next(&set), &spot).await {
            Ok(stamp) => drop(state.stamps.insert(set, stamp)),
            Err(failed) => match own(&store, &set, holder, failed).await {
                // It had worked, and its answer was lost.
                Ok(stamp) => drop(state.stamps.insert(set, stamp)),
                Err(failed) => {
                    give_back(state, holder).await;
                    return match failed {
                        Failed::Conflict => Taken::Conflict,
                        Failed::Call(error) => Taken::Not(failure(&error)),
                    };
                }
            },
        }
        if let Some(found) = spot.found().filter(|found| found.lock.owner != holder.owner) {
            holder.beat(&found.lock.owner);
        }
    }
    Taken::All
}

/// A writing that was refused or not answered may have worked all the same.
async fn own(
    store: &RecordStore,
    set: &str,
    holder: &Holder,
    failed: Failed,
) -> Result<Stamp, Failed> {
    match wire::read(store, set).await {
        Ok(Spot::Taken(found)) if found.lock.owner == holder.owner => Ok(found.stamp),
        Ok(Spot::Taken(_)) => Err(Failed::Conflict),
        Ok(Spot::NoIndex | Spot::Free) | Err(_) => Err(failed),
    }
}

async fn renew(name: &str, state: &mut State, holder: &Holder) -> Check {
    let Some(store) = state.store.clone() else {
        return Check::Unanswered(format!("{name} does not answer"));
    };
    let sets = holder.sets();
    let stamps = &state.stamps;
    let one = async |set: &String| {
        let stamp = stamps.get(set).copied().unwrap_or_default();
        let failed = match wire::replace(&store, &holder.next(set), stamp).await {
            Ok(stamp) => return Ok(stamp),
            Err(failed) => failed,
        };
        // Whatever was answered: what stands there decides.
        match wire::read(&store, set).await {
            Ok(Spot::Taken(found)) if found.lock.owner != holder.owner => {
                Err(lost(holder, name, set, Some(found.lock)))
            }
            Ok(Spot::Taken(found)) if matches!(failed, Failed::Conflict) => {
                // A renewal whose answer was lost; this one counts.
                let again = wire::replace(&store, &holder.next(set), found.stamp).await;
                Ok(again.unwrap_or(found.stamp))
            }
            Ok(Spot::Taken(found)) => Ok(found.stamp),
            Ok(Spot::NoIndex | Spot::Free) => Err(lost(holder, name, set, None)),
            Err(error) => Err(failure(&error)),
        }
    };
    let renewed = join_all(sets.iter().map(one)).await;
    let mut check = Check::Verified;
    for (set, renewed) in sets.into_iter().zip(renewed) {
        match renewed {
            Ok(stamp) => drop(state.stamps.insert(set, stamp)),
            Err(Check::Lost) => return Check::Lost,
            Err(failed) => check = failed,
        }
    }
    check
}

async fn give_back(state: &mut State, holder: &Holder) {
    let Some(store) = state.store.clone() else { return };
    let stamps = std::mem::take(&mut state.stamps);
    join_all(stamps.into_iter().map(|(set, stamp)| {
        let store = &store;
        async move {
            if let Err(Failed::Conflict) = wire::remove(store, &set, stamp).await
                && let Ok(stamp) = own(store, &set, holder, Failed::Conflict).await
            {
                // Where it fails again it stands still, and whoever comes next waits for that.
                drop(wire::remove(store, &set, stamp).await);
            }
        }
    }))
    .await;
}

fn lost(holder: &Holder, cluster: &str, set: &str, by: Option<Lock>) -> Check {
    let by = by.map(Box::new);
    holder.lose(Lost { cluster: cluster.to_owned(), set: set.to_owned(), by });
    Check::Lost
}

fn failure(error: &Error) -> Check {
    if error.is_unanswered() {
        Check::Unanswered(error.to_string())
    } else {
        Check::Unreadable(error.to_string())
    }
}
