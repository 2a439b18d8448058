//! Gates that are judged while the run goes on.

use std::time::Duration;

use crate::{
    model::{lineage::Entry, world::World},
    plan::{
        context::Context,
        reason::{Code, Reason},
        seen::Seen,
    },
    playbook::{Check, GATE_WITHIN, Role},
};

use super::{
    deadline::Deadline,
    runner::Runner,
    set_run::SetRun,
    stop::{Left, Stop},
};

impl Runner<'_> {
    /// Judges one check; what belongs to the set and was born since is taken in first.
    pub(super) async fn verify(
        &mut self,
        check: Check,
        entry: Option<&mut Entry>,
        set_run: &SetRun<'_>,
        at: usize,
    ) -> Result<(), Stop> {
        let within = set_run.request.playbook.steps[at].within.unwrap_or(GATE_WITHIN);
        match (check, entry) {
            (Check::NoNewcomers, Some(entry)) => {
                let world = self.take_in(entry, (set_run, at), within).await?;
                self.refresh_aliases(entry, set_run, &world).await
            }
            (Check::Proof, Some(entry)) => proof(entry),
            (Check::Coverage, _) => self.coverage(set_run, at).await,
            (Check::Converged, _) => self.converged(set_run, at, within).await,
            (Check::Joined, _) => self.joined(set_run, at, within).await,
            (Check::Silence, _) => self.silence(set_run, within).await,
            (Check::Proof | Check::NoNewcomers, None) => Ok(()),
        }
    }

    /// A rollover behind the fence has moved the write flag: the record takes the aliases
    /// as they are at the last look before the line of no return.
    async fn refresh_aliases(
        &mut self,
        entry: &mut Entry,
        set_run: &SetRun<'_>,
        world: &World,
    ) -> Result<(), Stop> {
        let context = set_run.context(self.topology, world);
        let mut changed = Vec::new();
        for (at, member) in entry.members.iter_mut().enumerate() {
            let source = world.index(context.scope.source, &member.source_index);
            if let Some(source) = source
                && source.following.is_none()
                && member.checkpoints.is_none()
                && source.aliases != member.aliases
            {
                member.aliases.clone_from(&source.aliases);
                changed.push(at);
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        self.write_entry(world, entry, Some(&changed), 0).await
    }

    async fn coverage(&mut self, set_run: &SetRun<'_>, at: usize) -> Result<(), Stop> {
        let world = self.observe_for(set_run, at).await?;
        let topology = self.topology;
        let context = set_run.context(topology, &world);
        let membership = crate::model::membership::find(context.scope);
        let reason = |name: String| {
            let detail =
                format!("{name} belongs to {} and is not followed", context.scope.set.name);
            Reason::new(Code::Uncovered, name, detail)
                .hint(context.scope.set.protect(context.scope.source))
        };
        let reasons: Vec<Reason> = membership.uncovered.into_iter().map(reason).collect();
        if reasons.is_empty() { Ok(()) } else { Err(Stop::Blocked { reasons }) }
    }

    /// Each follower reaches where its leader stood when this began: with writers going on
    /// both are never equal for long.
    async fn converged(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
        within: Duration,
    ) -> Result<(), Stop> {
        let world = self.observe_for(set_run, at).await?;
        let topology = self.topology;
        self.caught_up(&set_run.context(topology, &world), within).await
    }

    /// The same of a set as it was seen.
    pub(super) async fn caught_up(
        &mut self,
        context: &Context<'_>,
        within: Duration,
    ) -> Result<(), Stop> {
        let seen = context.see();
        let names: Vec<String> =
            seen.subjects.iter().map(|subject| subject.names.target_index.clone()).collect();
        let es = self.es(context.scope.target)?.clone();
        let deadline = Deadline::new("catching up", within);
        self.until_shards((&es, Role::Target), &names, &deadline, |readings| {
            let left = behind(&seen, readings);
            if left.is_empty() { Ok(()) } else { Err(left) }
        })
        .await
    }
}

fn behind(
    seen: &Seen<'_>,
    readings: &std::collections::BTreeMap<String, crate::observe::Reading>,
) -> Vec<Left> {
    seen.subjects
        .iter()
        .filter_map(|subject| {
            let leader = subject.source?;
            let reading = readings.get(&subject.names.target_index);
            let short = |shards: &[crate::model::world::Shard]| -> u64 {
                leader
                    .shards
                    .iter()
                    .map(|l| {
                        let there = shards.iter().find(|f| f.number == l.number);
                        let checkpoint = there.map_or(-1, |shard| shard.global_checkpoint);
                        u64::try_from(l.max_seq_no - checkpoint).unwrap_or(0)
                    })
                    .sum()
            };
            let lag_ops = reading.map(|reading| short(&reading.shards));
            let whole = reading.is_some_and(|r| r.shards.len() == leader.shard_count as usize);
            (!whole || lag_ops != Some(0)).then(|| Left {
                index: subject.names.source_index.clone(),
                shard: None,
                lag_ops,
                why: lag_ops.map_or_else(
                    || "its checkpoints cannot be read yet".to_owned(),
                    |lag| format!("{lag} operations behind"),
                ),
            })
        })
        .collect()
}

fn proof(entry: &Entry) -> Result<(), Stop> {
    let unproved: Vec<Reason> = entry
        .members
        .iter()
        .filter(|member| member.proof.is_none())
        .map(|member| {
            let detail = format!("{} was not proved equal under the fence", member.source_index);
            Reason::new(Code::DrainTooLong, member.source_index.clone(), detail)
        })
        .collect();
    if unproved.is_empty() { Ok(()) } else { Err(Stop::Blocked { reasons: unproved }) }
}
