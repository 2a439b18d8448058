//! Servers that make no whole copy of a diverged index, as real ones cannot be made to refuse.

use std::sync::Arc;

use esdr::{
    es::transport::Method,
    sandbox::{Fault, Misbehaviour, Pair as Sandbox, Personality, Rule, Site},
};
use serde_json::{Value, json};

use crate::{
    scenarios::{
        choices::{diverged, documents},
        diverged::salvaged,
        emergency::codes,
        safety::{assert_home, copies, failback, make_repository},
    },
    support::{
        pair::{Pair, Site::A},
        reset::REPOSITORY,
        simulated::Simulated,
    },
};

fn answers(status: u16, body: &Value) -> Misbehaviour {
    Misbehaviour::Refused { status, body: body.to_string() }
}

/// Nobody waits for a copy that is there in case: what only the former leader has is in a file.
#[test]
fn a_clone_that_the_server_refuses_is_told_and_stops_nothing() {
    let sandbox = Sandbox::new(Personality::V8_19);
    let mut pair = Pair::of(Simulated::of(Arc::clone(&sandbox)));
    let esdr = diverged(&mut pair);
    let error = json!({"type": "validation_exception", "reason": "this cluster is full"});
    let refused = answers(400, &json!({"error": error, "status": 400}));
    sandbox.fault(Fault::Request(Rule::next(Site::A, "/_clone/", refused)));
    let output = failback(&esdr, &[]).run().status(0);
    let result = output.result();
    assert_eq!(codes(&result), ["no_safety_copy"], "{result}");
    let said = result["problems"][0]["detail"].as_str().expect("a text");
    assert!(said.contains("this cluster is full"), "{said}");
    assert!(said.ends_with("The salvage file is all that stays"), "{said}");
    assert_eq!(copies(&pair), [""; 0]);
    assert_eq!(salvaged(&esdr, "orders-2").len(), 22);
    assert_home(&pair, "without a copy");
}

/// It was asked for: nothing is given up without it.
#[test]
fn a_snapshot_that_is_not_whole_stops_the_run_before_anything_is_given_up() {
    let sandbox = Sandbox::new(Personality::V6_8);
    let mut pair = Pair::of(Simulated::of(Arc::clone(&sandbox)));
    let esdr = diverged(&mut pair);
    let before = documents(&pair, A, "orders-2");
    make_repository(&pair, false);
    let partial = json!({"snapshots": [{
        "snapshot": "s", "uuid": "u", "state": "PARTIAL", "indices": ["orders-2"],
        "shards": {"total": 2, "failed": 1, "successful": 1},
    }]});
    let path = format!("/_snapshot/{REPOSITORY}/esdr-");
    let rule = Rule::next(Site::A, &path, answers(200, &partial)).method(Method::Get).skip(1);
    sandbox.fault(Fault::Request(rule));
    let args = ["--snapshot", REPOSITORY];
    let result = failback(&esdr, &args).run().status(4).result();
    assert_eq!(codes(&result), ["snapshot_failed"], "{result}");
    let hint = result["problems"][0]["hint"].as_str().expect("a text");
    assert!(hint.starts_with(&format!("DELETE {path}")), "{hint}");
    assert_eq!(documents(&pair, A, "orders-2"), before, "it stands as it was");
    drop(failback(&esdr, &args).run().status(0));
    assert_home(&pair, "once the snapshot is whole");
}
