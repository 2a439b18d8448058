//! What wants attention of a bi-directional alias.

use std::time::Duration;

use super::{
    fence,
    member::{Kind, red, told},
};
use crate::{
    duration,
    model::{
        membership::Scope,
        problem::{Code, Problem},
        world::Answer,
    },
    playbook::Requirement,
    status::{
        AliasState, Alone, BidiStatus, DirectionStatus, IndexStatus, SiteStatus, Situation, State,
        bidi::Look,
    },
};

/// In order of weight. `{L}` writes, `{F}` copies, `{B}` is the alias.
const KINDS: [Kind; 9] = [
    Kind {
        code: Code::SplitBrain,
        has: |index| index.situation == Situation::SplitBrain,
        said: "writable on {F} too, and no copy there any more",
        hint: "find out who writes to INDEX on {F}, for only {L} may; compare the two by hand",
    },
    Kind {
        code: Code::Unrelated,
        has: |index| index.situation == Situation::Unrelated,
        said: "regular on {F} too, and follows nothing",
        hint: "when nobody needs INDEX on {F}: delete it there, then esdr bidi setup {B}",
    },
    Kind {
        code: Code::LeaderLost,
        has: |index| index.situation == Situation::LeaderLost,
        said: "gone from {L}, and its copy stands on {F}",
        hint: "the copy on {F} is all that is left: keep it; esdr bidi status {B} --watch",
    },
    Kind {
        code: Code::HistoryGone,
        has: is_history_gone,
        said: "stopped for good on {F}: what it has not copied is no longer kept on {L}",
        hint: "esdr failback --set {B} makes a full copy",
    },
    Kind {
        code: Code::Fatal,
        has: |index| index.state == Some(State::Fatal) && !is_history_gone(index),
        said: "stopped for good on {F}",
        hint: "esdr bidi setup {B} lets it go on",
    },
    Kind {
        code: Code::Paused,
        has: |index| {
            index.situation == Situation::Stalled
                && matches!(index.state, Some(State::Paused | State::Closed))
        },
        said: "paused on {F}",
        hint: "esdr bidi setup {B} lets it go on",
    },
    Kind {
        code: Code::Stalled,
        has: |index| {
            index.situation == Situation::Stalled
                && matches!(index.state, Some(State::Following | State::Restoring))
        },
        said: "without progress on {F}",
        hint: "look at the connection from {F} to {L}; esdr bidi status {B} --watch",
    },
    Kind {
        code: Code::LateIndex,
        has: |index| index.situation == Situation::Late,
        said: "born on {F}, and not on {L}",
        hint: "stop what writes to it on {F}, then reindex it through {B}",
    },
    Kind {
        code: Code::Uncovered,
        has: |index| index.situation == Situation::Unprotected,
        said: "on {L} and copied by nothing on {F}",
        hint: "esdr bidi setup {B}",
    },
];

/// The leader no longer has the operations that come next: only a full copy helps.
fn is_history_gone(index: &IndexStatus) -> bool {
    let says = |why: &String| why.contains("no longer available");
    index.state == Some(State::Fatal) && index.why.as_ref().is_some_and(says)
}

/// Everything about one alias, the worst first.
pub(in crate::status) fn of_bidi(look: &Look<'_>, status: &BidiStatus) -> Vec<Problem> {
    let name = &status.name;
    if is_nowhere(status) {
        let [one, other] = &look.spec.clusters;
        let detail = format!("nothing of {name} is on {one} or {other}");
        let hint = format!("esdr bidi setup {name}");
        return vec![Problem::new(Code::NothingReplicated, name, detail, hint)];
    }
    let mut problems: Vec<Problem> =
        status.recursion.chains.iter().map(|chain| recursion(name, chain)).collect();
    problems.extend(status.alone.as_ref().map(|alone| goes_on(name, alone)));
    for (scope, site) in look.scopes().into_iter().zip(&status.sites) {
        let reasons = look.gate(scope, Requirement::AliasFree);
        problems.extend(reasons.iter().map(crate::plan::reason::Reason::problem));
        problems.extend(alias(name, site));
        problems.extend(apart(look, scope, site));
    }
    for (scope, direction) in look.scopes().into_iter().zip(&status.directions) {
        problems.extend(KINDS.iter().filter_map(|kind| kind_told(scope, direction, kind)));
        problems.extend(unwritten(scope, direction));
        problems.extend(link(scope, direction, name));
        problems.extend(copies_apart(scope, direction, name));
        problems.extend(red(scope, &direction.set));
        problems.extend(fence::problems(scope, &direction.set));
        problems.extend(history(look, direction));
    }
    let all_seen = status.sites.iter().all(SiteStatus::is_seen);
    if all_seen && status.recursion.answer == "unknown" {
        let detail = "whether a pattern would follow a copy back is not known: the auto-follow \
                      patterns may not be read";
        let hint = "give this user the cluster privilege manage_ccr on both clusters";
        problems.push(Problem::new(Code::RecursionUnseen, name, detail, hint).warning());
    }
    problems
}

/// A site was left, and nobody has brought both together again.
fn goes_on(name: &str, alone: &Alone) -> Problem {
    let Alone { cluster, left, run, .. } = alone;
    let detail = format!("{cluster} goes on alone: {left} was left by run {run}");
    let hint = format!("once {left} is back: esdr failback --set {name}");
    Problem::new(Code::GoesAlone, name, detail, hint)
}

/// Both sides are seen, and neither has an index of it or bears its name.
fn is_nowhere(status: &BidiStatus) -> bool {
    let bare = |site: &SiteStatus| site.alias == AliasState::Missing;
    status.sites.iter().all(bare)
        && status.directions.iter().all(|direction| direction.set.indices.is_empty())
}

fn recursion(name: &str, chain: &str) -> Problem {
    let hint = format!(
        "take what copies the copy away, or exclude the indices of {name} in its pattern: \
         DELETE /_ccr/auto_follow/PATTERN, POST /INDEX/_ccr/pause_follow"
    );
    Problem::new(Code::Recursion, name, chain, hint)
}

/// The alias on one site.
fn alias(name: &str, site: &SiteStatus) -> Option<Problem> {
    let cluster = &site.cluster;
    let (code, detail) = match site.alias {
        AliasState::Missing => (
            Code::AliasMissing,
            format!(
                "no index on {cluster} bears {name}: a write to it there makes an index of that name"
            ),
        ),
        AliasState::NoWriteIndex => (
            Code::NoWriteIndex,
            format!("{name} on {cluster} has no write index: writes through it are refused"),
        ),
        AliasState::TwoWriteIndices => {
            (Code::TwoWriteIndices, format!("{name} on {cluster} has more than one write index"))
        }
        AliasState::OneWriteIndex | AliasState::NameTaken | AliasState::Unknown => return None,
    };
    Some(Problem::new(code, name, detail, format!("esdr bidi setup {name}")))
}

/// What a site writes and does not read, and what it reads that is of neither site.
fn apart(look: &Look<'_>, scope: Scope<'_>, site: &SiteStatus) -> Vec<Problem> {
    let mut problems = Vec::new();
    let name = &look.spec.name;
    let cluster = &site.cluster;
    let (Some(view), Some(own), Some(others)) =
        (scope.world.view(cluster), &site.own, &site.others)
    else {
        return problems;
    };
    let written = view.indices.values().filter(|index| {
        index.following.is_none() && scope.set.matches(&index.name) && !own.contains(&index.name)
    });
    if site.alias != AliasState::Missing {
        problems.extend(written.map(|index| {
            let index = &index.name;
            let detail = format!("{index} on {cluster} is not in {name}: searches there miss it");
            Problem::new(Code::AliasMissing, index, detail, format!("esdr bidi setup {name}"))
        }));
    }
    // What writes go into, and what was a copy once, is told as what it is.
    let is_stranger = |other: &&String| {
        let is_kin = look.directions.iter().any(|direction| direction.matches(other));
        !is_kin && Some(*other) != site.write_index.as_ref()
    };
    for stranger in others.iter().filter(is_stranger) {
        let detail = format!(
            "{name} on {cluster} also reads {stranger}, which is not copied to the other side"
        );
        let hint = format!("take {name} off {stranger}, or reindex it through {name}");
        problems.push(Problem::new(Code::AliasStranger, stranger, detail, hint).warning());
    }
    problems
}

/// Copies that are not read through the alias.
fn copies_apart(scope: Scope<'_>, direction: &DirectionStatus, name: &str) -> Vec<Problem> {
    let Some(view) = scope.world.view(scope.target) else {
        return Vec::new();
    };
    let copies = direction.set.indices.iter().filter_map(|it| view.indices.get(&it.follower_index));
    let (from, to) = (&direction.from, &direction.to);
    copies
        .filter(|copy| copy.following.is_some())
        .filter(|copy| crate::model::bidi::borne(copy, name).is_none())
        .map(|copy| {
            let copy = &copy.name;
            let detail =
                format!("{copy} on {to} is not in {name}: searches there miss what {from} writes");
            Problem::new(Code::AliasMissing, copy, detail, format!("esdr bidi setup {name}"))
        })
        .collect()
}

/// A cluster that is gone is told once, not again by what it writes.
fn kind_told(scope: Scope<'_>, direction: &DirectionStatus, kind: &Kind) -> Option<Problem> {
    let is_told = kind.code == Code::LeaderLost && scope.world.view(scope.source).is_none();
    if is_told { None } else { told(scope, &direction.set, kind) }
}

/// The index that a site writes is not there.
fn unwritten(scope: Scope<'_>, direction: &DirectionStatus) -> Option<Problem> {
    let is_seen = scope.world.view(scope.source).is_some();
    if !is_seen || !direction.set.indices.is_empty() {
        return None;
    }
    let (name, from) = (&scope.set.name, &direction.from);
    let alias = scope.set.bidi.as_deref().unwrap_or_default();
    let detail = format!("{name}, into which {from} writes, is not there");
    Some(Problem::new(Code::IndexMissing, name, detail, format!("esdr bidi setup {alias}")))
}

/// Whether the side that copies hears the side that writes.
fn link(scope: Scope<'_>, direction: &DirectionStatus, name: &str) -> Option<Problem> {
    let (from, to) = (&direction.from, &direction.to);
    let world = scope.world;
    if world.view(from).is_none() || world.view(to).is_none() {
        return None;
    }
    if world.alias_of(to, from).is_none() {
        let detail = format!("{to} has no remote connection to {from}: it can copy nothing");
        let hint = format!("esdr bidi setup {name}");
        return Some(Problem::new(Code::NoRemote, name, detail, hint));
    }
    let sight = world.sight(to, from).filter(|sight| sight.answer == Answer::No)?;
    let detail = format!("{to} does not read from {from}: {}", sight.evidence);
    let hint = format!("mend the connection from {to} to {from}; until then {to} falls behind");
    Some(Problem::new(Code::LinkDown, name, detail, hint))
}

/// Less history is kept than the file asks for.
fn history(look: &Look<'_>, direction: &DirectionStatus) -> Option<Problem> {
    let asked = look.spec.history?;
    let kept = Duration::from_millis(direction.history_ms?);
    if kept >= asked {
        return None;
    }
    let (name, from) = (&direction.set.name, &direction.from);
    let (kept, wanted) = (duration::typed(kept), duration::typed(asked));
    let detail = format!(
        "{from} keeps {kept} of history for a copy that is out of contact, and esdr.toml asks for \
         {wanted}: after a longer outage a full copy is needed"
    );
    let hint = format!(
        "PUT {from}/{name}/_settings {{\"index.soft_deletes.retention_lease.period\":\"{wanted}\"}}; \
         it costs disk there"
    );
    Some(Problem::new(Code::HistoryShort, name, detail, hint).warning())
}
