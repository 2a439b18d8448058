//! Back without a copy: what the new leader took since it was promoted is written to the former
//! one, which is as it was left behind.
//!
//! Three things make it safe. The new leader stands still behind its fence. What is written is
//! written on condition that the former leader still has what both had, so that no write of a
//! client who finds it open again is overwritten. And the lead moves only with the positions
//! that are written into the record at the end: until then the new leader has everything.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    event::{Detail, Kind},
    model::{
        divergence::Above,
        lineage::{Member, Position, Salvaged},
        problem::Problem,
        world::{Index, Shard, World},
    },
    observe::observe_shards,
    plan::{
        action::Action,
        carry::{self, since, taken_back, too_many_ops},
        context::Context,
        due::Due,
        due::Unseen,
        reason::{Code, Reason},
    },
    playbook::Role,
    salvage::{Exported, Tally},
};

use super::{
    carried::{Carried, Done, Load},
    drain::positions,
};
use crate::execute::{
    deadline::Deadline,
    runner::Runner,
    send::OPEN,
    set_run::{Progress, SetRun},
    stop::{Left, Stop},
};

impl Runner<'_> {
    /// Carries every index that the step asks for, all or none: only when all are carried and
    /// looked at again does the record say that the target leads.
    ///
    /// # Errors
    /// Where more was written than may be carried, or something cannot be read: nothing has been
    /// written to the target then. Later: where a call fails, or a fence was lifted; the same
    /// command goes on.
    pub(in crate::execute) async fn carry(
        &mut self,
        (set_run, at): (&SetRun<'_>, usize),
        due: &Due,
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        let deadline = Deadline::new("the carrying back", within);
        let world = self.observe_for(set_run, at).await?;
        let topology = self.topology;
        let context = set_run.context(topology, &world);
        // Whatever gates a playbook has: a former leader that has moved on since is none to write to.
        let lacking = carry::lacking(&context, &context.see());
        if !lacking.is_empty() {
            return Err(Stop::Blocked { reasons: lacking });
        }
        let mut loads = self.loads(&context, due).await?;
        let begun = |load: &Load| member_of(progress, load).is_some_and(|m| m.salvaged.is_some());
        let fresh_ops = loads.iter().filter(|load| !begun(load)).map(Load::ops).sum();
        if let Some(reason) = too_many_ops(&context, fresh_ops) {
            return Err(Stop::Blocked { reasons: vec![reason] });
        }
        for load in &mut loads {
            self.check_interrupt()?;
            self.export_load(&context, load, &deadline).await?;
        }
        self.check_source((set_run, at), &loads).await?;
        self.note_begun(&world, progress, &loads).await?;
        // A run that gives up from here on is gone on with: documents are on the target.
        progress.past_no_return = true;
        self.let_in(context.scope.target, due, &deadline).await?;
        let kept = self.carry_all(&context, &loads, &deadline).await?;
        self.check_source((set_run, at), &loads).await?;
        self.note_carried(&context, progress, &loads, &deadline).await?;
        if kept > 0 {
            progress.problems.push(kept_there(&context, kept, &self.salvage_folder()?));
        }
        Ok(())
    }

    /// What is to be carried of each index, from a source that stands still.
    async fn loads(&mut self, context: &Context<'_>, due: &Due) -> Result<Vec<Load>, Stop> {
        let (source, target) = (context.scope.source, context.scope.target);
        let world = context.scope.world;
        let (Some(view), Some(entry)) = (world.view(source), taken_back(context.scope)) else {
            return Err(Stop::Silent { cluster: source.to_owned(), silent_ms: 0 });
        };
        let pairs: Vec<(&String, &String)> = due
            .actions
            .iter()
            .filter_map(|action| match action {
                Action::Carry { index, from_index, .. } => Some((from_index, index)),
                _ => None,
            })
            .collect();
        let names: Vec<String> = pairs.iter().map(|(from, _)| (*from).clone()).collect();
        self.calls(Kind::Started, source, &names, "carry")?;
        let still = self.stand_still((source, Role::Source), view, &names).await?;
        let load = |(from_index, index): (&String, &String)| {
            let promoted = entry.member(index, from_index)?;
            let leader = still.get(from_index)?;
            Some(Load {
                above: since(promoted, leader)?,
                promoted: promoted.checkpoints.clone()?,
                shard_count: promoted.shard_count,
                leader: leader.clone(),
                index: index.clone(),
                index_uuid: world.index(target, index)?.uuid.clone(),
                exported: Exported::default(),
                entry: None,
            })
        };
        let all = pairs.into_iter().map(|pair| {
            load(pair).ok_or_else(|| {
                let detail = format!("{} on {source} cannot be held against the record", pair.0);
                let reason = Reason::new(Code::CannotCarry, pair.0, detail).hint("esdr status");
                Stop::Blocked { reasons: vec![reason] }
            })
        });
        all.collect()
    }

    /// On record before the target is let take writes: from then on its positions say nothing.
    async fn note_begun(
        &mut self,
        world: &World,
        progress: &mut Progress,
        loads: &[Load],
    ) -> Result<(), Stop> {
        let run = self.plan.request.run.clone();
        let note = |member: &mut Member, load: &Load| {
            member.salvaged = Some(Salvaged {
                run: run.clone(),
                positions: whole(&load.leader.shards),
                ops: load.exported.ops,
                documents: load.exported.documents,
                file: load.exported.file.clone(),
                ..Salvaged::default()
            });
        };
        self.note_each(world, progress, loads, note, 0).await
    }

    async fn note_each(
        &mut self,
        world: &World,
        progress: &mut Progress,
        loads: &[Load],
        mut note: impl FnMut(&mut Member, &Load),
        positions: usize,
    ) -> Result<(), Stop> {
        let Some(entry) = &mut progress.entry else { return Ok(()) };
        let mut changed = Vec::new();
        for load in loads {
            let is_it = |member: &Member| load.is_of(member);
            if let Some(at) = entry.members.iter().position(is_it) {
                note(&mut entry.members[at], load);
                changed.push(at);
            }
        }
        self.write_entry(world, entry, Some(&changed), positions).await
    }

    /// The target takes writes; esdr's own have no other way in.
    async fn let_in(&mut self, target: &str, due: &Due, deadline: &Deadline) -> Result<(), Stop> {
        self.unfence(target, &due.actions, deadline.left()).await?;
        // Whether it worked is seen by what is written.
        self.send_kind(OPEN, &due.actions).await.map(drop)
    }

    /// The source still refuses writes, and has taken none since it was looked at.
    async fn check_source(
        &mut self,
        (set_run, at): (&SetRun<'_>, usize),
        loads: &[Load],
    ) -> Result<(), Stop> {
        let source = &set_run.switch.source;
        let names: Vec<String> = loads.iter().map(|load| load.leader.name.clone()).collect();
        let world = self.observe_for(set_run, at).await?;
        let readings = observe_shards(self.es(source)?, &names).await?;
        for load in loads {
            let name = &load.leader.name;
            let Some(reading) = readings.get(name) else {
                let why = format!("the checkpoints of {name} could not be read");
                let unseen = Unseen { role: Role::Source, cluster: source.clone(), why };
                return Err(Stop::Unseen { unseen: vec![unseen] });
            };
            let is_fenced = world.index(source, name).is_some_and(|index| index.write_block);
            if !is_fenced || whole(&reading.shards) != whole(&load.leader.shards) {
                let detail = format!("the fence of {name} was lifted by somebody else");
                return Err(Stop::Drift { detail });
            }
        }
        Ok(())
    }

    /// The lead moves, by the record: with the target's positions, and with the source's.
    async fn note_carried(
        &mut self,
        context: &Context<'_>,
        progress: &mut Progress,
        loads: &[Load],
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        let target = context.scope.target;
        let read = self.positions_of(target, loads, deadline).await?;
        let note = |member: &mut Member, load: &Load| {
            let at = whole(&load.leader.shards);
            if let Some(salvaged) = &mut member.salvaged {
                salvaged.applied = true;
            }
            member.proof = Some(at.clone());
            member.left_at = Some(at);
            member.checkpoints = read.get(&load.index).map(|index| positions(&index.shards));
        };
        self.note_each(context.scope.world, progress, loads, note, loads.len()).await?;
        progress.writable_ms = Some(crate::clock::now_ms());
        Ok(())
    }

    async fn positions_of(
        &mut self,
        target: &str,
        loads: &[Load],
        deadline: &Deadline,
    ) -> Result<BTreeMap<String, Index>, Stop> {
        let names: Vec<String> = loads.iter().map(|load| load.index.clone()).collect();
        let es = self.es(target)?.clone();
        let left = |name: &String| {
            let why = "its positions cannot be read".to_owned();
            Left { index: name.clone(), shard: None, lag_ops: None, why }
        };
        self.until_shards((&es, Role::Target), &names, deadline, |readings| {
            let whole = |load: &Load| {
                let reading = readings.get(&load.index)?;
                let shards = reading.shards.clone();
                (shards.len() == load.shard_count as usize)
                    .then(|| (load.index.clone(), Index { shards, ..Index::default() }))
            };
            let found: Option<BTreeMap<String, Index>> = loads.iter().map(whole).collect();
            found.ok_or_else(|| names.iter().map(left).collect())
        })
        .await
    }

    /// Returns how many documents stay as the target's clients have written them meanwhile.
    async fn carry_all(
        &mut self,
        context: &Context<'_>,
        loads: &[Load],
        deadline: &Deadline,
    ) -> Result<u64, Stop> {
        let (source, target) = (context.cluster(Role::Source), context.cluster(Role::Target));
        let has_types = |cluster: &str| {
            let view = context.scope.world.view(cluster);
            view.is_some_and(|view| view.version.has_types())
        };
        let carried = Carried {
            from: self.es(source)?.clone(),
            to: self.es(target)?.clone(),
            from_types: has_types(source),
            to_types: has_types(target),
            folder: self.salvage_folder()?,
        };
        let with_files = || loads.iter().filter_map(|load| Some((load, load.entry.as_ref()?)));
        if with_files().next().is_none() {
            return Ok(0);
        }
        let mut tally = Tally::begin(Some(&carried.folder)).map_err(Stop::of_salvage)?;
        let mut kept = 0;
        for (load, entry) in with_files() {
            self.check_interrupt()?;
            let carrying = carried.carry(load, entry, &mut tally);
            let done = tokio::time::timeout(deadline.left(), carrying).await;
            let done = match done {
                Ok(Ok(done)) => done,
                // What was not taken is listed for whoever is to mend it.
                Ok(Err(stop)) => {
                    tally.finish().map_err(Stop::of_salvage)?;
                    return Err(stop);
                }
                Err(_) => return Err(deadline.over(Vec::new())),
            };
            kept += done.kept;
            let Done { written, deleted, already, kept, .. } = done;
            let detail = Detail::Carried { written, deleted, already, kept };
            self.event(Kind::Progress, target, vec![load.index.clone()], detail)?;
        }
        tally.finish().map_err(Stop::of_salvage)?;
        Ok(kept)
    }
}

/// Where a copy stands whose every operation was read, also single ones above the checkpoint,
/// which follows a moment later.
fn whole(shards: &[Shard]) -> Vec<Position> {
    let highest = |at: Position| Position { checkpoint: at.highest(), ..at };
    positions(shards).into_iter().map(highest).collect()
}

fn member_of<'p>(progress: &'p Progress, load: &Load) -> Option<&'p Member> {
    progress.entry.as_ref()?.members.iter().find(|member| load.is_of(member))
}

/// What clients wrote on the target while it was open is newer, and stays.
fn kept_there(context: &Context<'_>, kept: u64, folder: &std::path::Path) -> Problem {
    let target = context.scope.target;
    let detail = format!(
        "{kept} documents were written on {target} while it was carried to, and stay as they are; \
         what the other side had is in {}",
        folder.display()
    );
    let hint = "look at conflicts.ndjson there";
    Problem::new(Code::CarryConflicts, &context.scope.set.name, detail, hint)
}

impl Load {
    fn ops(&self) -> u64 {
        self.above.iter().map(Above::ops).sum()
    }

    fn is_of(&self, member: &Member) -> bool {
        member.source_index == self.leader.name && member.target_index == self.index
    }
}
