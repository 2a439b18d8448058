//! What servers and indices can do.

use crate::{
    plan::{
        context::Context,
        pair::Side,
        reason::{Code, Reason},
        seen::Seen,
    },
    playbook::Role,
};

pub(super) fn versions(context: &Context<'_>) -> Option<Reason> {
    let view = |role| context.scope.world.view(context.cluster(role));
    let (source, target) = (view(Role::Source)?.version, view(Role::Target)?.version);
    (target < source).then(|| {
        Reason::new(
            Code::Versions,
            context.scope.target,
            format!(
                "{} runs {target} and would follow {}, which runs {source}",
                context.scope.target, context.scope.source
            ),
        )
        .hint(format!("upgrade {} first", context.scope.target))
    })
}

pub(super) fn soft_deletes(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Reason> {
    seen.subjects
        .iter()
        .filter(|subject| matches!(subject.pair.target, Side::Absent))
        .filter_map(|subject| subject.source)
        .filter(|index| !index.soft_deletes)
        .map(|index| {
            Reason::new(
                Code::SoftDeletesOff,
                index.name.clone(),
                format!("{} on {} was created without soft deletes", index.name, context.scope.source),
            )
            .hint("reindex it into an index with index.soft_deletes.enabled: true, or exclude it from the set")
        })
        .collect()
}
