//! Waiting until a fenced copy stands still: before 7.9 a server acknowledges writes for a
//! moment after it has acknowledged the block.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    model::world::{Index, View},
    observe::Reading,
    playbook::Role,
};

use super::drain::{QUIET, no_older_write};
use crate::execute::{
    deadline::Deadline,
    look::Absence,
    runner::Runner,
    stop::{Left, Stop},
};

/// Writes under way end sooner, and a copy that cannot be read by then, a red one, never will.
const STANDS_WITHIN: Duration = Duration::from_secs(300);

/// One reading of checkpoints.
const READ: Duration = Duration::from_secs(5);

/// The highest positions of an index that have not changed since.
type Since = HashMap<String, (Vec<i64>, Instant)>;

impl Runner<'_> {
    /// Waits until no write is under way on these indices of a cluster, and two readings apart
    /// are equal; returns the indices with their last positions.
    ///
    /// # Errors
    /// The deadline, naming what still moves or cannot be read; that the cluster could not be seen.
    pub(in crate::execute) async fn stand_still(
        &mut self,
        (cluster, role): (&str, Role),
        view: &View,
        names: &[String],
    ) -> Result<BTreeMap<String, Index>, Stop> {
        let deadline = Deadline::new("the standing still of the old copies", STANDS_WITHIN);
        let es = self.es(cluster)?.with_deadline(READ);
        let began = Instant::now();
        let (mut since, mut absence) = (Since::new(), Absence::default());
        loop {
            let read = self.read_shards((&es, role), names, STANDS_WITHIN, &mut absence).await?;
            let Some(readings) = read else { continue };
            let quiet = view.version.drains_blocks() || no_older_write(&es, began).await;
            let mut stands = BTreeMap::new();
            for (name, reading) in readings {
                let Some(index) = view.indices.get(&name) else { continue };
                let index = with(index, &reading);
                if quiet && is_still(&index, &mut since) {
                    stands.insert(name, index);
                }
            }
            if names.iter().all(|name| stands.contains_key(name)) {
                return Ok(stands);
            }
            let left = || {
                let waits = names.iter().filter(|name| !stands.contains_key(*name));
                waits.map(|name| moves(name)).collect()
            };
            self.pause(&deadline, left).await?;
        }
    }
}

fn moves(name: &str) -> Left {
    let why = "its positions still move, or cannot be read".to_owned();
    Left { index: name.to_owned(), shard: None, lag_ops: None, why }
}

fn with(index: &Index, reading: &Reading) -> Index {
    Index {
        open: true,
        uuid: reading.uuid.clone(),
        shards: reading.shards.clone(),
        writing: reading.writing,
        ..index.clone()
    }
}

fn is_still(index: &Index, since: &mut Since) -> bool {
    if !index.is_measured() || index.writing > 0 {
        return false;
    }
    let now: Vec<i64> = index.shards.iter().map(|shard| shard.max_seq_no).collect();
    match since.get(&index.name) {
        Some((then, at)) if *then == now => at.elapsed() >= QUIET,
        _ => {
            since.insert(index.name.clone(), (now, Instant::now()));
            false
        }
    }
}
