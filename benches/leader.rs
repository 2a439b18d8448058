//! A forced failover beside a frozen leader, as a ratio to one beside a dead leader: nothing of
//! it waits for an answer of the leader, so that it must be about 1.
//!
//! `cargo bench --bench leader` on two real clusters that it starts; what it needs is what the
//! tests on real clusters need.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/scenarios/emergency.rs"]
mod emergency;
#[path = "../tests/scenarios/sets.rs"]
mod sets;
#[path = "../tests/support/mod.rs"]
mod support;

use emergency::{assert_incomplete, forced};
use sets::{leader, takes_writes, write};
use support::{
    distribution,
    esdr::Esdr,
    pair::{
        Pair,
        Site::{A, B},
    },
};

const ORDERS: &str = r#"
[sets.orders]
home = "clusterA"
standby = "clusterB"
indices = ["orders-*"]
"#;

fn main() {
    let mut pair = Pair::real(&distribution::unpacked().expect("Elasticsearch"));
    for count in [10, 200] {
        pair.reset();
        let dead_ms = switch_ms(&mut pair, count, |pair| pair.kill(A));
        pair.reset();
        let frozen_ms = switch_ms(&mut pair, count, |pair| pair.freeze(A));
        let percent = frozen_ms * 100 / dead_ms.max(1);
        println!(
            "{count} indices: {dead_ms} ms beside a dead leader, {frozen_ms} ms beside a frozen one, {percent} %"
        );
    }
}

fn switch_ms(pair: &mut Pair, count: usize, leave: fn(&mut Pair)) -> u64 {
    let names: Vec<String> = (0..count).map(|number| format!("orders-{number:03}")).collect();
    for name in &names {
        leader(pair, name, 1);
        write(pair, A, name, "1");
    }
    let esdr = Esdr::on(pair).toml(ORDERS);
    // Two hundred copies are made by real servers here.
    drop(esdr.args(["replicate", "--yes"]).json().limit_s(600).run().status(0));
    leave(pair);
    let result = forced(&esdr).run().status(6).result();
    assert_incomplete(&result, count);
    for name in &names {
        assert!(takes_writes(pair, B, name), "{name}");
    }
    result["switch_ms"].as_u64().expect("it was switched")
}
