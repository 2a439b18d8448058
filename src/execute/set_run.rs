//! What stays the same while a set's steps run, and how far they have come.

use std::collections::BTreeSet;

use crate::{
    model::{lineage::Entry, membership::Scope, missed::Missed, topology::SetSpec, world::World},
    plan::{Switch, context::Context, request::PlanRequest},
};

use super::{
    deadline::Deadline,
    look::{Absence, Look},
};

/// How far one set's run has come, for whoever has to clean up after it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The entry that this run writes.
    pub entry: Option<Entry>,
    /// An unfollow may have happened: there is only forward.
    pub past_no_return: bool,
    /// Something on a cluster was changed, the record aside.
    pub changed: bool,
    /// Writers let in again on the new leader, in milliseconds since 1970 UTC.
    pub writable_ms: Option<i64>,
    pub redirected_ms: Option<i64>,
    /// Steps that were tried again for a leader that came back, each with the step at which.
    pub gave_up: BTreeSet<(usize, usize)>,
    /// The drain used up its time and was waived: the later steps do not wait for it again.
    pub drain_ran_out: bool,
    /// The fence could not be set: what would be drained behind it proves nothing.
    pub is_unfenced: bool,
    /// The source answers and took no write block in the whole time for it: whenever it is
    /// tried again, that is short.
    pub took_no_fence: bool,
    /// How long what other programs have begun is waited for.
    pub(super) others: Option<Deadline>,
    /// Since when sides that are needed have not been seen.
    pub(super) absence: Absence,
    /// The last look, while nothing was sent after it.
    pub(super) look: Option<Look>,
    /// What readers were without, of copies that are whole again.
    pub missed: Vec<Missed>,
    /// What failed and stops nothing: it is told at the end.
    pub problems: Vec<crate::model::problem::Problem>,
}

/// Everything that stays the same while a set's steps run.
pub(crate) struct SetRun<'c> {
    pub switch: &'c Switch,
    pub set: &'c SetSpec,
    pub request: &'c PlanRequest,
    /// It is the run that gives itself up, and knows what it has done.
    pub by_itself: bool,
    /// When everything before the line of no return must be over.
    pub within: Option<tokio::time::Instant>,
}

impl<'c> SetRun<'c> {
    /// The source may be left behind.
    pub(crate) fn is_forced(&self) -> bool {
        self.request.is_forced()
    }

    /// What is asked of a world.
    pub(crate) fn context<'w>(
        &'w self,
        stage_topology: &'w crate::model::topology::Topology,
        world: &'w World,
    ) -> Context<'w>
    where
        'c: 'w,
    {
        let scope = Scope {
            world,
            set: self.set,
            source: &self.switch.source,
            target: &self.switch.target,
            only: &self.request.only,
        };
        let by_itself = self.by_itself;
        Context { by_itself, ..Context::of(scope, stage_topology, self.request) }
    }
}

/// Where the walk through the steps goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Walk {
    /// The same step once more: the world is another one.
    Again,
    On,
}
