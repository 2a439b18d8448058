//! Sides that a step speaks of and that were not seen. Unseen is not done: from the absence of an
//! observation it follows neither that a goal holds, nor that nothing is left to do for it.

use crate::{
    model::unread::Part,
    playbook::{Check, Goal, Kind, Requirement, Step, Verb},
};

use super::{
    context::Context,
    due::Unseen,
    gate::connectivity::answers,
    goal::IndexGoal,
    pair::{Pair, Role},
    reason::{Code, Reason},
    seen::Seen,
};

/// A side, and the parts of it that a step is about.
type Sides = Vec<(Role, &'static [Part])>;

const WHOLE: &[Part] = &[];

fn both() -> Sides {
    vec![(Role::Source, WHOLE), (Role::Target, WHOLE)]
}

impl IndexGoal {
    /// The sides that the promise of this goal is about.
    pub(crate) fn speaks_of(self) -> Vec<Role> {
        match self {
            Self::Drain | Self::Carry => vec![Role::Source, Role::Target],
            // Whether all is followed that ought to be is seen on the other side alone.
            Self::Seed(role) => vec![role, role.other()],
            // What was deleted there is told from what is not seen.
            Self::Salvage(role) => vec![role, role.other()],
            Self::Fence(role)
            | Self::Unfence(role)
            | Self::Promote(role)
            | Self::Resume(role)
            | Self::Discard(role)
            | Self::Index(role)
            | Self::Remove(role)
            | Self::Release(role) => vec![role],
        }
    }
}

impl Context<'_> {
    /// The sides that a step speaks of and that were not seen. `observed` are the pairs as they
    /// are seen.
    pub(crate) fn unseen(&self, at: usize, seen: &Seen<'_>, observed: &[Pair]) -> Vec<Unseen> {
        let sides = self.speaks_of(&self.playbook().steps[at]).into_iter();
        let needed = sides.filter(|(role, _)| !self.does_without(at, *role, seen, observed));
        let unseen = needed.filter_map(|(role, parts)| {
            let cluster = self.cluster(role);
            let why = self.scope.world.unseen(cluster, parts)?;
            Some(Unseen { role, cluster: cluster.to_owned(), why })
        });
        unseen.collect()
    }

    fn speaks_of(&self, step: &Step) -> Sides {
        let is_of_both = self.kind().is_bidi() && self.kind() != Kind::BidiFailover;
        let parts = parts(step);
        if is_of_both && !step.is_gate() {
            return both()
                .into_iter()
                .map(|(role, _)| (role, parts_on(step, role, parts)))
                .collect();
        }
        if let Some(goal) = IndexGoal::of(step) {
            let sides = goal.speaks_of().into_iter();
            return sides.map(|role| (role, parts_on(step, role, parts))).collect();
        }
        match &step.goal {
            Goal::Record if self.request.undo => Vec::new(),
            Goal::Record if self.kind() == Kind::BidiFailover => {
                vec![(Role::Target, WHOLE)]
            }
            Goal::Record if self.kind().is_fence() => vec![(Role::Source, WHOLE)],
            Goal::Record | Goal::Remote { both: true } => both(),
            Goal::DropCopies if self.request.drop_copies => both(),
            // One that stands before a promote is settled with it.
            Goal::Hook { .. } if self.is_switch() => vec![(Role::Target, WHOLE)],
            Goal::Verify { what } => what.iter().flat_map(|check| checked(*check)).collect(),
            Goal::Require { what } => what.iter().flat_map(|it| self.required(*it)).collect(),
            _ => step.on.map(|role| (role, parts)).into_iter().collect(),
        }
    }

    /// Whether a cluster answers at all is a requirement of its own.
    fn required(&self, what: Requirement) -> Sides {
        let is_seen = |role| self.scope.world.view(self.cluster(role)).is_some();
        match what {
            Requirement::WritableTarget => vec![(Role::Target, &[Part::Restoring])],
            Requirement::Licences => [Role::Source, Role::Target]
                .into_iter()
                .filter(|role| is_seen(*role))
                .map(|role| (role, &[Part::Licence][..]))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What the record proves, or the operator waives by name, needs no look. Each exception:
    /// - a forced run goes without the source, and never without the side that takes over;
    /// - once every index is seen to be unfollowed, the promote has settled what came before it;
    /// - once every index is proved drained, the leader has nothing to give any more;
    /// - an undo goes without a standby on which nothing was unfollowed, by the record or by name;
    /// - a run that gives itself up and has fenced nothing has left nothing on the source.
    fn does_without(&self, at: usize, role: Role, seen: &Seen<'_>, observed: &[Pair]) -> bool {
        let is_waived = match role {
            Role::Source => self.is_forced(),
            Role::Target => self.leaves_target(),
        };
        if is_waived {
            return true;
        }
        if seen.subjects.is_empty() {
            return false;
        }
        if self.request.undo {
            let is_untouched = observed.iter().all(|pair| pair.facts.untouched);
            return role == Role::Source && self.by_itself && is_untouched;
        }
        // Unfollowed or not: what an earlier fence has left there for new names is its own matter.
        if self.playbook().steps[at].is(Verb::Promote, role) {
            return false;
        }
        self.settling_promote(at).is_some_and(|promoted| {
            let is_settled = |pair: &Pair| pair.is_unfollowed(promoted);
            let is_proved = |pair: &Pair| is_settled(pair) || pair.facts.proof;
            observed.iter().all(is_settled)
                || (role == promoted.other() && observed.iter().all(is_proved))
        })
    }

    /// Why nothing can be planned over a side that was not seen.
    pub(super) fn unseen_reason(&self, unseen: &Unseen) -> Reason {
        answers(self, unseen.role).unwrap_or_else(|| {
            let Unseen { cluster, why, .. } = unseen;
            let detail = format!("{cluster} was not seen whole: {why}");
            Reason::new(Code::Unseen, cluster.clone(), detail).hint("esdr status")
        })
    }
}

/// Reasons for sides that were not seen and that no other reason has told of.
pub(super) fn untold(context: &Context<'_>, unseen: &[Unseen], told: &[Reason]) -> Vec<Reason> {
    let codes = [
        Code::LeaderUnreachable,
        Code::LeaderAlive,
        Code::LeaderIll,
        Code::SourceUnreachable,
        Code::TargetUnreachable,
        Code::Unseen,
    ];
    let mut reasons: Vec<Reason> = Vec::new();
    for side in unseen {
        let is_it =
            |reason: &Reason| reason.subject == side.cluster && codes.contains(&reason.code);
        if !told.iter().chain(&reasons).any(is_it) {
            reasons.push(context.unseen_reason(side));
        }
    }
    reasons
}

/// The parts of a side that a step is about.
fn parts(step: &Step) -> &'static [Part] {
    match step.verb() {
        Verb::Pattern => &[Part::Patterns],
        // A promote ends what is left of an earlier fence.
        Verb::Fence | Verb::Unfence | Verb::Promote => &[Part::Templates],
        Verb::Resume | Verb::Seed | Verb::Join => &[Part::Tasks],
        _ => WHOLE,
    }
}

fn parts_on(step: &Step, role: Role, parts: &'static [Part]) -> &'static [Part] {
    if step.on == Some(role) { parts } else { WHOLE }
}

fn checked(check: Check) -> Sides {
    match check {
        // The record's own word.
        Check::Proof => Vec::new(),
        Check::Silence => vec![(Role::Target, WHOLE)],
        Check::NoNewcomers | Check::Coverage | Check::Converged | Check::Joined => both(),
    }
}
