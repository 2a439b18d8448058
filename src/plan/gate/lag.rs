//! Whether what the standby lacks arrives in the drain's time.

use std::time::Duration;

use crate::{
    plan::{
        context::Context,
        pair::{Side, Tasks},
        reason::{Code, Reason},
        seen::Seen,
        subject::Subject,
    },
    playbook::Verb,
};

/// Below so many operations a drain is tried whatever its pace: a reading between two
/// batches shows none.
const FEW_OPS: u64 = 1_000;

/// Whether the measured lag can be drained at the measured pace in the drain's time. Where followers
/// do not run nothing arrives, and nothing is known: they are resumed first, and the drain has its time.
pub(super) fn drain_fits(context: &Context<'_>, seen: &Seen<'_>) -> Option<Reason> {
    let is_halted = |subject: &Subject<'_>| match subject.pair.target {
        Side::Following { tasks, open } => tasks != Tasks::Running || !open,
        _ => false,
    };
    if seen.subjects.iter().any(is_halted) {
        return None;
    }
    let pace = context.measured.paces.get(&context.scope.set.name)?;
    let within = context
        .playbook()
        .steps
        .iter()
        .find_map(|step| step.within.filter(|_| step.verb() == Verb::Drain))?;
    let rest_ops = pace.lag_ops.saturating_sub(context.request.max_lag_ops);
    if rest_ops <= FEW_OPS || takes(rest_ops, pace.ops_per_s) <= within {
        return None;
    }
    let expected = if pace.ops_per_s > 0.0 {
        crate::duration::format(takes(rest_ops, pace.ops_per_s))
    } else {
        "no end in sight".to_owned()
    };
    Some(
        Reason::new(
            Code::DrainTooLong,
            context.scope.set.name.clone(),
            format!(
                "{rest_ops} operations behind, {:.0} a second arrive: {expected}, and the drain may take {}",
                pace.ops_per_s,
                crate::duration::format(within)
            ),
        )
        .hint("wait until the standby has caught up: esdr status --watch"),
    )
}

fn takes(ops: u64, ops_per_s: f64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let seconds = ops as f64 / ops_per_s;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
