//! Waiting for sides that are needed to be seen again: nothing is done, skipped or closed on the
//! word of a look that did not see them.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::{
    es::{api::Es, error::Error},
    event::{Detail, Kind},
    model::{
        unread::Part,
        world::{Cluster, World},
    },
    observe::{Reading, observe_identities, observe_shards},
    plan::{context::Context, due::Due, due::Unseen, outline::outline, seen::Seen},
    playbook::{Role, Verb},
};

use super::{
    deadline::{Deadline, pause_after},
    look::{Absence, Look},
    runner::{Runner, SOURCE_ILL, TARGET_ILL},
    set_run::{Progress, SetRun},
    stop::{Left, Stop},
};

/// While everybody who is waited for is known to be silent and asked beside the run
/// ([`down_watch`](super::down_watch)), a whole look shows little new.
const LOOK_EVERY: Duration = Duration::from_secs(5);

impl Runner<'_> {
    /// The look that the step before has left, or one of its own.
    ///
    /// # Errors
    /// As [`Runner::observe`].
    pub(super) async fn look(&self, progress: &mut Progress) -> Result<Look, Stop> {
        match progress.look.take().filter(Look::is_fresh) {
            Some(look) => Ok(look),
            None => Ok(Look { taken: Instant::now(), world: self.observe().await? }),
        }
    }

    /// Waits a moment for sides to be seen again, within a step's own time for it.
    ///
    /// # Errors
    /// [`Stop::Unseen`] once one of them has been out of sight for too long.
    pub(super) async fn await_sight(
        &mut self,
        unseen: Vec<Unseen>,
        within: Duration,
        absence: &mut Absence,
    ) -> Result<(), Stop> {
        self.check_interrupt()?;
        if absence.0.is_none() {
            self.tell_unseen(&unseen)?;
        }
        let since = *absence.0.get_or_insert_with(Instant::now);
        let patience = unseen.iter().map(patience).min().unwrap_or_default().min(within);
        let left = patience.saturating_sub(since.elapsed());
        if left.is_zero() {
            return Err(Stop::Unseen { unseen });
        }
        let look_again = Instant::now() + left.min(LOOK_EVERY);
        loop {
            tokio::time::sleep(pause_after(since.elapsed())).await;
            self.check_interrupt()?;
            let silent = self.silent();
            if Instant::now() >= look_again || unseen.iter().any(|it| !silent.holds(&it.cluster)) {
                return Ok(());
            }
        }
    }

    /// A look at which this cluster and these parts of it are seen.
    ///
    /// # Errors
    /// [`Stop::Unseen`] where it stays out of sight.
    pub(super) async fn observe_side(
        &mut self,
        (cluster, role): (&str, Role),
        parts: &[Part],
        within: Duration,
        absence: &mut Absence,
    ) -> Result<World, Stop> {
        loop {
            let world = self.observe().await?;
            let Some(why) = world.unseen(cluster, parts) else {
                absence.end();
                return Ok(world);
            };
            let unseen = Unseen { role, cluster: cluster.to_owned(), why };
            self.await_sight(vec![unseen], within, absence).await?;
        }
    }

    /// What a cluster has answered, be it a refusal. `None` where it did not: a moment later it is to
    /// be asked again.
    ///
    /// # Errors
    /// [`Stop::Unseen`] once it has been out of sight for too long.
    pub(super) async fn answered<T>(
        &mut self,
        (es, role): (&Es, Role),
        answer: Result<T, Error>,
        within: Duration,
        absence: &mut Absence,
    ) -> Result<Option<Result<T, Error>>, Stop> {
        match answer {
            Err(error) if error.is_unanswered() => {
                let cluster = es.name().to_owned();
                let unseen = Unseen { role, cluster, why: error.to_string() };
                self.await_sight(vec![unseen], within, absence).await?;
                Ok(None)
            }
            answer => {
                absence.end();
                Ok(Some(answer))
            }
        }
    }

    /// The checkpoints of these indices, those that can be read; as [`Runner::answered`].
    pub(super) async fn read_shards(
        &mut self,
        on: (&Es, Role),
        names: &[String],
        within: Duration,
        absence: &mut Absence,
    ) -> Result<Option<BTreeMap<String, Reading>>, Stop> {
        let answer = observe_shards(on.0, names).await;
        Ok(self.answered(on, answer, within, absence).await?.map(Result::unwrap_or_default))
    }

    /// Reads the checkpoints of these indices until `judge` finds what is waited for in them, and not
    /// what is left of it.
    ///
    /// # Errors
    /// The deadline, naming what is left; [`Stop::Unseen`] where the cluster stays out of sight; an
    /// interrupt, outside of a batch.
    pub(super) async fn until_shards<T>(
        &mut self,
        on: (&Es, Role),
        names: &[String],
        deadline: &Deadline,
        mut judge: impl FnMut(&BTreeMap<String, Reading>) -> Result<T, Vec<Left>>,
    ) -> Result<T, Stop> {
        let mut absence = Absence::default();
        loop {
            let read = self.read_shards(on, names, deadline.within(), &mut absence).await?;
            let Some(readings) = read else { continue };
            match judge(&readings) {
                Ok(found) => return Ok(found),
                Err(left) => {
                    self.pause(deadline, || left).await?;
                }
            }
        }
    }

    fn tell_unseen(&mut self, unseen: &[Unseen]) -> Result<(), Stop> {
        for side in unseen {
            let problem = Stop::Unseen { unseen: vec![side.clone()] }.problem(&side.cluster);
            let detail = Detail::Note { problem: problem.warning() };
            self.event(Kind::Waiting, &side.cluster, Vec::new(), detail)?;
        }
        Ok(())
    }

    /// Looks until every side that a step speaks of is seen.
    ///
    /// # Errors
    /// [`Stop::Unseen`] where one stays out of sight.
    pub(super) async fn observe_for(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
    ) -> Result<World, Stop> {
        let step = &set_run.request.playbook.steps[at];
        let within = step.within.unwrap_or(TARGET_ILL);
        let of_step = |context: &Context<'_>, seen: &Seen<'_>| {
            let observed: Vec<_> = seen.subjects.iter().map(|subject| subject.pair).collect();
            context.unseen(at, seen, &observed)
        };
        let mut progress = Progress::default();
        let mut world = self.until_seen(set_run, within, &mut progress, &of_step).await?;
        if step.verb() == Verb::Remote {
            observe_identities(self.clusters, &mut world).await;
        }
        Ok(world)
    }

    /// Looks until every side that any of the steps speaks of is seen: only such a look can say
    /// how a run has ended.
    ///
    /// # Errors
    /// [`Stop::Unseen`] where one stays out of sight.
    pub(super) async fn observe_for_all(
        &mut self,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
    ) -> Result<World, Stop> {
        let of_all = |context: &Context<'_>, seen: &Seen<'_>| {
            once(outline(context, seen).into_iter().flat_map(|due| due.unseen))
        };
        self.until_seen(set_run, TARGET_ILL, progress, &of_all).await
    }

    async fn until_seen(
        &mut self,
        set_run: &SetRun<'_>,
        within: Duration,
        progress: &mut Progress,
        unseen: &(dyn Fn(&Context<'_>, &Seen<'_>) -> Vec<Unseen> + Send + Sync),
    ) -> Result<World, Stop> {
        let topology = self.topology;
        loop {
            let Look { world, .. } = self.look(progress).await?;
            let left = {
                let context = set_run.context(topology, &world);
                unseen(&context, &context.see())
            };
            if left.is_empty() {
                progress.absence.end();
                return Ok(world);
            }
            self.await_sight(left, within, &mut progress.absence).await?;
        }
    }
}

/// What must be seen before a step is judged: of a gate also what the goal after it speaks of.
pub(super) fn needed(set_run: &SetRun<'_>, at: usize, dues: &[Due]) -> Vec<Unseen> {
    let steps = &set_run.request.playbook.steps;
    let guarded = steps[at].is_gate().then(|| {
        let later = (at + 1..steps.len()).find(|&later| !steps[later].is_gate());
        later.map(|later| dues[later].unseen.clone()).unwrap_or_default()
    });
    once(dues[at].unseen.iter().cloned().chain(guarded.unwrap_or_default()))
}

/// The side that takes over was seen.
pub(super) fn sees_target(set_run: &SetRun<'_>, world: &World) -> bool {
    world.clusters.get(&set_run.switch.target).is_some_and(Cluster::is_ok)
}

fn once(unseen: impl Iterator<Item = Unseen>) -> Vec<Unseen> {
    let mut each: Vec<Unseen> = Vec::new();
    for side in unseen {
        if !each.iter().any(|known| known.cluster == side.cluster) {
            each.push(side);
        }
    }
    each
}

/// Waiting for a leader costs its writers time; without the side that takes over there is nothing
/// else to be done.
fn patience(unseen: &Unseen) -> Duration {
    match unseen.role {
        Role::Source => SOURCE_ILL,
        Role::Target => TARGET_ILL,
    }
}
