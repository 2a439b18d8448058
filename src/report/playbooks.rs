//! Playbooks: what there is, and what the linter found.

use crate::{
    playbook::{Finding, Playbook},
    report::{
        columns::{Columns, Fit, Mark},
        page::Page,
        style::{Paint, Role},
        text::{counted, sentence},
    },
};

/// The built-in playbooks and what they promise.
pub(crate) fn playbooks(playbooks: &[Playbook], width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    let many = counted(playbooks.len(), "playbook comes", "playbooks come");
    page.answer(Mark::Fine, &format!("{many} with esdr; your own take the same path."));
    page.blank();
    let mut table =
        Columns::new(&[("PLAYBOOK", Fit::Left), ("STEPS", Fit::Right), ("PROMISE", Fit::Prose)]);
    for playbook in playbooks {
        let steps = playbook.steps.len().to_string();
        table.row(Mark::Fine, [playbook.name.clone(), steps, playbook.promise.clone()]);
    }
    page.table(&table);
    page.blank();
    page.line("Next  esdr playbook show failover");
    page.line("      esdr playbook lint FILE");
    page.finish()
}

/// What the linter found in one file. `origin` is its name as it was typed.
pub(crate) fn findings(origin: &str, findings: &[Finding], width: usize, paint: Paint) -> String {
    let mut page = Page::new(width, paint);
    if findings.is_empty() {
        page.painted(Role::Good, &format!("{origin}: the order of steps is safe."));
    } else {
        let many = counted(findings.len(), "finding", "findings");
        page.answer(Mark::Action, &format!("{origin}: the order of steps is not safe, {many}."));
    }
    for finding in findings {
        let place = format!("  {origin}:{}: ", finding.line);
        page.hanging(
            Role::Plain,
            &place,
            &format!("{} [{}]", sentence(&finding.text), finding.code),
        );
    }
    page.finish()
}
