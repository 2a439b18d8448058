//! What only a former leader has, and the comparison of both sides, with a hundred thousand and
//! with a million documents: memory must not grow with them, as a ratio of one run.
//!
//! `cargo bench --bench million` on two real clusters that it starts; what it needs is what the
//! tests on real clusters need, and a gigabyte of disk.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/scenarios/emergency.rs"]
mod emergency;
#[path = "../tests/scenarios/sets.rs"]
mod sets;
#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;

use emergency::forced;
use serde_json::json;
use sets::leader;
use support::{
    distribution,
    esdr::{Esdr, Invocation},
    memory,
    pair::{
        Pair,
        Site::{self, A, B},
    },
    until::{seconds, until_true},
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders"]
"#;

const COUNTS: [u64; 2] = [100_000, 1_000_000];

/// Documents in a request.
const BULK: u64 = 5_000;

/// Text in each of them, in bytes.
const TEXT_BYTES: usize = 400;

/// A million documents, copied.
const RUN_LIMIT_S: u64 = 3_600;

/// How long one command took, and the most memory that it held.
#[derive(Clone, Copy)]
struct Cost {
    took_ms: u128,
    peak_bytes: u64,
}

fn main() {
    let mut pair = Pair::real(&distribution::unpacked().expect("Elasticsearch"));
    let costs = COUNTS.map(|count| run(&mut pair, count));
    for (at, what) in ["salvage", "verify --full"].into_iter().enumerate() {
        for (count, cost) in COUNTS.into_iter().zip(costs) {
            let Cost { took_ms, peak_bytes } = cost[at];
            println!("{what}, {count} documents: {took_ms} ms, at most {peak_bytes} bytes held");
        }
        let [few, many] = costs.map(|cost| cost[at].peak_bytes);
        println!("{what}: ten times the documents, {} % of the memory", many * 100 / few.max(1));
    }
}

/// One index whose documents reach no other cluster and are salvaged there; then as many on the
/// new leader, which the former one follows.
fn run(pair: &mut Pair, count: u64) -> [Cost; 2] {
    pair.reset();
    leader(pair, "orders", 4);
    let esdr = Esdr::on(pair).toml(ORDERS);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    pair.freeze_link(B);
    load(pair, A, count);
    pair.kill(A);
    drop(forced(&esdr).run().status(6));
    pair.mend_link(B);
    pair.restart(A);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));
    let salvage = cost(esdr.args(["salvage", "--out", "files"]));
    drop(esdr.args(["reprotect", "--yes"]).json().limit_s(RUN_LIMIT_S).run().status(0));
    load(pair, B, count);
    until_true(RUN_LIMIT_S, "all of them are on both", || {
        [A, B].iter().all(|site| pair.count(*site, "orders") == Some(count))
    });
    [salvage, cost(esdr.args(["verify", "--full"]))]
}

fn load(pair: &Pair, site: Site, count: u64) {
    let text = "x".repeat(TEXT_BYTES);
    for first in (0..count).step_by(usize::try_from(BULK).unwrap()) {
        let mut lines = String::new();
        for n in first..first + BULK {
            writeln!(lines, "{{\"index\":{{\"_id\":\"{n}\"}}}}\n{{\"t\":\"{text}\"}}").unwrap();
        }
        let answer = pair.ok("POST", site, "/orders/_doc/_bulk?filter_path=errors", lines);
        assert_eq!(answer, json!({"errors": false}));
    }
}

fn cost(command: Invocation<'_>) -> Cost {
    let running = command.json().limit_s(RUN_LIMIT_S).spawn();
    let (output, peak_bytes) = memory::until_ended(running, seconds(RUN_LIMIT_S));
    let output = output.status(0);
    Cost { took_ms: output.took.as_millis(), peak_bytes }
}
