//! The positions that followers are promoted at: read once they are paused, and kept in the record.

use std::collections::BTreeMap;

use crate::{
    event::Kind,
    model::{
        lineage::{Entry, Position},
        world::World,
    },
    observe::Reading,
    playbook::Role,
};

use super::{
    drain::positions,
    promote::{Promoting, targets, why},
};
use crate::execute::{deadline::Deadline, runner::Runner, stop::Stop};

impl Runner<'_> {
    /// Reads the paused followers' positions and writes them into the record. They cannot
    /// be read any more once the index is closed, and cannot be told apart from a former
    /// leader's once it is unfollowed.
    pub(in crate::execute) async fn checkpoints(
        &mut self,
        world: &World,
        entry: &mut Entry,
        promoting: &Promoting<'_>,
        members: &[usize],
    ) -> Result<(), Stop> {
        if members.is_empty() {
            return Ok(());
        }
        let names = targets(entry, members);
        let seen = self.seen(promoting, &names).await?;
        let closed: Vec<String> =
            seen.into_iter().filter(|(_, s)| !s.open).map(|(name, _)| name).collect();
        if !closed.is_empty() {
            // Opened it stays a paused follower.
            self.reach(promoting, &closed, "open", |seen| seen.open).await?;
        }
        self.calls(Kind::Started, promoting.cluster, &names, "positions")?;
        self.read_positions(promoting, entry, members, &names).await?;
        self.write_entry(world, entry, Some(members), members.len()).await
    }

    async fn read_positions(
        &mut self,
        promoting: &Promoting<'_>,
        entry: &mut Entry,
        members: &[usize],
        names: &[String],
    ) -> Result<(), Stop> {
        let es = self.es(promoting.cluster)?.clone();
        let deadline = Deadline::uninterrupted("reading the positions", promoting.within);
        let judge = |readings: &BTreeMap<String, Reading>| {
            let whole = |at: &usize| {
                let member = &entry.members[*at];
                let reading = readings.get(&member.target_index)?;
                (reading.shards.len() == member.shard_count as usize)
                    .then(|| (*at, positions(&reading.shards)))
            };
            let found: Option<Vec<_>> = members.iter().map(whole).collect();
            found.ok_or_else(|| why(names, &[]))
        };
        let found = self.until_shards((&es, Role::Target), names, &deadline, judge).await?;
        for (at, positions) in found {
            agree(entry, at, &positions)?;
            entry.members[at].checkpoints = Some(positions);
        }
        Ok(())
    }
}

/// What is promoted must be what was proved.
fn agree(entry: &Entry, at: usize, positions: &[Position]) -> Result<(), Stop> {
    let member = &entry.members[at];
    let Some(proof) = &member.proof else {
        return Ok(());
    };
    let same = proof.len() == positions.len()
        && proof.iter().zip(positions).all(|(a, b)| a.checkpoint == b.checkpoint);
    if same {
        return Ok(());
    }
    Err(Stop::Drift {
        detail: format!(
            "{} is not where it was proved to be: something wrote on the leader behind the fence",
            member.target_index
        ),
    })
}
