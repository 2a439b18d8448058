//! The record of a fence that is asked for by itself: it moves no lead, and only tells that
//! a block is esdr's own.

use crate::{
    model::lineage::{Entry, Member, State},
    plan::{fences, planner::Context, seen::Seen, subject::Subject},
};

use super::{course::Progress, entry::new_entry, stage::Stage, stop::Stop};

impl Stage<'_> {
    /// Writes down what such a fence is about to block and no entry knows yet. Nothing to do
    /// for any other playbook.
    pub(super) async fn record_fence(
        &mut self,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        if !context.playbook.only_fences() {
            return Ok(());
        }
        let members: Vec<Member> =
            fences::unrecorded(context.scope, seen).filter_map(member).collect();
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
    pub(super) async fn close_fences(&mut self, context: &Context<'_>) -> Result<(), Stop> {
        for entry in fences::on_record(context.scope) {
            let mut entry = Entry { state: State::Undone, ..entry.clone() };
            self.write_entry(context.scope.world, &mut entry, Some(&[]), 0).await?;
        }
        Ok(())
    }
}

/// The other side may be gone, or may never have had the index: it is not needed.
fn member(subject: &Subject<'_>) -> Option<Member> {
    let source = subject.source?;
    Some(Member {
        source_index: source.name.clone(),
        source_uuid: source.uuid.clone(),
        target_index: subject.names.target_index.clone(),
        target_uuid: subject.target.map(|index| index.uuid.clone()).unwrap_or_default(),
        shard_count: source.shard_count,
        aliases: source.aliases.clone(),
        ..Member::default()
    })
}
