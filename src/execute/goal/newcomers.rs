//! Indices born behind the fence: a rollover, tomorrow's daily index. Before the line of
//! no return they are followed and fenced too.

use std::time::Duration;

use crate::{
    event::{Detail, Kind},
    model::{
        lineage::{Entry, Heard, Member},
        membership::{Names, Scope},
        placeholder::is_born_blocked,
        world::{Index, World},
    },
    plan::{
        action::Action,
        carry,
        context::Context,
        fences,
        pair::Side,
        protection::{aliases, recorded},
        seen::Seen,
        subject::{Subject, found},
    },
    playbook,
};

use super::drain::Draining;
use crate::execute::{
    deadline::Deadline,
    runner::Runner,
    set_run::SetRun,
    stop::{Left, Stop},
};

/// Newcomers bring newcomers: writers that roll over behind each fence are not waited
/// for for ever.
const ROUNDS_MAX: usize = 5;

impl Runner<'_> {
    /// Takes in what was born since the fence, until a look finds nothing new. Returns that look.
    pub(in crate::execute) async fn take_in(
        &mut self,
        entry: &mut Entry,
        (set_run, at): (&SetRun<'_>, usize),
        within: Duration,
    ) -> Result<World, Stop> {
        for _ in 0..ROUNDS_MAX {
            let world = self.observe_for(set_run, at).await?;
            let topology = self.topology;
            let context = set_run.context(topology, &world);
            let seen = context.see();
            let fresh = fresh(&context, &seen, entry);
            if fresh.is_empty() {
                return Ok(world);
            }
            if set_run.request.playbook.kind == playbook::Kind::UndoCarry {
                return Err(Stop::Blocked { reasons: carry::born(&context, &fresh) });
            }
            let names = fresh.iter().map(|names| names.source_index.clone()).collect();
            let source = context.scope.source.to_owned();
            self.event(Kind::Waiting, &source, names, Detail::Newcomers { late: false })?;
            self.follow_newcomers(&context, &fresh, within).await?;
            self.fence_newcomers(entry, (set_run, at), &fresh, within).await?;
        }
        Err(Stop::Drift { detail: "indices go on being born behind the fence".to_owned() })
    }

    /// A newborn follower would inherit the fence: it follows first.
    async fn follow_newcomers(
        &mut self,
        context: &Context<'_>,
        fresh: &[Names],
        within: Duration,
    ) -> Result<(), Stop> {
        let scope = context.scope;
        let remote = scope.world.alias_of(scope.target, scope.source).unwrap_or(scope.source);
        let requests = fresh
            .iter()
            .filter(|names| scope.world.index(scope.target, &names.target_index).is_none())
            .map(|names| {
                let follow = Action::Follow {
                    cluster: scope.target.to_owned(),
                    index: names.target_index.clone(),
                    remote: remote.to_owned(),
                    leader_index: names.source_index.clone(),
                    parameters: None,
                    over: false,
                };
                (names.target_index.clone(), follow)
            })
            .flat_map(|(name, follow)| {
                follow.requests().into_iter().map(move |request| (name.clone(), request))
            })
            .collect();
        let es = self.es(scope.target)?.clone();
        let answers = self.send_all(&es, requests).await;
        let deadline =
            Deadline::uninterrupted("the copy of an index born behind the fence", within);
        loop {
            let world = self.observe().await?;
            let waits = |names: &&Names| {
                let index = world.index(scope.target, &names.target_index);
                !index.is_some_and(is_followed)
            };
            let left: Vec<&Names> = fresh.iter().filter(waits).collect();
            if left.is_empty() {
                return Ok(());
            }
            let why = |names: &&Names| Left {
                index: names.source_index.clone(),
                shard: None,
                lag_ops: None,
                why: answers
                    .iter()
                    .find(|(name, answer)| *name == names.target_index && answer.is_err())
                    .and_then(|(_, answer)| answer.as_ref().err().map(ToString::to_string))
                    .unwrap_or_else(|| "not copied yet".to_owned()),
            };
            self.pause(&deadline, || left.iter().map(why).collect()).await?;
        }
    }

    async fn fence_newcomers(
        &mut self,
        entry: &mut Entry,
        (set_run, at): (&SetRun<'_>, usize),
        fresh: &[Names],
        within: Duration,
    ) -> Result<(), Stop> {
        let world = self.observe_for(set_run, at).await?;
        let topology = self.topology;
        let context = set_run.context(topology, &world);
        let seen = context.see();
        let first = entry.members.len();
        for subject in seen.subjects.iter().filter(|subject| fresh.contains(&subject.names)) {
            entry.members.extend(member(context.scope, subject));
        }
        let members: Vec<usize> = (first..entry.members.len()).collect();
        // In the record before the fence: undo lifts what is on record.
        self.write_entry(&world, entry, Some(&members), 0).await?;
        let names: Vec<String> =
            members.iter().map(|&at| entry.members[at].source_index.clone()).collect();
        let view = world.view(context.scope.source);
        let waited = view.is_some_and(|view| view.version.drains_blocks());
        let fence = |index: &String| Action::Fence {
            cluster: context.scope.source.to_owned(),
            index: index.clone(),
            waits: waited,
            closed: false,
        };
        let actions: Vec<Action> = names.iter().map(fence).collect();
        self.fence(context.scope.source, &actions, within).await?;
        let draining = Draining {
            source: context.scope.source,
            target: context.scope.target,
            members,
            waited,
            max_lag_ops: 0,
            within,
        };
        self.drain(&world, entry, draining).await
    }
}

fn is_followed(index: &Index) -> bool {
    index.following.as_ref().is_some_and(|following| following.active) && index.is_measured()
}

/// Members that the entry does not know, followed or not, and uncovered indices of the source.
fn fresh(context: &Context<'_>, seen: &Seen<'_>, entry: &Entry) -> Vec<Names> {
    let known = |names: &Names| entry.member(&names.source_index, &names.target_index).is_some();
    let followed = seen
        .subjects
        .iter()
        .filter(|subject| matches!(subject.pair.target, Side::Following { .. } | Side::Absent))
        .map(|subject| subject.names.clone());
    let uncovered = seen.membership.uncovered.iter().map(|name| Names {
        source_index: name.clone(),
        target_index: context.scope.target_name(name),
    });
    followed.chain(uncovered).filter(|names| !known(names)).collect()
}

/// The highest positions known of the leader: its own, else what the follower has heard.
fn heard(source: Option<&Index>, target: &Index) -> Vec<Heard> {
    let own = |index: &Index| -> Vec<(u32, i64)> {
        index.shards.iter().map(|shard| (shard.number, shard.max_seq_no)).collect()
    };
    let positions = source.map(own).filter(|own| !own.is_empty());
    let positions = positions.unwrap_or_else(|| crate::model::lag::heard(target));
    positions.into_iter().map(|(shard, max_seq_no)| Heard { shard, max_seq_no }).collect()
}

/// A member for the record, as it is seen; none where one side is not seen at all.
pub(in crate::execute) fn member(scope: Scope<'_>, subject: &Subject<'_>) -> Option<Member> {
    let target = subject.target?;
    let source = subject.source;
    let following = target.following.as_ref();
    let blocks = source.map(|index| found(scope, scope.source, index)).unwrap_or_default();
    // What a leader that is gone cannot say, an earlier entry may.
    let known = recorded(scope, &target.uuid);
    Some(Member {
        source_index: subject.names.source_index.clone(),
        source_uuid: source
            .map(|index| index.uuid.clone())
            .or_else(|| following?.leader_uuid.clone())
            .or_else(|| known.map(|member| member.source_uuid.clone()))
            .unwrap_or_default(),
        target_index: subject.names.target_index.clone(),
        target_uuid: target.uuid.clone(),
        shard_count: target.shard_count,
        parameters: following
            .and_then(|following| following.parameters.clone())
            .or_else(|| known?.parameters.clone()),
        aliases: aliases(scope, subject).to_vec(),
        // A block of esdr's own, from an earlier switch, may be lifted as any.
        blocked_before: blocks.write,
        read_only_before: blocks.read_only,
        fenced_before: fences::holds(scope, subject),
        inherits: target.write_block
            && source.is_some_and(|index| {
                is_born_blocked(scope.world, &scope.set.name, scope.source, index)
            }),
        heard: heard(source, target),
        leases_left: false,
        salvaged: None,
        safety: Vec::new(),
        snapshot: None,
        returning: false,
        proof: None,
        checkpoints: None,
        left_at: None,
    })
}
