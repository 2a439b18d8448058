//! What wants attention after a comparison, each under its stable code. Pure.

use super::{
    report::{IndexReport, SetReport, Verdict},
    subject::Subject,
};
use crate::model::problem::{Code, Problem};

/// Names of indices in one problem; the rest is counted.
const NAMES_MAX: usize = 3;

/// Why an index could not be compared, or not to the end.
struct Kind {
    code: Code,
    /// `{L}` and `{F}` stand for the clusters, `{S}` for the set.
    said: &'static str,
    hint: &'static str,
    is_warning: bool,
}

const fn kind(code: Code, said: &'static str, hint: &'static str) -> Kind {
    Kind { code, said, hint, is_warning: false }
}

/// In order of weight.
const KINDS: [Kind; 16] = [
    kind(
        Code::FollowerAhead,
        "{F} has operations that its leader {L} lacks",
        "was {L} restored from a snapshot? Such a follower needs a new copy",
    ),
    kind(
        Code::CountsDiffer,
        "at rest at the same positions, and not as many documents",
        "esdr verify --full --set {S} names them",
    ),
    kind(
        Code::Diverged,
        "{F} holds operations that {L} lacks",
        "esdr verify --full --set {S} names their documents; keep {F}'s copy as it is",
    ),
    kind(
        Code::Unread,
        "could not be read on every shard, so nothing is known of the rest",
        "esdr status --set {S} --all",
    ),
    kind(
        Code::Unresolved,
        "the follower did not hear of the leader's last operations in time",
        "look at the connection from {F} to {L}, then again",
    ),
    kind(Code::Unreachable, "a cluster did not answer", "esdr status --watch; then again"),
    kind(Code::LeaderLost, "no leader can be seen", "esdr status --set {S}"),
    kind(Code::Closed, "closed, which cannot be read", "esdr status --set {S} --all"),
    kind(Code::Fatal, "replication stopped for good on {F}: not compared", "esdr status --set {S}"),
    kind(Code::Paused, "paused on {F}: not compared", "esdr status --set {S}"),
    kind(
        Code::Restoring,
        "still being copied to {F}: not compared",
        "esdr status --watch; then again",
    ),
    kind(Code::LateIndex, "born on the former leader, and not on {L}", "esdr status --set {S}"),
    kind(Code::Uncovered, "on {L} and followed by nothing on {F}", "esdr status --set {S}"),
    Kind {
        code: Code::DeletedSince,
        said: "{L} lacks documents that {F} has: deleted there since it leads, which the documents alone cannot prove",
        hint: "",
        is_warning: true,
    },
    Kind {
        code: Code::SplitBrain,
        said: "writable on both clusters, and no record says who leads; compared as they are",
        hint: "esdr status --set {S}",
        is_warning: true,
    },
    Kind {
        code: Code::Unrelated,
        said: "regular on both clusters, and no record says that they were ever one; compared as they are",
        hint: "esdr status --set {S}",
        is_warning: true,
    },
];

/// A set of which nothing is known.
pub(super) fn nothing(set: &str) -> Problem {
    Problem::new(
        Code::NothingReplicated,
        set,
        format!("{set}: no cluster follows anything, and no record says that one ever did"),
        "add [sets.NAME] to esdr.toml, then esdr replicate",
    )
}

/// Everything about one set. `subjects` are its indices as they were before.
pub(super) fn of(set: &SetReport, subjects: &[Subject]) -> Vec<Problem> {
    if set.indices.is_empty() {
        let detail = format!("no index of {} is there to be compared", set.name);
        let hint = "mend `indices` in esdr.toml";
        return vec![Problem::new(Code::NothingReplicated, &set.name, detail, hint)];
    }
    let mut problems: Vec<Problem> = different(set).into_iter().collect();
    for kind in &KINDS {
        let has = |index: &&IndexReport| {
            let is_remark = |subject: &Subject| {
                subject.leader_index == index.leader_index && subject.remark == Some(kind.code)
            };
            index.reason == Some(kind.code)
                || (kind.is_warning && subjects.iter().any(is_remark))
                || (kind.code == Code::Diverged && has_own(index))
        };
        let found: Vec<&IndexReport> = set.indices.iter().filter(has).collect();
        problems.extend(told(set, kind, &found));
    }
    problems
}

/// The former leader wrote alone, and not all of it is known to be on the other side too.
fn has_own(index: &IndexReport) -> bool {
    index.state != Verdict::Equal && index.follower_only_ops.is_some_and(|ops| ops > 0)
}

/// Documents that differ.
fn different(set: &SetReport) -> Option<Problem> {
    let found: Vec<&IndexReport> =
        set.indices.iter().filter(|index| index.differing_count > 0).collect();
    let first = found.first()?;
    let count: u64 = found.iter().map(|index| index.differing_count).sum();
    let document = if count == 1 { "document differs" } else { "documents differ" };
    let detail = format!(
        "{count} {document} between {} and {}: {}",
        first.leader,
        first.follower,
        names(&found)
    );
    let hint = "compare them by hand: the JSON output has ids, shards and versions";
    Some(Problem::new(Code::Different, subject(set, &found), detail, hint))
}

fn told(set: &SetReport, kind: &Kind, found: &[&IndexReport]) -> Option<Problem> {
    let first = found.first()?;
    let fill = |text: &str| {
        let text = text.replace("{L}", &first.leader).replace("{F}", &first.follower);
        text.replace("{S}", &set.name)
    };
    let why = first.why.as_ref().map_or_else(String::new, |why| format!("; {why}"));
    let detail = format!("{}: {}{why}", names(found), fill(kind.said));
    let problem = Problem::new(kind.code, subject(set, found), detail, fill(kind.hint));
    Some(if kind.is_warning { problem.warning() } else { problem })
}

/// Some of the names, the rest counted.
fn names(found: &[&IndexReport]) -> String {
    let shown: Vec<&str> =
        found.iter().take(NAMES_MAX).map(|index| index.leader_index.as_str()).collect();
    match found.len().saturating_sub(NAMES_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What a problem is about: the index where it is one, else the set.
fn subject(set: &SetReport, found: &[&IndexReport]) -> String {
    match found {
        [one] => one.leader_index.clone(),
        _ => set.name.clone(),
    }
}
