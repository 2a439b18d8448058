//! What stays of a copy that has diverged, beside its file: a second index on its cluster, or a
//! snapshot.

use std::time::Duration;

use crate::{
    clock::now_ms,
    es::api::{Es, SnapshotInfo},
    event::{Detail, Kind},
    model::{
        problem::{Code, Problem},
        safety::{SafetyCopy, Snapshot},
    },
    plan::{action::Action, safety::without},
};

use super::{
    copies::{Copy, Work},
    drain::positions,
};
use crate::execute::{
    deadline::Deadline,
    runner::Runner,
    set_run::SetRun,
    stop::{Left, Stop},
};

/// How long a safety copy may take: it is made by links, and nobody waits for it for hours.
const COPY_WITHIN: Duration = Duration::from_secs(300);

/// How often the progress of a snapshot is told.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// The name under which the plan has a safety copy of an index made; none where it has not.
pub(in crate::execute) fn planned<'p>(set_run: &'p SetRun<'_>, former: &str) -> Option<&'p str> {
    set_run.switch.actions().find_map(|action| match action {
        Action::Salvage { index, safety, .. } if index == former => safety.as_deref(),
        _ => None,
    })
}

/// Why the plan has none made, where that is told.
pub(in crate::execute) fn none_planned(set_run: &SetRun<'_>) -> Option<Problem> {
    let problems = &set_run.switch.problems;
    problems.iter().find(|problem| problem.code == Code::NoSafetyCopy).cloned()
}

impl Runner<'_> {
    /// Clones the copy on its cluster. It is on record before it is made, so that it is known
    /// for esdr's own, and found by a run that goes on after a kill. Returns what is to be told where
    /// there is none in the end: what only the copy has is in a file already, and nothing waits
    /// for this one.
    ///
    /// # Errors
    /// Where the record cannot be written, or the operator interrupts.
    pub(in crate::execute) async fn safety_copy(
        &mut self,
        work: &mut Work<'_>,
        copy: &Copy<'_>,
        name: &str,
    ) -> Result<Option<Problem>, Stop> {
        let Some((at, number)) = work.member(copy) else { return Ok(None) };
        let member = &mut work.entries[at].members[number];
        let is_begun = member.safety.last().is_some_and(|last| last.index == name);
        if !is_begun {
            let begun = SafetyCopy {
                index: name.to_owned(),
                uuid: String::new(),
                positions: positions(&copy.former.shards),
                at_ms: now_ms(),
            };
            member.safety.push(begun);
            let world = work.context.scope.world;
            self.write_entry(world, &mut work.entries[at], Some(&[number]), 0).await?;
        }
        let cluster = work.cluster;
        let es = self.es(cluster)?.clone();
        let within = COPY_WITHIN.min(work.deadline.left());
        let deadline = Deadline::new("the safety copy", within);
        self.calls(Kind::Started, cluster, &[name.to_owned()], "safety copy")?;
        match self.clone_whole(&es, &copy.former, name, &deadline).await {
            Ok(()) => {}
            Err(stop @ (Stop::Call(_) | Stop::Deadline { .. })) => {
                // Half a copy helps nobody. One that comes to be after all is listed by its name.
                let _gone_or_listed = es.delete_index(name).await;
                let problem = without(cluster, &stop.to_string());
                let detail = Detail::Note { problem: problem.clone() };
                self.event(Kind::Failed, cluster, vec![copy.former.name.clone()], detail)?;
                return Ok(Some(problem));
            }
            Err(stop) => return Err(stop),
        }
        work.has_copies = true;
        let detail = Detail::SafetyCopy { name: name.to_owned() };
        self.event(Kind::Progress, cluster, vec![copy.former.name.clone()], detail)?;
        Ok(None)
    }

    /// Writes the UUIDs of the safety copies that were made: whoever makes an index of such a name
    /// later makes another one.
    ///
    /// # Errors
    /// Where the record cannot be written.
    pub(in crate::execute) async fn note_copies(
        &mut self,
        work: &mut Work<'_>,
    ) -> Result<(), Stop> {
        if !work.has_copies {
            return Ok(());
        }
        let world = self.observe().await?;
        for entry in &mut work.entries {
            let mut changed = Vec::new();
            for (number, member) in entry.members.iter_mut().enumerate() {
                for copy in member.safety.iter_mut().filter(|copy| copy.uuid.is_empty()) {
                    if let Some(made) = world.index(work.cluster, &copy.index) {
                        copy.uuid.clone_from(&made.uuid);
                        changed.push(number);
                    }
                }
            }
            if !changed.is_empty() {
                self.write_entry(&world, entry, Some(&changed), 0).await?;
            }
        }
        Ok(())
    }

    /// Takes one snapshot of these copies, or waits for the one that a killed run has begun, and
    /// sees it complete.
    ///
    /// # Errors
    /// Where it fails, is not complete, or the deadline is over: nothing is given up then.
    pub(in crate::execute) async fn snapshot(
        &mut self,
        work: &mut Work<'_>,
        copies: &[&Copy<'_>],
        (repository, name): (&str, &str),
    ) -> Result<(), Stop> {
        let cluster = work.cluster;
        let indices: Vec<String> = copies.iter().map(|copy| copy.former.name.clone()).collect();
        self.note_snapshot(work, copies, (repository, name), false).await?;
        self.calls(Kind::Started, cluster, &indices, "snapshot")?;
        let es = self.es(cluster)?.clone();
        let mut told = tokio::time::Instant::now();
        loop {
            let why = match es.snapshot(repository, name).await? {
                None => match es.take_snapshot(repository, name, &indices).await {
                    Err(error) if error.is_busy() => error.to_string(),
                    Err(error) if !error.is_snapshot_exists() => return Err(error.into()),
                    _ => "it is being taken".to_owned(),
                },
                Some(info) if info.state == "SUCCESS" => {
                    let lacks = indices.iter().find(|index| !info.indices.contains(index));
                    if let Some(index) = lacks {
                        let why = format!("{index} is not in it");
                        return Err(unusable(cluster, repository, name, why));
                    }
                    break;
                }
                Some(info) if info.state == "IN_PROGRESS" => "it is being taken".to_owned(),
                Some(info) => {
                    return Err(unusable(cluster, repository, name, ended(&info)));
                }
            };
            if told.elapsed() >= TELL_EVERY {
                told = tokio::time::Instant::now();
                self.tell_snapshot(&es, &indices, (repository, name)).await?;
            }
            let left = || vec![Left { index: name.to_owned(), shard: None, lag_ops: None, why }];
            self.pause(work.deadline, left).await?;
        }
        self.note_snapshot(work, copies, (repository, name), true).await?;
        let detail = Detail::Snapshot { repository: repository.to_owned(), name: name.to_owned() };
        self.event(Kind::Progress, cluster, indices, detail)
    }

    async fn tell_snapshot(
        &mut self,
        es: &Es,
        indices: &[String],
        (repository, name): (&str, &str),
    ) -> Result<(), Stop> {
        // It may have ended just now: then there is nothing to tell of it.
        let shards = es.snapshot_shards(repository, name).await.unwrap_or_default();
        let detail = Detail::SnapshotShards {
            name: name.to_owned(),
            shards_done: shards.done,
            shards_total: shards.total,
        };
        self.event(Kind::Waiting, es.name(), indices.to_vec(), detail)
    }

    /// Writes beside the switch of each copy what snapshot holds it, or is about to.
    async fn note_snapshot(
        &mut self,
        work: &mut Work<'_>,
        copies: &[&Copy<'_>],
        (repository, name): (&str, &str),
        is_taken: bool,
    ) -> Result<(), Stop> {
        let mut changed: Vec<(usize, usize)> = Vec::new();
        for copy in copies {
            let Some((at, number)) = work.member(copy) else { continue };
            work.entries[at].members[number].snapshot = Some(Snapshot {
                repository: repository.to_owned(),
                name: name.to_owned(),
                positions: positions(&copy.former.shards),
                at_ms: now_ms(),
                is_taken,
            });
            changed.push((at, number));
        }
        let world = work.context.scope.world;
        for (at, entry) in work.entries.iter_mut().enumerate() {
            let of_it = changed.iter().filter(|(of, _)| *of == at);
            let members: Vec<usize> = of_it.map(|(_, number)| *number).collect();
            if !members.is_empty() {
                self.write_entry(world, entry, Some(&members), 0).await?;
            }
        }
        Ok(())
    }
}

fn ended(info: &SnapshotInfo) -> String {
    let why = if info.reason.is_empty() { String::new() } else { format!(": {}", info.reason) };
    format!("it ended as {}{why}", info.state)
}

fn unusable(cluster: &str, repository: &str, name: &str, why: String) -> Stop {
    Stop::Snapshot {
        cluster: cluster.to_owned(),
        repository: repository.to_owned(),
        name: name.to_owned(),
        why,
    }
}
