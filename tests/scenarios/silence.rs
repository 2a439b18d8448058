//! Nothing of a forced failover waits for an answer of the leader: one that is silent costs
//! no more time than one that is dead.

use super::{
    emergency::{assert_incomplete, forced},
    sets::{leader, takes_writes, write},
};
use crate::support::{
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

/// A switch of a few indices takes no longer than what a busy machine adds to any run.
const NOISE_MS: u64 = 500;

pub fn a_silent_leader_costs_no_more_than_a_dead_one_with_ten_indices(pair: &mut Pair) {
    compare(pair, 10);
}

pub fn a_silent_leader_costs_no_more_than_a_dead_one_with_two_hundred_indices(pair: &mut Pair) {
    compare(pair, 200);
}

fn compare(pair: &mut Pair, count: usize) {
    if !pair.can_harm() {
        return;
    }
    let dead_ms = switch_ms(pair, count, |pair| pair.kill(A));
    pair.reset();
    let silent_ms = switch_ms(pair, count, |pair| pair.freeze(A));
    println!("{count} indices: {dead_ms} ms with a dead leader, {silent_ms} ms with a silent one");
    assert!(
        silent_ms <= dead_ms * 3 / 2 + NOISE_MS,
        "{count} indices: {dead_ms} ms with a dead leader, {silent_ms} ms with a silent one"
    );
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
