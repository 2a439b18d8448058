//! Before a copy is given up: what only it has goes into files, and what was found into the
//! record of the switch.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{
    clock::now_ms,
    es::api::Es,
    event::{Detail, Kind},
    files::FileName,
    model::{lineage::Salvaged, problem::Problem, world::Index},
    plan::declared_leader::nothing,
    plan::{
        action::Action,
        choice::Choice,
        context::Context,
        due::Due,
        reason::{Code, Reason},
        safety::is_in_snapshot,
        subject::{Subject, lead},
    },
    playbook::Role,
    salvage::{self, Exported, Head, Orphans, export, list_deletes, manifest, write_manifest},
};

use super::{
    copies::{Copy, Outcome, Work},
    drain::positions,
    safety::{none_planned, planned},
};
use crate::execute::{
    deadline::Deadline,
    runner::Runner,
    send::{LOOSEN, OPEN},
    set_run::SetRun,
    stop::Stop,
};

impl Runner<'_> {
    /// Exports what the copies on `on` have of their own, and does what the operator chose for
    /// them. What was found is on record index by index, so that a run that is killed does not
    /// begin again with what is done. Returns what is to be told of safety copies that are not made.
    ///
    /// # Errors
    /// Where a copy cannot be read, or a file not be written: nothing is given up then.
    pub(in crate::execute) async fn salvage(
        &mut self,
        on: Role,
        (set_run, at): (&SetRun<'_>, usize),
        (due, before): (&Due, &Context<'_>),
        within: Duration,
    ) -> Result<Vec<Problem>, Stop> {
        let deadline = Deadline::new("the salvage", within);
        // The positions of a closed index cannot be read.
        self.send_kind(LOOSEN, &due.actions).await?;
        self.send_kind(OPEN, &due.actions).await?;
        let names = indices(&due.actions);
        let is_as_before = !due.actions.iter().any(|action| LOOSEN(action) || OPEN(action));
        let looked = if is_as_before { None } else { Some(self.observe_for(set_run, at).await?) };
        let world = looked.as_ref().unwrap_or(before.scope.world);
        let topology = self.topology;
        let context = set_run.context(topology, world);
        let cluster = context.cluster(on);
        let Some(view) = world.view(cluster) else {
            return Err(Stop::Silent { cluster: cluster.to_owned(), silent_ms: 0 });
        };
        self.calls(Kind::Started, cluster, &names, "salvage")?;
        let still = self.stand_still((cluster, on), view, &names).await?;
        let seen = context.see();
        let mut work = Work {
            context: &context,
            cluster,
            view,
            deadline: &deadline,
            entries: Vec::new(),
            tally: None,
            has_copies: false,
            notes: Vec::new(),
        };
        let mut copies = Vec::new();
        for subject in &seen.subjects {
            if let Some(former) = still.get(subject.name(on)) {
                copies.push((subject, copy(&context, subject, former.clone())?));
            }
        }
        self.snapshot_diverged(&mut work, &copies, due).await?;
        let mut clean = Vec::new();
        for (subject, copy) in copies {
            let choice = context.choice(&subject.names);
            if copy.is_clean() && !matches!(choice, Some(Choice::Keep | Choice::Restore)) {
                clean.push((copy, Outcome::default()));
                continue;
            }
            // It was due for its snapshot only.
            if context.is_saved(subject) {
                continue;
            }
            self.check_interrupt()?;
            let outcome = self.salvage_one(&mut work, &copy, choice, set_run).await?;
            self.note_salvaged(&mut work, vec![(copy, outcome)]).await?;
        }
        if let Some(mut tally) = work.tally.take() {
            tally.finish().map_err(Stop::of_salvage)?;
        }
        self.note_salvaged(&mut work, clean).await?;
        self.note_copies(&mut work).await?;
        Ok(work.notes)
    }

    async fn snapshot_diverged(
        &mut self,
        work: &mut Work<'_>,
        copies: &[(&Subject<'_>, Copy<'_>)],
        due: &Due,
    ) -> Result<(), Stop> {
        let wanted = due.actions.iter().find_map(|action| match action {
            Action::Snapshot { repository, name, .. } => Some((repository.as_str(), name.as_str())),
            _ => None,
        });
        let Some(wanted) = wanted else { return Ok(()) };
        let diverged: Vec<&Copy<'_>> = copies
            .iter()
            .filter(|(subject, copy)| {
                !copy.is_clean() && !is_in_snapshot(work.context, &subject.names)
            })
            .map(|(_, copy)| copy)
            .collect();
        if diverged.is_empty() { Ok(()) } else { self.snapshot(work, &diverged, wanted).await }
    }

    async fn salvage_one(
        &mut self,
        work: &mut Work<'_>,
        copy: &Copy<'_>,
        choice: Option<Choice>,
        set_run: &SetRun<'_>,
    ) -> Result<Outcome, Stop> {
        let mut outcome = Outcome::default();
        let file = if copy.is_clean() {
            None
        } else {
            let (exported, file) = self.export(work, copy).await?;
            outcome.exported = exported;
            Some(file)
        };
        match choice {
            Some(Choice::Apply) => {
                self.apply(work, copy, file.as_ref()).await?;
                outcome.applied = true;
            }
            Some(Choice::Keep) => {
                let (cluster, view) = (work.cluster, work.view);
                let kept = self.keep(cluster, view, copy, work.deadline).await?;
                outcome.kept = Some(kept);
            }
            Some(Choice::Restore) => {
                outcome.restored = self.restore(work, copy, file.as_ref()).await?;
            }
            // Where one could not be made, the next one is not waited for.
            None if work.notes.is_empty() => {
                let note = match planned(set_run, &copy.former.name) {
                    Some(name) => self.safety_copy(work, copy, name).await?,
                    None => none_planned(set_run),
                };
                work.notes.extend(note);
            }
            None => {}
            Some(Choice::Delete | Choice::Discard) => {}
        }
        Ok(outcome)
    }

    async fn export(
        &mut self,
        work: &Work<'_>,
        copy: &Copy<'_>,
    ) -> Result<(Exported, manifest::Entry), Stop> {
        let (context, cluster, deadline) = (work.context, work.cluster, work.deadline);
        let leader = context.cluster(copy.lead.leader);
        let leader_uuid = context.scope.world.view(leader).map(|view| view.uuid.clone());
        let orphans = Orphans {
            set: context.scope.set.name.clone(),
            cluster: cluster.to_owned(),
            cluster_uuid: work.view.uuid.clone(),
            index: copy.former.name.clone(),
            index_uuid: copy.former.uuid.clone(),
            leader: leader.to_owned(),
            leader_uuid: leader_uuid.unwrap_or_default(),
            // In its entry the leader is always the target, whichever role it has in this run.
            leader_index: copy.lead.member.target_index.clone(),
            leader_index_uuid: copy.lead.member.target_uuid.clone(),
            above: copy.above.clone(),
        };
        self.export_one(orphans, None, deadline).await
    }

    /// What one index has alone into files of this run, with the manifest, and tells it; with the
    /// ids that it has deleted, where it is named against what they are found.
    pub(in crate::execute) async fn export_one(
        &mut self,
        orphans: Orphans,
        against: Option<&Es>,
        deadline: &Deadline,
    ) -> Result<(Exported, manifest::Entry), Stop> {
        let from = self.es(&orphans.cluster)?.clone();
        let folder = self.salvage_folder()?;
        let mut silent = |_documents: u64| {};
        let exporting = async {
            let exported = export(&from, &orphans, &folder, &self.plan.host, &mut silent).await?;
            let deletes = match against {
                Some(to) => Some(list_deletes(&from, to, &orphans, &folder).await?),
                None => None,
            };
            Ok::<_, salvage::Error>((exported, deletes))
        };
        let (exported, deletes) = tokio::time::timeout(deadline.left(), exporting)
            .await
            .map_err(|_| deadline.over(Vec::new()))?
            .map_err(Stop::of_salvage)?;
        let head = Head {
            run: self.plan.request.run.clone(),
            at_ms: now_ms(),
            host: self.plan.host.clone(),
            operator: self.plan.operator.clone(),
        };
        let entry = manifest::Entry { deletes, ..manifest::Entry::of(&orphans, &exported) };
        write_manifest(&folder, &head, std::slice::from_ref(&entry)).map_err(Stop::of_salvage)?;
        let detail = Detail::Salvage {
            ops: exported.ops,
            documents: exported.documents,
            file: exported.file.as_ref().map(|file| file.path.clone()),
        };
        self.event(Kind::Progress, &orphans.cluster, vec![orphans.index], detail)?;
        Ok((exported, entry))
    }

    /// Each switch's entry takes what was found of its members.
    async fn note_salvaged(
        &mut self,
        work: &mut Work<'_>,
        found: Vec<(Copy<'_>, Outcome)>,
    ) -> Result<(), Stop> {
        let mut changes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (copy, outcome) in found {
            let Some((at, number)) = work.member(&copy) else { continue };
            let member = &mut work.entries[at].members[number];
            if let Some(uuid) = &outcome.restored {
                member.returning = false;
                member.target_uuid.clone_from(uuid);
                // Whatever the leader has now came by way of the file.
                member.checkpoints = Some(nothing(member.shard_count));
                member.left_at = member.left_at.take().map(|_| nothing(member.shard_count));
            }
            member.salvaged = Some(Salvaged {
                run: self.plan.request.run.clone(),
                positions: positions(&copy.former.shards),
                ops: outcome.exported.ops,
                documents: outcome.exported.documents,
                applied: outcome.applied,
                kept: outcome.kept,
                restored: outcome.restored.is_some(),
                file: outcome.exported.file,
            });
            changes.entry(at).or_default().push(number);
        }
        let world = work.context.scope.world;
        for (at, changed) in changes {
            self.write_entry(world, &mut work.entries[at], Some(&changed), changed.len()).await?;
        }
        Ok(())
    }

    /// Where this run's files go.
    ///
    /// # Errors
    /// Where the run has no name of a run.
    pub(in crate::execute) fn salvage_folder(&self) -> Result<PathBuf, Stop> {
        let name = FileName::run(&self.plan.request.run).map_err(anyhow::Error::new)?;
        Ok(self.salvage_dir.join(name))
    }
}

fn copy<'a>(context: &Context<'a>, subject: &Subject<'_>, former: Index) -> Result<Copy<'a>, Stop> {
    let lead = lead(context.scope, &subject.names);
    let found = lead.and_then(|lead| Some((lead, subject.orphans(lead, &former)?)));
    let Some((lead, above)) = found else {
        let detail = format!("{} cannot be held against the record of the switch", former.name);
        let reason = Reason::new(Code::Unsalvaged, former.name, detail).hint("esdr status");
        return Err(Stop::Blocked { reasons: vec![reason] });
    };
    Ok(Copy { former, lead, above })
}

fn indices(actions: &[Action]) -> Vec<String> {
    let salvages = actions.iter().filter(|action| matches!(action, Action::Salvage { .. }));
    salvages.filter_map(|action| action.index().map(str::to_owned)).collect()
}
