//! What is kept beside the salvage file of an index that has diverged: a safety copy, where its
//! server can make one cheaply, or a snapshot where the operator asks for one.

#[cfg(test)]
mod tests;

use crate::{
    model::{
        lineage::{Entry, Member},
        membership::{Names, Scope},
        problem::Problem,
        safety::{SafetyCopy, Snapshot, safety_index, snapshot_name},
        world::{Index, World},
    },
    playbook::Verb,
};

use super::{
    PlannedStep, Switch,
    action::Action,
    context::Context,
    due::Due,
    gate::capacity,
    pair::{Role, Side},
    reason::{Code, Reason},
    seen::Seen,
    subject::{Subject, former, lead, stands},
};

/// The side whose copies go, in the playbooks of the way home.
const FORMER: Role = Role::Target;

/// The name under which the whole copy is kept, if it turns out to have operations of its own. The
/// name that is on record already, where nothing has come to the copy since.
///
/// None where the operator has chosen what becomes of it, or wants a snapshot instead, and where
/// the server cannot clone (before 7.4).
pub(super) fn copy(
    context: &Context<'_>,
    subject: &Subject<'_>,
    role: Role,
    ops: Option<u64>,
) -> Option<String> {
    let options = context.request;
    let is_wanted = options.snapshot.is_none() && context.choice(&subject.names).is_none();
    // One that was deleted on the leading side waits for a choice.
    let is_wanted = is_wanted && subject.pair.side(role.other()) != Side::Absent;
    let clones = context.scope.world.view(context.cluster(role))?.version.clones();
    let index = subject.index(role)?;
    if !is_wanted || !clones || ops == Some(0) {
        return None;
    }
    let recorded = lead(context.scope, &subject.names)
        .and_then(|lead| lead.member.safety.last())
        .filter(|copy| stands(&copy.positions, index));
    Some(
        recorded.map_or_else(|| safety_index(&options.run, &index.name), |copy| copy.index.clone()),
    )
}

/// The one snapshot of all copies that are to be salvaged, may have operations of their own, and
/// are in none yet.
pub(super) fn snapshot(
    context: &Context<'_>,
    seen: &Seen<'_>,
    role: Role,
    salvages: &[Action],
) -> Option<Action> {
    let repository = context.request.snapshot.clone()?;
    let mut name = None;
    let mut indices = Vec::new();
    for action in salvages {
        let Action::Salvage { index, ops, .. } = action else { continue };
        let subject = seen.subjects.iter().find(|subject| subject.name(role) == index)?;
        if *ops == Some(0) || is_in_snapshot(context, &subject.names) {
            continue;
        }
        // One that a killed run has begun is gone on with.
        name = name.or_else(|| Some(begun(context, &subject.names)?.name.clone()));
        indices.push(index.clone());
    }
    let set = &context.scope.set.name;
    let name = name.unwrap_or_else(|| snapshot_name(&context.request.run, set));
    let cluster = context.cluster(role).to_owned();
    (!indices.is_empty()).then_some(Action::Snapshot { cluster, repository, name, indices })
}

/// Whether a copy needs no snapshot: none is wanted, it is in one with all that it has, or it is
/// on record that it has nothing of its own.
pub(crate) fn is_in_snapshot(context: &Context<'_>, names: &Names) -> bool {
    if context.request.snapshot.is_none() {
        return true;
    }
    let Some(lead) = lead(context.scope, names) else { return false };
    let Some(index) = former(context.scope, names, lead) else { return false };
    let salvaged = lead.member.salvaged.as_ref();
    salvaged.is_some_and(|it| it.ops == 0 && stands(&it.positions, index))
        || begun(context, names).is_some_and(|snapshot| snapshot.is_taken)
}

/// The snapshot that holds a copy as it stands, or is about to.
fn begun<'a>(context: &Context<'a>, names: &Names) -> Option<&'a Snapshot> {
    let lead = lead(context.scope, names)?;
    let index = former(context.scope, names, lead)?;
    let snapshot = lead.member.snapshot.as_ref()?;
    let is_it = Some(&snapshot.repository) == context.request.snapshot.as_ref()
        && stands(&snapshot.positions, index);
    is_it.then_some(snapshot)
}

/// The safety copies of the set that stand on either of its clusters: by name, and by the record.
pub(super) fn drops(scope: Scope<'_>) -> Vec<Action> {
    let mut drops: Vec<Action> = Vec::new();
    for cluster in [scope.source, scope.target] {
        let view = scope.world.view(cluster);
        for copy in view.into_iter().flat_map(|view| view.indices.values()) {
            let Some(recorded) = recorded(scope.world, cluster, copy) else { continue };
            if recorded.entry.set == scope.set.name {
                add_drop(&mut drops, cluster, &recorded.member.source_index, &copy.name);
            }
        }
    }
    drops
}

/// A safety copy on record: of which switch and which of its indices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded<'w> {
    pub entry: &'w Entry,
    pub member: &'w Member,
    pub copy: &'w SafetyCopy,
}

/// What the record says of an index, if it is a safety copy that esdr has made on this cluster.
pub(crate) fn recorded<'w>(world: &'w World, cluster: &str, index: &Index) -> Option<Recorded<'w>> {
    let uuid = &world.view(cluster)?.uuid;
    // A leader that was silent at its switch has no UUID there.
    let is_here = |it: &&Entry| {
        it.source == cluster && (it.source_uuid.is_empty() || it.source_uuid == *uuid)
    };
    world.lineage.iter().rev().filter(is_here).find_map(|entry| {
        entry.members.iter().find_map(|member| {
            let copy = member.safety.iter().find(|copy| copy.is(&index.name, &index.uuid))?;
            Some(Recorded { entry, member, copy })
        })
    })
}

fn add_drop(drops: &mut Vec<Action>, on: &str, of: &str, copy: &str) {
    for drop in drops.iter_mut() {
        if let Action::Drop { cluster, index, copies } = drop
            && (cluster.as_str(), index.as_str()) == (on, of)
        {
            if !copies.iter().any(|known| known == copy) {
                copies.push(copy.to_owned());
            }
            return;
        }
    }
    let copies = vec![copy.to_owned()];
    drops.push(Action::Drop { cluster: on.to_owned(), index: of.to_owned(), copies });
}

/// Why the snapshot that is wanted could not be taken. Told before anything is changed.
pub(super) fn blocked(context: &Context<'_>, dues: &[Due]) -> Option<Reason> {
    let repository = context.request.snapshot.as_ref()?;
    let mut actions = dues.iter().flat_map(|due| &due.actions);
    actions.find(|action| matches!(action, Action::Salvage { .. }))?;
    let cluster = context.cluster(FORMER);
    let why = context.scope.world.repositories.get(cluster)?.as_ref().err()?;
    let detail = format!("no snapshot can be taken into {repository} on {cluster}: {why}");
    let hint = format!("GET /_snapshot on {cluster} lists those that there are");
    Some(Reason::new(Code::NoRepository, repository, detail).hint(hint))
}

/// Copies that the plan makes, by the names of what they are copies of.
pub(crate) fn copied(switch: &Switch) -> Vec<&str> {
    let of = |action| match action {
        &Action::Salvage { ref index, safety: Some(_), .. } => Some(index.as_str()),
        _ => None,
    };
    switch.actions().filter_map(of).collect()
}

/// Safety copies are made where there is room for them beside all else; what a copy is made of
/// stands in the way of nothing if there is not, for it is salvaged. With `--drop-safety-copies` the
/// run's own copies go in its end, too.
pub(super) fn settle(
    context: &Context<'_>,
    seen: &Seen<'_>,
    steps: &mut [PlannedStep],
) -> Option<Problem> {
    let may_diverge: Vec<String> = steps
        .iter()
        .flat_map(|step| &step.actions)
        .filter_map(|action| match action {
            Action::Salvage { index, ops, choice: None, .. } if *ops != Some(0) => {
                Some(index.clone())
            }
            _ => None,
        })
        .collect();
    if may_diverge.is_empty() || context.request.snapshot.is_some() {
        return None;
    }
    let cluster = context.cluster(FORMER);
    let version = context.scope.world.view(cluster).map(|view| view.version).unwrap_or_default();
    let names: Vec<&str> = may_diverge.iter().map(String::as_str).collect();
    let why = if version.clones() {
        capacity::short_beside(context, seen, &names)
    } else {
        Some(format!("{version} cannot clone an index"))
    };
    if let Some(why) = why {
        for action in steps.iter_mut().flat_map(|step| &mut step.actions) {
            if let Action::Salvage { safety, .. } = action {
                *safety = None;
            }
        }
        return Some(without(cluster, &why));
    }
    if context.request.drop_copies {
        drop_own(steps);
    }
    None
}

/// That no safety copy is made, which changes nothing else.
pub(crate) fn without(cluster: &str, why: &str) -> Problem {
    let detail =
        format!("no safety copy is made on {cluster}: {why}. The salvage file is all that stays");
    let hint = "--snapshot REPOSITORY keeps whole copies elsewhere";
    Problem::new(Code::NoSafetyCopy, cluster, detail, hint).warning()
}

fn drop_own(steps: &mut [PlannedStep]) {
    let made = steps.iter().flat_map(|step| &step.actions).filter_map(|action| match action {
        Action::Salvage { cluster, index, safety: Some(copy), .. } => {
            Some((cluster.clone(), index.clone(), copy.clone()))
        }
        _ => None,
    });
    let made: Vec<_> = made.collect();
    let last = steps.iter_mut().rfind(|step| step.step.verb() == Verb::DropCopies);
    if let Some(last) = last {
        for (cluster, index, copy) in &made {
            add_drop(&mut last.actions, cluster, index, copy);
        }
    }
}
