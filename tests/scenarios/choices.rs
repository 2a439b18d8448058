//! What the operator chooses for an index before its former copy goes, beside what
//! `failback.rs` tells of `apply` and `delete`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    diverged::{diverge, salvaged},
    emergency::{forced, planned},
    moments::{KILLED, shared_moments},
    sets::{IDS, aliases, follows, protect, takes_writes},
};
use crate::support::{
    esdr::{Esdr, Invocation},
    pair::{
        Pair,
        Site::{self, A, B},
    },
};

fn failback<'e>(esdr: &'e Esdr, choice: &str) -> Invocation<'e> {
    esdr.args(["failback", "--yes", "--resolve", choice]).json().limit_s(300)
}

/// Every document of an index by its id, with its version.
pub fn documents(pair: &Pair, site: Site, index: &str) -> BTreeMap<String, (i64, Value)> {
    pair.ok("POST", site, &format!("/{index}/_refresh"), ());
    let body = json!({"version": true, "size": 1000});
    let answer = pair.ok("POST", site, &format!("/{index}/_search"), body);
    let hits = answer["hits"]["hits"].as_array().expect("a list");
    let of = |hit: &Value| {
        let id = hit["_id"].as_str().expect("an id").to_owned();
        (id, (hit["_version"].as_i64().expect("a version"), hit["_source"].clone()))
    };
    hits.iter().map(of).collect()
}

fn kept(pair: &Pair, site: Site) -> Vec<String> {
    let rows = pair.ok("GET", site, "/_cat/indices/esdr-kept-*?format=json&h=index", ());
    let names = rows.as_array().expect("a list").iter();
    names.map(|row| row["index"].as_str().expect("a name").to_owned()).collect()
}

/// B leads without A's last writes; A is back.
pub fn diverged(pair: &mut Pair) -> Esdr {
    let esdr = protect(pair);
    pair.freeze_link(B);
    let _orphans = diverge(pair, "orders-2");
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    esdr
}

/// The file has what nobody else had; the copy has all.
pub fn a_diverged_copy_stays_under_another_name_where_that_is_chosen(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = diverged(pair);
    let before = documents(pair, A, "orders-2");
    let output = failback(&esdr, "orders-2=keep").run().status(0);
    let names = kept(pair, A);
    assert_eq!(names.len(), 1, "{}", output.stdout);
    assert!(names[0].ends_with("-orders-2"), "{names:?}");
    assert_eq!(documents(pair, A, &names[0]), before, "as A had it, versions included");
    assert!(!takes_writes(pair, A, &names[0]), "it is there to be looked at");
    assert_eq!(salvaged(&esdr, "orders-2").len(), 22);
    assert!(takes_writes(pair, A, "orders-2") && follows(pair, B, "orders-2"), "home again");
    assert_eq!(kept(pair, B), [""; 0]);
    let status = esdr.args(["status"]).run();
    assert!(status.stdout.contains("[kept_copy]"), "{}", status.stdout);

    // Another night: the index is still the same by its UUID, and holds something else.
    pair.freeze_link(B);
    pair.ok("PUT", A, "/orders-2/_doc/1", json!({"night": 2}));
    pair.freeze(A);
    drop(forced(&esdr).run().status(6));
    pair.expect_two_writable();
    pair.thaw(A);
    pair.mend_link(B);
    let second = documents(pair, A, "orders-2");
    drop(failback(&esdr, "orders-2=keep").run().status(0));
    let all: Vec<_> = kept(pair, A).iter().map(|name| documents(pair, A, name)).collect();
    assert!(all.len() == 2 && all.contains(&before) && all.contains(&second), "one of each night");

    let again = failback(&esdr, "orders-2=keep").run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "{}", again.stdout);
    drop(planned(&esdr).run().status(0));
    assert!(takes_writes(pair, B, "orders-2"), "it is no member of the set, and in nobody's way");
    assert_eq!(pair.violations(), [""; 0]);
}

/// B leads, and has deleted an index since.
fn deleted(pair: &Pair) -> Esdr {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    pair.ok("DELETE", B, "/orders-2", ());
    esdr
}

pub fn an_index_deleted_on_the_standby_is_made_again_where_that_is_chosen(pair: &mut Pair) {
    let esdr = protect(pair);
    let (wanted, borne) = (documents(pair, A, "orders-2"), aliases(pair, A, "orders-2"));
    drop(planned(&esdr).run().status(0));
    pair.ok("DELETE", B, "/orders-2", ());
    drop(failback(&esdr, "orders-2=restore").run().status(0));
    for site in [A, B] {
        assert_eq!(documents(pair, site, "orders-2"), wanted, "on {site}");
    }
    assert_eq!(aliases(pair, A, "orders-2"), borne);
    assert!(takes_writes(pair, A, "orders-2") && follows(pair, B, "orders-2"), "home again");
    let again = failback(&esdr, "orders-2=restore").run().status(0);
    assert_eq!(again.result()["run"], Value::Null, "{}", again.stdout);
    assert_eq!(pair.violations(), [""; 0]);
}

fn after_every_line(pair: &mut Pair, choice: &str, make: fn(&mut Pair) -> Esdr) {
    for moment in shared_moments(pair, 10, &[]) {
        pair.reset();
        let esdr = make(pair);
        let before = documents(pair, A, "orders-2");
        let is_ended = moment.kill(failback(&esdr, choice)).code != KILLED;
        esdr.forget_state();
        drop(failback(&esdr, choice).run().status(0));
        let because = format!("killed {moment}");
        let found = match kept(pair, A).first() {
            Some(name) => documents(pair, A, name),
            None => documents(pair, A, "orders-2"),
        };
        assert_eq!(found, before, "{because}");
        assert!(takes_writes(pair, A, "orders-2") && follows(pair, B, "orders-2"), "{because}");
        assert_eq!(pair.violations(), [""; 0], "{because}");
        if is_ended {
            return;
        }
    }
}

pub fn killed_after_every_event_an_index_is_made_again_once(pair: &mut Pair) {
    after_every_line(pair, "orders-2=restore", |pair| deleted(pair));
}

pub fn killed_after_every_event_a_copy_is_kept_once(pair: &mut Pair) {
    if pair.can_harm() {
        after_every_line(pair, "orders-2=keep", diverged);
    }
}

/// A choice that an index gives no reason for changes nothing.
pub fn a_choice_for_an_index_that_needs_none_is_no_harm(pair: &mut Pair) {
    let esdr = protect(pair);
    drop(planned(&esdr).run().status(0));
    for id in IDS {
        assert_eq!(pair.get(B, &format!("/orders-2/_doc/{id}")).0, 200);
    }
    drop(failback(&esdr, "orders-2=restore").run().status(0));
    assert!(takes_writes(pair, A, "orders-2") && follows(pair, B, "orders-2"), "home again");
    assert_eq!(kept(pair, A), [""; 0]);
    assert_eq!(pair.violations(), [""; 0]);
}
