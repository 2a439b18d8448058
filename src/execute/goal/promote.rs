//! The promote: pause, positions into the record, close, unfollow, open; batch by batch,
//! so that the first indices are writable first.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    clock::now_ms,
    es::{
        error::Error,
        requests::{close_request, open_request, pause_request},
    },
    event::{Detail, Kind},
    model::{
        lineage::{Entry, Member},
        world::World,
    },
    plan::{action::Action, context::Context, due::Due, reason::Reason},
    playbook::{Goal, Role},
};

use crate::execute::{
    bulk_calls::send_names,
    deadline::Deadline,
    look::Look,
    runner::Runner,
    set_run::{Progress, SetRun, Walk},
    status_poll::{Seen, look},
    stop::{Left, Stop},
};

/// So often a whole look may deny what was seen of the target alone.
const TRIES_MAX: usize = 3;

/// Where indices are promoted, and in what portions.
pub(in crate::execute) struct Promoting<'p> {
    pub(in crate::execute) cluster: &'p str,
    /// Whom these indices followed.
    pub(in crate::execute) source: &'p str,
    /// Positions in the entry, the most important first.
    pub(in crate::execute) members: Vec<usize>,
    pub(in crate::execute) batch: usize,
    pub(in crate::execute) within: Duration,
    /// `_close` takes `wait_for_active_shards`.
    pub(in crate::execute) takes_wait: bool,
    /// `_cat/indices` has to be asked for hidden indices.
    pub(in crate::execute) hides: bool,
}

impl Runner<'_> {
    /// Promotes what is due, until a look at both clusters shows that nothing is left to do. The
    /// looks at the target alone, between the calls, only say which call is next: where something
    /// else has answered for it, such as a load balancer's other cluster, a follower passes for
    /// an index that is promoted.
    ///
    /// # Errors
    /// Why it stopped; also where one look goes on saying what the other denies.
    pub(in crate::execute) async fn act_promote(
        &mut self,
        (set_run, at): (&SetRun<'_>, usize),
        due: &Due,
        context: &Context<'_>,
        progress: &mut Progress,
        within: Duration,
    ) -> Result<Walk, Stop> {
        let step = &set_run.request.playbook.steps[at];
        let (&Goal::Promote { batch }, Some(on)) = (&step.goal, step.on) else {
            return Ok(Walk::On);
        };
        let (cluster, source) = (context.cluster(on), context.cluster(on.other()));
        let world = context.scope.world;
        let version = world.view(cluster).map(|view| view.version).unwrap_or_default();
        let (mut due, mut drift) = (due.clone(), None);
        for _ in 0..TRIES_MAX {
            let Some(entry) = &mut progress.entry else { return Ok(Walk::On) };
            let is_due = |member: &Member| {
                let mut names = due.actions.iter().filter_map(Action::index);
                names.any(|name| name == member.target_index)
            };
            let members = (0..entry.members.len()).filter(|&at| is_due(&entry.members[at]));
            let promoting = Promoting {
                cluster,
                source,
                members: members.collect(),
                batch,
                within,
                takes_wait: version.close_takes_wait(),
                hides: version.at_least(7, 7),
            };
            let past = &mut progress.past_no_return;
            match self.promote(world, entry, &promoting, past).await {
                Ok(true) => {}
                Ok(false) => return Ok(Walk::Again),
                // One that a client has deleted does not keep the others closed.
                Err(stop @ Stop::Drift { .. }) if *past => drift = Some(stop),
                Err(stop) => return Err(stop),
            }
            progress.writable_ms = Some(now_ms());
            // Of a copy that was made behind the fence, and has taken it over.
            self.unfence(cluster, &due.actions, within).await?;
            self.free_names(set_run, cluster, &due.actions, within).await?;
            let taken = Instant::now();
            let world = self.observe_for(set_run, at).await?;
            let now = set_run.context(self.topology, &world);
            due = now.due_now(at, &now.see());
            if due.actions.is_empty() {
                progress.problems.extend(due.reasons.iter().map(Reason::problem));
                progress.look = Some(Look { world, taken });
                return Ok(Walk::On);
            }
        }
        let left: Vec<&str> = due.actions.iter().filter_map(Action::index).collect();
        let detail = format!("{} on {cluster} promoted, and then not", left.join(", "));
        Err(drift.unwrap_or(Stop::Drift { detail }))
    }

    /// Makes every member regular, open and writable, and sees that it is. False where a
    /// source that was silent answers again: what is left can then be drained first.
    async fn promote(
        &mut self,
        world: &World,
        entry: &mut Entry,
        promoting: &Promoting<'_>,
        past: &mut bool,
    ) -> Result<bool, Stop> {
        let total = promoting.members.len();
        let batches: Vec<&[usize]> = promoting.members.chunks(promoting.batch.max(1)).collect();
        let mut done = 0;
        for (number, batch) in batches.iter().enumerate() {
            self.check_interrupt()?;
            if self.plan.is_forced() && self.silent().is_back(promoting.source) {
                return Ok(false);
            }
            self.promote_batch(world, entry, promoting, batch, past).await?;
            done += batch.len();
            let detail = Detail::Batch { number: number + 1, batches: batches.len(), done, total };
            self.event(Kind::Progress, promoting.cluster, targets(entry, batch), detail)?;
        }
        Ok(true)
    }

    async fn promote_batch(
        &mut self,
        world: &World,
        entry: &mut Entry,
        promoting: &Promoting<'_>,
        batch: &[usize],
        past: &mut bool,
    ) -> Result<(), Stop> {
        let names = targets(entry, batch);
        let seen = self.seen(promoting, &names).await?;
        let still = |wanted: fn(&Seen) -> bool| -> Vec<String> {
            seen.iter().filter(|(_, seen)| wanted(seen)).map(|(name, _)| name.clone()).collect()
        };
        let running = still(|seen| seen.following == Some(true));
        let following = still(|seen| seen.following.is_some());
        if !running.is_empty() {
            self.reach(promoting, &running, "pause", |seen| seen.following != Some(true)).await?;
        }
        let unwritten: Vec<usize> = batch
            .iter()
            .copied()
            .filter(|&at| {
                let member = &entry.members[at];
                let name = &member.target_index;
                following.contains(name) && (running.contains(name) || member.checkpoints.is_none())
            })
            .collect();
        self.checkpoints(world, entry, promoting, &unwritten).await?;
        if !following.is_empty() {
            self.reach(promoting, &following, "close", |seen| !seen.open).await?;
            // From the first of these calls on there is only forward.
            *past = true;
            let unclean = self.unfollow(promoting, &following).await?;
            self.note_leases(world, entry, batch, &unclean).await?;
        }
        self.reach(promoting, &names, "open", |seen| seen.open).await?;
        self.readable(promoting, entry, batch).await
    }

    /// Leases that are left on the leader are on record: nothing else tells of them while it
    /// is not to be seen.
    async fn note_leases(
        &mut self,
        world: &World,
        entry: &mut Entry,
        batch: &[usize],
        unclean: &[String],
    ) -> Result<(), Stop> {
        let is_unclean = |at: &usize| unclean.contains(&entry.members[*at].target_index);
        let left: Vec<usize> = batch.iter().copied().filter(is_unclean).collect();
        if left.is_empty() {
            return Ok(());
        }
        for &at in &left {
            entry.members[at].leases_left = true;
        }
        self.write_entry(world, entry, Some(&left), 0).await
    }

    /// Looks at these indices. What is not there at all cannot be promoted.
    pub(in crate::execute) async fn seen(
        &self,
        promoting: &Promoting<'_>,
        names: &[String],
    ) -> Result<Vec<(String, Seen)>, Stop> {
        let all = look(self.es(promoting.cluster)?, promoting.hides).await?;
        names
            .iter()
            .map(|name| {
                let seen = all.get(name).copied().ok_or_else(|| Stop::Drift {
                    detail: format!("{name} is gone from {}", promoting.cluster),
                })?;
                Ok((name.clone(), seen))
            })
            .collect()
    }

    /// Sends a call for every index that is not yet as it should be, and looks until all
    /// are. What a call answers is a hint; an unfollow's answer is not even waited for.
    pub(in crate::execute) async fn reach(
        &mut self,
        promoting: &Promoting<'_>,
        names: &[String],
        verb: &'static str,
        holds: fn(&Seen) -> bool,
    ) -> Result<(), Stop> {
        self.calls(Kind::Started, promoting.cluster, names, verb)?;
        let deadline = Deadline::uninterrupted(verb, promoting.within);
        let mut left: Vec<String> = names.to_vec();
        let mut refused: Vec<(String, Error)>;
        let mut told: Vec<String> = Vec::new();
        loop {
            let seen = self.seen(promoting, &left).await?;
            left = seen.into_iter().filter(|(_, s)| !holds(s)).map(|(name, _)| name).collect();
            if left.is_empty() {
                return self.calls(Kind::Progress, promoting.cluster, names, verb);
            }
            refused = self.send(promoting, &left, verb).await?;
            self.tell_refused(promoting.cluster, &refused, &mut told)?;
            let seen = self.seen(promoting, &left).await?;
            left = seen.into_iter().filter(|(_, s)| !holds(s)).map(|(name, _)| name).collect();
            if !left.is_empty() {
                self.pause(&deadline, || why(&left, &refused)).await?;
            }
        }
    }

    /// What the server does not do yet, such as closing an index that a snapshot holds, is
    /// named, each index once; it is tried again until the deadline.
    fn tell_refused(
        &mut self,
        cluster: &str,
        refused: &[(String, Error)],
        told: &mut Vec<String>,
    ) -> Result<(), Stop> {
        for (name, error) in refused {
            if told.contains(name) || error.is_unanswered() {
                continue;
            }
            told.push(name.clone());
            let detail = Detail::Error {
                failed: error.to_string(),
                meaning: "it is tried again until the step's time is over".to_owned(),
                next: String::new(),
            };
            self.event(Kind::Waiting, cluster, vec![name.clone()], detail)?;
        }
        Ok(())
    }

    async fn send(
        &self,
        promoting: &Promoting<'_>,
        names: &[String],
        verb: &str,
    ) -> Result<Vec<(String, Error)>, Stop> {
        let es = self.es(promoting.cluster)?;
        let takes_wait = promoting.takes_wait;
        Ok(match verb {
            "close" => send_names(es, names, |n| close_request(n, takes_wait)).await,
            "open" => send_names(es, names, |n| open_request(n, 1)).await,
            _ => {
                let each = names.iter().map(|name| (name.clone(), pause_request(name))).collect();
                let answers = self.send_all(es, each).await;
                answers.into_iter().filter_map(|(name, it)| Some((name, it.err()?))).collect()
            }
        })
    }

    /// Waits until every shard of the opened indices can be read, and so be written.
    async fn readable(
        &mut self,
        promoting: &Promoting<'_>,
        entry: &Entry,
        batch: &[usize],
    ) -> Result<(), Stop> {
        let es = self.es(promoting.cluster)?.clone();
        let names = targets(entry, batch);
        let deadline = Deadline::uninterrupted("waiting for the shards", promoting.within);
        let members = || batch.iter().map(|&at| &entry.members[at]);
        self.until_shards((&es, Role::Target), &names, &deadline, |readings| {
            let is_whole = |member: &&Member| {
                let reading = readings.get(&member.target_index);
                reading.is_some_and(|it| it.shards.len() >= member.shard_count as usize)
            };
            let left = members().filter(|member| !is_whole(member));
            let left: Vec<String> = left.map(|member| member.target_index.clone()).collect();
            if left.is_empty() { Ok(()) } else { Err(why(&left, &[])) }
        })
        .await
    }
}

pub(in crate::execute) fn targets(entry: &Entry, members: &[usize]) -> Vec<String> {
    members.iter().map(|&at| entry.members[at].target_index.clone()).collect()
}

pub(in crate::execute) fn why(left: &[String], refused: &[(String, Error)]) -> Vec<Left> {
    left.iter()
        .map(|name| {
            let answer = refused.iter().find(|(refused, _)| refused == name);
            let why = answer.map_or_else(|| "not seen yet".to_owned(), |(_, e)| e.to_string());
            Left { index: name.clone(), shard: None, lag_ops: None, why }
        })
        .collect()
}
