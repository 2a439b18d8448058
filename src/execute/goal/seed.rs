//! Following: new copies, and followers that were paused.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

use crate::{
    es::error::Error,
    event::Kind,
    plan::{
        action::Action,
        assemble::subject_lag,
        context::Context,
        reason::{Code, Reason},
        subject::Subject,
    },
    playbook::{Role, Verb},
};

use super::{
    copy_progress::Copying,
    lost_copies::{LostCopies, lost_copy},
};
use crate::execute::{
    deadline::Deadline,
    look::Look,
    runner::Runner,
    send::{
        CLOSE, DELETE, FOLLOW, GOING_ON, IsKind, LOOSEN, OPEN, PAUSE, PLACEHOLDER, RESUME,
        is_final, not_seen,
    },
    set_run::SetRun,
    stop::{Left, Stop},
};

/// What a copy needs to follow, in the order in which it is sent.
const FOLLOWING: [IsKind; 8] = [PLACEHOLDER, LOOSEN, OPEN, PAUSE, CLOSE, RESUME, FOLLOW, DELETE];

/// What the drain behind the fence does in no time.
const NEARLY_ALL: u64 = 1_000;

impl Runner<'_> {
    /// Sends what each index still needs to follow, verb by verb, and looks until all do. Returns
    /// the last look.
    pub(in crate::execute) async fn follow(
        &mut self,
        at: usize,
        actions: &[Action],
        set_run: &SetRun<'_>,
        within: Duration,
    ) -> Result<Look, Stop> {
        let deadline = Deadline::new("following", within);
        let mut copying = Copying::default();
        let mut lost = LostCopies::default();
        let mut actions = actions.to_vec();
        loop {
            let mut refused = Vec::new();
            for kind in FOLLOWING {
                let answers = self.send_kind(kind, &actions).await?;
                refused.extend(answers.into_iter().map(|(name, error)| (kind, name, error)));
            }
            let taken = Instant::now();
            let mut world = self.observe_for(set_run, at).await?;
            for (cluster, name) in lost.note(&mut world, &actions, &refused) {
                self.event(
                    Kind::Waiting,
                    &cluster,
                    vec![name.clone()],
                    lost_copy(&cluster, &name),
                )?;
            }
            let topology = self.topology;
            let context = set_run.context(topology, &world);
            let seen = context.see();
            let due = context.due_now(at, &seen);
            let is_copying = seen.subjects.iter().filter_map(|s| s.target).any(|i| i.restoring);
            if due.actions.is_empty() && due.reasons.is_empty() && !is_copying {
                return Ok(Look { world, taken });
            }
            // A refusal that a repeat cannot mend is told at once, if the call is still the next.
            let is_due = |kind: IsKind, name: &String| {
                due.actions.iter().any(|action| kind(action) && action.key().2 == name)
            };
            let stays = |error: &Error| is_final(error) && !error.has_no_copy();
            let mut finals = refused.iter().filter(|(_, _, error)| stays(error));
            if let Some((_, _, error)) = finals.find(|(kind, name, _)| is_due(*kind, name)) {
                return Err(Stop::Call(error.clone()));
            }
            if !due.reasons.is_empty() {
                return Err(Stop::Blocked { reasons: due.reasons });
            }
            self.check_interrupt()?;
            let step = &set_run.request.playbook.steps[at];
            if step.verb() == Verb::Seed
                && let Some(on) = step.on
                && let Some(detail) = copying.look(on, &seen.subjects)
            {
                self.event(Kind::Waiting, context.cluster(on), Vec::new(), detail)?;
            }
            actions = due.actions;
            deadline.pause(|| actions.iter().map(not_seen).collect()).await?;
        }
    }

    /// Gets followers going that were paused, closed or had stopped for good, each once, and
    /// waits until they have read nearly all there is. Returns the last look.
    ///
    /// # Errors
    /// [`Stop::Blocked`] naming those that have stopped again.
    pub(in crate::execute) async fn resume(
        &mut self,
        at: usize,
        actions: &[Action],
        set_run: &SetRun<'_>,
        within: Duration,
    ) -> Result<Look, Stop> {
        let deadline = Deadline::new("the followers' catching up", within);
        let mut refused = Vec::new();
        for kind in GOING_ON {
            // Whether they worked is looked at.
            refused.extend(self.send_kind(kind, actions).await?);
        }
        let names: BTreeSet<&str> = actions.iter().filter_map(Action::index).collect();
        loop {
            self.check_interrupt()?;
            let taken = Instant::now();
            let world = self.observe_for(set_run, at).await?;
            let topology = self.topology;
            let context = set_run.context(topology, &world);
            let seen = context.see();
            let is_meant = |subject: &&Subject<'_>| names.contains(subject.name(Role::Target));
            let subjects: Vec<&Subject<'_>> = seen.subjects.iter().filter(is_meant).collect();
            let final_answer = |subject: &Subject<'_>| {
                let name = subject.name(Role::Target);
                refused.iter().find(|(refused, error)| refused == name && is_final(error))
            };
            let fatal: Vec<Reason> = subjects
                .iter()
                .filter_map(|subject| fatal(subject, &context, final_answer(subject)))
                .collect();
            if !fatal.is_empty() {
                return Err(Stop::Blocked { reasons: fatal });
            }
            let left: Vec<Left> = subjects.into_iter().filter_map(behind).collect();
            if left.is_empty() {
                return Ok(Look { world, taken });
            }
            let due = context.due_now(at, &seen);
            // A call that was lost on the way is sent again.
            refused.clear();
            for kind in [OPEN, RESUME] {
                refused.extend(self.send_kind(kind, &due.actions).await?);
            }
            deadline.pause(|| left).await?;
        }
    }
}

/// A follower that has stopped for good although it was resumed, or that the server does not
/// resume.
fn fatal(
    subject: &Subject<'_>,
    context: &Context<'_>,
    refused: Option<&(String, Error)>,
) -> Option<Reason> {
    let following = subject.target?.following.as_ref()?;
    let refused = refused.filter(|_| !following.active).map(|(_, error)| error.to_string());
    let why = following.fatal().map(str::to_owned).or(refused)?;
    let name = subject.name(Role::Target);
    let detail = format!("{name} on {} has stopped again: {why}", context.scope.target);
    Some(Reason::new(Code::FatalFollower, name, detail).hint("name the others with --index"))
}

/// A follower that does not run yet, has not heard its leader since, or has much to read.
fn behind(subject: &Subject<'_>) -> Option<Left> {
    let index = subject.target?;
    let tasks = index.following.as_ref().map(|following| following.tasks.as_slice());
    let tasks = tasks.unwrap_or_default();
    let has_read = |shard| tasks.iter().any(|task| task.shard == shard && task.since_read_ms >= 0);
    let runs = (0..index.shard_count).all(has_read);
    let lag_ops = subject_lag(subject).and_then(|lag| lag.lag_ops);
    // A task that has read nothing yet may still find that the history is gone.
    let has_read = tasks.iter().any(|task| task.reads > 0);
    if runs && lag_ops.is_some_and(|ops| ops == 0 || (ops <= NEARLY_ALL && has_read)) {
        return None;
    }
    let why = match lag_ops {
        Some(ops) => format!("{ops} operations behind"),
        None => "checkpoints could not be read".to_owned(),
    };
    Some(Left { index: index.name.clone(), shard: None, lag_ops, why })
}
