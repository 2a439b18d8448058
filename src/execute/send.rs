//! The changing calls of a step, kind by kind.

use std::slice;

use crate::{
    es::{error::Error, transport::Request},
    event::Kind,
    plan::action::Action,
};

use super::{
    runner::Runner,
    stop::{Left, Stop},
};

/// Whether an action is one of a kind.
pub(super) type IsKind = fn(&Action) -> bool;

pub(super) const OPEN: IsKind = |it| matches!(it, Action::Open { .. });
pub(super) const CLOSE: IsKind = |it| matches!(it, Action::Close { .. });
pub(super) const PAUSE: IsKind = |it| matches!(it, Action::Pause { .. });
pub(super) const RESUME: IsKind = |it| matches!(it, Action::Resume { .. });
pub(super) const FOLLOW: IsKind = |it| matches!(it, Action::Follow { .. });
pub(super) const DELETE: IsKind = |it| matches!(it, Action::Delete { .. });
pub(super) const LOOSEN: IsKind = |it| matches!(it, Action::Loosen { .. });
pub(super) const TEMPLATE: IsKind = |it| matches!(it, Action::Template { .. });
pub(super) const PLACEHOLDER: IsKind = |it| matches!(it, Action::Placeholder { .. });

/// What a follower needs that does not run.
pub(super) const GOING_ON: [IsKind; 3] = [OPEN, PAUSE, RESUME];

/// What a copy needs to follow.
pub(super) const FOLLOWING: [IsKind; 8] =
    [PLACEHOLDER, LOOSEN, OPEN, PAUSE, CLOSE, RESUME, FOLLOW, DELETE];

/// In which order the calls of a step go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// One after another: they may be on different clusters.
    OneByOne,
    /// Kind by kind, those of a kind side by side.
    ByKind(&'static [IsKind]),
}

/// A call that a server has refused.
#[derive(Debug)]
pub(super) struct Refused {
    kind: IsKind,
    pub(super) name: String,
    pub(super) error: Error,
}

impl Refused {
    /// A repeat does not mend it. A node that is away may bring a copy.
    pub(super) fn stays(&self) -> bool {
        is_final(&self.error) && !self.error.has_no_copy()
    }

    pub(super) fn is_of(&self, action: &Action) -> bool {
        (self.kind)(action) && action.key().2 == self.name
    }
}

impl Runner<'_> {
    pub(super) async fn send_in(
        &mut self,
        order: Order,
        actions: &[Action],
    ) -> Result<Vec<Refused>, Stop> {
        const ANY: IsKind = |_| true;
        let groups: Vec<(IsKind, &[Action])> = match order {
            Order::OneByOne => actions.iter().map(|it| (ANY, slice::from_ref(it))).collect(),
            Order::ByKind(kinds) => kinds.iter().map(|kind| (*kind, actions)).collect(),
        };
        let mut refused = Vec::new();
        for (kind, actions) in groups {
            let answers = self.send_kind(kind, actions).await?.into_iter();
            refused.extend(answers.map(|(name, error)| Refused { kind, name, error }));
        }
        Ok(refused)
    }

    /// Sends all actions of one kind side by side; returns what was refused.
    pub(super) async fn send_kind(
        &mut self,
        kind: IsKind,
        actions: &[Action],
    ) -> Result<Vec<(String, Error)>, Stop> {
        let chosen: Vec<&Action> = actions.iter().filter(|action| kind(action)).collect();
        let name = |action: &Action| action.key().2.to_owned();
        let mut refused = Vec::new();
        for chosen in chosen.chunk_by(|one, other| one.cluster() == other.cluster()) {
            let Some(cluster) = chosen[0].cluster() else { continue };
            let names: Vec<String> = chosen.iter().map(|action| name(action)).collect();
            let requests: Vec<(String, Request)> = chosen
                .iter()
                .flat_map(|action| action.requests().into_iter().map(|r| (name(action), r)))
                .collect();
            self.calls(Kind::Started, cluster, &names, chosen[0].word())?;
            let es = self.es(cluster)?.clone();
            let answers = self.send_all(&es, requests).await.into_iter();
            refused.extend(answers.filter_map(|(name, answer)| Some((name, answer.err()?))));
        }
        Ok(refused)
    }
}

/// Neither a busy server, nor an effect that an earlier call already had, nor a copy whose shards
/// are still on their way.
pub(super) fn is_final(error: &Error) -> bool {
    matches!(error, Error::Refused { status, .. } if (400..500).contains(status))
        && !error.is_busy()
        && !error.is_task_exists()
        && !error.is_not_following()
        && !error.is_already_following()
        && !error.is_starting()
}

/// What is told of an action that has not shown once the time is over.
pub(super) fn not_seen(action: &Action) -> Left {
    let why = format!("{} not seen yet", action.word());
    Left { index: action.key().2.to_owned(), shard: None, lag_ops: None, why }
}
