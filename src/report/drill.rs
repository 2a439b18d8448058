//! The summary of a rehearsal: what writers noticed, and what was lost.

use crate::{
    drill::Phase,
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        style::{Paint, Role},
        text::{count, took},
    },
};

/// Phases with their figures; `violations` is what the simulator saw that must never be.
pub(crate) fn drill(phases: &[Phase], violations: &[String], width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    let planned = || phases.iter().filter(|phase| !phase.is_forced);
    let lost: usize = planned().map(|phase| phase.lost_writes).sum();
    let writes: u64 = phases.iter().map(|phase| phase.acknowledged_writes).max().unwrap_or(0);
    page.blank();
    if violations.is_empty() && phases.iter().all(Phase::is_good) {
        page.answer(Mark::Fine, &held(phases, planned().count(), writes));
    } else {
        let text = format!(
            "The drill failed: {} of {} acknowledged writes were lost, {} rules were broken.",
            count(lost as u64),
            count(writes),
            violations.len()
        );
        page.answer(Mark::Action, &text);
    }
    page.blank();
    let mut table = Columns::new(&[
        ("PHASE", Fit::Left),
        ("EXIT", Fit::Right),
        ("RTO writers paused", Fit::Right),
        ("RPO writes lost", Fit::Right),
        ("ACKNOWLEDGED", Fit::Right),
        ("SECOND RUN", Fit::Left),
    ]);
    for phase in phases {
        let mark = if phase.is_good() { Mark::Fine } else { Mark::Action };
        let again = if phase.is_converged { "nothing to do" } else { "something left" };
        table.row(
            mark,
            [
                phase.name.to_owned(),
                phase.exit.to_string(),
                phase.writers_paused_ms.map_or_else(|| "-".to_owned(), took),
                count(phase.lost_writes as u64),
                count(phase.acknowledged_writes),
                again.to_owned(),
            ],
        );
    }
    page.table(&table);
    if phases.iter().any(|phase| phase.is_forced) {
        let text = "Without its leader a phase ends with 6: the former leader is not fenced while it does not \
                    answer. What only it had is lost with it.";
        page.hanging(Role::Plain, "", text);
    }
    for violation in violations {
        page.painted(Role::Problem, &format!("! {violation}"));
    }
    page.blank();
    page.line("Next  esdr sandbox    two simulated clusters that stay, to try things on");
    page.finish()
}

/// What was shown, in one sentence or two.
fn held(phases: &[Phase], planned: usize, writes: u64) -> String {
    let mut said = vec!["The drill held.".to_owned()];
    if planned > 0 {
        said.push(format!(
            "While both clusters answered, none of {} acknowledged writes was lost.",
            count(writes)
        ));
    }
    let forced = phases.iter().filter(|phase| phase.is_forced).map(|phase| phase.lost_writes);
    if let Some(lost) = forced.max() {
        said.push(format!(
            "Without the leader, at most {} acknowledged writes were lost in a phase.",
            count(lost as u64)
        ));
    }
    said.join(" ")
}
