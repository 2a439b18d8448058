//! Whether both sides of a set hold the same: by checkpoints, counts and content.
//!
//! Sequence numbers are alike on a leader and its follower, shard by shard. So both sides are
//! walked in step over stretches of them, each stretch one search a side, and only ids,
//! versions and digests of the sources are kept: the memory does not grow with the indices.
//! No scroll and no point in time is opened, so nothing is left on the servers whatever happens.
//! What is not at its place on the other side is looked up there by its id, for it may have
//! moved on while it was read.
//!
//! Nothing is written. Indices are refreshed, so that searches see what the checkpoints say.

mod difference;
mod index;
mod judge;
mod merge;
mod pace;
mod problems;
mod report;
mod settle;
mod subject;
mod suspects;
mod tally;
mod walk;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

#[cfg(test)]
pub(crate) use self::difference::{Difference, What};
pub(crate) use self::report::{IndexReport, Scale, SetReport, Verdict, Verification};
use self::{index::index, subject::subjects};
use crate::{
    model::{membership::Scope, set_spec::SetSpec, topology::Topology, world::World},
    observe::Watched,
    status,
};

/// Compares both sides of every set, or of those in `only`. Asks each cluster at most
/// `topology.concurrency` things at the same time, each with its own deadline.
///
/// What cannot be read is told as unknown; that is no error.
pub(crate) async fn verify(
    world: &World,
    topology: &Topology,
    only: &[String],
    scale: Scale,
    clusters: &[Watched],
) -> Verification {
    let at_once = Semaphore::new(topology.concurrency.max(1));
    let mut sets = Vec::new();
    let mut problems = Vec::new();
    for spec in wanted(topology, only) {
        let pairs = status::pairs(world, &spec);
        if pairs.is_empty() {
            problems.push(problems::nothing(&spec.name));
        }
        for (source, target) in &pairs {
            let scope = Scope { world, set: &spec, source, target, only: &[] };
            let seen = status::set(scope);
            let subjects = subjects(scope, &seen);
            let all = subjects.iter().map(|subject| index(subject, clusters, scale, &at_once));
            let mut indices: Vec<IndexReport> = join_all(all).await;
            indices.sort_by(|one, other| {
                (one.state, &one.leader_index).cmp(&(other.state, &other.leader_index))
            });
            let set = SetReport::of(&seen, indices);
            problems.extend(problems::of(&set, &subjects));
            sets.push(set);
        }
    }
    problems.sort_by_key(|problem| problem.level);
    Verification::of(world, scale, sets, problems)
}

/// The clusters that the sets are between, by name: without an answer of theirs nothing can be
/// compared.
pub(crate) fn needed(world: &World, topology: &Topology, only: &[String]) -> Vec<String> {
    let of = |spec: SetSpec| {
        let pairs = status::pairs(world, &spec);
        pairs.into_iter().flat_map(|(one, other)| [one, other]).collect::<Vec<_>>()
    };
    let mut needed: Vec<String> = wanted(topology, only).flat_map(of).collect();
    needed.sort();
    needed.dedup();
    needed
}

fn wanted<'t>(
    topology: &'t Topology,
    only: &'t [String],
) -> impl Iterator<Item = SetSpec> + use<'t> {
    let sets = topology.sets_by_priority().into_iter();
    sets.filter(move |set| only.is_empty() || only.contains(&set.name))
}
