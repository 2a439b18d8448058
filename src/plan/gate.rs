//! What must be so before anything is changed, judged on what is seen. All reasons are
//! collected, not the first.

use std::time::Duration;

use crate::{
    model::world::{Answer, Cluster, Refusal, View, World},
    playbook::{Kind, Requirement, Role, Verb},
};

use super::{
    Switch, alone, bidi, capacity, carry,
    context::Context,
    pair::{Side, Tasks},
    reason::{Code, Reason},
    seen::Seen,
    subject::Subject,
};

/// Below so many operations a drain is tried whatever its pace: a reading between two
/// batches shows none.
const FEW_OPS: u64 = 1_000;

/// Judges one requirement.
pub(crate) fn require(context: &Context<'_>, seen: &Seen<'_>, what: Requirement) -> Vec<Reason> {
    match what {
        Requirement::BothAnswer => [Role::Source, Role::Target]
            .into_iter()
            .filter(|role| match role {
                Role::Target => !context.leaves_target(),
                Role::Source => needs_source(seen),
            })
            .filter_map(|role| answers(context, role))
            .chain(one_cluster(context))
            .chain(red_leaders(context, seen))
            .collect(),
        Requirement::NoLiveLeader => live_leader(context).into_iter().collect(),
        Requirement::SourceAnswers => answers(context, Role::Source)
            .map(|reason| Reason { code: Code::SourceUnreachable, ..reason })
            .into_iter()
            .collect(),
        Requirement::TargetAnswers => answers(context, Role::Target).into_iter().collect(),
        Requirement::Licences => both(context, licence),
        Requirement::Versions => versions(context).into_iter().collect(),
        Requirement::SoftDeletes => soft_deletes(context, seen),
        Requirement::Room => capacity::lacking(context, seen),
        Requirement::Link => link(context, seen).into_iter().collect(),
        Requirement::Carriable => carry::lacking(context, seen),
        Requirement::DrainFits => drain_fits(context, seen).into_iter().collect(),
        Requirement::WritableTarget => broken_followers(context, seen),
        Requirement::AliasFree => bidi::gate::alias_taken(context),
        Requirement::NoRecursion => bidi::gate::recursion(context),
        Requirement::OnlyCopies => bidi::gate::unproved_copies(context, seen),
        Requirement::TakesWrites => alone::refuses_writes(context),
    }
}

/// Whether the leader still has anything to give: a proof taken under the fence stays valid,
/// and once every index has one, or is unfollowed, the leader is not needed any more.
fn needs_source(seen: &Seen<'_>) -> bool {
    seen.subjects.is_empty()
        || seen
            .subjects
            .iter()
            .any(|subject| !subject.pair.facts.proof && !subject.pair.is_unfollowed(Role::Target))
}

pub(super) fn answers(context: &Context<'_>, role: Role) -> Option<Reason> {
    let name = context.cluster(role);
    let code = match role {
        Role::Source => Code::LeaderUnreachable,
        Role::Target => Code::TargetUnreachable,
    };
    match context.scope.world.clusters.get(name)? {
        Cluster::Ok(_) => None,
        _ if role == Role::Source && live_leader(context).is_some() => {
            return live_leader(context);
        }
        Cluster::Ill { reason, .. } if role == Role::Source => {
            Some(Reason::new(Code::LeaderIll, name, format!("{name} is ill: {reason}")))
        }
        Cluster::Ill { reason, .. } => {
            Some(Reason::new(code, name, format!("{name} is ill: {reason}")))
        }
        Cluster::Unreachable { reason } => {
            Some(Reason::new(code, name, format!("{name} does not answer: {reason}")))
        }
        // Told as a matter of configuration before any plan is made.
        Cluster::Refused { reason } => {
            Some(Reason::new(code, name, format!("{name} cannot be used: {reason}")))
        }
    }
    .map(|reason| reason.hint(hint_without(context, role)))
}

/// Waiting for a leader loses nothing, so it comes first.
fn hint_without(context: &Context<'_>, role: Role) -> String {
    if role == Role::Target && context.request.undo {
        let target = context.scope.target;
        return format!(
            "wait until {target} answers; or, by your word that it takes no writes and will not: \
             the same command with --confirm {target}"
        );
    }
    if role == Role::Target || !context.is_switch() || context.kind() == Kind::UndoCarry {
        return "esdr status".to_owned();
    }
    format!("esdr failover --to {} --accept-data-loss --dry-run", context.scope.target)
}

/// The source does not answer this machine, or not well, or something else answers in its place;
/// and the target reads from it: its writers may well be served too.
pub(crate) fn live_leader(context: &Context<'_>) -> Option<Reason> {
    let scope = context.scope;
    let (source, target) = (scope.source, scope.target);
    let how = match scope.world.clusters.get(source)? {
        Cluster::Ok(_) => return None,
        Cluster::Ill { reason, .. } => format!("only to this machine it answers so: {reason}"),
        Cluster::Unreachable { reason } => format!("only this machine does not ({reason})"),
        Cluster::Refused { reason } => format!("only to this machine {reason}"),
    };
    let sight = scope.world.sight(target, source)?;
    if sight.answer != Answer::Yes || context.waives(Code::LeaderAlive) {
        return None;
    }
    let detail = format!("{source} is alive: {target} hears it ({}), and {how}", sight.evidence);
    Some(Reason::new(Code::LeaderAlive, source, detail).hint(format!(
        "run esdr where {source} can be reached; or cut its writers off, then --leader-is-fenced"
    )))
}

/// The source is well but for taking no write block, and the target reads from it: its writers
/// would go on beside the target's.
pub(crate) fn unfenced_leader(context: &Context<'_>) -> Option<Reason> {
    let (source, target) = (context.scope.source, context.scope.target);
    let sight = context.scope.world.sight(target, source)?;
    let is_heard = sight.answer == Answer::Yes && !context.waives(Code::LeaderAlive);
    is_heard.then(|| alive_unfenced(source, target, &sight.evidence))
}

/// As [`unfenced_leader`], by what a plan has noted.
pub(crate) fn unfenced_leader_of(switch: &Switch) -> Option<Reason> {
    let Switch { source, target, sees, .. } = switch;
    let mut sees = sees.iter();
    let seen = sees.find(|it| it.from.as_ref() == Some(target) && it.to == *source)?;
    let is_heard = seen.answer == Answer::Yes.word();
    is_heard.then(|| alive_unfenced(source, target, &seen.evidence))
}

fn alive_unfenced(source: &str, target: &str, evidence: &str) -> Reason {
    let detail =
        format!("{source} takes no write block and is alive: {target} hears it ({evidence})");
    Reason::new(Code::LeaderAlive, source, detail)
        .hint(format!("cut the writers of {source} off, then --leader-is-fenced"))
}

/// Another cluster answers under this name.
pub(crate) fn stranger(world: &World, name: &str) -> Option<Reason> {
    let Some(Cluster::Refused { reason: reason @ Refusal::WrongUuid { .. } }) =
        world.clusters.get(name)
    else {
        return None;
    };
    let reason = Reason::new(Code::WrongUuid, name, format!("{name} is not there: {reason}"));
    Some(reason.hint("mend urls in esdr.toml, or write the uuid of a cluster that was made again"))
}

/// What a red leader holds cannot be read, and so not be proved to have arrived.
fn red_leaders(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let is_red = |subject: &&Subject<'_>| {
        let waits = matches!(subject.pair.target, Side::Following { .. });
        waits
            && !subject.pair.facts.proof
            && subject.source.is_some_and(|index| index.open && index.health == "red")
    };
    seen.subjects
        .iter()
        .filter(is_red)
        .map(|subject| {
            let name = &subject.names.source_index;
            let detail = format!("{name} on {} is red", context.scope.source);
            Reason::new(Code::LeaderIll, name.clone(), detail)
                .hint("name the others with --index, or give this one's last writes up with --accept-data-loss")
        })
        .collect()
}

fn one_cluster(context: &Context<'_>) -> Option<Reason> {
    let (source, target) = (context.scope.source, context.scope.target);
    let uuid = |name| Some(context.scope.world.view(name)?.uuid.as_str());
    (uuid(source)? == uuid(target)?).then(|| {
        Reason::new(
            Code::SameCluster,
            target,
            format!(
                "{source} and {target} are one cluster: both answer with UUID {}",
                uuid(source).unwrap_or_default()
            ),
        )
        .hint("mend the urls in esdr.toml")
    })
}

fn both(context: &Context<'_>, judge: fn(&str, &View) -> Option<Reason>) -> Vec<Reason> {
    [Role::Source, Role::Target]
        .into_iter()
        .filter_map(|role| {
            let name = context.cluster(role);
            judge(name, context.scope.world.view(name)?)
        })
        .collect()
}

fn licence(name: &str, view: &View) -> Option<Reason> {
    let licence = &view.license;
    (licence.is_known() && !licence.allows_ccr()).then(|| {
        Reason::new(
            Code::Licence,
            name,
            format!("{name} has a {} licence, {}", licence.kind, licence.status),
        )
        .hint("cross-cluster replication needs an active trial, platinum or enterprise licence on both clusters")
    })
}

fn versions(context: &Context<'_>) -> Option<Reason> {
    let view = |role| context.scope.world.view(context.cluster(role));
    let (source, target) = (view(Role::Source)?.version, view(Role::Target)?.version);
    (target < source).then(|| {
        Reason::new(
            Code::Versions,
            context.scope.target,
            format!(
                "{} runs {target} and would follow {}, which runs {source}",
                context.scope.target, context.scope.source
            ),
        )
        .hint(format!("upgrade {} first", context.scope.target))
    })
}

fn soft_deletes(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    seen.subjects
        .iter()
        .filter(|subject| matches!(subject.pair.target, Side::Absent))
        .filter_map(|subject| subject.source)
        .filter(|index| !index.soft_deletes)
        .map(|index| {
            Reason::new(
                Code::SoftDeletesOff,
                index.name.clone(),
                format!("{} on {} was created without soft deletes", index.name, context.scope.source),
            )
            .hint("reindex it into an index with index.soft_deletes.enabled: true, or exclude it from the set")
        })
        .collect()
}

/// A drain can only end where the standby hears the leader. Nothing to drain: no need.
fn link(context: &Context<'_>, seen: &Seen<'_>) -> Option<Reason> {
    let (source, target) = (context.scope.source, context.scope.target);
    let must_drain = seen.subjects.iter().any(|subject| {
        matches!(subject.pair.target, Side::Following { .. }) && !subject.pair.facts.proof
    });
    if !must_drain || context.scope.world.view(source).is_none() {
        return None;
    }
    let sight = context.scope.world.sight(target, source);
    match sight.map(|sight| (sight.answer, &sight.evidence)) {
        Some((Answer::Yes, _)) => None,
        Some((Answer::No | Answer::Unknown, evidence)) => Some(
            Reason::new(
                Code::LinkDown,
                target,
                format!("{target} does not read from {source}: {evidence}"),
            )
            .hint("mend the link, then the same command"),
        ),
        None => Some(
            Reason::new(
                Code::NoRemote,
                target,
                format!("{target} has no remote connection to {source}"),
            )
            .hint("esdr replicate"),
        ),
    }
}

/// Whether the measured lag can be drained at the measured pace in the drain's time. Where followers
/// do not run nothing arrives, and nothing is known: they are resumed first, and the drain has its time.
fn drain_fits(context: &Context<'_>, seen: &Seen<'_>) -> Option<Reason> {
    let is_halted = |subject: &Subject<'_>| match subject.pair.target {
        Side::Following { tasks, open } => tasks != Tasks::Running || !open,
        _ => false,
    };
    if seen.subjects.iter().any(is_halted) {
        return None;
    }
    let pace = context.measured.paces.get(&context.scope.set.name)?;
    let within = context
        .playbook()
        .steps
        .iter()
        .find_map(|step| step.within.filter(|_| step.verb() == Verb::Drain))?;
    let rest_ops = pace.lag_ops.saturating_sub(context.request.max_lag_ops);
    if rest_ops <= FEW_OPS || takes(rest_ops, pace.ops_per_s) <= within {
        return None;
    }
    let expected = if pace.ops_per_s > 0.0 {
        crate::duration::format(takes(rest_ops, pace.ops_per_s))
    } else {
        "no end in sight".to_owned()
    };
    Some(
        Reason::new(
            Code::DrainTooLong,
            context.scope.set.name.clone(),
            format!(
                "{rest_ops} operations behind, {:.0} a second arrive: {expected}, and the drain may take {}",
                pace.ops_per_s,
                crate::duration::format(within)
            ),
        )
        .hint("wait until the standby has caught up: esdr status --watch"),
    )
}

fn takes(ops: u64, ops_per_s: f64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let seconds = ops as f64 / ops_per_s;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// Followers that cannot be promoted as they are, and that no resume mends.
fn broken_followers(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    seen.subjects
        .iter()
        .filter(|subject| matches!(subject.pair.target, Side::Following { .. }))
        .filter_map(|subject| {
            let index = subject.target?;
            let (code, what) = match (index.restoring, index.health.as_str()) {
                (true, _) => (Code::Restoring, "is still being copied"),
                (false, "red") => (Code::RedFollower, "is red"),
                _ if index.disk_full => (Code::DiskFull, "is read-only: the disks were full"),
                _ if follows_another(subject) => (
                    Code::FatalFollower,
                    "follows an index that is gone: its leader's is another of the same name",
                ),
                _ => return None,
            };
            let detail = format!("{} on {} {what}", index.name, context.scope.target);
            Some(Reason::new(code, index.name.clone(), detail).hint("name the others with --index"))
        })
        .collect()
}

/// What it followed was deleted, and an index of the same name made.
fn follows_another(subject: &Subject<'_>) -> bool {
    let following = subject.target.and_then(|index| index.following.as_ref());
    let followed = following.and_then(|following| following.leader_uuid.as_ref());
    followed.zip(subject.source).is_some_and(|(uuid, leader)| *uuid != leader.uuid)
}

/// What to do about a reason that one index gives.
pub(crate) fn hint(code: Code, context: &Context<'_>) -> String {
    let (source, target) = (context.scope.source, context.scope.target);
    let set = &context.scope.set.name;
    match code {
        Code::Orphaned => format!(
            "on {target} pause, close, unfollow and open {set}, reindex it into {set} on {source}, \
             then delete it there; or only delete it, if it may go"
        ),
        Code::Recursion => format!("delete {set} on {source}, which is a copy, if it may go"),
        Code::Unrelated if context.scope.set.bidi.is_some() => format!(
            "{set} on {target} is nobody's copy: reindex it elsewhere and delete it, if it may go"
        ),
        Code::IndexMissing => "mend `indices` in esdr.toml, or exclude the name".to_owned(),
        Code::LeaderFenced => format!("esdr status --set {set}, for who set the block"),
        Code::Unrelated => format!(
            "name the side that goes, salvaged whole first: esdr reprotect --set {set} --discard \
             {}, or --discard {}; or exclude the name from the set",
            context.scope.source, context.scope.target
        ),
        _ => "esdr status".to_owned(),
    }
}
