//! What the world must be when the last step has been taken.

use super::{Breach, Playbook, Step};
use crate::playbook::sketch::Sketch;

/// Exactly one side takes writes at the end, and something was done at all.
pub(super) fn judge(world: &Sketch, playbook: &Playbook) -> Option<Breach> {
    if playbook.steps.iter().all(Step::is_gate) {
        let text = "The playbook has gates only: there is no goal for them to guard.";
        return Some(("no_goal", text.to_owned()));
    }
    match world.writable().as_slice() {
        [_] => None,
        // It says so by having nothing else: writers are to be refused.
        [] if playbook.kind.is_fence() => None,
        [] => Some((
            "no_writable_side",
            "The playbook ends with no side that takes writes: writers stay refused until \
             somebody finds out why."
                .to_owned(),
        )),
        _ => Some((
            "two_writable_sides",
            "The playbook ends with both sides taking writes: the two histories part, and \
             whichever side is later made to follow loses what it took. Fence the side that \
             does not lead."
                .to_owned(),
        )),
    }
}
