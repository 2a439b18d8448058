//! Runs that hold the lock of their set: nobody is sent in between.

use serde::Serialize;

use super::RunStatus;
use crate::model::{
    lock::{self, Lock, Standing},
    problem::{Code, Level, Problem},
    topology::Topology,
    world::World,
};

/// A lock whose holder was seen to be alive.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LockStatus {
    pub owner: String,
    pub operator: String,
    pub host: String,
    pub command: String,
    pub step: String,
    pub waits_for: String,
    /// By the holder's clock, in milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// The clusters on which it stands.
    pub on: Vec<String>,
}

/// Whether a run that is alive is at a set, or at a bi-directional alias: nothing is proposed then,
/// for its lock would refuse it.
pub(super) fn is_at(world: &World, topology: &Topology, set: &str) -> bool {
    lock::holder(&world.locks, &topology.lock_name(set)).is_some()
}

/// Names the locks with the runs that hold them, and takes back every advice to undo what such a
/// run does.
pub(super) fn note(
    world: &World,
    topology: &Topology,
    runs: &mut Vec<RunStatus>,
    problems: &mut Vec<Problem>,
) {
    for run in runs.iter_mut() {
        let name = topology.lock_name(&run.set);
        run.lock = lock::holder(&world.locks, &name).map(|lock| status(lock, &world.locks));
    }
    for Standing { lock, .. } in &world.locks {
        let is_known = |run: &RunStatus| topology.lock_name(&run.set) == lock.set;
        if !runs.iter().any(is_known) {
            runs.push(of_lock(lock, &world.locks));
        }
        let of_set = |problem: &Problem| topology.lock_name(&problem.subject) == lock.set;
        let unfinished = |it: &&mut Problem| it.code == Code::UnfinishedRun && of_set(it);
        for problem in problems.iter_mut().filter(unfinished) {
            *problem = under_way(lock, &format!("{}; ", problem.detail));
        }
        if !problems.iter().any(|it| it.code == Code::RunUnderWay && of_set(it)) {
            problems.push(under_way(lock, ""));
        }
    }
    for problem in problems.iter_mut().filter(|problem| problem.hint.contains("esdr undo")) {
        if is_at(world, topology, &problem.subject) {
            HINT.clone_into(&mut problem.hint);
        }
    }
}

const HINT: &str = "esdr status --watch";

fn under_way(lock: &Lock, begun: &str) -> Problem {
    let Lock { run, set, operator, host, command, step, .. } = lock;
    let at = if step.is_empty() { String::new() } else { format!(", at the step {step}") };
    let detail = format!(
        "{begun}run {run} of {operator} on {host} holds the lock of {set} ({command}{at}), and renewed it while esdr looked"
    );
    Problem { level: Level::Warning, ..Problem::new(Code::RunUnderWay, set, detail, HINT) }
}

fn status(lock: &Lock, all: &[Standing]) -> LockStatus {
    let mut on: Vec<String> = all
        .iter()
        .filter(|standing| standing.lock.owner == lock.owner && standing.lock.set == lock.set)
        .map(|standing| standing.cluster.clone())
        .collect();
    on.sort();
    LockStatus {
        owner: lock.owner.clone(),
        operator: lock.operator.clone(),
        host: lock.host.clone(),
        command: lock.command.clone(),
        step: lock.step.clone(),
        waits_for: lock.waits_for.clone(),
        since_ms: lock.since_ms,
        on,
    }
}

/// A run that has no open entry: it copies, or has not come so far.
fn of_lock(lock: &Lock, all: &[Standing]) -> RunStatus {
    RunStatus {
        run: lock.run.clone(),
        set: lock.set.clone(),
        playbook: lock.playbook.clone(),
        source: lock.source.clone(),
        target: lock.target.clone(),
        at_ms: lock.since_ms,
        operator: lock.operator.clone(),
        indices: 0,
        moved: 0,
        lock: Some(status(lock, all)),
    }
}
