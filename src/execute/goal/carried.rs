//! One index that is carried back: what the new leader took since goes into files, and from
//! there to the former leader.

use std::path::PathBuf;

use crate::{
    es::api::Es,
    model::{divergence::Above, lineage::Position, world::Index},
    plan::context::Context,
    salvage::{
        self, Counts, Deletions, Destination, Exported, Order, Orphans, Policy, Tally, manifest,
    },
};

use crate::execute::{deadline::Deadline, runner::Runner, stop::Stop};

/// One index, with what is to be carried of it.
pub(in crate::execute) struct Load {
    /// The new leader's, standing still.
    pub leader: Index,
    /// The former leader's.
    pub index: String,
    pub index_uuid: String,
    pub shard_count: u32,
    /// Where both were one.
    pub promoted: Vec<Position>,
    /// What the new leader has above that.
    pub above: Vec<Above>,
    pub exported: Exported,
    /// The files; none where nothing was written since.
    pub entry: Option<manifest::Entry>,
}

/// From where to where.
pub(in crate::execute) struct Carried {
    pub from: Es,
    pub to: Es,
    pub from_types: bool,
    pub to_types: bool,
    pub folder: PathBuf,
}

/// What became of it.
pub(in crate::execute) struct Done {
    pub written: u64,
    pub already: u64,
    /// Documents that stay as the former leader's clients have written them meanwhile.
    pub kept: u64,
    /// Documents that it does not take.
    pub refused: u64,
    pub deleted: u64,
}

impl Done {
    /// `before` and `after` are the counts of a whole run.
    fn of(before: Counts, after: Counts, deletions: Deletions) -> Self {
        Self {
            written: after.changed() - before.changed(),
            already: after.already - before.already + deletions.already,
            kept: after.conflicts - before.conflicts + deletions.changed,
            refused: after.refused - before.refused,
            deleted: deletions.deleted,
        }
    }

    /// Documents that are, or would be, changed by writing again.
    fn is_left(&self) -> u64 {
        self.written + self.deleted + self.refused
    }
}

impl Runner<'_> {
    /// Documents into one file, deletes into another. A delete leaves nothing to read, and is
    /// found by the ids that only the former leader has.
    pub(in crate::execute) async fn export_load(
        &mut self,
        context: &Context<'_>,
        load: &mut Load,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        if load.above.iter().all(|above| above.ops() == 0) {
            return Ok(());
        }
        let (source, target) = (context.scope.source, context.scope.target);
        let uuid = |cluster| context.scope.world.view(cluster).map(|view| view.uuid.clone());
        let orphans = Orphans {
            set: context.scope.set.name.clone(),
            cluster: source.to_owned(),
            cluster_uuid: uuid(source).unwrap_or_default(),
            index: load.leader.name.clone(),
            index_uuid: load.leader.uuid.clone(),
            leader: target.to_owned(),
            leader_uuid: uuid(target).unwrap_or_default(),
            leader_index: load.index.clone(),
            leader_index_uuid: load.index_uuid.clone(),
            above: load.above.clone(),
        };
        let to = self.es(target)?.clone();
        let (exported, entry) = self.export_one(orphans, Some(&to), deadline).await?;
        (load.exported, load.entry) = (exported, Some(entry));
        Ok(())
    }
}

impl Carried {
    /// Writes and deletes, and looks again whether all is there.
    ///
    /// Fields that the new leader has learnt come first: guessed from other documents first, one
    /// could become another type.
    pub(in crate::execute) async fn carry(
        &self,
        load: &Load,
        entry: &manifest::Entry,
        tally: &mut Tally,
    ) -> Result<Done, Stop> {
        let like = self.from.definition(&load.leader.name, self.from_types).await?;
        self.to.put_mapping(&load.index, &like).await?;
        let to = Destination {
            cluster: self.to.name().to_owned(),
            index: load.index.clone(),
            has_types: self.to_types,
            promoted: load.promoted.clone(),
        };
        let order = Order {
            folder: &self.folder,
            entry,
            to: &to,
            policy: Policy::Report,
            keeps_versions: true,
            dry_run: false,
        };
        let done = self.write(order, tally).await?;
        let mut again = Tally::begin(None).map_err(Stop::of_salvage)?;
        let seen = self.write(Order { dry_run: true, ..order }, &mut again).await?;
        let left = seen.is_left() + done.refused;
        if left > 0 {
            let (index, cluster) = (&to.index, &to.cluster);
            let detail = format!("{left} documents could not be carried to {index} on {cluster}");
            return Err(Stop::Uncarried { detail, folder: self.folder.display().to_string() });
        }
        Ok(done)
    }

    async fn write(&self, order: Order<'_>, tally: &mut Tally) -> Result<Done, Stop> {
        let before = tally.counts;
        let mut silent = |_documents: u64| {};
        salvage::apply(&self.to, order, tally, &mut silent).await.map_err(Stop::of_salvage)?;
        let deletions = salvage::delete(&self.to, order).await.map_err(Stop::of_salvage)?;
        Ok(Done::of(before, tally.counts, deletions))
    }
}
