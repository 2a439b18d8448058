//! What must be so before anything is changed, judged on what is seen: a file a subject. All
//! reasons are collected, not the first.

pub(crate) mod bidi;
mod capability;
pub(crate) mod capacity;
pub(crate) mod connectivity;
mod health;
mod lag;
mod licence;
pub(super) mod recursion;

use crate::{
    model::world::View,
    playbook::{Requirement, Role},
};

use super::{
    alone, carry,
    context::Context,
    reason::{Code, Reason},
    seen::Seen,
};

/// Judges one requirement.
pub(crate) fn require(context: &Context<'_>, seen: &Seen<'_>, what: Requirement) -> Vec<Reason> {
    match what {
        Requirement::BothAnswer => [Role::Source, Role::Target]
            .into_iter()
            .filter(|role| match role {
                Role::Target => !context.leaves_target(),
                Role::Source => connectivity::needs_source(seen),
            })
            .filter_map(|role| connectivity::answers(context, role))
            .chain(connectivity::one_cluster(context))
            .chain(health::red_leaders(context, seen))
            .collect(),
        Requirement::NoLiveLeader => connectivity::live_leader(context).into_iter().collect(),
        Requirement::SourceAnswers => connectivity::answers(context, Role::Source)
            .map(|reason| Reason { code: Code::SourceUnreachable, ..reason })
            .into_iter()
            .collect(),
        Requirement::TargetAnswers => {
            connectivity::answers(context, Role::Target).into_iter().collect()
        }
        Requirement::Licences => both(context, licence::licence),
        Requirement::Versions => capability::versions(context).into_iter().collect(),
        Requirement::SoftDeletes => capability::soft_deletes(context, seen),
        Requirement::Room => capacity::lacking(context, seen),
        Requirement::Link => connectivity::link(context, seen).into_iter().collect(),
        Requirement::Carriable => carry::lacking(context, seen),
        Requirement::DrainFits => lag::drain_fits(context, seen).into_iter().collect(),
        Requirement::WritableTarget => health::broken_followers(context, seen),
        Requirement::AliasFree => bidi::alias_taken(context),
        Requirement::NoRecursion => bidi::recursion(context),
        Requirement::OnlyCopies => bidi::unproved_copies(context, seen),
        Requirement::TakesWrites => alone::refuses_writes(context),
    }
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
