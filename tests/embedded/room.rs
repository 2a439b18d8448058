//! Room that a cluster does not tell, as real servers cannot be made to keep it back.

use esdr::sandbox::{Fault, Misbehaviour, Pair as Sandbox, Personality, Rule, Site};
use serde_json::Value;

use crate::{
    scenarios::{
        emergency::planned,
        sets::{INDICES, follows, protect},
    },
    support::{esdr::Esdr, pair, pair::Pair, simulated::Simulated},
};

/// The warnings of a plan that is only shown.
fn warnings(esdr: &Esdr) -> Vec<Value> {
    let output = esdr.args(["reprotect", "--dry-run"]).json().run().status(5);
    let problems = output
        .events()
        .into_iter()
        .filter_map(|event| event["detail"]["problems"].as_array().cloned());
    problems.flatten().filter(|problem| problem["code"] == "room_unseen").collect()
}

#[test]
fn room_that_may_not_be_seen_is_warned_of_and_stops_nothing() {
    for (personality, call) in [
        (Personality::V6_8, "/_cat/allocation"),
        (Personality::V8_19, "/_cluster/settings?include_defaults"),
    ] {
        let sandbox = Sandbox::new(personality);
        let pair = Pair::of(Simulated::of(std::sync::Arc::clone(&sandbox)));
        let esdr = protect(&pair);
        drop(planned(&esdr).run().status(0));
        assert_eq!(warnings(&esdr), Vec::<Value>::new());

        let body = r#"{"error":{"type":"security_exception","reason":"action is unauthorized"},"status":403}"#;
        let refused = Misbehaviour::Refused { status: 403, body: body.to_owned() };
        sandbox.fault(Fault::Request(Rule::next(Site::A, call, refused).times(usize::MAX)));
        let told = warnings(&esdr);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            (&told[0]["level"], &told[0]["subject"]),
            (&"warning".into(), &"clusterA".into())
        );
        drop(esdr.args(["reprotect", "--yes"]).json().run().status(0));
        for (index, _) in INDICES {
            assert!(follows(&pair, pair::Site::A, index), "{index}");
        }
    }
}

/// Two more requests to each cluster, whatever the number of indices, and only where copies
/// are a matter of the playbook.
#[test]
fn room_is_asked_for_by_two_requests_and_only_by_plans_that_make_copies() {
    let sandbox = Sandbox::new(Personality::V8_19);
    let pair = Pair::of(Simulated::of(std::sync::Arc::clone(&sandbox)));
    let esdr = protect(&pair);
    let asked = || {
        let asks =
            |line: &&String| line.contains("/_cat/allocation") || line.contains("include_defaults");
        Site::BOTH.map(|site| sandbox.requests(site).iter().filter(asks).count())
    };
    let before = asked();
    drop(planned(&esdr).run().status(0));
    drop(esdr.args(["status"]).json().run());
    assert_eq!(asked(), before, "no copy is made by a failover");
    drop(esdr.args(["reprotect", "--dry-run"]).json().run().status(5));
    assert_eq!(asked(), before.map(|count| count + 2));
}
