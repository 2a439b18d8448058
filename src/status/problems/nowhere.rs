//! Indices that take writes on neither side: whatever else is so, nobody can write there.

use super::{names, subject};
use crate::{
    model::{
        membership::Scope,
        problem::{Code, Problem},
    },
    outcome::Next,
    status::{IndexStatus, Refuses, SetStatus, Situation, next},
};

/// One problem for each thing that refuses writes.
pub(super) fn problems(scope: Scope<'_>, set: &SetStatus, next: &[Next]) -> Vec<Problem> {
    Refuses::ALL.into_iter().filter_map(|refuses| told(scope, set, refuses, next)).collect()
}

fn told(scope: Scope<'_>, set: &SetStatus, refuses: Refuses, next: &[Next]) -> Option<Problem> {
    let is_it = |index: &&IndexStatus| {
        // In the middle of a promote it is told by that name.
        index.refuses == Some(refuses) && index.situation != Situation::HalfPromoted
    };
    let found: Vec<&IndexStatus> = set.indices.iter().filter(is_it).collect();
    let first = found.first()?;
    let leader = first.leader.as_deref().unwrap_or(scope.source);
    let other = if leader == scope.source { scope.target } else { scope.source };
    let all: Vec<&str> = found.iter().map(|index| index.leader_index.as_str()).collect();
    let (what, listed) = match all.as_slice() {
        [one] => (format!("{one} is"), String::new()),
        many => {
            let what = format!("{} indices of {} are", many.len(), set.name);
            (what, format!(": {}", names(all.iter().copied())))
        }
    };
    let why = match refuses {
        Refuses::Fence => format!("esdr's own write block stands on {leader}"),
        Refuses::Block => format!("a write block that is not esdr's stands on {leader}"),
        Refuses::Closed => format!("closed on {leader}"),
        Refuses::DiskFull => format!("read-only on {leader}, whose disks were full"),
        Refuses::Follows => format!("{leader} and {other} follow each other"),
    };
    let unseen = match scope.world.view(other) {
        None => format!(", and {other} is not seen"),
        Some(_) => String::new(),
    };
    let detail = format!("{what} writable nowhere: {why}{unseen}{listed}");
    let hint = next::first_change(next).map_or_else(
        || match refuses {
            Refuses::Block => {
                "find out who set index.blocks.write; esdr never lifts a block that it has not set"
                    .to_owned()
            }
            Refuses::Closed => format!("POST {leader}/{}/_open", all[0]),
            Refuses::DiskFull => {
                format!("free disk on {leader}; before 7.4 lift index.blocks.read_only_allow_delete by hand")
            }
            Refuses::Fence | Refuses::Follows => "esdr status --watch".to_owned(),
        },
        |next| next.command.clone(),
    );
    Some(Problem::new(Code::WritableNowhere, subject(set, &all), detail, hint))
}
