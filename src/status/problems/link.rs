//! Whether the follower hears its leader, and whether there is a way home.

use crate::{
    model::{
        membership::Scope,
        problem::{Code, Problem},
        world::Answer,
    },
    plan::setwide::patterns_of,
    status::SetStatus,
};

pub(super) fn problems(scope: Scope<'_>, set: &SetStatus) -> Vec<Problem> {
    let (Some(leader), Some(follower)) = (&set.leader, &set.follower) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    let world = scope.world;
    // A leader that nobody sees is told once, as `unreachable`.
    let sight = world.sight(follower, leader).filter(|_| world.view(leader).is_some());
    if let Some(sight) = sight.filter(|sight| sight.answer == Answer::No && set.following() > 0) {
        problems.push(Problem::new(
            Code::LinkDown,
            &set.name,
            format!("{follower} does not read from {leader}: {}", sight.evidence),
            format!(
                "mend the connection from {follower} to {leader}; a failover is refused until then"
            ),
        ));
    }
    if world.view(leader).is_some() && world.alias_of(leader, follower).is_none() {
        let problem = Problem::new(
            Code::NoReverseRemote,
            &set.name,
            format!(
                "{leader} has no remote connection to {follower}: the way home is not prepared"
            ),
            format!("add remote to [clusters.{follower}], then {}", scope.set.protect(leader)),
        );
        problems.push(problem.warning());
    }
    // While a switch is under way its own run brings the pattern back, or leaves it off.
    for pattern in patterns_of(scope, &[]).into_iter().filter(|pattern| !pattern.active) {
        let name = &pattern.name;
        let problem = Problem::new(
            Code::PatternPaused,
            &set.name,
            format!("auto-follow \"{name}\" on {follower} is paused: new indices are not followed"),
            format!("POST {follower}/_ccr/auto_follow/{name}/resume"),
        );
        problems.push(problem.warning());
    }
    problems
}
