//! The first lines of a plan: what moves where, for how long writers are refused, and
//! until when everything can be undone.

use std::{collections::BTreeMap, time::Duration};

use super::steps;
use crate::report::bidi::joined;
use crate::{
    duration,
    plan::{Plan, Switch},
    playbook::{Role as Side, Verb},
    report::{
        columns::Mark,
        page::Page,
        style::Role,
        text::{count, counted, indices, known, sentence},
    },
};

/// What one set's part of the plan comes to.
pub(crate) fn answer(page: &mut Page, plan: &Plan, switch: &Switch) {
    let (set, source, target) = (&switch.set, &switch.source, &switch.target);
    let (word, number) = steps::moved(switch);
    let many = indices(number);
    let are = if number == 1 { "is" } else { "are" };
    let parted = plan.request.bidi.as_ref().and_then(|alias| joined::plan_answer(switch, alias));
    let text = match word {
        _ if parted.is_some() => parted.unwrap_or_default(),
        _ if plan.request.undo => {
            format!("{set}: the switch to {target} is taken back, {source} goes on leading.")
        }
        "to drop" => format!(
            "{set}: {} deleted. All else is as it is to be.",
            counted(number, "safety copy is", "safety copies are")
        ),
        "to promote" if switch.overwritten() > 0 => format!(
            "{set} goes home to {target}: it follows {source}, then leads again. No loss; {} overwritten, what they have of their own is put into files first.",
            counted(switch.overwritten(), "former copy is", "former copies are")
        ),
        "to promote" if plan.request.playbook.accepts_data_loss => {
            format!(
                "{target} takes over {set} without {source}: {many} {are} promoted. Known missing {}, at most {}.",
                known(switch.loss.known),
                known(switch.loss.at_most)
            )
        }
        "to promote" if plan.request.max_lag_ops > 0 => format!(
            "{set} moves from {source} to {target}: planned, at most {} operations are lost. {many} {are} promoted.",
            count(plan.request.max_lag_ops)
        ),
        "to promote" => {
            format!(
                "{set} moves from {source} to {target}: planned, no loss. {many} {are} promoted."
            )
        }
        "to carry back" => format!(
            "{set} goes back to {target} without a copy: what {source} took since is carried there. No loss; {many} {are} moved."
        ),
        "to follow" if switch.overwritten() > 0 => format!(
            "{set}: {target} follows {many} of {source}'s, over its former copies. What they have of their own is put into files first."
        ),
        "to follow" => format!("{set}: {target} follows {many} of {source}'s."),
        _ => format!("{set}, {source} and {target}: {}", sentence(&plan.request.playbook.summary)),
    };
    let mark = if plan.is_forced() { Mark::Action } else { Mark::Fine };
    page.answer(mark, &text);
    if let Some(run) = &switch.continues
        && !plan.request.undo
    {
        page.hanging(
            Role::Plain,
            "",
            &format!("It goes on with run {run}: what that has done stays done."),
        );
    }
    let numbers = numbers(switch);
    let no_return = switch.no_return().and_then(|at| numbers.get(&at));
    let refused = refused_at_most(switch).map_or_else(String::new, |time| {
        format!("Writers are refused for at most {}. ", duration::format(time))
    });
    let back = match no_return {
        Some(1) => "From its first step there is no way back.".to_owned(),
        Some(number) if switch.overwritten() > 0 => {
            format!("Until step {number} nothing is overwritten.")
        }
        Some(number) => format!("Until step {number} everything can be undone."),
        None => "Everything in it can be undone.".to_owned(),
    };
    page.hanging(Role::Plain, "", &format!("{refused}{back}"));
}

/// What the plan of a bi-directional alias comes to, in both directions.
pub(crate) fn bidi_answer(page: &mut Page, plan: &Plan, switch: &Switch, alias: &str) {
    let (one, other) = (&switch.source, &switch.target);
    let back = if plan.to_be_named().is_none() {
        "Nothing that exists is overwritten, and writers are not refused at any time."
    } else if switch.deleted() > 0 {
        "Writers notice nothing. The copies come back only as whole copies, by another set-up."
    } else {
        "Writers notice nothing. Before another set-up what becomes regular now would have to go."
    };
    let text = format!("{alias}, {one} and {other}: {}", sentence(&plan.request.playbook.summary));
    page.answer(Mark::Fine, &text);
    page.hanging(Role::Plain, "", back);
}

/// The deadlines from the fence to the promote, together.
fn refused_at_most(switch: &Switch) -> Option<Duration> {
    let has = |at: usize| !switch.steps[at].actions.is_empty();
    let fence = (0..switch.steps.len())
        .find(|at| switch.steps[*at].step.is(Verb::Fence, Side::Source) && has(*at))?;
    let promote = switch.steps.iter().position(|s| s.step.verb() == Verb::Promote)?;
    switch.steps.get(fence..=promote)?.iter().map(|step| step.step.within).sum()
}

/// The number that a shown step has on the screen, by its position in the playbook.
pub(crate) fn numbers(switch: &Switch) -> BTreeMap<usize, usize> {
    let shown = (0..switch.steps.len()).filter(|at| steps::is_shown(switch, *at));
    shown.enumerate().map(|(number, at)| (at, number + 1)).collect()
}
