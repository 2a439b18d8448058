//! Steps on the way home in words: what a copy has of its own, and what becomes of it.

use crate::{
    plan::{Switch, action::Action, choice::Choice},
    report::text::{counted, indices, safe, some},
};

/// Names of safety copies that are listed.
const COPIES_MAX: usize = 3;

/// How much the copies have of their own, where that can be read already.
pub(in crate::report) fn salvage(actions: &[Action]) -> String {
    let salvages = actions.iter().filter_map(|action| match action {
        Action::Salvage { ops, .. } => Some(*ops),
        _ => None,
    });
    let ops: Vec<Option<u64>> = salvages.collect();
    let own: Vec<u64> = ops.iter().flatten().copied().filter(|ops| *ops > 0).collect();
    let chosen = |wanted: Choice| {
        let is_it = |action: &&Action| matches!(action, Action::Salvage { choice, .. } if *choice == Some(wanted));
        actions.iter().filter(is_it).count()
    };
    let clean = ops.iter().filter(|ops| **ops == Some(0)).count();
    let unread = ops.iter().filter(|ops| ops.is_none()).count();
    let mut told = Vec::new();
    if !own.is_empty() {
        told.push(format!(
            "{} {} of their own, which go into files",
            if own.len() == 1 { "1 index has".to_owned() } else { indices(own.len()) + " have" },
            counted(
                usize::try_from(own.iter().sum::<u64>()).unwrap_or(usize::MAX),
                "operation",
                "operations"
            )
        ));
    }
    let also = [
        (Choice::Apply, "also written to the leader"),
        (Choice::Keep, "kept under another name"),
        (Choice::Restore, "made again on the leader"),
    ];
    for (choice, what) in also {
        if chosen(choice) > 0 {
            told.push(format!("{}: {what}", indices(chosen(choice))));
        }
    }
    let copies = actions.iter().filter(|it| matches!(it, Action::Salvage { safety: Some(_), .. }));
    if copies.clone().next().is_some() {
        told.push(format!("{}: a safety copy stays beside", indices(copies.count())));
    }
    let snapshot = actions.iter().find_map(|action| match action {
        Action::Snapshot { repository, name, indices, .. } => Some((repository, name, indices)),
        _ => None,
    });
    if let Some((repository, name, of)) = snapshot {
        let (name, repository) = (safe(name), safe(repository));
        told.push(format!("{} in snapshot {name} of {repository}", indices(of.len())));
    }
    if clean > 0 {
        let have = if clean == 1 { "has nothing of its own" } else { "have nothing of their own" };
        told.push(format!("{} {have}", indices(clean)));
    }
    if unread > 0 {
        told.push(format!("{} still to be read", indices(unread)));
    }
    told.join("; ")
}

/// How much the leader has taken since, where that can be read already.
pub(in crate::report) fn carry(switch: &Switch, actions: &[Action]) -> String {
    let carries = actions.iter().filter_map(|action| match action {
        Action::Carry { ops, .. } => Some(*ops),
        _ => None,
    });
    let ops: Vec<Option<u64>> = carries.collect();
    let since: u64 = ops.iter().flatten().sum();
    let since = usize::try_from(since).unwrap_or(usize::MAX);
    format!(
        "{}: {} of {} since, into files and to {} by version",
        indices(ops.len()),
        counted(since, "operation", "operations"),
        switch.source,
        switch.target
    )
}

/// The names of the safety copies that go.
pub(in crate::report) fn dropped(actions: &[Action]) -> String {
    let copies = actions.iter().flat_map(|action| match action {
        Action::Drop { copies, .. } => copies.as_slice(),
        _ => &[],
    });
    let copies: Vec<&str> = copies.map(String::as_str).collect();
    let number = counted(copies.len(), "safety copy is deleted", "safety copies are deleted");
    format!("{number}: {}", safe(&some(copies.into_iter(), COPIES_MAX)))
}
