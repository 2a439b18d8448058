//! Clusters that answer and are not well: each sickness has its outcome, within deadlines.

use std::sync::Arc;

use esdr::sandbox::{self, Fault, Misbehaviour, Pace, Personality, Rule, Site};
use serde_json::{Value, json};

use crate::{
    scenarios::{
        emergency::{assert_refused, assert_tells, forced, planned},
        sets::{INDICES, is_regular, protect, takes_writes, write},
    },
    support::{
        esdr::Esdr,
        pair,
        pair::Pair,
        simulated::{Simulated, busy},
    },
};

const FORCED: &str = include_str!("../../playbooks/failover-forced.toml");

const A: pair::Site = pair::Site::A;
const B: pair::Site = pair::Site::B;

/// A protected set on a pair that can be made sick.
fn protected(personality: Personality) -> (Arc<sandbox::Pair>, Pair, Esdr) {
    let sandbox = sandbox::Pair::new(personality);
    let pair = Pair::of(Simulated::of(Arc::clone(&sandbox)));
    let esdr = protect(&pair);
    (sandbox, pair, esdr)
}

fn assert_leads(pair: &Pair) {
    for (index, _) in INDICES {
        assert!(is_regular(pair, B, index), "{index}");
        assert!(takes_writes(pair, B, index), "{index}");
    }
}

#[test]
fn a_standby_that_is_busy_now_and_then_is_promoted_all_the_same() {
    for call in ["/_close", "/_open", "/_ccr/pause_follow", "/_ccr/unfollow", "/_cat/indices"] {
        let (sandbox, pair, esdr) = protected(Personality::V6_8);
        // The plan is made before, so that the run itself meets it.
        let skip = if call == "/_cat/indices" { 3 } else { 0 };
        sandbox.fault(Fault::Request(Rule::next(Site::B, call, busy(429)).skip(skip).times(2)));
        drop(planned(&esdr).run().status(0));
        assert_leads(&pair);
        assert_eq!(pair.violations(), [""; 0], "{call}");
    }
}

/// Only what its leader has still is copied anew over a copy that cannot be read: what followed an
/// index that is gone may be mended with the server's own tools, and is the last of it.
#[test]
fn a_copy_that_is_given_up_and_whose_leader_is_another_index_stays_as_it_is() {
    let personalities = [Personality::V6_8, Personality::V8_19];
    for (personality, is_paused) in
        personalities.into_iter().flat_map(|it| [(it, false), (it, true)])
    {
        let (sandbox, pair, esdr) = protected(personality);
        let (index, _) = INDICES[0];
        if is_paused {
            pair.ok("POST", B, &format!("/{index}/_ccr/pause_follow"), ());
        }
        let uuid = |pair: &Pair| {
            let settings = pair.get(B, &format!("/{index}/_settings")).1;
            settings[index]["settings"]["index"]["uuid"].clone()
        };
        let before = uuid(&pair);
        sandbox.fault(Fault::GivenUp { site: Site::B, index: index.to_owned() });
        pair.ok("DELETE", A, &format!("/{index}"), ());
        write(&pair, A, index, "another");
        drop(esdr.args(["replicate", "--yes"]).json().run());
        assert_eq!(uuid(&pair), before, "{personality:?}, paused: {is_paused}");
        assert!(!before.is_null());
    }
}

/// As where a pattern has just made the copy: its tasks do not run yet, for its shards do not.
#[test]
fn a_copy_whose_shards_are_still_starting_is_waited_for() {
    for personality in [Personality::V6_8, Personality::V8_19] {
        let (sandbox, pair, esdr) = protected(personality);
        for (index, _) in INDICES {
            pair.ok("POST", B, &format!("/{index}/_ccr/pause_follow"), ());
        }
        let reason = "The primary shard of a follower index [orders-1][4], [P], s[INITIALIZING] is not active";
        let error = json!({"type": "illegal_argument_exception", "reason": reason});
        let body = json!({"error": error, "status": 400}).to_string();
        let refused = Misbehaviour::Refused { status: 400, body };
        sandbox.fault(Fault::Request(Rule::next(Site::B, "/_ccr/resume_follow", refused).times(4)));
        drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
        for (index, _) in INDICES {
            let info = pair.ok("GET", B, &format!("/{index}/_ccr/info"), ());
            assert_eq!(info["follower_indices"][0]["status"], "active", "{index}");
        }
    }
}

#[test]
fn a_leader_that_is_busy_now_and_then_is_waited_for() {
    let (sandbox, pair, esdr) = protected(Personality::V6_8);
    sandbox.fault(Fault::Request(Rule::next(Site::A, "/_stats", busy(429)).skip(2).times(2)));
    drop(planned(&esdr).run().status(0));
    assert_leads(&pair);
    assert_eq!(pair.violations(), [""; 0]);
}

#[test]
fn a_leader_that_is_busy_all_the_time_is_alive_until_the_standby_reads_from_it_no_more() {
    let (sandbox, pair, esdr) = protected(Personality::V8_19);
    sandbox.fault(Fault::Request(Rule::next(Site::A, "/_", busy(429)).times(usize::MAX)));
    for run in [planned(&esdr), forced(&esdr)] {
        assert_refused(&run.run().status(3).result(), "leader_alive");
        assert_eq!(pair.violations(), [""; 0]);
    }
    pair.expect_two_writable();
    sandbox.fault(Fault::Cut { from: Site::B, to: Site::A });
    let result = planned(&esdr).run().status(3).result();
    assert_refused(&result, "leader_ill");
    let result = forced(&esdr).run().status(6).result();
    assert_tells(&result, "unfenced_leader");
    assert_leads(&pair);
}

#[test]
fn a_follower_that_reads_no_more_is_waited_for_once() {
    let (sandbox, pair, esdr) = protected(Personality::V8_19);
    pair.expect_two_writable();
    // Without an index of its own esdr would not go without a leader that answers.
    let index = INDICES[0].0.to_owned();
    sandbox.fault(Fault::Red { site: Site::A, index, is_red: true });
    sandbox.fault(Fault::Pace { site: Site::B, pace: Pace::StopAt(-1) });
    for (index, _) in &INDICES[1..] {
        write(&pair, A, index, "unheard");
    }
    let own = FORCED.replace("within = \"2m\"", "within = \"1s\"");
    assert_ne!(own, FORCED);
    esdr.write("own.toml", &own);
    let run = ["run", "own.toml", "--to", "clusterB", "--accept-data-loss", "--yes"];
    let output = esdr.args(run).json().run().status(6);
    let gives_up = |event: &&Value| event["detail"]["guard"] == "drain";
    assert_eq!(output.events().iter().filter(gives_up).count(), 1, "{}", output.stdout);
    let result = output.result();
    assert_eq!(result["lost_ops"]["known"], INDICES.len() - 1, "{result}");
    assert_tells(&result, "diverged");
    assert_leads(&pair);
}

#[test]
fn a_standby_whose_licence_has_ended_is_promoted_without_its_leader() {
    for personality in [Personality::V6_8, Personality::V8_19] {
        let (sandbox, pair, esdr) = protected(personality);
        let kind = "trial".to_owned();
        sandbox.fault(Fault::License { site: Site::B, kind, is_active: false });
        sandbox.fault(Fault::Kill(Site::A));
        let result = forced(&esdr).run().status(6).result();
        assert_tells(&result, "unfenced_leader");
        assert_leads(&pair);
    }
}
