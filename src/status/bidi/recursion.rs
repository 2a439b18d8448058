//! Whether a copy is, or would be, copied in its turn: by the patterns of both sides, followed
//! through to the end, and by what follows already.

use super::{Look, Recursion};
use crate::{
    model::membership::Scope,
    plan::{
        context::Context,
        gate::{bidi::names_followed, require},
        reason::Reason,
        request::PlanRequest,
    },
    playbook::{Requirement, builtin},
};

/// What is found; unknown unless both sides and their patterns can be read.
pub(super) fn recursion(look: &Look<'_>) -> Recursion {
    let views = look.spec.clusters.iter().map(|cluster| look.world.view(cluster));
    let lists: Option<Vec<_>> = views.map(|view| view?.patterns.as_ref()).collect();
    let patterns = lists.map(|lists| lists.into_iter().map(Vec::len).sum());
    let scopes = look.scopes();
    let mut chains: Vec<String> = scopes.iter().flat_map(|scope| followed_back(*scope)).collect();
    let (mut existing, mut made_up) = (0, 0);
    if patterns.is_some() {
        for scope in scopes {
            let names = look.asking(scope, names_followed).unwrap_or_default();
            existing += names.existing.len();
            made_up += names.made_up.len();
        }
        // Each side's own index is judged with the direction that it is written in.
        let reasons = scopes.iter().flat_map(|scope| look.gate(*scope, Requirement::NoRecursion));
        for chain in reasons.map(|reason| reason.detail) {
            if !chains.contains(&chain) {
                chains.push(chain);
            }
        }
    }
    let answer = match (chains.is_empty(), patterns) {
        (false, _) => "found",
        (true, Some(_)) => "none",
        (true, None) => "unknown",
    };
    Recursion { answer, patterns, existing, made_up, chains }
}

/// Followers on the side that writes of what is itself a copy of its own.
fn followed_back(scope: Scope<'_>) -> Vec<String> {
    let (source, target) = (scope.source, scope.target);
    let Some(view) = scope.world.view(source) else {
        return Vec::new();
    };
    let back = view.indices.values().filter_map(|again| {
        let following = again.following.as_ref()?;
        let copy = &following.leader_index;
        let leads_to = scope.world.behind_alias(source, &following.remote);
        let origin = &scope.world.index(target, copy)?.following.as_ref()?.leader_index;
        let is_ours = leads_to == Some(target) && scope.set.matches(origin);
        is_ours.then(|| {
            format!(
                "a copy of {origin} is copied back: {origin} on {source} -> {copy} on {target} -> \
                 {} on {source}",
                again.name
            )
        })
    });
    back.collect()
}

impl<'l> Look<'l> {
    /// Each direction between its clusters, in the order of the file.
    pub(in crate::status) fn scopes(&self) -> [Scope<'l>; 2] {
        let [first, second] = &self.spec.clusters;
        let scope = |at: usize, source: &'l str, target: &'l str| Scope {
            world: self.world,
            set: &self.directions[at],
            source,
            target,
            only: &[],
        };
        [scope(0, first, second), scope(1, second, first)]
    }

    /// What stands against setting the alias up as things are, by one requirement.
    pub(in crate::status) fn gate(&self, scope: Scope<'l>, what: Requirement) -> Vec<Reason> {
        self.asking(scope, |context| require(context, &context.see(), what)).unwrap_or_default()
    }

    /// What a set-up would make of one direction.
    fn asking<T>(&self, scope: Scope<'l>, ask: impl FnOnce(&Context<'_>) -> T) -> Option<T> {
        let request = PlanRequest::of(builtin::find("bidi")?.playbook().ok()?);
        Some(ask(&Context::of(scope, self.topology, &request)))
    }
}
