//! Before a copy is given up: what only it has goes into files, and what was found into the
//! record of the switch.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{
    clock::now_ms,
    event::{Detail, Kind},
    model::{
        divergence::Above,
        lineage::{Entry, Salvaged},
        world::{Index, View, World},
    },
    plan::{
        action::Action,
        choice::Choice,
        planner::{Context, Due},
        reason::{Code, Reason},
        subject::{Lead, Subject, lead},
    },
    playbook::Role,
    salvage::{
        self, Destination, Exported, Head, Order, Orphans, Policy, Tally, export, manifest,
        write_manifest,
    },
};

use super::{
    course::Course,
    drain::positions,
    stage::{Deadline, Stage},
    stop::Stop,
};

/// One copy that is to be given up, standing still behind its fence.
struct Copy<'a> {
    former: Index,
    lead: Lead<'a>,
    above: Vec<Above>,
}

impl Stage<'_> {
    /// Exports what the copies on `on` have of their own. What was found is on record index by
    /// index, so that a run that is killed does not begin again with what is done.
    ///
    /// # Errors
    /// Where a copy cannot be read, or a file not be written: nothing is given up then.
    pub(super) async fn salvage(
        &mut self,
        on: Role,
        course: &Course<'_>,
        due: &Due,
        within: Duration,
    ) -> Result<(), Stop> {
        let deadline = Deadline::new("the salvage", within);
        // The positions of a closed index cannot be read.
        self.send_verb("open", &due.actions).await?;
        let names = indices(&due.actions);
        let world = self.observe().await?;
        let topology = self.topology;
        let context = course.context(topology, &world);
        let cluster = context.cluster(on);
        let Some(view) = world.view(cluster) else {
            return Err(Stop::Silent { cluster: cluster.to_owned(), silent_ms: 0 });
        };
        self.calls(Kind::Started, cluster, &names, "salvage")?;
        let still = self.stand_still(cluster, view, &names).await?;
        let seen = context.see();
        let mut clean = Vec::new();
        // As they are written: each writing builds on the one before.
        let mut entries: Vec<Entry> = Vec::new();
        let mut tally = None;
        for subject in &seen.subjects {
            let Some(former) = still.get(subject.name(on)) else { continue };
            let copy = copy(&context, subject, former.clone())?;
            if copy.above.iter().all(|shard| shard.ops() == 0) {
                clean.push((copy, Exported::default()));
                continue;
            }
            self.check_interrupt()?;
            let (exported, entry) = self.export(cluster, view, &context, &copy, &deadline).await?;
            let applies = context.choice(&subject.names) == Some(Choice::Apply);
            if applies {
                self.apply(&context, &copy, &entry, &mut tally, &deadline).await?;
            }
            self.note_salvaged(&world, &mut entries, applies, vec![(copy, exported)]).await?;
        }
        if let Some(mut tally) = tally {
            tally.finish().map_err(anyhow::Error::new)?;
        }
        self.note_salvaged(&world, &mut entries, false, clean).await
    }

    async fn export(
        &mut self,
        cluster: &str,
        view: &View,
        context: &Context<'_>,
        copy: &Copy<'_>,
        deadline: &Deadline,
    ) -> Result<(Exported, manifest::Entry), Stop> {
        let leader = context.cluster(copy.lead.leader);
        let leader_uuid = context.scope.world.view(leader).map(|view| view.uuid.clone());
        let orphans = Orphans {
            set: context.scope.set.name.clone(),
            cluster: cluster.to_owned(),
            cluster_uuid: view.uuid.clone(),
            index: copy.former.name.clone(),
            index_uuid: copy.former.uuid.clone(),
            leader: leader.to_owned(),
            leader_uuid: leader_uuid.unwrap_or_default(),
            // In its entry the leader is always the target, whichever role it has in this run.
            leader_index: copy.lead.member.target_index.clone(),
            leader_index_uuid: copy.lead.member.target_uuid.clone(),
            above: copy.above.clone(),
        };
        let es = self.es(cluster)?.clone();
        let folder = self.salvage_folder();
        let mut silent = |_documents: u64| {};
        let exporting = export(&es, &orphans, &folder, &self.plan.host, &mut silent);
        let exported = tokio::time::timeout(deadline.left(), exporting)
            .await
            .map_err(|_| deadline.over(Vec::new()))?
            .map_err(anyhow::Error::new)?;
        let head = Head {
            run: self.plan.id.clone(),
            at_ms: now_ms(),
            host: self.plan.host.clone(),
            operator: self.plan.operator.clone(),
        };
        let entry = manifest::Entry::of(&orphans, &exported);
        write_manifest(&folder, &head, std::slice::from_ref(&entry)).map_err(anyhow::Error::new)?;
        let detail = Detail::Salvage {
            ops: exported.ops,
            documents: exported.documents,
            file: exported.file.as_ref().map(|file| file.path.clone()),
        };
        self.event(Kind::Progress, cluster, vec![orphans.index], detail)?;
        Ok((exported, entry))
    }

    /// Writes the documents of one file to the leader. Its own later changes win, and what
    /// differs from them is listed beside the file.
    async fn apply(
        &mut self,
        context: &Context<'_>,
        copy: &Copy<'_>,
        entry: &manifest::Entry,
        tally: &mut Option<Tally>,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        let leader = context.cluster(copy.lead.leader);
        let member = copy.lead.member;
        let version = context.scope.world.view(leader).map(|view| view.version).unwrap_or_default();
        let to = Destination {
            cluster: leader.to_owned(),
            index: member.target_index.clone(),
            has_types: version.has_types(),
            promoted: member.checkpoints.clone().unwrap_or_default(),
        };
        let folder = self.salvage_folder();
        let es = self.es(leader)?.clone();
        if tally.is_none() {
            *tally = Some(Tally::begin(Some(&folder)).map_err(anyhow::Error::new)?);
        }
        let Some(tally) = tally else { return Ok(()) };
        let before = tally.counts;
        let order =
            Order { folder: &folder, entry, to: &to, policy: Policy::Report, dry_run: false };
        let mut silent = |_documents: u64| {};
        let applying = salvage::apply(&es, order, tally, &mut silent);
        tokio::time::timeout(deadline.left(), applying)
            .await
            .map_err(|_| deadline.over(Vec::new()))?
            .map_err(anyhow::Error::new)?;
        let detail = Detail::Applied {
            written: tally.counts.written - before.written,
            already: tally.counts.already - before.already,
            conflicts: tally.counts.conflicts + tally.counts.refused
                - before.conflicts
                - before.refused,
        };
        self.event(Kind::Progress, leader, vec![to.index], detail)
    }

    /// Each switch's entry takes what was found of its members.
    async fn note_salvaged(
        &mut self,
        world: &World,
        entries: &mut Vec<Entry>,
        applied: bool,
        found: Vec<(Copy<'_>, Exported)>,
    ) -> Result<(), Stop> {
        let mut changes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (copy, exported) in found {
            let at = entries.iter().position(|entry| entry.run == copy.lead.entry.run);
            let at = at.unwrap_or_else(|| {
                entries.push(copy.lead.entry.clone());
                entries.len() - 1
            });
            let entry = &mut entries[at];
            let is_it = |member: &crate::model::lineage::Member| {
                member.source_index == copy.lead.member.source_index
                    && member.target_index == copy.lead.member.target_index
            };
            if let Some(member) = entry.members.iter().position(is_it) {
                entry.members[member].salvaged = Some(Salvaged {
                    run: self.plan.id.clone(),
                    positions: positions(&copy.former.shards),
                    ops: exported.ops,
                    documents: exported.documents,
                    applied,
                    file: exported.file,
                });
                changes.entry(at).or_default().push(member);
            }
        }
        for (at, changed) in changes {
            self.write_entry(world, &mut entries[at], Some(&changed), changed.len()).await?;
        }
        Ok(())
    }

    /// Where this run's files go.
    fn salvage_folder(&self) -> PathBuf {
        self.salvage_dir.join(&self.plan.id)
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
