//! The whole status.

use super::{RunStatus, SetStatus, Status, clusters, pairs::pairs, problems, set::set};
use crate::model::{
    lineage::{Entry, State},
    membership::Scope,
    set_spec::SetSpec,
    topology::Topology,
    world::World,
};

/// Names everything that was seen. `only`: these sets; empty: all.
pub fn build(world: &World, topology: &Topology, only: &[String]) -> Status {
    let wanted = |set: &SetSpec| only.is_empty() || only.contains(&set.name);
    let specs: Vec<SetSpec> = topology.sets_by_priority().into_iter().filter(wanted).collect();
    let mut problems = problems::of_clusters(world);
    let mut sets: Vec<SetStatus> = Vec::new();
    for spec in &specs {
        let pairs = pairs(world, spec);
        // Beside a bi-directional alias nothing else need be replicated.
        if pairs.is_empty() && spec.except.is_empty() {
            problems.push(problems::nothing(spec));
        }
        for (source, target) in &pairs {
            let scope = Scope { world, set: spec, source, target, only: &[] };
            let status = set(scope);
            problems.extend(problems::of_set(scope, &status));
            sets.push(status);
        }
    }
    let is_wanted = |entry: &&Entry| only.is_empty() || only.contains(&entry.set);
    let open = world.lineage.iter().filter(|entry| entry.state == State::Open).filter(is_wanted);
    let runs: Vec<RunStatus> = open.map(run).collect();
    problems.extend(runs.iter().map(problems::of_run));
    problems.sort_by_key(problems::weight);
    Status {
        at_ms: world.at_ms,
        took_ms: world.took_ms,
        host: String::new(),
        clusters: clusters::clusters(world, topology.clusters.iter().map(|c| c.name.as_str())),
        sees: clusters::sees(world),
        sets,
        bidi: Vec::new(),
        runs,
        problems,
    }
}

fn run(entry: &Entry) -> RunStatus {
    RunStatus {
        run: entry.run.clone(),
        set: entry.set.clone(),
        playbook: entry.playbook.clone(),
        source: entry.source.clone(),
        target: entry.target.clone(),
        at_ms: entry.at_ms,
        operator: entry.operator.clone(),
        indices: entry.members.len(),
        moved: entry.members.iter().filter(|member| member.checkpoints.is_some()).count(),
    }
}
