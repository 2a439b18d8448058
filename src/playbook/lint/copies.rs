//! What must have come before a copy is let go.

use super::{Breach, Goal, Look, Rule, Verb, breach};
use crate::playbook::Requirement;

/// The rules of this file, in the order in which their findings are told.
pub(super) const RULES: &[Rule] = &[
    salvage_behind_fence,
    discard_what_is_safe,
    seed_over_nothing,
    let_go_what_is_a_copy,
    span_what_cannot_recurse,
];

fn salvage_behind_fence(look: &Look) -> Option<Breach> {
    match (&look.step.goal, look.step.on) {
        (Goal::Salvage, Some(on)) if !look.world.side(on).fenced => breach(
            "salvage_unfenced",
            format!(
                "salvage on {on} comes before a fence there: what a writer still adds would be \
                 in no file."
            ),
        ),
        _ => None,
    }
}

fn discard_what_is_safe(look: &Look) -> Option<Breach> {
    let (Goal::Discard, Some(on)) = (&look.step.goal, look.step.on) else {
        return None;
    };
    let side = look.world.side(on);
    if on == look.world.leader {
        return breach(
            "discard_leader",
            format!("discard on {on}, which leads: the only complete copy would go."),
        );
    }
    if side.salvaged || side.proved_elsewhere || look.world.accepts_data_loss {
        return None;
    }
    breach(
        "discard_unsalvaged",
        format!(
            "discard on {on} comes before a salvage there: what only {on} has would be gone, \
             and the file does not say data_loss = \"accepted\"."
        ),
    )
}

fn seed_over_nothing(look: &Look) -> Option<Breach> {
    let (Goal::Seed, Some(on)) = (&look.step.goal, look.step.on) else {
        return None;
    };
    let side = look.world.side(on);
    if on == look.world.leader {
        return breach(
            "seed_leader",
            format!("seed on {on}, which leads: the older copy would go over the newer one."),
        );
    }
    if !side.was_leader || side.discarded {
        return None;
    }
    breach(
        "seed_over",
        format!(
            "seed on {on} comes before a discard there: {on} led until now, and its copy must \
             be let go on purpose, not overwritten by the way."
        ),
    )
}

/// Whether a gate before the step asks for this.
fn is_required(look: &Look, what: Requirement) -> bool {
    look.earlier.iter().any(|step| step.requires(what))
}

fn let_go_what_is_a_copy(look: &Look) -> Option<Breach> {
    let (Goal::Remove | Goal::Release, Some(on)) = (&look.step.goal, look.step.on) else {
        return None;
    };
    let verb = look.step.verb();
    if on == look.world.leader {
        let text = format!("{verb} on {on}, which leads: what goes there is no copy.");
        return breach("remove_leader", text);
    }
    if is_required(look, Requirement::OnlyCopies) {
        return None;
    }
    breach(
        "remove_unproved",
        format!(
            "{verb} on {on} without a require of only_copies before it: an index that is nobody's \
             copy would go with the others."
        ),
    )
}

fn span_what_cannot_recurse(look: &Look) -> Option<Breach> {
    let is_spread = matches!(look.step.verb(), Verb::Index | Verb::Span | Verb::Join);
    let proved =
        is_required(look, Requirement::AliasFree) && is_required(look, Requirement::NoRecursion);
    if !is_spread || proved {
        return None;
    }
    breach(
        "span_unproved",
        format!(
            "{} without a require of alias_free and no_recursion before it: both sides might \
             copy each other's copies without end.",
            look.step.verb()
        ),
    )
}
