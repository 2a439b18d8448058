//! Whole screens, as people and programs get them.

#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod bidis;
mod bidis_json;
mod carried;
mod comparison_limits;
mod comparisons;
mod forced;
mod parted;
mod plans;
mod runs;
mod safety;
mod salvages;
mod statuses;
mod verifications;

use std::sync::{Arc, Mutex};

use super::*;
use crate::{
    es::transport::Method,
    model::{membership::Scope, topology::Topology, world::World},
    plan::{
        FORMAT, assemble,
        consent::{Consent, OnReturn},
        context,
        reason::Reason,
        request::PlanRequest,
    },
    playbook::builtin,
    status::tests::worlds,
};

/// What was written.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a reporter prints while `say` talks to it. Every line of a screen fits the width,
/// and is ASCII.
fn printed(form: Output, width: usize, say: impl FnOnce(&mut Reporter)) -> String {
    let page = Page::default();
    say(&mut Reporter::over(Box::new(page.clone()), form, width));
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    assert!(text.is_ascii(), "{text}");
    text
}

/// The same, held to the width.
fn screen(width: usize, say: impl FnOnce(&mut Reporter)) -> String {
    let text = printed(Output::Human, width, say);
    for line in text.lines() {
        assert!(line.len() <= width, "{} > {width}: {line}", line.len());
        assert_eq!(line, line.trim_end());
    }
    text
}

/// The plan that the planner makes of `failover --to clusterB`.
fn failover(world: &World, topology: &Topology) -> Plan {
    plan_of("failover", Consent::default(), world, topology)
}

/// The plan that the planner makes of a playbook.
fn plan_of(name: &str, consent: Consent, world: &World, topology: &Topology) -> Plan {
    let request = PlanRequest {
        run: "1120-7f3a".to_owned(),
        command: "esdr failover --to clusterB".to_owned(),
        reason: Some("CHG-4711".to_owned()),
        canary: true,
        consent,
        ..PlanRequest::of(builtin::find(name).unwrap().playbook().unwrap())
    };
    let switches = topology
        .sets_by_priority()
        .iter()
        .map(|set| {
            let scope = Scope { world, set, source: "clusterA", target: "clusterB", only: &[] };
            assemble::switch(&context::Context::of(scope, topology, &request))
        })
        .collect();
    Plan {
        format: FORMAT,
        request,
        at_ms: worlds::NOW_MS,
        operator: "deploy@bastion-1".to_owned(),
        host: "bastion-1".to_owned(),
        switches,
    }
}

/// The calls that matter here; the real ones are `Action::requests`.
fn requests(action: &Action) -> Vec<Request> {
    let index = action.index().unwrap_or_default();
    let one = |method, path: String| vec![Request::new(method, path)];
    match action {
        Action::Fence { .. } => one(Method::Put, format!("/{index}/_block/write")),
        Action::Pause { .. } => one(Method::Post, format!("/{index}/_ccr/pause_follow")),
        Action::Close { .. } => one(Method::Post, format!("/{index}/_close")),
        Action::Unfollow { .. } => one(Method::Post, format!("/{index}/_ccr/unfollow")),
        Action::Open { .. } => one(Method::Post, format!("/{index}/_open")),
        _ => Vec::new(),
    }
}

/// `orders` with so many indices of two shards, the last with a name of 200 bytes.
fn orders(number: usize, behind: i64) -> World {
    let name = |at: usize| {
        if at == number { format!("orders-{}", "n".repeat(193)) } else { format!("orders-{at:06}") }
    };
    let leaders = (1..=number).map(|at| worlds::leader(&name(at), &[100, 200])).collect();
    let positions = |at: usize| [100 - if at == 1 { behind } else { 0 }, 200];
    let followers = (1..=number).map(|at| worlds::follower(&name(at), &positions(at))).collect();
    let mut world = worlds::pair(leaders, followers);
    if let Some(crate::model::world::Cluster::Ok(view)) = world.clusters.get_mut("clusterA") {
        let write = crate::model::world::Alias {
            name: "orders-write".to_owned(),
            is_write_index: Some(true),
            ..Default::default()
        };
        view.indices.get_mut("orders-000001").unwrap().aliases = vec![write];
    }
    world
}

fn topology() -> Topology {
    let mut topology = worlds::topology(&[("orders", &["orders-*"])]);
    topology.hooks.before_fence = vec![vec!["./pause-writers.sh".to_owned()]];
    topology.hooks.after_promote = vec![vec!["./switch-dns.sh".to_owned(), "--now".to_owned()]];
    topology
}
