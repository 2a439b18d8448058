//! Following: new copies, and followers that were paused.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

use crate::{
    es::error::Error,
    plan::{
        action::Action,
        assemble::subject_lag,
        context::Context,
        reason::{Code, Reason},
        subject::Subject,
    },
    playbook::Role,
};

use crate::execute::{
    deadline::Deadline,
    look::Look,
    runner::Runner,
    send::{GOING_ON, OPEN, RESUME, is_final},
    set_run::SetRun,
    stop::{Left, Stop},
};

/// What the drain behind the fence does in no time.
const NEARLY_ALL: u64 = 1_000;

impl Runner<'_> {
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
            self.pause(&deadline, || left).await?;
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
