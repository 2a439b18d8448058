//! What the operator chose for a copy beside its file: it is written to the leader, too.

use serde_json::{Map, Value};

use crate::{
    event::{Detail, Kind},
    model::{
        lineage::Position,
        world::{Alias, View},
    },
    plan::declared_leader::nothing,
    salvage::{self, Destination, Order, Policy, Tally, manifest},
};

use super::copies::{Copy, Work};
use crate::execute::{runner::Runner, stop::Stop};

impl Runner<'_> {
    /// Writes the documents of one file to the leader. Its own later changes win, and what
    /// differs from them is listed beside the file.
    pub(in crate::execute) async fn apply(
        &mut self,
        work: &mut Work<'_>,
        copy: &Copy<'_>,
        file: Option<&manifest::Entry>,
    ) -> Result<(), Stop> {
        let promoted = copy.lead.member.checkpoints.clone().unwrap_or_default();
        self.write_back(work, copy, file, promoted).await
    }

    /// Makes an index again on the leader that was deleted there, with what the copy has; returns
    /// its UUID. Nothing where the leader has it by now by other hands than esdr's.
    ///
    /// It is on record before it is made, so that a run that is killed in between finds an index
    /// under its name and knows it for its own.
    pub(in crate::execute) async fn restore(
        &mut self,
        work: &mut Work<'_>,
        copy: &Copy<'_>,
        file: Option<&manifest::Entry>,
    ) -> Result<Option<String>, Stop> {
        let scope = work.context.scope;
        let leader = work.context.cluster(copy.lead.leader);
        let index = copy.lead.member.target_index.clone();
        let is_deleted = scope.world.index(leader, &index).is_none();
        if !is_deleted && !copy.lead.member.returning {
            return Ok(None);
        }
        if let Some((at, number)) = work.member(copy) {
            work.entries[at].members[number].returning = true;
            self.write_entry(scope.world, &mut work.entries[at], Some(&[number]), 0).await?;
        }
        if is_deleted {
            self.make_again(work, copy, leader, &index).await?;
        }
        let shard_count = copy.lead.member.shard_count;
        self.write_back(work, copy, file, nothing(shard_count)).await?;
        let world = self.observe().await?;
        let made = world.index(leader, &index);
        let Some(made) = made else {
            let why = format!("{index} on {leader} is gone again");
            return Err(Stop::Drift { detail: why });
        };
        Ok(Some(made.uuid.clone()))
    }

    async fn make_again(
        &mut self,
        work: &Work<'_>,
        copy: &Copy<'_>,
        leader: &str,
        index: &str,
    ) -> Result<(), Stop> {
        let has_types = |cluster: &str| {
            let view = work.context.scope.world.view(cluster);
            view.is_some_and(|view| view.version.has_types())
        };
        let former = self.es(work.cluster)?.clone();
        let like = former.definition(&copy.former.name, has_types(work.cluster)).await?;
        // Followed by the former leader, which a server of 6.8 does not do by itself.
        let settings = serde_json::json!({"index.soft_deletes.enabled": "true"});
        let view = work.context.scope.world.view(leader);
        let aliases = copy.former.aliases.iter().map(|alias| borne(alias, view));
        let aliases: Map<String, Value> = aliases.collect();
        let body = like.body(settings, Value::Object(aliases), has_types(leader));
        self.calls(Kind::Started, leader, &[index.to_owned()], "create")?;
        let es = self.es(leader)?.clone();
        match es.create_index(index, &body, false).await {
            // A writer may have made it meanwhile: what it wrote stays.
            Err(error) if !error.is_index_exists() => return Err(error.into()),
            _ => {}
        }
        self.calls(Kind::Progress, leader, &[index.to_owned()], "create")
    }

    async fn write_back(
        &mut self,
        work: &mut Work<'_>,
        copy: &Copy<'_>,
        file: Option<&manifest::Entry>,
        promoted: Vec<Position>,
    ) -> Result<(), Stop> {
        let Some(file) = file else { return Ok(()) };
        let leader = work.context.cluster(copy.lead.leader);
        let version = work.context.scope.world.view(leader).map(|view| view.version);
        let to = Destination {
            cluster: leader.to_owned(),
            index: copy.lead.member.target_index.clone(),
            has_types: version.unwrap_or_default().has_types(),
            promoted,
        };
        let folder = self.salvage_folder()?;
        let es = self.es(leader)?.clone();
        if work.tally.is_none() {
            work.tally = Some(Tally::begin(Some(&folder)).map_err(Stop::of_salvage)?);
        }
        let Some(tally) = &mut work.tally else { return Ok(()) };
        let before = tally.counts;
        let order = Order {
            folder: &folder,
            entry: file,
            to: &to,
            policy: Policy::Report,
            keeps_versions: false,
            dry_run: false,
        };
        let mut silent = |_documents: u64| {};
        let applying = salvage::apply(&es, order, tally, &mut silent);
        tokio::time::timeout(work.deadline.left(), applying)
            .await
            .map_err(|_| work.deadline.over(Vec::new()))?
            .map_err(Stop::of_salvage)?;
        let detail = Detail::Applied {
            written: tally.counts.written - before.written,
            already: tally.counts.already - before.already,
            conflicts: tally.counts.conflicts + tally.counts.refused
                - before.conflicts
                - before.refused,
        };
        self.event(Kind::Progress, leader, vec![to.index], detail)
    }
}

/// An alias as the new index bears it: one that took its writes does so again, unless they go
/// to another index by now.
fn borne(alias: &Alias, leader: Option<&View>) -> (String, Value) {
    let indices = leader.into_iter().flat_map(|view| view.indices.values());
    let mut others = indices.flat_map(|index| &index.aliases);
    let is_taken = |other: &Alias| other.name == alias.name && other.is_write_index == Some(true);
    let mut body = serde_json::to_value(alias).unwrap_or_default();
    if let Some(body) = body.as_object_mut() {
        body.remove("name");
        if alias.is_write_index == Some(true) && others.any(is_taken) {
            body.insert("is_write_index".into(), false.into());
        }
    }
    (alias.name.clone(), body)
}
