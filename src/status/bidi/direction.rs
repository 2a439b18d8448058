//! One direction of a bi-directional alias.

use std::time::Duration;

use super::DirectionStatus;
use crate::{
    model::{
        membership::Scope,
        world::{Following, Index, Lease, World},
    },
    status::{IndexStatus, State, set},
};

/// How long history is kept where an index does not say.
const HISTORY_DEFAULT: Duration = Duration::from_secs(12 * 3600);

/// Names everything that is seen of it. `scope.source` writes.
pub(super) fn direction(scope: Scope<'_>) -> DirectionStatus {
    let set = set(scope);
    let can_see = |cluster: &str| scope.world.view(cluster).is_some();
    let follower_seen = can_see(scope.target);
    let number = |is_it: fn(State) -> bool| {
        let states = set.indices.iter().filter_map(|index| index.state);
        follower_seen.then(|| states.filter(|state| is_it(*state)).count())
    };
    let following = number(|state| matches!(state, State::Following | State::Restoring));
    let stopped = number(|state| matches!(state, State::Paused | State::Closed | State::Fatal));
    let contacts = set.indices.iter().filter_map(|index| last_contact_ms(scope, index));
    let last_contact_ms = contacts.max();
    let leaders =
        set.indices.iter().filter_map(|it| scope.world.index(scope.source, &it.leader_index));
    let history_ms = leaders.map(history_ms).min();
    DirectionStatus {
        from: scope.source.to_owned(),
        to: scope.target.to_owned(),
        following,
        stopped,
        new: (follower_seen && can_see(scope.source)).then_some(set.uncovered.len()),
        last_contact_ms,
        history_ms,
        set,
    }
}

fn history_ms(leader: &Index) -> u64 {
    let default_ms = u64::try_from(HISTORY_DEFAULT.as_millis()).unwrap_or(u64::MAX);
    leader.history_ms.unwrap_or(default_ms)
}

/// When a copy last read: by its tasks while they read well, else by the lease that they renew
/// on the leader every 30 s, which is told by another machine's clock.
fn last_contact_ms(scope: Scope<'_>, index: &IndexStatus) -> Option<i64> {
    let copy = scope.world.index(scope.target, &index.follower_index);
    let following = copy.and_then(|copy| copy.following.as_ref());
    let read = following.filter(|it| it.active).and_then(Following::read_age_ms);
    read.or_else(|| lease_age_ms(scope.world, scope.source, index, copy))
}

/// The age of the lease of the shard that was heard longest ago.
fn lease_age_ms(
    world: &World,
    source: &str,
    index: &IndexStatus,
    copy: Option<&Index>,
) -> Option<i64> {
    let leader = world.index(source, &index.leader_index)?;
    // A copy that cannot be seen is known by its name alone.
    let mark = match copy {
        Some(copy) => format!("/{}/{}-following-", copy.name, copy.uuid),
        None => format!("/{}/", index.follower_index),
    };
    let is_its = |lease: &&Lease| {
        let follower = lease.id.split_once("-following-").map_or("", |(follower, _)| follower);
        copy.map_or_else(|| follower.contains(&mark), |_| lease.id.contains(&mark))
    };
    let renewed = leader
        .shards
        .iter()
        .map(|shard| shard.leases.iter().filter(is_its).map(|lease| lease.timestamp_ms).max());
    let oldest_ms = renewed.collect::<Option<Vec<i64>>>()?.into_iter().min()?;
    Some((world.at_ms - oldest_ms).max(0))
}
