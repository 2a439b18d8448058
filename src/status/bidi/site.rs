//! One site of a bi-directional alias.

use super::{AliasState, DirectionStatus, SiteStatus};
use crate::model::{
    bidi::{borne, written_through},
    membership::Scope,
    world::{Index, View},
};

/// Names everything that is seen of the site that writes in this scope.
pub(super) fn site(scope: Scope<'_>, directions: &[DirectionStatus; 2]) -> SiteStatus {
    let cluster = scope.source;
    let alias = scope.set.bidi.as_deref().unwrap_or_default();
    let Some(view) = scope.world.view(cluster) else {
        return SiteStatus {
            cluster: cluster.to_owned(),
            alias: AliasState::Unknown,
            whole: false,
            write_index: None,
            own: None,
            copies: None,
            others: None,
        };
    };
    let is_copy = |index: &Index| {
        let incoming = directions.iter().filter(|direction| direction.to == cluster);
        let mut copies = incoming.flat_map(|direction| &direction.set.indices);
        index.following.is_some() && copies.any(|copy| copy.follower_index == index.name)
    };
    let is_own = |index: &Index| index.following.is_none() && scope.set.matches(&index.name);
    let named = |is_it: &dyn Fn(&Index) -> bool| {
        let found = bearers(view, alias).filter(|index| is_it(index));
        Some(found.map(|index| index.name.clone()).collect())
    };
    SiteStatus {
        cluster: cluster.to_owned(),
        alias: state(view, alias),
        whole: false,
        write_index: written_through(view, alias).map(|index| index.name.clone()),
        own: named(&is_own),
        copies: named(&is_copy),
        others: named(&|index| !is_own(index) && !is_copy(index)),
    }
}

/// The indices that bear the alias.
fn bearers<'v>(view: &'v View, alias: &str) -> impl Iterator<Item = &'v Index> {
    view.indices.values().filter(move |index| borne(index, alias).is_some())
}

fn state(view: &View, alias: &str) -> AliasState {
    if view.indices.contains_key(alias) {
        return AliasState::NameTaken;
    }
    let flagged = bearers(view, alias)
        .filter_map(|index| borne(index, alias))
        .filter(|held| held.is_write_index == Some(true));
    match (bearers(view, alias).count(), flagged.count()) {
        (0, _) => AliasState::Missing,
        (_, 0 | 1) if written_through(view, alias).is_some() => AliasState::OneWriteIndex,
        (_, 0 | 1) => AliasState::NoWriteIndex,
        _ => AliasState::TwoWriteIndices,
    }
}

/// Whether it writes what is its own, and reads what comes in.
pub(super) fn is_whole(site: &SiteStatus, incoming: &DirectionStatus) -> bool {
    let (Some(own), Some(copies)) = (&site.own, &site.copies) else {
        return false;
    };
    site.alias == AliasState::OneWriteIndex
        && site.write_index.as_ref().is_some_and(|index| own.contains(index))
        && incoming.is_well()
        && incoming.set.indices.iter().all(|index| copies.contains(&index.follower_index))
}
