//! A playbook gone through from the first step to the last.

use super::{
    context::Context,
    due::Due,
    goal::{IndexGoal, after, remaining},
    pair::Pair,
    seen::Seen,
};

/// Every step's due, each seen through what the steps before it will have done.
pub(crate) fn outline(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Due> {
    let observed: Vec<Pair> = seen.subjects.iter().map(|subject| subject.pair).collect();
    let mut pairs = observed.clone();
    let mut dues = Vec::new();
    for (at, step) in context.playbook().steps.iter().enumerate() {
        dues.push(context.due(at, seen, &pairs, &observed));
        if let Some(goal) = IndexGoal::of(step) {
            for (pair, &seen_pair) in pairs.iter_mut().zip(&observed) {
                if !context.is_settled(at, goal, seen_pair) && remaining(goal, *pair).is_ok() {
                    *pair = after(goal, *pair);
                }
            }
        }
    }
    dues
}
