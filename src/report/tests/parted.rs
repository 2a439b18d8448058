//! A set that was switched away from clusterA, which has gone on by itself, and its way home.

use super::*;
use crate::{
    model::{
        comparison::{Finding, Overlap},
        lineage::{Position, State},
        world::Index,
    },
    plan::choice::Choices,
};

/// The plan that the planner makes of a playbook that goes back to clusterA.
pub(super) fn back(name: &str, world: &World, choices: Choices) -> Plan {
    let topology = worlds::topology(&[("orders", &["orders-*"])]);
    let mut plan = plan_of(name, Consent::default(), world, &topology);
    let set = &topology.sets[0];
    let scope = Scope { world, set, source: "clusterB", target: "clusterA", only: &[] };
    let playbook = plan.request.playbook.clone();
    let request = PlanRequest { choices: choices.clone(), ..PlanRequest::of(playbook) };
    plan.switches = vec![assemble::switch(&context::Context::of(scope, &topology, &request))];
    plan.request.reason = None;
    plan.request.choices = choices;
    plan
}

/// Six shards that stand at 100, some of them at more.
fn shards(above: &[(usize, i64)]) -> Vec<i64> {
    let more = |at| above.iter().find(|(shard, _)| *shard == at).map_or(0, |(_, ops)| *ops);
    (0..6).map(|at| 100 + more(at)).collect()
}

/// clusterB leads since a switch at 100 on each shard; clusterA has gone on on some.
pub(super) fn parted() -> World {
    let done = |index: Index| Index { complete: true, ..index };
    let own = shards(&[(0, 1_000), (2, 200), (5, 4)]);
    let mut on_a = vec![
        worlds::leader("orders-000017", &own),
        worlds::leader("orders-ledger", &shards(&[(1, 31)])),
        worlds::leader("orders-tmp-export", &shards(&[])),
        done(worlds::leader("orders-000001", &[100])),
    ];
    let mut on_b = vec![
        worlds::twin("orders-000017", &shards(&[(0, 88_120)])),
        worlds::twin("orders-ledger", &shards(&[(1, 2_044_310)])),
        worlds::twin("orders-000019", &[7]),
        done(worlds::twin("orders-000001", &[100])),
    ];
    let clean: Vec<String> = (2..9).map(|at| format!("orders-00000{at}")).collect();
    on_a.extend(clean.iter().map(|name| worlds::leader(name, &[100])));
    on_b.extend(clean.iter().map(|name| worlds::twin(name, &[300])));
    let mut names = vec!["orders-000017", "orders-ledger", "orders-tmp-export"];
    names.extend(clean.iter().map(String::as_str));
    let mut world = worlds::pair(on_a.into_iter().map(worlds::fenced).collect(), on_b);
    let mut entry = worlds::entry(&names, State::Done, Some(100));
    for member in &mut entry.members {
        let position =
            |shard| Position { shard, checkpoint: 100, max_seq_no: 100, ..Position::default() };
        member.checkpoints = Some((0..6).map(position).collect());
    }
    world.lineage = vec![entry].into();
    world
}

pub(super) fn finding<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Finding {
    let found = &mut plan.switches[0].compared;
    &mut found.iter_mut().find(|it| it.former_index == name).unwrap().finding
}

/// With the figures of a look at the documents.
pub(super) fn looked_at(plan: &mut Plan) {
    let figures = |finding: &mut Finding, documents, overlap| match finding {
        Finding::Diverged(diverged) => {
            diverged.documents = Some(documents);
            diverged.overlap = Some(overlap);
        }
        Finding::Deleted(deleted) => deleted.documents = Some(documents),
        other => panic!("{other:?}"),
    };
    let overlap = |compared_documents, changed_documents, is_whole| Overlap {
        compared_documents,
        changed_documents,
        same_documents: 0,
        is_whole,
    };
    figures(finding(plan, "orders-000017"), 1_166, overlap(1_166, 17, true));
    figures(finding(plan, "orders-ledger"), 31, overlap(31, 0, true));
    figures(finding(plan, "orders-tmp-export"), 12_004, Overlap::default());
}
