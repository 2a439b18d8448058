//! Asking one cluster whether it reaches another.

use std::time::Duration;

use serde_json::Value;

use super::Es;
use crate::{
    error::Error,
    path::encode,
    transport::{Method, Request},
};

/// A peer that is up answers in milliseconds; a frozen one never.
const PROBE_DEADLINE: Duration = Duration::from_secs(2);

/// What came of asking.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Probe {
    /// The remote cluster answered the asked one.
    Reached,
    /// The asked cluster says that it does not reach it.
    NotReached { reason: String },
    /// The asked cluster did not answer in two seconds: so it is when the peer is frozen.
    NoAnswer { reason: String },
    /// The asked cluster refused the question, such as 403: nothing is known.
    Refused { reason: String },
}

impl Es {
    /// Asks this cluster to search a remote for indices that do not exist: alive, 200 in
    /// some milliseconds; frozen, no answer; killed, an error, or a skipped cluster where
    /// `skip_unavailable` is set. The same on every version.
    pub async fn probe_remote(&self, alias: &str) -> Probe {
        let alias = encode(alias);
        let path = format!("/{alias}:esdr-probe-*/_search?size=0&ignore_unavailable=true");
        match self.send(Request::new(Method::Get, path).within(PROBE_DEADLINE)).await {
            Ok(answer) => verdict(&answer),
            Err(error @ Error::Unanswered { .. }) => {
                Probe::NoAnswer { reason: error_reason(&error) }
            }
            Err(error) if error.is_login() => Probe::Refused { reason: error_reason(&error) },
            Err(error @ Error::Refused { .. }) => {
                Probe::NotReached { reason: error_reason(&error) }
            }
            Err(error) => Probe::Refused { reason: error_reason(&error) },
        }
    }

    /// Asks this cluster to search one index of a remote: whether the cluster that stands behind
    /// the alias has it. `None` where that is not told: no answer in two seconds, a peer that is
    /// not reached, or a login that may not read it there.
    pub async fn remote_holds(&self, alias: &str, index: &str) -> Option<bool> {
        let path = format!("/{}:{}/_search?size=0", encode(alias), encode(index));
        match self.send(Request::new(Method::Get, path).within(PROBE_DEADLINE)).await {
            Ok(answer) => held(&answer),
            // An older node that knows no remotes takes the alias for a part of the name.
            Err(error) if error.is_missing_index() => {
                (self.probe_remote(alias).await == Probe::Reached).then_some(false)
            }
            Err(_) => None,
        }
    }
}

/// A cluster that is skipped where it fails is skipped for an index that it lacks, too.
fn held(answer: &Value) -> Option<bool> {
    if verdict(answer) == Probe::Reached {
        return Some(answer["_shards"]["total"].as_u64().unwrap_or(0) > 0);
    }
    let details = answer["_clusters"]["details"].as_object()?;
    let mut failures = details.values().filter_map(|it| it["failures"].as_array()).flatten();
    failures.any(|it| it["reason"]["type"] == "index_not_found_exception").then_some(false)
}

/// Reached is what one cluster counted as successful shows. An older server takes an
/// alias that it does not know for the name of an index, and counts no clusters.
fn verdict(answer: &Value) -> Probe {
    let clusters = &answer["_clusters"];
    let count = |name: &str| clusters[name].as_u64().unwrap_or(0);
    if count("successful") > 0 && count("skipped") == 0 {
        return Probe::Reached;
    }
    let detail = clusters["details"]
        .as_object()
        .and_then(|details| details.values().next())
        .and_then(|detail| detail["failures"][0]["reason"]["reason"].as_str());
    let silent = if clusters.is_object() {
        "it skipped the remote cluster"
    } else {
        "it knows no remote cluster of this alias"
    };
    Probe::NotReached { reason: detail.unwrap_or(silent).to_owned() }
}

fn error_reason(error: &Error) -> String {
    match error {
        Error::Unanswered { cause, .. } => cause.to_string(),
        Error::Refused { exception, .. } => exception.to_string(),
        other => other.to_string(),
    }
}
