//! A record with two switches of a set that do not know of each other: what is said of it, and what
//! the operator's word on it settles.

use crate::model::{
    lineage::{Entry, State, fork},
    problem::Problem,
    world::World,
};

use super::reason::{Code, Reason};

/// Why nothing may be changed of a set whose record is forked; `None` where it is not.
pub(crate) fn reason(world: &World, set: &str) -> Option<Reason> {
    let forked = fork(&world.lineage, set)?;
    let switches = forked.iter().map(|entry| {
        let Entry { run, source, target, operator, .. } = entry;
        let by = if operator.is_empty() { String::new() } else { format!(", by {operator}") };
        format!("run {run} ({source} to {target}{by})")
    });
    let switches = switches.collect::<Vec<_>>().join(" and ");
    let detail = format!("{switches} moved {set} without knowing of each other");
    let ways = ways(world, set).join(", or ");
    let hint = format!("decide whose copies go, after a look at both: {ways}");
    Some(Reason::new(Code::ForkedRecord, set, detail).hint(hint))
}

/// The commands by which the operator decides, a side each; none where the record is not forked.
pub(crate) fn ways(world: &World, set: &str) -> Vec<String> {
    let forked = fork(&world.lineage, set).unwrap_or_default();
    let mut sides: Vec<&String> = forked.iter().flat_map(|it| [&it.source, &it.target]).collect();
    sides.sort();
    sides.dedup();
    sides.iter().map(|side| format!("esdr reprotect --set {set} --discard {side}")).collect()
}

/// The same as a problem of the set.
pub(crate) fn problem(world: &World, set: &str) -> Option<Problem> {
    reason(world, set).map(|reason| reason.problem())
}

/// The entries that are closed once the operator has decided: nobody goes on with them. One that has
/// moved no lead stands for its blocks only, which `esdr unfence` lifts.
pub(crate) fn settled(world: &World, decision: &Entry) -> Vec<Entry> {
    let is_settled = |entry: &&Entry| {
        entry.set == decision.set
            && entry.state == State::Open
            && decision.follows.contains(&entry.run)
    };
    let close = |entry: &Entry| {
        let has_moved = entry.members.iter().any(|member| member.checkpoints.is_some());
        let state = if has_moved { State::Done } else { State::Fenced };
        Entry { state, ..entry.clone() }
    };
    world.lineage.iter().filter(is_settled).map(close).collect()
}
