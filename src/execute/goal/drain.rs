//! The drain: the target reads the rest, until both sides are proved equal under the
//! fence.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    es::api::Es,
    event::{Detail, Kind},
    model::{
        lag::{drained, lag},
        lineage::{Entry, Member, Position},
        world::{Index, Shard, World},
    },
    observe::{Reading, observe_shards},
    plan::{action::Action, context::Context, due::Due},
    playbook::Role,
};

use crate::execute::{
    deadline::Deadline,
    forced,
    liveness::Pulse,
    look::Absence,
    runner::Runner,
    send::GOING_ON,
    set_run::Progress,
    stop::{Left, Stop},
};

/// Two readings this far apart must be equal where the fence does not wait for writes
/// under way: a server before 7.9 acknowledges some for a moment after the block.
pub(super) const QUIET: Duration = Duration::from_secs(1);

/// One reading of checkpoints.
const READ: Duration = Duration::from_secs(5);

/// A wait says where it stands this often.
const SAY: Duration = Duration::from_secs(1);

/// What is drained, and how sure the fence is.
pub(super) struct Draining<'d> {
    pub(super) source: &'d str,
    pub(super) target: &'d str,
    /// Positions in the entry of the members that have no proof yet.
    pub(super) members: Vec<usize>,
    /// The fence answered only when writes under way were done.
    pub(super) waited: bool,
    pub(super) max_lag_ops: u64,
    pub(super) within: Duration,
}

/// A leader's reading that has not changed since.
type Still = HashMap<String, (Vec<Shard>, Instant)>;

impl Runner<'_> {
    /// One [`Goal::Drain`](crate::playbook::Goal::Drain): what followers need to run, then the drain
    /// of those that have no proof yet.
    pub(in crate::execute) async fn act_drain(
        &mut self,
        due: &Due,
        context: &Context<'_>,
        progress: &mut Progress,
        max_lag_ops: u64,
        within: Duration,
    ) -> Result<(), Stop> {
        let scope = context.scope;
        for kind in GOING_ON {
            // Whether they worked is seen in the checkpoints.
            self.send_kind(kind, &due.actions).await?;
        }
        if self.waive_link(context, progress)? {
            return Ok(());
        }
        self.waive_red(due, context, progress)?;
        let Some(entry) = &mut progress.entry else {
            return Ok(());
        };
        let members: Vec<usize> = (0..entry.members.len())
            .filter(|&at| {
                let member = &entry.members[at];
                due.actions.iter().any(|action| {
                    matches!(action, Action::Prove { source_index, target_index, .. }
                        if *source_index == member.source_index
                            && *target_index == member.target_index
                            && !forced::is_given_up(context, source_index))
                })
            })
            .collect();
        if members.is_empty() {
            return Ok(());
        }
        let view = scope.world.view(scope.source);
        let draining = Draining {
            source: scope.source,
            target: scope.target,
            members,
            waited: view.is_some_and(|view| view.version.drains_blocks()),
            max_lag_ops: max_lag_ops.max(context.request.max_lag_ops),
            within,
        };
        self.drain(scope.world, entry, draining).await
    }

    /// Waits until every member is proved equal, and writes the proofs into the entry.
    pub(super) async fn drain(
        &mut self,
        world: &World,
        entry: &mut Entry,
        draining: Draining<'_>,
    ) -> Result<(), Stop> {
        let deadline = Deadline::new("the drain", draining.within);
        let began = Instant::now();
        let source = self.es(draining.source)?.with_deadline(READ);
        let target = self.es(draining.target)?.with_deadline(READ);
        let (mut pulse, mut absence) = (Pulse::of(self.es(draining.source)?), Absence::default());
        let mut left = draining.members.clone();
        let mut still = Still::new();
        let mut said: Option<Instant> = None;
        loop {
            let of_source =
                observe_shards(&source, &names(entry, &left, |it| &it.source_index)).await;
            pulse.check(of_source.is_ok()).await?;
            // Last: an operation that arrives in between can only make the lag look larger than it is.
            let on = (&target, Role::Target);
            let names = names(entry, &left, |it| &it.target_index);
            let read = self.read_shards(on, &names, draining.within, &mut absence).await?;
            let Some(of_target) = read else { continue };
            // What cannot be read is unknown, and waited for until the deadline.
            let reading = Readings { source: of_source.unwrap_or_default(), target: of_target };
            let quiet = draining.waited || no_older_write(&source, began).await;
            let mut proved = Vec::new();
            left.retain(|&at| {
                let member = &entry.members[at];
                let positions =
                    quiet.then(|| prove(member, &reading, draining.waited, &mut still)).flatten();
                match positions {
                    Some(positions) => {
                        proved.push((at, positions));
                        false
                    }
                    None => true,
                }
            });
            for (at, positions) in proved {
                entry.members[at].proof = Some(positions);
            }
            let lag_ops = reading.lag_ops(entry, &left);
            if left.is_empty() {
                break;
            }
            if said.is_none_or(|said| said.elapsed() >= SAY) {
                said = Some(Instant::now());
                self.event(
                    Kind::Waiting,
                    draining.target,
                    Vec::new(),
                    waiting(entry, &draining.members, &left, lag_ops),
                )?;
            }
            let is_small = lag_ops.is_some_and(|lag| lag > 0 && lag <= draining.max_lag_ops);
            match self.pause(&deadline, || reading.left(entry, &left)).await {
                Err(Stop::Deadline { .. }) if is_small => {
                    accept(entry, &left, &reading);
                    break;
                }
                waited => waited?,
            }
        }
        let detail = waiting(entry, &draining.members, &[], Some(0));
        self.event(Kind::Progress, draining.target, Vec::new(), detail)?;
        let positions = draining.members.len();
        self.write_entry(world, entry, Some(&draining.members), positions).await
    }
}

/// Both sides' checkpoints.
struct Readings {
    source: BTreeMap<String, Reading>,
    target: BTreeMap<String, Reading>,
}

fn names(entry: &Entry, left: &[usize], name: fn(&Member) -> &String) -> Vec<String> {
    left.iter().map(|&at| name(&entry.members[at]).clone()).collect()
}

impl Readings {
    fn sides(&self, member: &Member) -> Option<(Index, Index)> {
        let side = |reading: &Reading| Index {
            open: true,
            shard_count: member.shard_count,
            shards: reading.shards.clone(),
            writing: reading.writing,
            uuid: reading.uuid.clone(),
            ..Index::default()
        };
        let source = self.source.get(&member.source_index)?;
        let target = self.target.get(&member.target_index)?;
        Some((side(source), side(target)))
    }

    fn lag_of(&self, member: &Member) -> Option<u64> {
        let (source, target) = self.sides(member)?;
        lag(Some(&source), &target).lag_ops
    }

    fn lag_ops(&self, entry: &Entry, left: &[usize]) -> Option<u64> {
        left.iter().map(|&at| self.lag_of(&entry.members[at])).sum()
    }

    fn left(&self, entry: &Entry, left: &[usize]) -> Vec<Left> {
        left.iter()
            .map(|&at| {
                let member = &entry.members[at];
                let lag_ops = self.lag_of(member);
                let why = match lag_ops {
                    Some(0) => "equal, but the leader was not quiet".to_owned(),
                    Some(lag) => format!("{lag} operations behind at the end"),
                    None => "checkpoints could not be read".to_owned(),
                };
                Left { index: member.source_index.clone(), shard: None, lag_ops, why }
            })
            .collect()
    }
}

/// The positions at which both sides are equal and nothing can be added any more.
fn prove(
    member: &Member,
    readings: &Readings,
    waited: bool,
    still: &mut Still,
) -> Option<Vec<Position>> {
    let (source, target) = readings.sides(member)?;
    // A copy that is not the one on record proves nothing.
    if source.uuid != member.source_uuid || target.uuid != member.target_uuid {
        return None;
    }
    let quiet = waited || is_quiet(member, &source, still);
    (quiet && source.writing == 0 && drained(&source, &target)).then(|| positions(&target.shards))
}

/// The leader's positions have stood still for a second.
fn is_quiet(member: &Member, source: &Index, still: &mut Still) -> bool {
    let same = |shards: &[Shard]| {
        shards.len() == source.shards.len()
            && shards.iter().zip(&source.shards).all(|(a, b)| a.max_seq_no == b.max_seq_no)
    };
    match still.get(&member.source_index) {
        Some((shards, since)) if same(shards) => since.elapsed() >= QUIET,
        _ => {
            let reading = (source.shards.clone(), Instant::now());
            still.insert(member.source_index.clone(), reading);
            false
        }
    }
}

/// Shards as positions for the record.
pub(in crate::execute) fn positions(shards: &[Shard]) -> Vec<Position> {
    shards
        .iter()
        .map(|shard| Position {
            shard: shard.number,
            checkpoint: shard.global_checkpoint,
            max_seq_no: shard.max_seq_no,
            history_uuid: shard.history_uuid.clone(),
        })
        .collect()
}

/// No write task on the leader is older than this drain, and so than the fence.
pub(in crate::execute) async fn no_older_write(source: &Es, began: Instant) -> bool {
    match source.write_tasks().await {
        Ok(tasks) => tasks
            .iter()
            .filter(|task| !task.is_replication())
            .all(|task| u128::from(task.running_ms) <= began.elapsed().as_millis()),
        // A user who may not list tasks still has the other two conditions.
        Err(error) => error.is_login(),
    }
}

/// With `--max-lag`: what the target has is taken for the proof.
fn accept(entry: &mut Entry, left: &[usize], readings: &Readings) {
    for &at in left {
        let member = &entry.members[at];
        let proof = readings.target.get(&member.target_index).map(|r| positions(&r.shards));
        entry.members[at].proof = proof;
    }
}

fn waiting(entry: &Entry, all: &[usize], left: &[usize], lag_ops: Option<u64>) -> Detail {
    let shards = |members: &[usize]| -> usize {
        members.iter().map(|&at| entry.members[at].shard_count as usize).sum()
    };
    Detail::Drain { lag_ops, shards_left: shards(left), shards_total: shards(all) }
}
