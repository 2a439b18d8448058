//! The whole status.

use super::{
    BidiStatus, RunStatus, SetStatus, Status, bidi::bidi, clusters, next, pairs::pairs, problems,
    set::set, under_way,
};
use crate::{
    model::{
        bidi::BidiSpec,
        lineage::{Entry, State},
        membership::Scope,
        problem::Level,
        set_spec::SetSpec,
        topology::Topology,
        world::{Cluster, World},
    },
    outcome::Next,
    plan::forked,
};

/// Names everything that was seen. `only`: these sets and bi-directional aliases; empty: all.
pub(crate) fn build(world: &World, topology: &Topology, only: &[String]) -> Status {
    let wanted = |set: &SetSpec| only.is_empty() || only.contains(&set.name);
    let specs: Vec<SetSpec> = topology.sets_by_priority().into_iter().filter(wanted).collect();
    let mut problems = problems::of_clusters(world);
    let mut sets: Vec<SetStatus> = Vec::new();
    let mut next: Vec<Next> = Vec::new();
    if world.clusters.values().any(|cluster| !matches!(cluster, Cluster::Ok(_))) {
        next.push(next::watch());
    }
    for spec in &specs {
        let pairs = pairs(world, spec);
        // Beside a bi-directional alias nothing else need be replicated.
        if pairs.is_empty() && spec.except.is_empty() {
            problems.push(problems::nothing(spec));
        }
        for (source, target) in &pairs {
            let scope = Scope { world, set: spec, source, target, only: &[] };
            let status = set(scope);
            let is_free = !under_way::is_at(world, topology, &spec.name);
            let ways = if is_free { next::of_set(scope, topology, &status) } else { Vec::new() };
            problems.extend(problems::of_set(scope, &status, &ways));
            next.extend(ways);
            sets.push(status);
        }
    }
    let mut aliases: Vec<BidiStatus> = Vec::new();
    for spec in topology.bidi.iter().filter(|it| only.is_empty() || only.contains(&it.name)) {
        let (status, found) = bidi(world, topology, spec);
        aliases.push(status);
        problems.extend(found);
    }
    let named: std::collections::BTreeSet<&str> =
        specs.iter().map(|spec| spec.name.as_str()).collect();
    problems.extend(named.iter().filter_map(|set| forked::problem(world, set)));
    let is_wanted = |entry: &&Entry| only.is_empty() || only.contains(&entry.set);
    let open = world.lineage.iter().filter(|entry| entry.state == State::Open).filter(is_wanted);
    let mut runs: Vec<RunStatus> = open.map(run).collect();
    problems.extend(runs.iter().map(problems::of_run));
    problems.sort_by_key(problems::weight);
    if problems.iter().all(|problem| problem.level != Level::Problem) {
        let is_free = |set: &&SetStatus| !under_way::is_at(world, topology, &set.name);
        next.extend(next::rehearsal(sets.iter().filter(is_free)));
    }
    let free = aliases.iter().filter(|alias| !under_way::is_at(world, topology, &alias.name));
    next.extend(free.flat_map(|alias| next::of_bidi(world, alias)));
    under_way::note(world, topology, &mut runs, &mut problems);
    problems.sort_by_key(problems::weight);
    Status {
        at_ms: world.at_ms,
        took_ms: world.took_ms,
        host: String::new(),
        clusters: clusters::clusters(world, topology.clusters.iter().map(|c| c.name.as_str())),
        sees: clusters::sees(world),
        sets,
        bidi: aliases,
        runs,
        problems,
        next,
    }
}

/// Names what was seen of one bi-directional alias and its two clusters.
pub(crate) fn of_bidi(world: &World, topology: &Topology, spec: &BidiSpec) -> Status {
    let status = build(world, topology, std::slice::from_ref(&spec.name));
    let is_ours = |name: &String| spec.clusters.contains(name);
    let others: Vec<&String> = world.clusters.keys().filter(|name| !is_ours(name)).collect();
    Status {
        clusters: status.clusters.into_iter().filter(|it| is_ours(&it.name)).collect(),
        sees: status.sees.into_iter().filter(|it| is_ours(&it.from) && is_ours(&it.to)).collect(),
        problems: status.problems.into_iter().filter(|it| !others.contains(&&it.subject)).collect(),
        ..status
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
        lock: None,
    }
}
