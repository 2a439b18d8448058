//! The entry of the record that a switch opens, widens and completes.

use std::time::Duration;

use crate::{
    clock::now_ms,
    event::{Detail, Kind},
    model::{
        lineage::{Entry, State},
        membership::{Names, pattern_matches},
        world::{Pattern, World},
    },
    plan::{action::Action, context::Context, declared_leader, due::Unseen, forked, seen::Seen},
    playbook::{self, Role},
    record::record_stores,
};

use super::{
    goal::newcomers::member,
    look::Absence,
    runner::{Runner, TARGET_ILL},
    set_run::{Progress, SetRun},
    stop::Stop,
};

/// An entry is sent so often at most to a cluster that is seen and has no answer to it.
const WRITES_MAX: usize = 3;

impl Runner<'_> {
    /// Writes the entry here and on every cluster of the switch that answers, and says where.
    ///
    /// What stands on this machine alone nobody else knows of: nothing is done on its word, and no
    /// run is over by it, until a cluster has it. Where they answer and take no record, it has to
    /// do. What is about to be done is written here first, so that it is not forgotten; that a run
    /// is over is written here last, so that it goes on where no cluster was told.
    ///
    /// # Errors
    /// [`Stop::Unseen`] where neither side is seen again in time; a local copy that cannot be
    /// written.
    pub(crate) async fn write_entry(
        &mut self,
        world: &World,
        entry: &mut Entry,
        changed: Option<&[usize]>,
        positions: usize,
    ) -> Result<(), Stop> {
        world.lineage.place_last(entry);
        entry.revision += 1;
        let is_over = matches!(entry.state, State::Done | State::Undone);
        if !is_over {
            self.record.write_here(entry)?;
        }
        let mut later = None;
        for _ in 0..WRITES_MAX {
            let world = later.as_ref().unwrap_or(world);
            if self.write_there(world, entry, changed, positions).await? {
                break;
            }
            later = Some(self.observe_a_side(entry).await?);
        }
        if is_over {
            self.record.write_here(entry)?;
        }
        Ok(())
    }

    /// Writes it on the clusters; false where none of them has answered to it.
    async fn write_there(
        &mut self,
        world: &World,
        entry: &Entry,
        changed: Option<&[usize]>,
        positions: usize,
    ) -> Result<bool, Stop> {
        let mut stores = record_stores(world, self.clusters);
        stores.retain(|store| store.is_side_of(entry));
        let written = self.record.write_there(&stores, entry, changed).await;
        let not_on = [&entry.source, &entry.target]
            .into_iter()
            .filter(|cluster| !written.on.contains(cluster))
            .cloned()
            .collect();
        let is_answered = !written.on.is_empty() || written.is_refused;
        let detail = Detail::Record { on: written.on, not_on, positions };
        self.event(Kind::Recorded, "", Vec::new(), detail)?;
        // Found out by the very writing: what was not written is not done.
        self.refuse_if_lost()?;
        Ok(is_answered)
    }

    /// Looks until one side of the entry is seen.
    async fn observe_a_side(&mut self, entry: &Entry) -> Result<World, Stop> {
        let mut absence = Absence::default();
        loop {
            let world = self.observe().await?;
            let unseen = [&entry.source, &entry.target].map(|cluster| {
                let why = world.unseen(cluster, &[])?;
                Some(Unseen { role: Role::Target, cluster: cluster.clone(), why })
            });
            let [Some(source), Some(target)] = unseen else { return Ok(world) };
            self.await_sight(vec![source, target], TARGET_ILL, &mut absence).await?;
        }
    }

    pub(super) async fn open_entry(
        &mut self,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let world = context.scope.world;
        if let Some(word) = declared_leader::unwritten(world, &context.scope.set.name) {
            // Killed in between, the record is still forked, or one run is left of it.
            for mut settled in forked::settled(world, word) {
                self.write_entry(world, &mut settled, Some(&[]), 0).await?;
            }
            let mut entry = word.clone();
            return self.write_entry(world, &mut entry, None, 0).await;
        }
        if context.kind() == playbook::Kind::BidiFailback {
            // Whatever was proved before is to be proved again.
            return self.protect(context, world, Vec::new()).await;
        }
        if let Some(entry) = &mut progress.entry {
            return self.widen_entry(entry, context, seen).await;
        }
        self.event(
            Kind::Started,
            "",
            Vec::new(),
            Detail::Calls { verb: "record".into(), count: 1 },
        )?;
        if context.kind().is_fence() {
            return self.record_fence(context, seen, progress).await;
        }
        if context.kind().is_bidi() && context.kind() != playbook::Kind::BidiFailover {
            // Whatever was proved before is to be proved again.
            return self.protect(context, world, Vec::new()).await;
        }
        if !context.is_switch() && context.kind() != playbook::Kind::BidiFailover {
            // Protecting a set: the state index is made, so that it is there on the day.
            let written = self.record.prepare(&record_stores(world, self.clusters)).await;
            let detail = Detail::Record {
                on: written.on,
                not_on: written.not_on.into_iter().map(|(cluster, _)| cluster).collect(),
                positions: 0,
            };
            return self.event(Kind::Recorded, "", Vec::new(), detail);
        }
        let mut entry = new_entry(self.plan, context, seen);
        if context.kind() == playbook::Kind::BidiFailover {
            entry.state = State::Alone;
        }
        let members = entry.members.len();
        self.write_entry(world, &mut entry, None, members).await?;
        progress.entry = Some(entry);
        Ok(())
    }

    /// A run of a part of the set is continued over more of it.
    pub(super) async fn widen_entry(
        &mut self,
        entry: &mut Entry,
        context: &Context<'_>,
        seen: &Seen<'_>,
    ) -> Result<(), Stop> {
        let first = entry.members.len();
        let whole = new_entry(self.plan, context, seen);
        for member in whole.members {
            if entry.member(&member.source_index, &member.target_index).is_none() {
                entry.members.push(member);
            }
        }
        for (on, pattern) in whole.patterns {
            if !entry.patterns.iter().any(|(_, p)| p.name == pattern.name) {
                entry.patterns.push((on, pattern));
            }
        }
        let fresh: Vec<usize> = (first..entry.members.len()).collect();
        self.write_entry(context.scope.world, entry, Some(&fresh), fresh.len()).await
    }

    /// Lifts the fence. In an undo what was proved behind it proves nothing from then on.
    pub(super) async fn let_writers_in(
        &mut self,
        (set_run, world): (&SetRun<'_>, &World),
        (cluster, actions): (&str, &[Action]),
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        if let Some(entry) = &mut progress.entry
            && set_run.request.undo
            && entry.members.iter().any(|member| member.proof.is_some())
        {
            entry.proofs_void_before = entry.revision + 1;
            for member in &mut entry.members {
                member.proof = None;
            }
            self.write_entry(world, entry, None, 0).await?;
        }
        self.unfence(cluster, actions, within).await?;
        self.free_names(set_run, cluster, actions, within).await?;
        progress.writable_ms = Some(now_ms());
        Ok(())
    }

    pub(super) async fn remember(
        &mut self,
        world: &World,
        progress: &mut Progress,
        name: &str,
    ) -> Result<(), Stop> {
        let Some(entry) = &mut progress.entry else {
            return Ok(());
        };
        if !entry.did(name) {
            entry.hooks_done.push(name.to_owned());
        }
        self.write_entry(world, entry, Some(&[]), 0).await
    }
}

/// A switch opens an entry unless one stands; protecting a set makes the state index
/// where the plan says so.
pub(super) fn needs_record(set_run: &SetRun<'_>, at: usize, seen: &Seen<'_>) -> bool {
    let planned = set_run.switch.steps.get(at).is_some_and(|step| !step.actions.is_empty());
    planned
        && (seen.entry.is_none() || set_run.request.playbook.kind == playbook::Kind::BidiFailback)
}

/// What the patterns take and nothing follows: older than they are, or let go by hand.
fn passed_over(
    context: &Context<'_>,
    seen: &Seen<'_>,
    patterns: &[(String, Pattern)],
) -> Vec<String> {
    let scope = context.scope;
    let takes = |name: &String| {
        patterns.iter().any(|(_, p)| pattern_matches(&p.leader_patterns, &p.exclusions, name))
    };
    let view = scope.world.view(scope.source);
    view.into_iter()
        .flat_map(|view| view.indices.values())
        .filter(|index| index.following.is_none() && takes(&index.name))
        .filter(|index| {
            let is_member = |names: &Names| names.source_index == index.name;
            !seen.subjects.iter().any(|s| is_member(&s.names))
                && !seen.membership.left_out.iter().any(is_member)
        })
        .map(|index| index.name.clone())
        .collect()
}

/// The entry that a switch opens: all that cannot be seen any more once it has begun.
pub(super) fn new_entry(plan: &crate::plan::Plan, context: &Context<'_>, seen: &Seen<'_>) -> Entry {
    let scope = context.scope;
    // Of a cluster that is not to be seen the file or the record says which it is.
    let uuid = |name: &str| scope.world.uuid_of(name).unwrap_or_default().to_owned();
    let versions = [scope.source, scope.target]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), scope.world.view(name)?.version)))
        .collect();
    let patterns: Vec<(String, Pattern)> =
        crate::plan::setwide::patterns_of(scope, &seen.names(Role::Source))
            .into_iter()
            .filter(|pattern| pattern.active)
            .map(|pattern| (scope.target.to_owned(), pattern.clone()))
            .collect();
    let passed_over = passed_over(context, seen, &patterns);
    // What an earlier part of the set has moved stands in that part's entry.
    let to_be_moved =
        seen.subjects.iter().filter(|subject| !subject.pair.is_unfollowed(Role::Target));
    Entry {
        run: plan.request.run.clone(),
        set: scope.set.name.clone(),
        playbook: plan.request.playbook.name.clone(),
        source: scope.source.to_owned(),
        target: scope.target.to_owned(),
        source_uuid: uuid(scope.source),
        target_uuid: uuid(scope.target),
        versions,
        at_ms: now_ms(),
        number: 0,
        follows: Vec::new(),
        operator: plan.operator.clone(),
        reason: plan.request.reason.clone(),
        state: State::Open,
        revision: 0,
        patterns,
        passed_over,
        hooks_done: Vec::new(),
        proofs_void_before: 0,
        fenced_ms: None,
        waived: Vec::new(),
        leader_is_fenced: plan.request.consent.leader_is_fenced,
        carries: plan.request.playbook.kind == playbook::Kind::UndoCarry,
        lost: None,
        members: to_be_moved.filter_map(|subject| member(scope, subject)).collect(),
    }
}
