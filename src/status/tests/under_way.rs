//! While a run that is alive is at a set, nothing is proposed that its lock would refuse.

use super::{
    build,
    next::is_change,
    worlds::{entry, fenced, follower, leader, pair, topology, twin, without},
};
use crate::model::{
    lineage::State,
    lock::{Lock, Standing},
    world::World,
};

fn held(world: World) -> World {
    let lock = Lock { set: "orders".to_owned(), run: "1121-7f3a9c".to_owned(), ..Lock::default() };
    let on = |cluster: &str| Standing { cluster: cluster.to_owned(), lock: lock.clone() };
    World { locks: vec![on("clusterA"), on("clusterB")], ..world }
}

/// The commands under `Next` that are more than a look.
fn proposed(world: &World) -> Vec<String> {
    let status = build(world, &topology(&[("orders", &["orders-*"])]), &[]);
    let changes = status.next.into_iter().filter(is_change);
    changes.map(|next| next.command).collect()
}

#[test]
fn beside_a_run_that_is_alive_nothing_is_proposed_from_whatever_state() {
    let name = "orders-000001";
    let protected = || pair(vec![leader(name, &[41])], vec![follower(name, &[41])]);
    let fenced = pair(vec![fenced(leader(name, &[41]))], vec![follower(name, &[41])]);
    let begun = World { lineage: vec![entry(&[name], State::Open, None)].into(), ..fenced.clone() };
    let parted = pair(vec![leader(name, &[41])], vec![twin(name, &[41])]);
    let moved =
        World { lineage: vec![entry(&[name], State::Done, Some(41))].into(), ..parted.clone() };
    for world in [protected(), without(protected(), "clusterA"), fenced, begun, parted, moved] {
        assert_ne!(proposed(&world), [""; 0], "nobody is at it");
        assert_eq!(proposed(&held(world)), [""; 0]);
    }
}
