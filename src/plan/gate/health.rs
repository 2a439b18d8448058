//! Indices that cannot be read, or not be promoted, as they are.

use crate::plan::{
    context::Context,
    pair::{Side, Tasks},
    reason::{Code, Reason},
    seen::Seen,
    subject::Subject,
};

/// What a red leader holds cannot be read, and so not be proved to have arrived.
pub(super) fn red_leaders(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    let is_red = |subject: &&Subject<'_>| {
        let waits = matches!(subject.pair.target, Side::Following { .. });
        waits
            && !subject.pair.facts.proof
            && subject.source.is_some_and(|index| index.open && index.health == "red")
    };
    seen.subjects
        .iter()
        .filter(is_red)
        .map(|subject| {
            let name = &subject.names.source_index;
            let detail = format!("{name} on {} is red", context.scope.source);
            Reason::new(Code::LeaderIll, name.clone(), detail)
                .hint("name the others with --index, or give this one's last writes up with --accept-data-loss")
        })
        .collect()
}

/// Followers that cannot be promoted as they are, and that no resume mends.
pub(super) fn broken_followers(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    seen.subjects
        .iter()
        .filter(|subject| matches!(subject.pair.target, Side::Following { .. }))
        .filter_map(|subject| {
            let index = subject.target?;
            let (code, what) = match (index.restoring, index.health.as_str()) {
                (true, _) => (Code::Restoring, "is still being copied"),
                (false, "red") => (Code::RedFollower, "is red"),
                _ if index.disk_full => (Code::DiskFull, "is read-only: the disks were full"),
                _ if follows_another(subject) => (
                    Code::FatalFollower,
                    "follows an index that is gone: its leader's is another of the same name",
                ),
                _ => return None,
            };
            let detail = format!("{} on {} {what}", index.name, context.scope.target);
            let hint = match subject.pair.target {
                Side::Following { tasks: Tasks::GivenUp, .. } => format!(
                    "{} makes it anew; or name the others with --index",
                    context.scope.set.protect(context.scope.source)
                ),
                _ => "name the others with --index".to_owned(),
            };
            Some(Reason::new(code, index.name.clone(), detail).hint(hint))
        })
        .collect()
}

/// What it followed was deleted, and an index of the same name made.
fn follows_another(subject: &Subject<'_>) -> bool {
    let following = subject.target.and_then(|index| index.following.as_ref());
    let followed = following.and_then(|following| following.leader_uuid.as_ref());
    followed.zip(subject.source).is_some_and(|(uuid, leader)| *uuid != leader.uuid)
}
