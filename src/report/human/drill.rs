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
    let lost: usize = phases.iter().map(|phase| phase.lost_writes).sum();
    let writes = phases.last().map_or(0, |phase| phase.acknowledged_writes);
    page.blank();
    if lost == 0 && violations.is_empty() && phases.iter().all(Phase::is_good) {
        let text = format!(
            "The drill held: none of {} acknowledged writes was lost, in any phase.",
            count(writes)
        );
        page.answer(Mark::Fine, &text);
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
    for violation in violations {
        page.painted(Role::Problem, &format!("! {violation}"));
    }
    page.blank();
    page.line("Next  esdr sandbox    two simulated clusters that stay, to try things on");
    page.finish()
}
