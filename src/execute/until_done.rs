//! The calls of a step, repeated until a look finds nothing left to call for.

use tokio::time::Instant;

use crate::{event::Kind, plan::action::Action, playbook::Verb};

use super::{
    copy_progress::Copying,
    deadline::Deadline,
    look::Look,
    lost_copies::{LostCopies, lost_copy},
    runner::Runner,
    send::{Order, Refused, not_seen},
    set_run::SetRun,
    stop::Stop,
};

impl Runner<'_> {
    /// Sends the calls of a step, and looks until nothing is due and no copy is under way; what is
    /// still due is sent again. Returns the last look.
    ///
    /// # Errors
    /// [`Stop::Call`] for a refusal that a repeat cannot mend, while its call is still due;
    /// [`Stop::Blocked`]; [`Stop::Deadline`] naming what has not shown.
    pub(super) async fn until_done(
        &mut self,
        (set_run, at): (&SetRun<'_>, usize),
        actions: &[Action],
        order: Order,
        deadline: Deadline,
    ) -> Result<Look, Stop> {
        let step = &set_run.request.playbook.steps[at];
        let seeds = step.verb() == Verb::Seed;
        let mut copying = Copying::default();
        let mut lost = LostCopies::default();
        let mut actions = actions.to_vec();
        loop {
            let refused = self.send_in(order, &actions).await?;
            let taken = Instant::now();
            let mut world = self.observe_for(set_run, at).await?;
            for (cluster, name) in lost.note(&mut world, &actions, &refused) {
                let detail = lost_copy(&cluster, &name);
                self.event(Kind::Waiting, &cluster, vec![name], detail)?;
            }
            let topology = self.topology;
            let context = set_run.context(topology, &world);
            let seen = context.see();
            let due = context.due_now(at, &seen);
            let is_due =
                |it: &&Refused| it.stays() && due.actions.iter().any(|action| it.is_of(action));
            if let Some(refused) = refused.iter().find(is_due) {
                return Err(Stop::Call(refused.error.clone()));
            }
            if !due.reasons.is_empty() {
                return Err(Stop::Blocked { reasons: due.reasons });
            }
            let mut copies = seen.subjects.iter().filter_map(|subject| subject.target);
            if due.actions.is_empty() && !(seeds && copies.any(|index| index.restoring)) {
                return Ok(Look { world, taken });
            }
            if let Some(on) = step.on.filter(|_| seeds)
                && let Some(detail) = copying.look(on, &seen.subjects)
            {
                self.event(Kind::Waiting, context.cluster(on), Vec::new(), detail)?;
            }
            actions = due.actions;
            self.pause(&deadline, || actions.iter().map(not_seen).collect()).await?;
        }
    }
}
