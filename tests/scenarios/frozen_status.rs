//! What `esdr status` says of a leader that is silent: no figure that it does not have. How soon it
//! says so is held on a paused clock (`status_has_an_answer_in_five_seconds_whoever_is_silent`).

use serde_json::Value;

use super::{
    emergency::codes,
    sets::{INDICES, protect},
};
use crate::support::pair::{Pair, Site::A};

pub fn status_answers_soon_though_the_leader_is_silent(pair: &mut Pair) {
    if !pair.can_harm() {
        return;
    }
    let esdr = protect(pair);
    drop(esdr.args(["status"]).json().run().status(0));
    pair.freeze(A);
    let output = esdr.args(["status"]).json().run().status(5);
    let status = output.result();
    assert_eq!(status["clusters"][0]["name"], "clusterA");
    assert_eq!(status["clusters"][0]["state"], "unreachable", "{status}");
    assert_eq!(codes(&status).first(), Some(&"unreachable"), "{status}");

    let set = &status["sets"][0];
    assert_eq!(set["lag_ops"], Value::Null, "{status}");
    assert_eq!(set["would_lose"]["at_most"], Value::Null, "{status}");
    assert_not_measured(set);
    let indices = set["indices"].as_array().expect("a list");
    assert_eq!(indices.len(), INDICES.len());
    for index in indices {
        assert_eq!(index["lag_ops"], Value::Null, "{index}");
        assert_not_measured(index);
    }
    assert_eq!(sees(&status, "clusterB", "clusterA"), "no", "{status}");
    assert_eq!(sees(&status, "clusterA", "clusterB"), "unknown", "{status}");
}

/// Reported with its age, or not known.
fn assert_not_measured(of: &Value) {
    match of["evidence"].as_str() {
        Some("reported") => assert!(of["evidence_age_ms"].is_u64(), "{of}"),
        Some("unknown") => {}
        other => panic!("{other:?}: {of}"),
    }
}

fn sees<'s>(status: &'s Value, from: &str, to: &str) -> &'s str {
    let all = status["sees"].as_array().expect("a list");
    let one = all.iter().find(|sight| sight["from"] == from && sight["to"] == to);
    one.expect("every pair is told")["answer"].as_str().expect("a word")
}
