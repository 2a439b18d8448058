//! Copies of a bi-directional alias go on, or are made anew, until they have what their leaders
//! had when the step began.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    clock::now_ms,
    event::{Detail, Kind},
    model::{membership::Scope, missed::Missed, world::Index},
    plan::{
        action::Action,
        context::Context,
        due::Due,
        reason::{Code, Reason},
        seen::Seen,
    },
    playbook::Role,
};

use crate::execute::{
    copy_progress::Copying,
    deadline::Deadline,
    gates::check_bound,
    runner::Runner,
    send::{DELETE, FOLLOW, GOING_ON, IsKind, is_final},
    set_run::{Progress, SetRun},
    stop::{Left, Stop},
};

/// How often a copy whose tasks stop for good is resumed: what stopped them may be over only
/// once both sites are up.
const RESUMES_MAX: usize = 5;

/// And how far apart.
const RESUMES_APART: Duration = Duration::from_secs(3);

/// A wait says where it stands this often.
const SAY: Duration = Duration::from_secs(1);

/// Where the leaders stood when the step began: by index, the highest operation of each shard.
pub(in crate::execute) type Goals = BTreeMap<String, Vec<(u32, i64)>>;

/// One step, under way.
pub(in crate::execute) struct Joining {
    pub(in crate::execute) on: Role,
    pub(in crate::execute) deadline: Deadline,
    pub(in crate::execute) goals: Goals,
    copying: Copying,
    said: Option<Instant>,
    resumed: BTreeMap<String, (usize, Instant)>,
    /// What readers were without, by the index's name where it is written.
    pub(in crate::execute) missed: BTreeMap<String, Missed>,
}

impl Runner<'_> {
    /// Brings every copy on a side to where its leader stood when this began. Writers go on.
    ///
    /// # Errors
    /// [`Stop::Blocked`] naming copies that stop again and again; the deadline, with how far
    /// each copy is.
    pub(in crate::execute) async fn join(
        &mut self,
        at: usize,
        set_run: &SetRun<'_>,
        progress: &mut Progress,
        within: Duration,
    ) -> Result<(), Stop> {
        let Some(on) = set_run.request.playbook.steps[at].on else {
            return Ok(());
        };
        let topology = self.topology;
        let world = self.observe_for(set_run, at).await?;
        let context = set_run.context(topology, &world);
        let mut joining = Joining::begin(on, within, &context, progress);
        let mut due = context.join(on, &context.see());
        loop {
            check_bound(set_run, at, &due)?;
            if !due.reasons.is_empty() {
                return Err(Stop::Blocked { reasons: due.reasons });
            }
            self.go_on(&due, &mut joining).await?;
            for action in due.actions.iter().filter(|it| matches!(it, Action::Renew { .. })) {
                self.renew(action, &mut joining).await?;
            }
            let world = self.observe_for(set_run, at).await?;
            let context = set_run.context(topology, &world);
            let seen = context.see();
            due = context.join(on, &seen);
            let left = joining.left(&seen, &due);
            if left.is_empty() {
                break;
            }
            joining.check_resumed(&context, &seen)?;
            self.say(&context, &seen, &mut joining)?;
            self.pause(&joining.deadline, || left).await?;
        }
        let until_ms = now_ms();
        let missed = joining.missed.into_values().filter(Missed::is_something);
        progress.missed.extend(missed.map(|missed| Missed { until_ms, ..missed }));
        Ok(())
    }

    /// What a copy needs so that its tasks run.
    async fn go_on(&mut self, due: &Due, joining: &mut Joining) -> Result<(), Stop> {
        let actions: Vec<Action> =
            due.actions.iter().filter(|action| joining.is_time(action)).cloned().collect();
        joining.note(&actions);
        let forget: IsKind = |it| matches!(it, Action::Forget { .. });
        for kind in GOING_ON {
            // What was refused is looked at, and tried again.
            self.send_kind(kind, &actions).await?;
        }
        let refused = self.send_kind(FOLLOW, &actions).await?;
        if let Some((_, error)) = refused.into_iter().find(|(_, error)| is_final(error)) {
            return Err(Stop::Call(error));
        }
        for kind in [forget, DELETE] {
            self.send_kind(kind, &actions).await?;
        }
        Ok(())
    }

    fn say(
        &mut self,
        context: &Context<'_>,
        seen: &Seen<'_>,
        joining: &mut Joining,
    ) -> Result<(), Stop> {
        let cluster = context.cluster(joining.on);
        if let Some(detail) = joining.copying.look(joining.on, &seen.subjects) {
            self.event(Kind::Waiting, cluster, Vec::new(), detail)?;
        }
        if joining.said.is_some_and(|said| said.elapsed() < SAY) {
            return Ok(());
        }
        joining.said = Some(Instant::now());
        let copies = || seen.subjects.iter().filter_map(|subject| subject.index(joining.on));
        let leaders = seen.subjects.iter().map(|it| it.name(joining.on.other()));
        let lags: Vec<Option<u64>> = copies()
            .zip(leaders)
            .map(|(copy, leader)| joining.goals.get(leader).and_then(|goal| lacking(goal, copy)))
            .collect();
        let detail = Detail::Drain {
            lag_ops: lags.iter().copied().sum(),
            shards_left: copies()
                .zip(&lags)
                .filter(|(_, lag)| **lag != Some(0))
                .map(|(copy, _)| copy.shard_count as usize)
                .sum(),
            shards_total: copies().map(|copy| copy.shard_count as usize).sum(),
        };
        self.event(Kind::Waiting, cluster, Vec::new(), detail)
    }

    /// Every copy reaches where its leader stood when this began: in the direction that is
    /// carried out last those of both directions.
    pub(in crate::execute) async fn joined(
        &mut self,
        set_run: &SetRun<'_>,
        at: usize,
        within: Duration,
    ) -> Result<(), Stop> {
        let alias = set_run.set.bidi.as_deref().unwrap_or_default();
        let Ok(spec) = self.topology.bidi(alias) else {
            return Ok(());
        };
        let world = self.observe_for(set_run, at).await?;
        // The other direction's turn comes yet, but for the last one's.
        let is_last = self.plan.switches.last().is_some_and(|it| it.set == set_run.set.name);
        for set in spec.directions() {
            if !is_last && set.name != set_run.set.name {
                continue;
            }
            let (Some(source), Some(target)) = (&set.home, &set.standby) else { continue };
            let scope = Scope { world: &world, set: &set, source, target, only: &[] };
            let context = Context { scope, ..set_run.context(self.topology, &world) };
            self.caught_up(&context, within).await?;
        }
        Ok(())
    }
}

impl Joining {
    fn begin(on: Role, within: Duration, context: &Context<'_>, progress: &Progress) -> Self {
        let seen = context.see();
        let since_ms = progress.entry.as_ref().map(|entry| entry.at_ms);
        let mut goals = Goals::new();
        let mut missed = BTreeMap::new();
        for subject in &seen.subjects {
            let name = subject.name(on.other());
            let Some(leader) = subject.index(on.other()) else { continue };
            let goal = leader.shards.iter().map(|shard| (shard.number, shard.max_seq_no));
            let goal: Vec<(u32, i64)> = goal.collect();
            let ops = match subject.index(on) {
                Some(copy) => lacking(&goal, copy),
                None => Some(goal.iter().map(|(_, max)| u64::try_from(max + 1).unwrap_or(0)).sum()),
            };
            goals.insert(name.to_owned(), goal);
            let cluster = context.cluster(on).to_owned();
            let first = Missed {
                cluster,
                index: name.to_owned(),
                ops,
                since_ms,
                until_ms: 0,
                nothing_readable_ms: None,
            };
            missed.entry(name.to_owned()).or_insert(first);
        }
        Self {
            on,
            deadline: Deadline::new("the copies' catching up", within),
            goals,
            copying: Copying::default(),
            said: None,
            resumed: BTreeMap::new(),
            missed,
        }
    }

    /// Whether an index whose tasks have stopped may be tried again already.
    fn is_time(&self, action: &Action) -> bool {
        let tried = action.index().and_then(|index| self.resumed.get(index));
        !matches!(action, Action::Pause { .. } | Action::Resume { .. })
            || tried.is_none_or(|(_, at)| at.elapsed() >= RESUMES_APART)
    }

    fn note(&mut self, sent: &[Action]) {
        let resumes = sent.iter().filter(|action| matches!(action, Action::Resume { .. }));
        let names: BTreeSet<&str> = resumes.filter_map(Action::index).collect();
        for name in names {
            let tried = self.resumed.entry(name.to_owned()).or_insert((0, Instant::now()));
            *tried = (tried.0 + 1, Instant::now());
        }
    }

    /// A copy that stops again and again has a cause that waiting does not mend.
    fn check_resumed(&self, context: &Context<'_>, seen: &Seen<'_>) -> Result<(), Stop> {
        let given_up = |name: &str| self.resumed.get(name).is_some_and(|it| it.0 >= RESUMES_MAX);
        let reasons = seen.subjects.iter().filter_map(|subject| {
            let name = subject.name(self.on);
            let why = subject.index(self.on)?.following.as_ref()?.fatal()?;
            let detail = format!("{name} on {} stops again: {why}", context.cluster(self.on));
            let reason = Reason::new(Code::FatalFollower, name, detail).hint("esdr status");
            given_up(name).then_some(reason)
        });
        let reasons: Vec<Reason> = reasons.collect();
        if reasons.is_empty() { Ok(()) } else { Err(Stop::Blocked { reasons }) }
    }

    /// Copies that are not yet where their leader stood. One that is, and runs, may fall behind
    /// again while writers go on.
    fn left(&self, seen: &Seen<'_>, due: &Due) -> Vec<Left> {
        let mut left = Vec::new();
        for action in &due.actions {
            let index = action.index().unwrap_or_default();
            let subject = seen.subjects.iter().find(|it| it.name(self.on) == index);
            let copy = subject.and_then(|subject| subject.index(self.on));
            let goal = subject.and_then(|it| self.goals.get(it.name(self.on.other())));
            let lag_ops = copy.zip(goal).and_then(|(copy, goal)| lacking(goal, copy));
            let only_reads = matches!(action, Action::CatchUp { .. });
            if only_reads && lag_ops == Some(0) && copy.is_some_and(has_read) {
                continue;
            }
            let why = match (only_reads, lag_ops) {
                (false, _) => format!("{} not seen yet", action.word()),
                (true, Some(ops)) => format!("{ops} operations behind"),
                (true, None) => "checkpoints could not be read".to_owned(),
            };
            left.push(Left { index: index.to_owned(), shard: None, lag_ops, why });
        }
        left
    }
}

/// Every task of a copy has read since it began.
fn has_read(copy: &Index) -> bool {
    let following = copy.following.as_ref().filter(|following| following.active);
    let tasks = following.map(|following| following.tasks.as_slice()).unwrap_or_default();
    (0..copy.shard_count).all(|shard| {
        tasks.iter().any(|it| it.shard == shard && it.since_read_ms >= 0 && it.fatal.is_none())
    })
}

/// Operations that a copy lacks of where its leader stood; `None` where it cannot be read.
pub(in crate::execute) fn lacking(goal: &[(u32, i64)], copy: &Index) -> Option<u64> {
    let ops = goal.iter().map(|(number, max_seq_no)| {
        let shard = copy.shards.iter().find(|shard| shard.number == *number)?;
        Some(u64::try_from(max_seq_no - shard.global_checkpoint).unwrap_or(0))
    });
    ops.sum()
}
