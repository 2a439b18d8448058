//! What every step of one set's run needs: the clusters, the journal, the record.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use tokio::time::Instant;

use crate::{
    clock::now_ms,
    es::{api::Es, error::Error, transport::Request},
    event::{Detail, Event, Kind},
    journal::Journal,
    model::{
        lineage::Entry,
        membership::Scope,
        topology::Topology,
        world::{Cluster, Refusal, World},
    },
    observe::{Watched, observe_but},
    plan::{Plan, declared_leader, forked},
    playbook,
    record::{Record, lock::Hold},
};

use super::{
    deadline::Deadline,
    down_watch::Silent,
    look::Look,
    set_run::{Progress, SetRun},
    stop::{Left, Stop},
};

/// How long an ill cluster may take to be well again before a step, on each side.
pub(super) const TARGET_ILL: Duration = Duration::from_secs(30);
pub(super) const SOURCE_ILL: Duration = Duration::from_secs(10);

/// Ctrl-C so far: once stops at the next safe point, twice at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupts(Arc<AtomicUsize>);

impl Interrupts {
    /// One more.
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Whether there was any.
    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

/// Everything a run holds on to.
pub(crate) struct Runner<'a> {
    pub topology: &'a Topology,
    pub clusters: &'a [Watched],
    pub record: &'a Record,
    /// The lock of the plan's sets; the clusters above take no change without it.
    pub lock: &'a Hold,
    pub journal: Journal,
    pub plan: &'a Plan,
    pub interrupts: Interrupts,
    /// Gates that a person has passed by name.
    pub confirmed: Vec<String>,
    /// A person was asked before the run, and is asked again before a switch that comes only
    /// after copies were made: that may be hours later.
    pub asks_again: bool,
    /// Asks a person who is there; a gate that nobody passes stops the run.
    pub ask: &'a mut (dyn FnMut(&str, &str) -> bool + Send),
    /// Who is told of each event, after it is journalled.
    pub tell: &'a mut (dyn FnMut(&Event) + Send),
    /// Folder of the salvage; each run has its own in it.
    pub salvage_dir: &'a Path,
    /// Who does not answer, and is not asked at each look.
    pub silent: Mutex<Silent>,
    /// Set and step of the events that follow.
    pub set: String,
    pub step: String,
}

impl Runner<'_> {
    /// Journals an event and tells it.
    ///
    /// # Errors
    /// Where the journal cannot be written: nothing more may be changed then.
    pub(crate) fn event(
        &mut self,
        kind: Kind,
        cluster: &str,
        indices: Vec<String>,
        detail: Detail,
    ) -> Result<(), Stop> {
        let repeats = self.take_repeats();
        // Those before a run begins are not of it.
        for (name, reads) in repeats.into_iter().filter(|_| kind != Kind::Plan) {
            self.note(Kind::Waiting, &name, Vec::new(), Detail::Repeated { reads })?;
        }
        let event = self.note(kind, cluster, indices, detail)?;
        self.note_lock(&event);
        Ok(())
    }

    /// What each cluster has been asked again since the last event.
    fn take_repeats(&self) -> Vec<(String, Vec<String>)> {
        let taken = self.clusters.iter().map(|it| (it.name.clone(), it.es.take_repeats()));
        taken.filter(|(_, reads)| !reads.is_empty()).collect()
    }

    fn note(
        &mut self,
        kind: Kind,
        cluster: &str,
        indices: Vec<String>,
        detail: Detail,
    ) -> Result<Event, Stop> {
        let event = Event {
            at_ms: now_ms(),
            run: self.plan.request.run.clone(),
            set: self.set.clone(),
            step: self.step.clone(),
            cluster: cluster.to_owned(),
            indices,
            kind,
            detail,
        };
        self.journal.event(&event)?;
        (self.tell)(&event);
        Ok(event)
    }

    /// The connection to a cluster.
    pub(crate) fn es(&self, cluster: &str) -> Result<&Es, Stop> {
        self.clusters
            .iter()
            .find(|watched| watched.name == cluster)
            .map(|watched| &watched.es)
            .ok_or_else(|| Stop::Drift { detail: format!("cluster {cluster} is not in the file") })
    }

    /// Looks at everything, the record included.
    ///
    /// # Errors
    /// Where the local record cannot be read.
    pub(crate) async fn observe(&self) -> Result<World, Stop> {
        self.refuse_if_lost()?;
        let reasons = self.silent().reasons();
        let mut world = observe_but(self.clusters, &reasons).await;
        self.silent().note(&world, self.clusters);
        world.lineage = self.record.read(&world, self.clusters).await?;
        self.take_declared_leader(&mut world);
        Ok(world)
    }

    /// Where the operator names the side that goes, that counts as long as no record says more.
    fn take_declared_leader(&self, world: &mut World) {
        let Some(discard) = &self.plan.request.discard else { return };
        for switch in self.plan.switches.iter().filter(|switch| switch.target == *discard) {
            let set = self.topology.set_or_direction(&switch.set);
            let scope =
                Scope { world, set: &set, source: discard, target: &switch.source, only: &[] };
            if let Some(entry) = declared_leader::entry(scope) {
                // A switch of this run has an entry of its own.
                let run = format!("{}-word", self.plan.request.run);
                let operator = self.plan.operator.clone();
                world.lineage.push(Entry { run, operator, ..entry });
            }
        }
    }

    /// The same, again for a while where a cluster that is needed answers and is ill: a busy
    /// server's 429, an election. What such a cluster does not tell is no reason to act.
    ///
    /// # Errors
    /// Where the target has no whole answer in thirty seconds, and where the set's record is forked.
    pub(super) async fn observe_well(
        &self,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
    ) -> Result<Look, Stop> {
        let deadline = Deadline::new("a whole answer of the standby", TARGET_ILL);
        let goes_without =
            set_run.is_forced() || set_run.request.playbook.kind == playbook::Kind::BidiFailover;
        let patience = Instant::now() + if goes_without { Duration::ZERO } else { SOURCE_ILL };
        loop {
            let look = self.look(progress).await?;
            let world = &look.world;
            let is_ill = |name: &str| world.clusters.get(name).is_some_and(is_passing);
            let (source, target) = (&set_run.switch.source, &set_run.switch.target);
            let is_late = Instant::now() >= patience;
            if !is_ill(target) && (is_late || !is_ill(source)) {
                // Another run may have moved the lead meanwhile, without knowing of this one.
                return match forked::reason(world, &set_run.set.name) {
                    Some(reason) => Err(Stop::Blocked { reasons: vec![reason] }),
                    None => Ok(look),
                };
            }
            self.pause(&deadline, || ill(world, target)).await?;
        }
    }

    /// Who does not answer at present.
    pub(super) fn silent(&self) -> MutexGuard<'_, Silent> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends requests side by side, bounded, and returns what came back, in no order.
    pub(crate) async fn send_all(
        &self,
        es: &Es,
        requests: Vec<(String, Request)>,
    ) -> Vec<(String, Result<serde_json::Value, Error>)> {
        futures_util::stream::iter(requests)
            .map(|(name, request)| async move { (name, es.send(request).await) })
            .buffer_unordered(self.topology.concurrency.max(1))
            .collect()
            .await
    }

    /// Waits a moment before the next look or try: every wait with a deadline goes through here.
    ///
    /// # Errors
    /// That the lock is lost; an interrupt, unless the wait is one to be left to its end;
    /// [`Stop::Deadline`] once the time is over.
    pub(super) async fn pause(
        &self,
        deadline: &Deadline,
        left: impl FnOnce() -> Vec<Left>,
    ) -> Result<(), Stop> {
        let may_go_on = || {
            if deadline.heeds_interrupt() { self.check_interrupt() } else { self.refuse_if_lost() }
        };
        may_go_on()?;
        deadline.pause(left).await?;
        may_go_on()
    }

    /// Stops at a safe point where the operator asked for it.
    pub(crate) fn check_interrupt(&self) -> Result<(), Stop> {
        self.refuse_if_lost()?;
        if self.interrupts.any() { Err(Stop::Interrupted) } else { Ok(()) }
    }
}

/// What may be over in a moment: it is ill, or something in between answered for it.
fn is_passing(cluster: &Cluster) -> bool {
    let is_odd = matches!(cluster, Cluster::Refused { reason: Refusal::NotElasticsearch { .. } });
    is_odd || matches!(cluster, Cluster::Ill { .. })
}

fn ill(world: &World, cluster: &str) -> Vec<Left> {
    let why = match world.clusters.get(cluster) {
        Some(Cluster::Ill { reason, .. }) => reason.clone(),
        Some(Cluster::Refused { reason }) => reason.to_string(),
        _ => String::new(),
    };
    vec![Left { index: cluster.to_owned(), shard: None, lag_ops: None, why }]
}
