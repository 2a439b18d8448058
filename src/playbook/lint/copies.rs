//! What must have come before a copy is let go.

use super::{Breach, Look, Rule, Step, breach};

/// The rules of this file, in the order in which their findings are told.
pub(super) const RULES: &[Rule] = &[salvage_behind_fence, discard_what_is_safe, seed_over_nothing];

fn salvage_behind_fence(look: &Look) -> Option<Breach> {
    match look.step {
        Step::Salvage { on, .. } if !look.world.side(*on).fenced => breach(
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
    let Step::Discard { on, .. } = look.step else {
        return None;
    };
    let side = look.world.side(*on);
    if *on == look.world.leader {
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
    let Step::Seed { on, .. } = look.step else {
        return None;
    };
    let side = look.world.side(*on);
    if *on == look.world.leader {
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
