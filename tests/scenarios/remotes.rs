//! Remote connections: whom they lead to is looked at before anything is copied through them, and
//! they are made what the file says of them without a moment in between.

use serde_json::{Value, json};

use super::{
    refused::{only, refused},
    sets::{INDICES, follows, protect, write},
};
use crate::support::{
    esdr::Esdr,
    pair::{
        Pair,
        Site::{A, B},
    },
    until::until_true,
};

const SEEDS: &str = "cluster.remote.clusterA.seeds";

fn set(pair: &Pair, settings: Value) {
    pair.ok("PUT", B, "/_cluster/settings", json!({"persistent": settings}));
}

/// What the standby's settings say of its connection to the leader.
fn remote(pair: &Pair) -> Value {
    let settings = pair.ok("GET", B, "/_cluster/settings?flat_settings=true", ());
    let of_leader = |(key, value): (&String, &Value)| {
        let name = key.strip_prefix("cluster.remote.clusterA.")?;
        Some((name.to_owned(), value.clone()))
    };
    settings["persistent"].as_object().unwrap().iter().filter_map(of_leader).collect()
}

/// The file with another way to reach the leader.
fn reached_by(pair: &Pair, esdr: &Esdr, remote: &str) {
    let text = std::fs::read_to_string(esdr.path("esdr.toml")).unwrap();
    let line = format!("remote = {{ seeds = [{:?}] }}", pair.seed(A).unwrap());
    assert!(text.contains(&line), "{text}");
    esdr.write("esdr.toml", &text.replace(&line, &format!("remote = {{ {remote} }}")));
}

fn replicate(esdr: &Esdr) -> Value {
    esdr.args(["replicate", "--yes"]).json().run().status(0).result()
}

#[track_caller]
fn assert_nothing_left(esdr: &Esdr) {
    assert_eq!(replicate(esdr)["run"], Value::Null, "nothing was run");
}

/// The standby's connection of the leader's name leads to the standby itself.
pub fn a_connection_behind_which_another_cluster_stands_is_refused(pair: &mut Pair) {
    let Some(own) = pair.seed(B) else { return };
    let esdr = protect(pair);
    let right = remote(pair)["seeds"].clone();
    set(pair, json!({SEEDS: null}));
    set(pair, json!({SEEDS: [own]}));
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("wrong_cluster", "clusterB"));
    let output = esdr.args(["replicate", "--yes"]).json().run();
    let said = format!(
        "the remote connection clusterA of clusterB ({own}) does not lead to clusterA: \
         what answers there has not the state index of clusterA"
    );
    assert_eq!(output.result()["problems"][0]["detail"], said);
    set(pair, json!({SEEDS: null}));
    set(pair, json!({SEEDS: right}));
    // Copies that have stopped meanwhile go on.
    replicate(&esdr);
    assert_nothing_left(&esdr);
    assert_copied(pair, "later");
}

/// The file itself is wrong: that is seen before anything is copied.
pub fn what_the_file_takes_for_a_cluster_is_looked_at_before_it_is_followed(pair: &mut Pair) {
    let Some(own) = pair.seed(B) else { return };
    super::sets::leader(pair, "orders", 1);
    let esdr = Esdr::on(pair).toml(
        "[sets.orders]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = [\"orders\"]\n",
    );
    reached_by(pair, &esdr, &format!("seeds = [{own:?}]"));
    let output = esdr.args(["replicate", "--yes"]).json().run().status(4);
    let result = output.result();
    assert_eq!(result["problems"][0]["code"], "wrong_cluster", "{result}");
    assert_eq!(pair.get(B, "/orders").0, 404, "nothing was copied");
    let run = esdr.args(["replicate", "--yes"]);
    assert_eq!(refused(pair, &esdr, run, 3), only("wrong_cluster", "clusterB"));
}

pub fn a_connection_is_given_the_addresses_of_the_file(pair: &mut Pair) {
    if pair.seed(A).is_none() {
        return;
    }
    let esdr = protect(pair);
    let right = remote(pair)["seeds"].clone();
    let nowhere = json!(["127.0.0.1:1"]);
    set(pair, json!({SEEDS: nowhere, "cluster.remote.clusterA.skip_unavailable": true}));
    assert_ne!(remote(pair)["seeds"], right);
    replicate(&esdr);
    let after = remote(pair);
    assert_eq!((&after["seeds"], &after["skip_unavailable"]), (&right, &json!("true")));
    assert_nothing_left(&esdr);
    assert_copied(pair, "later");
}

pub fn a_connection_changes_its_mode_in_one_request(pair: &mut Pair) {
    let Some(seed) = pair.seed(A) else { return };
    let esdr = protect(pair);
    let by_seeds = remote(pair);
    reached_by(pair, &esdr, &format!("proxy = {seed:?}, server_name = \"a.example\""));
    if pair.is_6_8() {
        let run = esdr.args(["replicate", "--yes"]);
        assert_eq!(refused(pair, &esdr, run, 3), only("no_remote", "clusterB"));
        return;
    }
    replicate(&esdr);
    let wanted = json!({"mode": "proxy", "proxy_address": seed, "server_name": "a.example"});
    assert_eq!(remote(pair), wanted);
    assert_nothing_left(&esdr);
    assert_copied(pair, "by-proxy");
    let text = std::fs::read_to_string(esdr.path("esdr.toml")).unwrap();
    let proxy = format!("proxy = {seed:?}, server_name = \"a.example\"");
    esdr.write("esdr.toml", &text.replace(&proxy, &format!("seeds = [{seed:?}]")));
    replicate(&esdr);
    assert_eq!(remote(pair), by_seeds);
    assert_copied(pair, "by-seeds");
}

/// The copies go on being copies.
fn assert_copied(pair: &Pair, id: &str) {
    for (index, _) in INDICES {
        assert!(follows(pair, B, index));
        write(pair, A, index, id);
        until_true(30, &format!("{id} arrives in {index}"), || {
            pair.get(B, &format!("/{index}/_doc/{id}")).0 == 200
        });
    }
}
