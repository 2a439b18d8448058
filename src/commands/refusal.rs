//! Refusals that are no part of a plan.

pub use crate::report::Failure as Refusal;

/// No terminal to ask in, and no `--yes`.
pub fn nobody_to_ask() -> Refusal {
    Refusal::refused(
        "there is no terminal to ask in, and --yes was not given",
        "look at the plan with --dry-run, then run again with --yes",
    )
}
