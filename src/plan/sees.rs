//! Who sees whom, as it was when the plan was made: what a refusal about a cluster rests on.

use serde::{Deserialize, Serialize};

use crate::model::world::{Answer, Cluster, World};

/// One direction.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sees {
    /// The cluster that looks; none: the machine that esdr runs on.
    pub from: Option<String>,
    pub to: String,
    /// `yes`, `no` or `unknown`.
    pub answer: String,
    /// How it is known, in a few words.
    pub evidence: String,
}

/// This machine and both clusters of a set, what is not so first.
pub(super) fn all(world: &World, source: &str, target: &str) -> Vec<Sees> {
    let mut sees: Vec<Sees> =
        [source, target].into_iter().filter_map(|to| from_here(world, to)).collect();
    for (from, to) in [(target, source), (source, target)] {
        sees.extend(world.sight(from, to).map(|sight| Sees {
            from: Some(from.to_owned()),
            to: to.to_owned(),
            answer: sight.answer.word().to_owned(),
            evidence: sight.evidence.clone(),
        }));
    }
    sees.sort_by_key(|seen| seen.answer == Answer::Yes.word());
    sees
}

fn from_here(world: &World, to: &str) -> Option<Sees> {
    let (answer, evidence) = match world.clusters.get(to)? {
        Cluster::Ok(view) => (Answer::Yes, format!("{} ms", view.answer_ms)),
        Cluster::Ill { reason, .. } => (Answer::Yes, format!("ill: {reason}")),
        Cluster::Unreachable { reason } => (Answer::No, reason.clone()),
        Cluster::Refused { reason } => (Answer::No, reason.to_string()),
    };
    let answer = answer.word().to_owned();
    Some(Sees { from: None, to: to.to_owned(), answer, evidence })
}
