//! Is this order of steps safe? Each rule is one function that says, before a step is
//! taken, why that step would lose or endanger data.

mod copies;
mod order;
mod outcome;
mod promote;

use super::{Finding, Goal, Playbook, Step, Verb, sketch::Sketch};

/// What a rule sees: the world before the step, and the steps on both sides of it.
struct Look<'p> {
    world: &'p Sketch,
    step: &'p Step,
    earlier: &'p [Step],
    later: &'p [Step],
}

impl Look<'_> {
    /// Whether a promote of either side comes after this step.
    fn promotes_later(&self) -> bool {
        self.later.iter().any(|step| step.verb() == Verb::Promote)
    }
}

/// A broken rule: its code and a whole sentence.
type Breach = (&'static str, String);

/// Whether one step, where it stands, breaks one rule.
type Rule = fn(&Look) -> Option<Breach>;

/// The answer of a rule that is broken.
#[expect(clippy::unnecessary_wraps, reason = "every rule answers with an option")]
fn breach(code: &'static str, text: impl Into<String>) -> Option<Breach> {
    Some((code, text.into()))
}

/// Why the order of steps is not safe, in the order of the file, every reason; empty
/// where it is. Pure, and independent of any cluster.
pub fn lint(playbook: &Playbook) -> Vec<Finding> {
    let line = |position: usize| playbook.lines.get(position).copied().unwrap_or(1);
    let mut findings = Vec::new();
    let mut world = Sketch::before(playbook);
    for (position, step) in playbook.steps.iter().enumerate() {
        let look = Look {
            world: &world,
            step,
            earlier: &playbook.steps[..position],
            later: &playbook.steps[position + 1..],
        };
        for rule in order::RULES.iter().chain(promote::RULES).chain(copies::RULES) {
            if let Some((code, text)) = rule(&look) {
                findings.push(Finding { code, line: line(position), text });
            }
        }
        world.take(step);
    }
    if let Some((code, text)) = outcome::judge(&world, playbook) {
        let last = playbook.steps.len().saturating_sub(1);
        findings.push(Finding { code, line: line(last), text });
    }
    findings
}

#[cfg(test)]
mod tests;
