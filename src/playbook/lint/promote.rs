//! What must have come before a promote, so that nothing acknowledged is lost.

use super::{Breach, Goal, Look, Rule, Verb, breach};
use crate::playbook::Check;

/// The rules of this file, in the order in which their findings are told.
pub(super) const RULES: &[Rule] = &[
    drain_behind_fence,
    carry_behind_fence,
    proof_after_drain,
    promote_the_other_side,
    promote_behind_fence,
    promote_drained,
    promote_verified,
    promote_what_is_there,
];

fn drain_behind_fence(look: &Look) -> Option<Breach> {
    if look.step.verb() != Verb::Drain || look.world.leader_fenced() {
        return None;
    }
    breach(
        "drain_unfenced",
        format!(
            "drain comes before any fence on {}: while writers add operations, being level \
             for a moment proves nothing.",
            look.world.leader
        ),
    )
}

fn carry_behind_fence(look: &Look) -> Option<Breach> {
    if look.step.verb() != Verb::Carry || look.world.leader_fenced() {
        return None;
    }
    breach(
        "carry_unfenced",
        format!(
            "carry comes before any fence on {}: what a writer still adds there would be left \
             behind.",
            look.world.leader
        ),
    )
}

fn proof_after_drain(look: &Look) -> Option<Breach> {
    match &look.step.goal {
        Goal::Verify { what } if what.contains(&Check::Proof) && !look.world.drained => breach(
            "proof_without_drain",
            "verify asks for the proof of a drain, and no drain behind a fence comes before it.",
        ),
        _ => None,
    }
}

fn promote_the_other_side(look: &Look) -> Option<Breach> {
    match (&look.step.goal, look.step.on) {
        (Goal::Promote { .. }, Some(on)) if on == look.world.leader => {
            breach("promote_leader", format!("{on} leads already: there is nothing to promote."))
        }
        _ => None,
    }
}

/// Whether the step promotes the side that follows, in a playbook that may lose nothing.
fn promotes_without_loss(look: &Look) -> bool {
    look.step.is(Verb::Promote, look.world.leader.other()) && !look.world.accepts_data_loss
}

fn promote_behind_fence(look: &Look) -> Option<Breach> {
    if !promotes_without_loss(look) || look.world.leader_fenced() {
        return None;
    }
    let (new, old) = (look.world.leader.other(), look.world.leader);
    breach(
        "promote_unfenced",
        format!(
            "promote on {new} comes before any fence on {old}: {old} goes on acknowledging \
             writes that {new} will never see."
        ),
    )
}

fn promote_drained(look: &Look) -> Option<Breach> {
    if !promotes_without_loss(look) || look.world.drained_to_zero {
        return None;
    }
    let (new, old) = (look.world.leader.other(), look.world.leader);
    if look.world.drained {
        return breach(
            "promote_undrained",
            format!(
                "The drain before promote on {new} may leave operations behind (max_lag_ops is \
                 not 0): they are lost, and the file does not say data_loss = \"accepted\"."
            ),
        );
    }
    breach(
        "promote_undrained",
        format!(
            "promote on {new} without a drain behind the fence: what {old} acknowledged and \
             {new} has not read yet is lost."
        ),
    )
}

/// The gate right before the promote must have looked: a gate guards the next goal only.
fn promote_verified(look: &Look) -> Option<Breach> {
    if !promotes_without_loss(look) || !look.world.drained_to_zero {
        return None;
    }
    let gates = look.earlier.iter().rev().take_while(|step| step.is_gate());
    let checks: Vec<Check> = gates
        .filter_map(|step| match &step.goal {
            Goal::Verify { what } => Some(what.as_slice()),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    if checks.contains(&Check::Proof) && checks.contains(&Check::NoNewcomers) {
        return None;
    }
    breach(
        "promote_unverified",
        format!(
            "No verify of proof and no_newcomers stands right before promote on {}: an index \
             born behind the fence would be left behind with its writes.",
            look.world.leader.other()
        ),
    )
}

fn promote_what_is_there(look: &Look) -> Option<Breach> {
    match (&look.step.goal, look.step.on) {
        (Goal::Promote { .. }, Some(on)) if look.world.side(on).discarded => breach(
            "promote_discarded",
            format!(
                "promote on {on} comes after its copy was discarded and before a seed: it would \
                 bring back the old data."
            ),
        ),
        _ => None,
    }
}
