//! What the linter finds.

/// One reason why an order of steps is not safe.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Stable name of the broken rule, such as `promote_unfenced`.
    pub code: &'static str,
    /// Line of the step in the playbook's file, from 1.
    pub line: usize,
    /// A whole sentence: what is wrong, and what would be lost by it.
    pub text: String,
}
