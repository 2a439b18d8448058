//! Fences in words.

use crate::{
    plan::action::Action,
    report::text::{counted, indices},
};

fn number(actions: &[Action], wanted: fn(&Action) -> bool) -> usize {
    actions.iter().filter(|action| wanted(action)).count()
}

/// The first of the templates: the others are for what is left out of it.
fn template(actions: &[Action]) -> Option<&str> {
    let mut names: Vec<&str> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Template { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.first().copied()
}

/// What refuses writes.
pub(crate) fn fence(actions: &[Action]) -> String {
    let fenced = number(actions, |action| matches!(action, Action::Fence { .. }));
    let names = template(actions).map(|name| format!("by the template {name}"));
    let refuse = if fenced == 1 { "refuses" } else { "refuse" };
    match (fenced, names) {
        (0, Some(names)) => format!("new names refuse writes, {names}"),
        (_, Some(names)) => {
            format!("{} {refuse} writes; and any born meanwhile, {names}", indices(fenced))
        }
        (_, None) => format!("{} {refuse} writes, and any born meanwhile", indices(fenced)),
    }
}

/// What takes writes again.
pub(crate) fn unfence(actions: &[Action]) -> String {
    let lifted = number(actions, |action| matches!(action, Action::Unfence { .. }));
    let mut told = Vec::new();
    if lifted > 0 {
        told.push(format!("{}: esdr's own write block is lifted", indices(lifted)));
    }
    told.extend(freed(actions));
    told.join("; ")
}

/// What makes new names be born as ever.
pub(crate) fn freed(actions: &[Action]) -> Vec<String> {
    let goes = template(actions).map(|name| format!("the template {name} goes"));
    placeholders(actions).into_iter().chain(goes).collect()
}

/// What clients left behind that were refused.
pub(crate) fn placeholders(actions: &[Action]) -> Option<String> {
    let left = number(actions, |action| matches!(action, Action::Placeholder { .. }));
    let goes = if left == 1 { "goes" } else { "go" };
    (left > 0).then(|| {
        format!("{} of refused clients {goes}", counted(left, "empty index", "empty indices"))
    })
}
