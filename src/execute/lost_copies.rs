//! Copies that cannot be resumed, and of which no task tells what they follow.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::send::Refused;
use crate::{event::Detail, model::world::World, plan::action::Action};

/// How long a node may be away until what it held is copied anew: as long as servers themselves
/// wait, by `index.unassigned.node_left.delayed_timeout`.
const NODE_AWAY: Duration = Duration::from_secs(60);

/// Copies that no node has, by their names, since they were first seen so.
#[derive(Default)]
pub(super) struct LostCopies(BTreeMap<String, Instant>);

impl LostCopies {
    /// Adds to a look what a server has told by refusing to resume a copy for its primary alone: it
    /// has compared the leader before. Where no node has had the copy for a minute, it is as good
    /// as given up. Returns the cluster and the name of those that are new.
    pub(super) fn note(
        &mut self,
        world: &mut World,
        sent: &[Action],
        refused: &[Refused],
    ) -> Vec<(String, String)> {
        let mut new = Vec::new();
        let is_lost =
            |name: &String| refused.iter().any(|it| it.name == *name && it.error.has_no_copy());
        self.0.retain(|name, _| is_lost(name));
        for refused in refused.iter().filter(|it| it.error.is_inactive()) {
            let Refused { name, error, .. } = refused;
            let action = sent.iter().find(|action| refused.is_of(action));
            let cluster = action.and_then(Action::cluster).unwrap_or_default();
            let Some(index) = world.index_mut(cluster, name) else { continue };
            if let Some(following) = &mut index.following {
                following.is_compared = true;
            }
            if error.has_no_copy() {
                let since = self.0.entry(name.clone()).or_insert_with(|| {
                    new.push((cluster.to_owned(), name.clone()));
                    Instant::now()
                });
                index.given_up |= since.elapsed() >= NODE_AWAY;
            }
        }
        new
    }
}

/// What there is to say of one.
pub(super) fn lost_copy(cluster: &str, name: &str) -> Detail {
    Detail::Error {
        failed: format!("no node of {cluster} has a copy of {name}"),
        meaning: "its leader has all that it held".to_owned(),
        next: format!(
            "it is copied anew unless a node brings it back within {} s",
            NODE_AWAY.as_secs()
        ),
    }
}
