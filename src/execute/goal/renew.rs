//! A copy whose leader's history is gone is made anew, step by step as it is seen: whatever a
//! run that was killed has done already stays done.

use tokio::time::Instant;

use crate::{
    model::world::Index,
    plan::{action::Action, join::moved},
};

use super::join::{Joining, lacking};
use crate::execute::{
    look::Absence,
    runner::Runner,
    send::is_final,
    stop::{Left, Stop},
};

/// What is there of the old copy and the new one, and what comes next.
#[derive(Debug, Eq, PartialEq)]
enum Next {
    /// The tasks that stopped go.
    Pause,
    Close,
    /// The new copy is made, beside the old one or over it.
    Follow,
    /// The new copy stopped for good itself, and goes.
    Drop,
    /// Tasks of the new copy that do not run go on.
    Resume,
    /// Until the new copy has all that its leader had.
    Wait,
    /// Readers get the new copy.
    Move,
    /// The old copy goes.
    Delete,
    Done,
}

impl Runner<'_> {
    /// Carries out one [`Action::Renew`].
    ///
    /// # Errors
    /// A refusal, an interruption, or the deadline of the step.
    pub(in crate::execute) async fn renew(
        &mut self,
        action: &Action,
        joining: &mut Joining,
    ) -> Result<(), Stop> {
        let Action::Renew { cluster, index, beside, leader_index, .. } = action else {
            return Ok(());
        };
        let goal = joining.goals.get(leader_index).cloned().unwrap_or_default();
        let mut emptied: Option<Instant> = None;
        let mut sent = Next::Done;
        let mut absence = Absence::default();
        loop {
            let on = (cluster.as_str(), joining.on);
            let world = self.observe_side(on, &[], joining.deadline.left(), &mut absence).await?;
            let old = world.index(cluster, index);
            let next = match beside {
                Some(name) => beside_next(old, world.index(cluster, name), &goal),
                None => over_next(old, emptied.is_some()),
            };
            match (&next, beside) {
                (Next::Done, _) => break,
                (Next::Follow, None) => emptied = emptied.or(Some(Instant::now())),
                _ => {}
            }
            let calls = calls_of(action, &next, old);
            // A call whose effect is not to be seen yet is not repeated at once.
            if next != sent || next == Next::Resume {
                for call in &calls {
                    let refused = self.send_kind(|_| true, std::slice::from_ref(call)).await?;
                    if let Some((_, error)) = refused.into_iter().find(|(_, it)| is_final(it)) {
                        return Err(Stop::Call(error));
                    }
                }
            }
            sent = next;
            let left = || {
                let copy = world.index(cluster, beside.as_ref().unwrap_or(index));
                let lag_ops = copy.and_then(|copy| lacking(&goal, copy));
                let why = "the copy that is made anew is not whole yet".to_owned();
                vec![Left { index: index.clone(), shard: None, lag_ops, why }]
            };
            self.pause(&joining.deadline, left).await?;
        }
        if let (Some(since), Some(missed)) = (emptied, joining.missed.get_mut(leader_index)) {
            // Until it is level: that is waited for beside the other copies.
            missed.nothing_readable_ms = u64::try_from(since.elapsed().as_millis()).ok();
        }
        Ok(())
    }
}

/// The calls of one next step.
fn calls_of(action: &Action, next: &Next, old: Option<&Index>) -> Vec<Action> {
    let Action::Renew { cluster, index, beside, remote, leader_index, aliases, takes_wait, .. } =
        action
    else {
        return Vec::new();
    };
    let cluster = || cluster.clone();
    let new = beside.as_ref().unwrap_or(index);
    let pause = |index: &String| Action::Pause { cluster: cluster(), index: index.clone() };
    let delete = |index: &String| Action::Delete { cluster: cluster(), index: index.clone() };
    match next {
        Next::Pause => vec![pause(index)],
        Next::Close => vec![Action::Close {
            cluster: cluster(),
            index: index.clone(),
            takes_wait: *takes_wait,
        }],
        Next::Follow => vec![Action::Follow {
            cluster: cluster(),
            index: new.clone(),
            remote: remote.clone(),
            leader_index: leader_index.clone(),
            parameters: None,
            over: beside.is_none(),
        }],
        Next::Drop => vec![pause(new), delete(new)],
        Next::Resume => vec![
            Action::Open { cluster: cluster(), index: new.clone() },
            Action::Resume { cluster: cluster(), index: new.clone(), parameters: None },
        ],
        Next::Move => {
            let borne = old.map(|old| old.aliases.clone());
            let actions = moved(index, new, borne.as_ref().unwrap_or(aliases));
            vec![Action::Alias { cluster: cluster(), actions }]
        }
        Next::Delete if old.is_some_and(is_active) => vec![pause(index), delete(index)],
        Next::Delete => vec![delete(index)],
        Next::Wait | Next::Done => Vec::new(),
    }
}

fn is_active(index: &Index) -> bool {
    index.following.as_ref().is_some_and(|following| following.active)
}

/// Over the old copy: it is paused and closed first, or the call would wipe it and fail.
fn over_next(copy: Option<&Index>, is_sent: bool) -> Next {
    match copy {
        None => Next::Follow,
        Some(copy) if is_active(copy) && copy.has_lost_history() => Next::Pause,
        Some(copy) if is_active(copy) => Next::Done,
        Some(copy) if copy.open && !is_sent => Next::Close,
        Some(copy) if copy.open => Next::Wait,
        Some(_) => Next::Follow,
    }
}

/// Beside the old copy, which readers keep until the new one has all that its leader had, and
/// all that the old one has.
fn beside_next(old: Option<&Index>, new: Option<&Index>, goal: &[(u32, i64)]) -> Next {
    let Some(new) = new else {
        // Nothing is left of the old one either: the step makes an ordinary copy.
        return if old.is_some() { Next::Follow } else { Next::Done };
    };
    let Some(old) = old else {
        return Next::Done;
    };
    if old.aliases.is_empty() && !new.aliases.is_empty() {
        return Next::Delete;
    }
    let covers_old = old.shards.iter().all(|shard| {
        let there = new.shards.iter().find(|it| it.number == shard.number);
        there.is_some_and(|it| it.global_checkpoint >= shard.global_checkpoint)
    });
    match new.following.as_ref() {
        None => Next::Wait,
        Some(_) if new.has_lost_history() => Next::Drop,
        Some(following) if !following.active && !new.restoring => Next::Resume,
        Some(_) if !covers_old || lacking(goal, new) != Some(0) => Next::Wait,
        // Borne by nothing: the alias is added to what is left.
        Some(_) if old.aliases.is_empty() => Next::Delete,
        Some(_) => Next::Move,
    }
}
