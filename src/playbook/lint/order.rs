//! What must have come before a step, whatever it does to the data.

use super::{Breach, Goal, Look, Rule, Step, Verb, breach};
use crate::playbook::{HookName, PatternState, Requirement};

/// The rules of this file, in the order in which their findings are told.
pub(super) const RULES: &[Rule] = &[
    record_first,
    hook_in_its_place,
    pattern_after_fence,
    redirect_to_the_leader,
    drop_last,
    manual_with_a_limit,
];

/// The first change needs a record, and so does every switch.
fn record_first(look: &Look) -> Option<Breach> {
    let changes = !look.step.is_gate() && look.step.verb() != Verb::Record;
    let switches = look.step.verb() == Verb::Promote;
    if !changes || look.world.recorded || (look.world.changed && !switches) {
        return None;
    }
    breach(
        "change_unrecorded",
        format!(
            "{} comes before record: after a crash nothing would say who led what, and a \
             former leader could be taken for the leader and copied over the newer data.",
            look.step.verb()
        ),
    )
}

fn hook_in_its_place(look: &Look) -> Option<Breach> {
    match look.step.goal {
        Goal::Hook { name: HookName::BeforeFence }
            if look.world.leader_fenced() || look.world.promoted =>
        {
            breach(
                "hook_late",
                "The hook before_fence comes after the fence: writers are refused already, and \
                 those that do not retry have dropped events before it could pause them.",
            )
        }
        Goal::Hook { name: HookName::AfterPromote }
            if !look.world.promoted && look.promotes_later() =>
        {
            breach(
                "hook_early",
                "The hook after_promote comes before the promote: it would send writers to a \
                 side that refuses them.",
            )
        }
        _ => None,
    }
}

fn pattern_after_fence(look: &Look) -> Option<Breach> {
    let (Goal::Pattern { state: PatternState::Off }, Some(on)) = (&look.step.goal, look.step.on)
    else {
        return None;
    };
    let fences_later = look.later.iter().any(|step| step.is(Verb::Fence, on.other()));
    if look.world.side(on.other()).fenced || !fences_later {
        return None;
    }
    breach(
        "pattern_before_fence",
        format!(
            "The pattern on {on} is switched off before {} is fenced: an index born in between \
             is followed by nobody, and what is written to it stays behind.",
            on.other()
        ),
    )
}

fn redirect_to_the_leader(look: &Look) -> Option<Breach> {
    let (code, on) = match (&look.step.goal, look.step.on) {
        (Goal::Alias, Some(on)) => ("alias_early", on),
        (Goal::Canary, Some(on)) => ("canary_early", on),
        _ => return None,
    };
    // Both sites of a bi-directional alias lead, each its own index.
    let both_lead = look.earlier.iter().any(|step| step.requires(Requirement::TakesWrites));
    // On a follower they refuse writes, which is what they are there for.
    let refuses = look.step.verb() == Verb::Alias && look.world.side(on).seeded;
    if on == look.world.leader || refuses || both_lead {
        return None;
    }
    breach(
        code,
        format!(
            "{} on {on} comes while {} leads: writes sent to {on} are refused.",
            look.step.verb(),
            look.world.leader
        ),
    )
}

fn drop_last(look: &Look) -> Option<Breach> {
    if look.step.verb() != Verb::DropCopies {
        return None;
    }
    let overwrites = |step: &&Step| matches!(step.verb(), Verb::Discard | Verb::Seed);
    let later = look.later.iter().find(overwrites)?;
    breach(
        "drop_early",
        format!(
            "drop_copies comes before {}: copies would go that are there for the case that it \
             goes wrong.",
            later.verb()
        ),
    )
}

fn manual_with_a_limit(look: &Look) -> Option<Breach> {
    match &look.step.goal {
        Goal::Manual { name, .. } if look.step.within.is_none() && look.world.leader_fenced() => {
            breach(
                "manual_unlimited",
                format!(
                    "The manual gate \"{name}\" has no within and stands behind the fence: writers \
                 are refused for as long as nobody answers."
                ),
            )
        }
        _ => None,
    }
}
