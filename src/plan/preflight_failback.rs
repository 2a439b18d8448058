//! Whether the way home is open after a switch: told with the plan that closes it.

use crate::model::problem::{Code, Problem};

use super::context::Context;

/// What stands in the way home, as warnings: the switch itself can do without.
pub(super) fn problems(context: &Context<'_>) -> Vec<Problem> {
    if context.request.undo || context.kind().is_fence() {
        return Vec::new();
    }
    [no_remote(context), older(context)].into_iter().flatten().map(Problem::warning).collect()
}

/// The former leader could not read from the new one.
fn no_remote(context: &Context<'_>) -> Option<Problem> {
    let (source, target) = (context.scope.source, context.scope.target);
    let is_there = context.scope.world.alias_of(source, target).is_some();
    let can = context.topology.cluster(target).ok().and_then(|c| c.remote.as_ref()).is_some();
    if context.scope.world.view(source).is_none() || is_there || can {
        return None;
    }
    let detail =
        format!("{source} has no remote connection to {target}: the way home is not prepared");
    let protect = context.scope.set.protect(source);
    let hint = format!("add remote to [clusters.{target}], then {protect}");
    Some(Problem::new(Code::NoReverseRemote, source, detail, hint))
}

/// A follower reads its leader's index files, so it must not be the older one.
fn older(context: &Context<'_>) -> Option<Problem> {
    let (source, target) = (context.scope.source, context.scope.target);
    let version = |name: &str| context.scope.world.view(name).map(|view| view.version);
    let (old, new) = version(source).zip(version(target)).filter(|(old, new)| old < new)?;
    if !context.is_switch() {
        return None;
    }
    let detail = format!(
        "this failover cannot be failed back until {source} is upgraded: it runs {old}, {target} {new}"
    );
    let hint = format!("upgrade {source} before the way home is needed");
    Some(Problem::new(Code::NoWayHome, source, detail, hint))
}
