//! What decides a set's part of a plan.

use super::{measured::Measured, request::PlanRequest};
use crate::{
    model::{membership::Scope, topology::Topology, world::Cluster},
    playbook::{Kind, Playbook},
};

/// Everything that decides what is left to do for one set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub scope: Scope<'a>,
    pub topology: &'a Topology,
    pub request: &'a PlanRequest,
    pub measured: &'a Measured,
    /// It is the run that gives itself up, and knows what it has done.
    pub by_itself: bool,
}

impl<'a> Context<'a> {
    /// With nothing measured beside what is seen.
    pub(crate) fn of(scope: Scope<'a>, topology: &'a Topology, request: &'a PlanRequest) -> Self {
        Self { scope, topology, request, measured: Measured::NOTHING, by_itself: false }
    }

    /// What is to be carried out.
    pub(crate) fn playbook(&self) -> &'a Playbook {
        &self.request.playbook
    }

    /// What it is for.
    pub(crate) fn kind(&self) -> Kind {
        self.request.playbook.kind
    }

    /// The source may be left behind: the playbook says that loss is accepted, and so does
    /// the operator.
    pub(crate) fn is_forced(&self) -> bool {
        self.request.is_forced()
    }

    /// Whether a switch is taken back without its target, which does not answer: that nothing was
    /// unfollowed there is shown, or is the operator's word.
    pub(crate) fn leaves_target(&self) -> bool {
        self.request.undo
            && self.request.consent.leader_is_fenced
            && matches!(
                self.scope.world.clusters.get(self.scope.target),
                Some(Cluster::Unreachable { .. })
            )
    }

    /// Whether the playbook moves the lead, which opens an entry of the record.
    pub(crate) fn is_switch(&self) -> bool {
        self.kind().moves_lead()
    }
}
