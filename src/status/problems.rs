//! What wants attention, each under its stable code.

mod bidi;
mod cluster;
mod fence;
mod link;
mod member;
mod nowhere;
mod safety;

pub(super) use bidi::of_bidi;

use super::{RunStatus, SetStatus};
use crate::{
    model::{
        membership::Scope,
        problem::{Code, Level, Problem},
        set_spec::SetSpec,
        world::World,
    },
    outcome::Next,
};

/// Names of indices in one problem; the rest is counted.
const NAMES_MAX: usize = 3;

/// Clusters that do not answer, are ill, or are not licensed.
pub(super) fn of_clusters(world: &World) -> Vec<Problem> {
    world
        .clusters
        .iter()
        .flat_map(|(name, cluster)| cluster::problems(name, cluster, world))
        .collect()
}

/// Everything about one set; `next` is what leads on from there.
pub(super) fn of_set(scope: Scope<'_>, set: &SetStatus, next: &[Next]) -> Vec<Problem> {
    let mut problems = nowhere::problems(scope, set, next);
    problems.extend(member::problems(scope, set));
    problems.extend(link::problems(scope, set));
    problems.extend(fence::problems(scope, set));
    problems
}

/// A set that nothing is known of.
pub(super) fn nothing(set: &SetSpec) -> Problem {
    let name = &set.name;
    Problem::new(
        Code::NothingReplicated,
        name,
        format!("{name}: no cluster follows anything, and no record says that one ever did"),
        "add [sets.NAME] to esdr.toml, then esdr replicate",
    )
}

/// What is told first: two histories part while it is read. Then what nobody can write to.
pub(super) fn weight(problem: &Problem) -> (Level, u8) {
    let weight = match problem.code {
        Code::SplitBrain | Code::Stray => 0,
        Code::WritableNowhere => 1,
        _ => 2,
    };
    (problem.level, weight)
}

/// A switch that was begun and not finished.
pub(super) fn of_run(run: &RunStatus) -> Problem {
    let RunStatus { run: id, set, source, target, .. } = run;
    let hint = if run.moved == 0 {
        format!("esdr undo {id}, or go on: esdr failover --to {target} --set {set}")
    } else {
        format!("esdr failover --to {target} --set {set}")
    };
    Problem::new(
        Code::UnfinishedRun,
        set,
        format!(
            "run {id} moves {set} from {source} to {target} and is not finished: {} of {} indices moved",
            run.moved, run.indices
        ),
        hint,
    )
}

/// Some of the names, the rest counted.
fn names<'n>(all: impl ExactSizeIterator<Item = &'n str>) -> String {
    let number = all.len();
    let shown = all.take(NAMES_MAX).collect::<Vec<_>>().join(", ");
    match number.saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What a problem is about: the index where it is one, else the set.
fn subject(set: &SetStatus, all: &[&str]) -> String {
    match all {
        [one] => (*one).to_owned(),
        _ => set.name.clone(),
    }
}
