//! The fence of a run, and the record of one that is asked for by itself: that moves no lead, and
//! only tells that a block is esdr's own.

use std::time::Duration;

use crate::{
    clock::now_ms,
    model::{
        lineage::{Entry, Member, State},
        membership::Names,
        world::World,
    },
    plan::{
        action::Action,
        context::Context,
        fences,
        seen::Seen,
        subject::{Subject, found},
    },
};

use super::newcomers;
use crate::execute::{entry::new_entry, runner::Runner, set_run::Progress, stop::Stop};

/// How long a fence is tried again that a leader has refused before: it serves nobody that
/// the new one waits for it at every step.
const FENCE_AGAIN: Duration = Duration::from_secs(1);

impl Runner<'_> {
    /// The fence of a run: the entry is told first, the templates come before the blocks.
    pub(in crate::execute) async fn act_fence(
        &mut self,
        context: &Context<'_>,
        (cluster, actions): (&str, &[Action]),
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        let before = progress.entry.as_ref().and_then(|entry| entry.fenced_ms);
        if let Some(entry) = &mut progress.entry {
            entry.fenced_ms.get_or_insert_with(now_ms);
            let first = entry.members.len();
            entry.members.extend(born(context, (cluster, actions), entry));
            let fresh: Vec<usize> = (first..entry.members.len()).collect();
            self.write_entry(context.scope.world, entry, Some(&fresh), 0).await?;
        }
        progress.changed = true;
        let within = if progress.took_no_fence { within.min(FENCE_AGAIN) } else { within };
        self.fence_names(context, cluster, actions, progress, within).await?;
        let fenced = self.fence(cluster, actions, within).await;
        progress.is_unfenced = fenced.is_err();
        progress.took_no_fence = matches!(fenced, Err(Stop::NoFence { .. }));
        let Err(stop) = fenced else {
            return Ok(());
        };
        self.waive(context, stop, progress).await?;
        if let Some(entry) = &mut progress.entry {
            entry.fenced_ms = before;
            self.write_entry(context.scope.world, entry, Some(&[]), 0).await?;
        }
        Ok(())
    }

    /// Writes down what such a fence is about to block and no entry knows yet. Nothing to do
    /// for any other playbook.
    pub(in crate::execute) async fn record_fence(
        &mut self,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        if !context.kind().is_fence() {
            return Ok(());
        }
        let members: Vec<Member> =
            fences::unrecorded(context.scope, seen).filter_map(|it| member(context, it)).collect();
        if members.is_empty() {
            return Ok(());
        }
        let plan = self.plan;
        let entry = progress.entry.get_or_insert_with(|| Entry {
            state: State::Fenced,
            patterns: Vec::new(),
            passed_over: Vec::new(),
            members: Vec::new(),
            ..new_entry(plan, context, seen)
        });
        let first = entry.members.len();
        entry.members.extend(members);
        let fresh: Vec<usize> = (first..entry.members.len()).collect();
        self.write_entry(context.scope.world, entry, Some(&fresh), 0).await
    }

    /// The blocks are lifted: what comes to stand there from now on is somebody else's.
    pub(in crate::execute) async fn close_fences(
        &mut self,
        world: &World,
        fences: impl Iterator<Item = &Entry>,
    ) -> Result<(), Stop> {
        for entry in fences {
            let mut entry = Entry { state: State::Undone, ..entry.clone() };
            self.write_entry(world, &mut entry, Some(&[]), 0).await?;
        }
        Ok(())
    }
}

/// What a switch is about to block and its entry does not know: born and followed since it was
/// opened. What is not on record cannot be told from a block of somebody else's, and none lifts it.
fn born(context: &Context<'_>, fenced: (&str, &[Action]), entry: &Entry) -> Vec<Member> {
    let (cluster, actions) = fenced;
    if !context.is_switch() || cluster != entry.source || cluster != context.scope.source {
        return Vec::new();
    }
    let seen = context.see();
    let is_new = |subject: &&Subject<'_>| {
        let Names { source_index, target_index } = &subject.names;
        entry.member(source_index, target_index).is_none()
            && actions.iter().any(|it| it.index() == Some(source_index))
    };
    let fresh = seen.subjects.iter().filter(is_new);
    fresh.filter_map(|subject| newcomers::member(context.scope, subject)).collect()
}

/// The other side may be gone, or may never have had the index: it is not needed.
fn member(context: &Context<'_>, subject: &Subject<'_>) -> Option<Member> {
    let source = subject.source?;
    let blocks = found(context.scope, context.scope.source, source);
    Some(Member {
        source_index: source.name.clone(),
        source_uuid: source.uuid.clone(),
        target_index: subject.names.target_index.clone(),
        target_uuid: subject.target.map(|index| index.uuid.clone()).unwrap_or_default(),
        shard_count: source.shard_count,
        aliases: source.aliases.clone(),
        blocked_before: blocks.write,
        read_only_before: blocks.read_only,
        ..Member::default()
    })
}
