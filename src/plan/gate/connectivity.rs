//! Who answers, as whom, and who hears whom.

use crate::{
    model::world::{Answer, Cluster, Refusal, World},
    plan::{
        Switch,
        context::Context,
        pair::Side,
        reason::{Code, Reason},
        seen::Seen,
    },
    playbook::{Kind, Role},
};

impl Context<'_> {
    /// Whether a guard is waived in this run. A leader from which the standby reads is alive,
    /// whatever it answers to this machine: only a word about its writers leaves it behind.
    pub(crate) fn waives(&self, code: Code) -> bool {
        self.playbook().accepts_data_loss
            && self.request.consent.waives(code)
            && (code == Code::LeaderAlive || live_leader(self).is_none())
    }
}

/// Whether the leader still has anything to give: a proof taken under the fence stays valid,
/// and once every index has one, or is unfollowed, the leader is not needed any more.
pub(super) fn needs_source(seen: &Seen<'_>) -> bool {
    seen.subjects.is_empty()
        || seen
            .subjects
            .iter()
            .any(|subject| !subject.pair.facts.proof && !subject.pair.is_unfollowed(Role::Target))
}

pub(in crate::plan) fn answers(context: &Context<'_>, role: Role) -> Option<Reason> {
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

pub(super) fn one_cluster(context: &Context<'_>) -> Option<Reason> {
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

/// A drain can only end where the standby hears the leader. Nothing to drain: no need.
pub(super) fn link(context: &Context<'_>, seen: &Seen<'_>) -> Option<Reason> {
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
            .hint(context.scope.set.protect(source)),
        ),
    }
}
