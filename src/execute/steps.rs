//! One set's steps, in order: look, judge, act, look again.

use std::time::Duration;

use crate::{
    clock::now_ms,
    event::{Detail, Kind},
    model::{
        lag::Evidence,
        lineage::{Entry, State},
        membership::{Names, Scope, pattern_matches},
        topology::SetSpec,
        world::{Pattern, World},
    },
    plan::{
        Switch,
        action::Action,
        assemble::{subject_lag, sum, weakest},
        planner::{Context, Due, Options, Seen, outline},
        reason::{Code, Reason},
    },
    playbook::{Playbook, Step},
    record::shelves,
};

use super::{
    drain::Draining, newcomers::member, promote::Promoting, seed, stage::Stage, stop::Stop,
};

/// What a manual gate without a limit gets.
const WITHIN_DEFAULT: Duration = Duration::from_secs(60);

/// How far one set's run has come, for whoever has to clean up after it.
#[derive(Debug, Default)]
pub struct Progress {
    /// The entry that this run writes.
    pub entry: Option<Entry>,
    /// An unfollow may have happened: there is only forward.
    pub past_no_return: bool,
    /// Something on a cluster was changed, the record aside.
    pub changed: bool,
    /// Writers let in again on the new leader, in milliseconds since 1970 UTC.
    pub writable_ms: Option<i64>,
    pub redirected_ms: Option<i64>,
    /// What failed and stops nothing: it is told at the end.
    pub problems: Vec<crate::model::problem::Problem>,
    /// Any action at all was due.
    pub acted: bool,
}

/// Everything that stays the same while a set's steps run.
pub struct Course<'c> {
    pub switch: &'c Switch,
    pub set: &'c SetSpec,
    pub playbook: &'c Playbook,
    pub options: &'c Options,
    pub only: &'c [String],
    /// When everything before the line of no return must be over.
    pub within: Option<tokio::time::Instant>,
}

impl<'c> Course<'c> {
    /// What is asked of a world.
    pub fn context<'w>(
        &'w self,
        stage_topology: &'w crate::model::topology::Topology,
        world: &'w World,
    ) -> Context<'w>
    where
        'c: 'w,
    {
        Context {
            scope: Scope {
                world,
                set: self.set,
                source: &self.switch.source,
                target: &self.switch.target,
                only: self.only,
            },
            topology: stage_topology,
            playbook: self.playbook,
            options: self.options,
        }
    }
}

impl Stage<'_> {
    /// Runs every step of a set. `progress` tells how far it came, also where it stops.
    ///
    /// # Errors
    /// Why it stopped.
    pub async fn steps(
        &mut self,
        course: &Course<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        for at in 0..course.playbook.steps.len() {
            course.playbook.steps[at].title().clone_into(&mut self.step);
            self.check_interrupt()?;
            self.check_limit(course, progress)?;
            let world = self.observe().await?;
            let topology = self.topology;
            let context = course.context(topology, &world);
            let seen = context.see();
            if progress.entry.is_none() {
                progress.entry = seen.entry.cloned();
            }
            let dues = outline(&context, &seen);
            let due = &dues[at];
            check_bound(course, at, due)?;
            let step = &course.playbook.steps[at];
            let guards = dues[at + 1..].iter().any(|due| !due.actions.is_empty());
            if step.is_gate() {
                if guards || at + 1 == course.playbook.steps.len() {
                    self.gate(course, step, &context, &seen, progress).await?;
                }
                continue;
            }
            if !due.reasons.is_empty() && !progress.past_no_return {
                return Err(Stop::Blocked {
                    reasons: due.reasons.clone(),
                });
            }
            let opens = matches!(step, Step::Record { .. }) && needs_record(course, at, &seen);
            if due.actions.is_empty() && !(opens && (guards || !context.is_switch())) {
                self.event(Kind::Skipped, "", Vec::new(), Detail::AlreadySo)?;
                continue;
            }
            self.judge(&context, &seen, step)?;
            progress.acted = true;
            let began = now_ms();
            self.act(course, at, due, &context, &seen, progress).await?;
            let took_ms = u64::try_from(now_ms() - began).unwrap_or(0);
            self.event(Kind::Done, "", Vec::new(), Detail::Took { took_ms })?;
        }
        Ok(())
    }

    fn check_limit(&self, course: &Course<'_>, progress: &Progress) -> Result<(), Stop> {
        match course.within {
            Some(ends) if !progress.past_no_return && tokio::time::Instant::now() > ends => {
                Err(Stop::Deadline {
                    what: format!("everything before {}", self.step),
                    within_ms: 0,
                    left: Vec::new(),
                })
            }
            _ => Ok(()),
        }
    }

    /// The lag is read and judged again before each step that acts. Before the fence it
    /// must be known: writers are not refused for what may never end.
    fn judge(&mut self, context: &Context<'_>, seen: &Seen<'_>, step: &Step) -> Result<(), Stop> {
        let lags: Vec<_> = seen.subjects.iter().map(subject_lag).collect();
        if lags.iter().all(Option::is_none) {
            return Ok(());
        }
        let (lag_ops, evidence) = (sum(&lags), weakest(&lags));
        let detail = Detail::Gate {
            lag_ops,
            evidence: evidence.word().to_owned(),
        };
        self.event(Kind::Progress, "", Vec::new(), detail)?;
        if matches!(step, Step::Fence { .. }) && evidence != Evidence::Measured {
            let target = context.scope.target;
            let detail = format!(
                "how far {target} is behind cannot be measured: {}",
                evidence.word()
            );
            return Err(Stop::Blocked {
                reasons: vec![Reason::new(Code::LinkDown, target, detail).hint("esdr status")],
            });
        }
        Ok(())
    }

    async fn gate(
        &mut self,
        course: &Course<'_>,
        step: &Step,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        match step {
            Step::Require { what, .. } if !progress.past_no_return => {
                let reasons: Vec<Reason> = what
                    .iter()
                    .flat_map(|what| crate::plan::gate::require(context, seen, *what))
                    .collect();
                if reasons.is_empty() {
                    Ok(())
                } else {
                    Err(Stop::Blocked { reasons })
                }
            }
            Step::Verify { what, within } => {
                // Never past an index's unfollow.
                let role = crate::playbook::Role::Target;
                if context.is_switch() && seen.is_past(role) {
                    return Ok(());
                }
                let mut entry = progress.entry.take();
                let mut result = Ok(());
                // Newcomers are taken in before the proof is looked at.
                let mut checks = what.clone();
                checks.sort_by_key(|check| *check != crate::playbook::Check::NoNewcomers);
                for check in checks {
                    result = self.verify(check, entry.as_mut(), course, *within).await;
                    if result.is_err() {
                        break;
                    }
                }
                progress.entry = entry;
                result
            }
            Step::Manual { name, say, .. } if !self.is_confirmed(name, say) => Err(Stop::Manual {
                name: name.clone(),
                say: say.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// By name on the command line, or by a person who is there.
    fn is_confirmed(&mut self, name: &str, say: &str) -> bool {
        self.confirmed.iter().any(|confirmed| confirmed == name) || (self.ask)(name, say)
    }

    async fn act(
        &mut self,
        course: &Course<'_>,
        at: usize,
        due: &Due,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let step = &course.playbook.steps[at];
        let within = step.within().unwrap_or(WITHIN_DEFAULT);
        let world = context.scope.world;
        let indices = || -> Vec<String> {
            due.actions
                .iter()
                .filter_map(|a| a.index().map(str::to_owned))
                .collect()
        };
        match step {
            Step::Record { .. } => return self.open_entry(context, seen, progress).await,
            Step::Hook { name, .. } => {
                self.hooks(course.switch, *name, &due.actions, within)
                    .await?;
                self.remember(world, progress, &name.to_string()).await?;
                progress.redirected_ms = Some(now_ms());
                return Ok(());
            }
            Step::Fence { on, .. } => {
                if let Some(entry) = &mut progress.entry {
                    entry.fenced_ms.get_or_insert_with(now_ms);
                    self.write_entry(world, entry, Some(&[]), 0).await?;
                }
                progress.changed = true;
                let waits = due
                    .actions
                    .iter()
                    .any(|a| matches!(a, Action::Fence { waits: true, .. }));
                return self
                    .fence(context.cluster(*on), &indices(), waits, within)
                    .await;
            }
            Step::Unfence { on, .. } => {
                self.unfence(context.cluster(*on), &indices(), within)
                    .await?;
                progress.writable_ms = Some(now_ms());
                return Ok(());
            }
            Step::Drain { max_lag_ops, .. } => {
                progress.changed = true;
                return self
                    .act_drain(due, context, progress, *max_lag_ops, within)
                    .await;
            }
            Step::Promote { on, batch, .. } => {
                return self
                    .act_promote(context.cluster(*on), *batch, due, world, progress, within)
                    .await;
            }
            Step::Seed { .. } => {
                progress.changed = true;
                return self.follow(at, &due.actions, course, within).await;
            }
            Step::Canary { .. } => {
                if let Some(Action::Canary { cluster, index }) = due.actions.first() {
                    self.canary(cluster, index).await?;
                    let detail = Detail::Canary {
                        index: index.clone(),
                    };
                    self.event(Kind::Progress, cluster, vec![index.clone()], detail)?;
                    self.remember(world, progress, "canary").await?;
                }
                return Ok(());
            }
            _ => {}
        }
        progress.changed = true;
        self.set_goal(at, due, course, within).await
    }

    /// Remotes, patterns, aliases: each call once, then a look, until nothing is due.
    async fn set_goal(
        &mut self,
        at: usize,
        due: &Due,
        course: &Course<'_>,
        within: Duration,
    ) -> Result<(), Stop> {
        let deadline = super::stage::Deadline::new("the change", within);
        let mut actions = due.actions.clone();
        loop {
            let mut refused = Vec::new();
            for action in &actions {
                // One by one: they may be on different clusters.
                refused.extend(
                    self.send_verb(action.word(), std::slice::from_ref(action))
                        .await?,
                );
            }
            let world = self.observe().await?;
            let topology = self.topology;
            let context = course.context(topology, &world);
            let seen = context.see();
            let pairs: Vec<_> = seen.subjects.iter().map(|subject| subject.pair).collect();
            actions = context.due(at, &seen, &pairs, &pairs).actions;
            if actions.is_empty() {
                return Ok(());
            }
            if let Some((_, error)) = refused.into_iter().find(|(_, error)| seed::is_final(error)) {
                return Err(Stop::Call(error));
            }
            let left = || {
                actions
                    .iter()
                    .map(|action| super::stop::Left {
                        index: action.key().2.to_owned(),
                        shard: None,
                        lag_ops: None,
                        why: format!("{} not seen yet", action.word()),
                    })
                    .collect()
            };
            deadline.pause(left).await?;
        }
    }

    async fn open_entry(
        &mut self,
        context: &Context<'_>,
        seen: &Seen<'_>,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let world = context.scope.world;
        if let Some(entry) = &mut progress.entry {
            return self.widen_entry(entry, context, seen).await;
        }
        self.event(
            Kind::Started,
            "",
            Vec::new(),
            Detail::Calls {
                verb: "record".into(),
                count: 1,
            },
        )?;
        if !context.is_switch() {
            // Protecting a set: the state index is made, so that it is there on the day.
            let written = self.record.prepare(&shelves(world, self.clusters)).await;
            let detail = Detail::Record {
                on: written.on,
                not_on: written
                    .not_on
                    .into_iter()
                    .map(|(cluster, _)| cluster)
                    .collect(),
                positions: 0,
            };
            return self.event(Kind::Recorded, "", Vec::new(), detail);
        }
        let mut entry = new_entry(self.plan, context, seen);
        let members = entry.members.len();
        self.write_entry(world, &mut entry, None, members).await?;
        progress.entry = Some(entry);
        Ok(())
    }

    /// A run of a part of the set is continued over more of it.
    async fn widen_entry(
        &mut self,
        entry: &mut Entry,
        context: &Context<'_>,
        seen: &Seen<'_>,
    ) -> Result<(), Stop> {
        let first = entry.members.len();
        let whole = new_entry(self.plan, context, seen);
        for member in whole.members {
            if entry
                .member(&member.source_index, &member.target_index)
                .is_none()
            {
                entry.members.push(member);
            }
        }
        for (on, pattern) in whole.patterns {
            if !entry.patterns.iter().any(|(_, p)| p.name == pattern.name) {
                entry.patterns.push((on, pattern));
            }
        }
        let fresh: Vec<usize> = (first..entry.members.len()).collect();
        self.write_entry(context.scope.world, entry, Some(&fresh), fresh.len())
            .await
    }

    async fn remember(
        &mut self,
        world: &World,
        progress: &mut Progress,
        name: &str,
    ) -> Result<(), Stop> {
        let Some(entry) = &mut progress.entry else {
            return Ok(());
        };
        if !entry.did(name) {
            entry.hooks_done.push(name.to_owned());
        }
        self.write_entry(world, entry, Some(&[]), 0).await
    }

    async fn act_drain(
        &mut self,
        due: &Due,
        context: &Context<'_>,
        progress: &mut Progress,
        max_lag_ops: u64,
        within: Duration,
    ) -> Result<(), Stop> {
        let scope = context.scope;
        for verb in ["open", "pause", "resume"] {
            // Whether they worked is seen in the checkpoints.
            self.send_verb(verb, &due.actions).await?;
        }
        let Some(entry) = &mut progress.entry else {
            return Ok(());
        };
        let members = (0..entry.members.len())
            .filter(|&at| {
                let member = &entry.members[at];
                due.actions.iter().any(|action| {
                    matches!(action, Action::Prove { source_index, target_index, .. }
                        if *source_index == member.source_index && *target_index == member.target_index)
                })
            })
            .collect();
        let view = scope.world.view(scope.source);
        let draining = Draining {
            source: scope.source,
            target: scope.target,
            members,
            waited: view.is_some_and(|view| view.version.drains_blocks()),
            max_lag_ops: max_lag_ops.max(context.options.max_lag_ops),
            within,
        };
        self.drain(scope.world, entry, draining).await
    }

    async fn act_promote(
        &mut self,
        cluster: &str,
        batch: usize,
        due: &Due,
        world: &World,
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        let Some(entry) = &mut progress.entry else {
            return Ok(());
        };
        let members = (0..entry.members.len())
            .filter(|&at| {
                let name = entry.members[at].target_index.as_str();
                due.actions
                    .iter()
                    .any(|action| action.index() == Some(name))
            })
            .collect();
        let version = world
            .view(cluster)
            .map(|view| view.version)
            .unwrap_or_default();
        let promoting = Promoting {
            cluster,
            members,
            batch,
            within,
            takes_wait: version.close_takes_wait(),
            hides: version.at_least(7, 7),
        };
        self.promote(world, entry, &promoting, &mut progress.past_no_return)
            .await?;
        progress.writable_ms = Some(now_ms());
        Ok(())
    }
}

/// A switch opens an entry unless one stands; protecting a set makes the state index
/// where the plan says so.
fn needs_record(course: &Course<'_>, at: usize, seen: &Seen<'_>) -> bool {
    let planned = course
        .switch
        .steps
        .get(at)
        .is_some_and(|step| !step.actions.is_empty());
    planned && seen.entry.is_none()
}

/// The plan is an upper bound: nothing beyond what was confirmed is ever sent.
fn check_bound(course: &Course<'_>, at: usize, due: &Due) -> Result<(), Stop> {
    let planned = course
        .switch
        .steps
        .get(at)
        .map(|step| step.actions.as_slice());
    let planned = planned.unwrap_or_default();
    let born = |action: &Action| {
        let known = |index: &str| {
            course
                .switch
                .members
                .iter()
                .any(|member| member.source_index == index || member.target_index == index)
        };
        action.index().is_some_and(|index| !known(index))
    };
    let beyond = due
        .actions
        .iter()
        .find(|action| !born(action) && !planned.iter().any(|known| known.key() == action.key()));
    match beyond {
        None => Ok(()),
        Some(action) => {
            let (word, cluster, name) = action.key();
            let detail = format!("{name} on {cluster} now also needs: {word}");
            Err(Stop::Drift { detail })
        }
    }
}

/// What the patterns take and nothing follows: older than they are, or let go by hand.
fn passed_over(
    context: &Context<'_>,
    seen: &Seen<'_>,
    patterns: &[(String, Pattern)],
) -> Vec<String> {
    let scope = context.scope;
    let takes = |name: &String| {
        patterns
            .iter()
            .any(|(_, p)| pattern_matches(&p.leader_patterns, &p.exclusions, name))
    };
    let view = scope.world.view(scope.source);
    view.into_iter()
        .flat_map(|view| view.indices.values())
        .filter(|index| index.following.is_none() && takes(&index.name))
        .filter(|index| {
            let is_member = |names: &Names| names.source_index == index.name;
            !seen.subjects.iter().any(|s| is_member(&s.names))
                && !seen.membership.left_out.iter().any(is_member)
        })
        .map(|index| index.name.clone())
        .collect()
}

/// The entry that a switch opens: all that cannot be seen any more once it has begun.
fn new_entry(plan: &crate::plan::Plan, context: &Context<'_>, seen: &Seen<'_>) -> Entry {
    let scope = context.scope;
    let uuid = |name: &str| {
        scope
            .world
            .view(name)
            .map(|view| view.uuid.clone())
            .unwrap_or_default()
    };
    let versions = [scope.source, scope.target]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), scope.world.view(name)?.version)))
        .collect();
    let patterns: Vec<(String, Pattern)> = crate::plan::setwide::patterns_of(scope, &seen.subjects)
        .into_iter()
        .filter(|pattern| pattern.active)
        .map(|pattern| (scope.target.to_owned(), pattern.clone()))
        .collect();
    let passed_over = passed_over(context, seen, &patterns);
    // What an earlier part of the set has moved stands in that part's entry.
    let to_be_moved = seen
        .subjects
        .iter()
        .filter(|subject| !subject.pair.is_unfollowed(crate::playbook::Role::Target));
    Entry {
        run: plan.id.clone(),
        set: scope.set.name.clone(),
        playbook: plan.playbook.name.clone(),
        source: scope.source.to_owned(),
        target: scope.target.to_owned(),
        source_uuid: uuid(scope.source),
        target_uuid: uuid(scope.target),
        versions,
        at_ms: now_ms(),
        operator: plan.operator.clone(),
        reason: plan.reason.clone(),
        state: State::Open,
        revision: 0,
        patterns,
        passed_over,
        hooks_done: Vec::new(),
        fenced_ms: None,
        members: to_be_moved.filter_map(member).collect(),
    }
}
