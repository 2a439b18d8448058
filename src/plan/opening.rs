//! What a plan begins and ends with because of what else is in it: the record before the first
//! change, and the proof after the last.

use crate::{
    model::membership::state_index,
    playbook::{Goal, Kind, Verb},
};

use super::{
    PlannedStep, action::Action, context::Context, declared_leader, fences, protection, seen::Seen,
};

/// What changes anything of a bi-directional alias is followed by its proof, whatever is on
/// record.
pub(super) fn prove_again(context: &Context<'_>, steps: &mut [PlannedStep]) {
    let changes = steps.iter().any(|step| !step.actions.is_empty());
    for step in steps.iter_mut().filter(|step| changes && step.actions.is_empty()) {
        if let (Goal::Echo, Some(on)) = (&step.step.goal, step.step.on) {
            step.actions.extend(context.echo_again(on));
        }
    }
}

/// The record is opened before the first change of a switch, on both clusters.
pub(super) fn open_record(context: &Context<'_>, seen: &Seen<'_>, steps: &mut [PlannedStep]) {
    let changes = steps.iter().any(|step| !step.actions.is_empty());
    let stands = seen.is_on_record();
    let sets_blocks = context.kind() == Kind::Fence;
    let fences = sets_blocks && fences::unrecorded(context.scope, seen).next().is_some();
    let has_word =
        declared_leader::unwritten(context.scope.world, &context.scope.set.name).is_some();
    if has_word && let Some(first) = steps.iter_mut().find(|s| s.step.verb() == Verb::Record) {
        first.actions = record_actions(context);
    }
    let Some(record) = context.playbook().opens_entry_at().and_then(|at| steps.get_mut(at)) else {
        return;
    };
    for action in record_actions(context) {
        let Action::Record { exists, .. } = action else { continue };
        let only_fences = context.kind().is_fence();
        let goes_alone = context.kind() == Kind::BidiFailover;
        let opens = match (only_fences, goes_alone) {
            (true, _) => fences,
            (false, true) => seen.entry.is_none(),
            (false, false) => changes && context.is_switch() && !stands,
        };
        // Protecting a set makes the index, so that an emergency finds it there.
        let protects = !context.is_switch() && !only_fences && !goes_alone;
        let is_due = if context.kind().is_bidi() {
            changes
        } else {
            !exists || protection::is_due(context, seen)
        };
        let makes = protects && is_due && !seen.subjects.is_empty();
        if opens || makes {
            record.actions.push(action);
        }
    }
}

/// Writing the record on each side that answers.
fn record_actions(context: &Context<'_>) -> Vec<Action> {
    let clusters = [context.scope.source, context.scope.target];
    let actions = clusters.into_iter().filter_map(|cluster| {
        let view = context.scope.world.view(cluster)?;
        let index = state_index(&view.uuid);
        let exists = view.indices.contains_key(&index);
        Some(Action::Record { cluster: cluster.to_owned(), index, exists })
    });
    actions.collect()
}
