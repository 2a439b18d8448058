//! Indices whose situation wants action, told together by what is wrong.

use super::{names, subject};
use crate::{
    model::{
        membership::Scope,
        problem::{Code, Problem},
        world::Cluster,
    },
    status::{IndexStatus, SetStatus, Situation, State},
};

/// One kind of trouble: its code, which indices have it, what is said of them, what to do.
pub(super) struct Kind {
    pub(super) code: Code,
    pub(super) has: fn(&IndexStatus) -> bool,
    pub(super) said: &'static str,
    pub(super) hint: &'static str,
}

/// In order of weight. `{L}` and `{F}` stand for the clusters, `{S}` for the set, `{P}` for the command
/// that makes the other side follow.
const KINDS: [Kind; 12] = [
    Kind {
        code: Code::SplitBrain,
        has: |index| index.situation == Situation::SplitBrain,
        said: "writable on both clusters, and no record says who leads",
        hint: "stop the writers of one side at once; then name the side that goes, salvaged whole first: esdr reprotect --set {S} --discard {L}, or --discard {F}",
    },
    Kind {
        code: Code::Stray,
        has: |index| index.situation == Situation::Stray,
        said: "led by {L} by the record, and writable on {F} too",
        hint: "esdr fence {F} --set {S}",
    },
    Kind {
        code: Code::Diverged,
        has: |index| index.situation == Situation::Diverged,
        said: "led by {L}, while {F} holds operations that {L} lacks",
        hint: "keep {F}'s copy as it is: what only it has can still be read there",
    },
    Kind {
        code: Code::HalfPromoted,
        has: |index| index.situation == Situation::HalfPromoted,
        said: "in the middle of a promote, perhaps writable nowhere",
        hint: "esdr failover --to {F} --set {S} goes on",
    },
    Kind {
        code: Code::LeaderLost,
        has: |index| index.situation == Situation::LeaderLost,
        said: "without a leader that can be seen",
        hint: "esdr status --watch; waiting loses nothing",
    },
    Kind {
        code: Code::Unrelated,
        has: |index| index.situation == Situation::Unrelated,
        said: "regular on both clusters, and no record says that they were ever one",
        hint: "exclude the name from the set; or name the side that goes, salvaged whole first: esdr reprotect --set {S} --discard {L}, or --discard {F}",
    },
    Kind {
        code: Code::Fatal,
        has: |index| index.state == Some(State::Fatal),
        said: "stopped for good on {F}",
        hint: "{P} lets it go on, or makes it anew where {F} has given it up; if the history is gone it needs a new copy",
    },
    Kind {
        code: Code::Paused,
        has: |index| {
            index.situation == Situation::Stalled
                && matches!(index.state, Some(State::Paused | State::Closed))
        },
        said: "paused on {F}",
        hint: "{P}",
    },
    Kind {
        code: Code::Unseen,
        has: |index| index.situation == Situation::Unknown,
        said: "not seen whole: who leads, or how far the copy is, is not known",
        hint: "esdr status",
    },
    Kind {
        code: Code::Stalled,
        has: |index| {
            index.situation == Situation::Stalled
                && matches!(index.state, Some(State::Following | State::Restoring))
        },
        said: "without progress on {F}",
        hint: "esdr status --set {S} --all; look at the connection from {F} to {L}",
    },
    Kind {
        code: Code::LateIndex,
        has: |index| index.situation == Situation::Late,
        said: "born on {F} behind the fence, and not on {L}",
        hint: "esdr fence {F} --set {S}; then reindex them into {L}, which lacks them",
    },
    Kind {
        code: Code::Uncovered,
        has: |index| index.situation == Situation::Unprotected,
        said: "on {L} and followed by nothing on {F}",
        hint: "{P}",
    },
];

pub(super) fn problems(scope: Scope<'_>, set: &SetStatus) -> Vec<Problem> {
    if set.indices.is_empty() {
        return vec![empty(scope, set)];
    }
    // A cluster that is gone is told once, not again by what it leads.
    let is_well = |name: &str| scope.world.clusters.get(name).is_some_and(Cluster::is_ok);
    let is_told = |kind: &&Kind| match kind.code {
        Code::LeaderLost => scope.world.view(scope.source).is_none(),
        Code::Unseen => !is_well(scope.source) || !is_well(scope.target),
        _ => false,
    };
    let kinds = KINDS.iter().filter(|kind| !is_told(kind));
    let mut problems: Vec<Problem> = kinds.filter_map(|kind| told(scope, set, kind)).collect();
    problems.extend(red(scope, set));
    problems
}

/// What is said of the indices of one kind of trouble, where there are any.
pub(super) fn told(scope: Scope<'_>, set: &SetStatus, kind: &Kind) -> Option<Problem> {
    let found: Vec<&IndexStatus> = set.indices.iter().filter(|index| (kind.has)(index)).collect();
    let first = found.first()?;
    // The clusters in the roles that the indices themselves have.
    let leader = match kind.code {
        Code::LateIndex => scope.source,
        _ => first.leader.as_deref().unwrap_or(scope.source),
    };
    let follower = if leader == scope.source { scope.target } else { scope.source };
    let alias = scope.set.bidi.as_deref().unwrap_or_default();
    let fill = |text: &str| {
        let text = text.replace("{L}", leader).replace("{F}", follower);
        let text = text.replace("{P}", &scope.set.protect(leader));
        text.replace("{S}", &set.name).replace("{B}", alias)
    };
    let all: Vec<&str> = found.iter().map(|index| index.leader_index.as_str()).collect();
    let why = first.why.as_ref().map_or_else(String::new, |why| format!("; {why}"));
    let many = if found.len() == 1 {
        String::new()
    } else {
        format!("{} indices of {} are ", found.len(), set.name)
    };
    let detail = if found.len() == 1 {
        format!("{} is {}{why}", all[0], fill(kind.said))
    } else {
        format!("{many}{}: {}{why}", fill(kind.said), names(all.iter().copied()))
    };
    let hint = fill(kind.hint).replace("INDEX", &first.follower_index);
    Some(Problem::new(kind.code, subject(set, &all), detail, hint))
}

/// The file names a set and there is nothing of it anywhere.
fn empty(scope: Scope<'_>, set: &SetStatus) -> Problem {
    let unseen =
        [scope.source, scope.target].into_iter().any(|name| scope.world.view(name).is_none());
    let detail = if unseen {
        format!(
            "nothing can be seen of {}: a cluster does not answer, and no record is known to be of it",
            set.name
        )
    } else {
        format!("no index of {} is on {} or {}", set.name, scope.source, scope.target)
    };
    let hint = if unseen { "esdr status --watch" } else { "mend `indices` in esdr.toml" };
    Problem::new(Code::NothingReplicated, &set.name, detail, hint)
}

/// Copies with missing primary shards.
pub(super) fn red(scope: Scope<'_>, set: &SetStatus) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (cluster, of) in [
        (scope.source, (|index| &index.leader_index) as fn(&IndexStatus) -> &String),
        (scope.target, |index| &index.follower_index),
    ] {
        let found: Vec<&str> = set
            .indices
            .iter()
            .map(|index| of(index).as_str())
            .filter(|name| {
                scope.world.index(cluster, name).is_some_and(|index| index.health == "red")
            })
            .collect();
        if !found.is_empty() {
            problems.push(Problem::new(
                Code::RedIndex,
                subject(set, &found),
                format!("{} red on {cluster}: {}", found.len(), names(found.iter().copied())),
                format!("GET {cluster}/_cluster/allocation/explain"),
            ));
        }
    }
    problems
}
