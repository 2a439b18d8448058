//! Of a bi-directional alias: what is left to do until the copies on a side follow again, those
//! made anew whose leader's history is gone.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    es::{
        requests::{
            aliases_request, close_request, delete_index_request, follow_request, pause_request,
            remove_alias_action,
        },
        transport::Request,
    },
    model::{
        lag::lag,
        world::{Alias, Answer, Index},
    },
    playbook::Goal,
};

use super::{
    PlannedStep,
    action::Action,
    alias_placeholder::addition,
    context::Context,
    due::Due,
    gate::bidi::is_proved,
    goal::{IndexCall, IndexGoal, running},
    pair::{Fence, Role, Side, Tasks},
    reason::{Code, Reason},
    seen::Seen,
    subject::Subject,
};

/// A copy that lacks no more is read by readers as good as its leader.
const FEW_OPS: u64 = 1_000;

/// What a second copy of an index is called, beside one of the index's own name.
const SECOND: &str = "-copy";

impl Context<'_> {
    /// What is left to do for the copies on a side.
    pub(crate) fn join(&self, on: Role, seen: &Seen<'_>) -> Due {
        let mut by_leader: BTreeMap<&str, Vec<&Subject<'_>>> = BTreeMap::new();
        for subject in &seen.subjects {
            by_leader.entry(subject.name(on.other())).or_default().push(subject);
        }
        let mut due = Due::default();
        for copies in by_leader.values() {
            match self.join_one(on, copies, seen) {
                Ok(actions) => due.actions.extend(actions),
                Err(reason) => due.reasons.push(reason),
            }
        }
        due
    }

    fn join_one(
        &self,
        on: Role,
        copies: &[&Subject<'_>],
        seen: &Seen<'_>,
    ) -> Result<Vec<Action>, Reason> {
        let first = copies[0];
        match first.pair.side(on.other()) {
            Side::Regular { open: true, .. } => {}
            Side::Regular { .. } => return Err(self.reason(Code::LeaderClosed, first)),
            Side::Unreachable => return Err(self.reason(Code::SourceUnreachable, first)),
            Side::Absent => return Err(self.reason(Code::Orphaned, first)),
            Side::Following { .. } => return Err(self.reason(Code::Recursion, first)),
        }
        let copy = self.readers_copy(on, copies);
        match copy.pair.side(on) {
            Side::Unreachable => Err(self.reason(Code::TargetUnreachable, copy)),
            Side::Regular { .. } => Err(self.reason(Code::Unrelated, copy)),
            Side::Absent => {
                self.check_unfenced(on, copy)?;
                Ok(vec![self.action(IndexCall::Follow, on, copy, seen)])
            }
            Side::Following { .. } if has_lost_history(copy, on) => {
                self.check_unfenced(on, copy)?;
                self.check_proved(copy)?;
                self.check_name(on, copy, copies)?;
                Ok(self.renew(on, copy, false).into_iter().collect())
            }
            Side::Following { tasks, open } => {
                let verbs = running(on, tasks, open);
                if verbs.is_empty() && is_level(copy, on, self.hears(on)) {
                    return self.without_second(on, copy, copies, seen);
                }
                let verbs = verbs.into_iter().map(|(verb, on)| self.action(verb, on, copy, seen));
                let catch_up = Action::CatchUp {
                    cluster: self.cluster(on).to_owned(),
                    index: copy.name(on).to_owned(),
                };
                Ok(verbs.chain([catch_up]).collect())
            }
        }
    }

    /// Whether a side was seen to read from the other.
    fn hears(&self, on: Role) -> bool {
        let sight = self.scope.world.sight(self.cluster(on), self.cluster(on.other()));
        sight.is_some_and(|sight| sight.answer == Answer::Yes)
    }

    /// The copy that readers get through the alias; while a second one is made there are two.
    fn readers_copy<'s, 'a>(&self, on: Role, copies: &[&'s Subject<'a>]) -> &'s Subject<'a> {
        let bears = |copy: &&&Subject<'_>| {
            let alias = self.alias_of_both();
            copy.index(on).is_some_and(|it| it.aliases.iter().any(|a| Some(&*a.name) == alias))
        };
        copies.iter().find(bears).unwrap_or(&copies[0])
    }

    /// What a run left that was killed before the copy that readers no longer get was gone.
    fn without_second(
        &self,
        on: Role,
        copy: &Subject<'_>,
        copies: &[&Subject<'_>],
        seen: &Seen<'_>,
    ) -> Result<Vec<Action>, Reason> {
        let second = beside(copy.name(on), copy.name(on.other()));
        let Some(second) = copies.iter().find(|other| other.name(on) == second) else {
            return Ok(Vec::new());
        };
        self.check_proved(second)?;
        let Side::Following { tasks, .. } = second.pair.side(on) else {
            return Ok(Vec::new());
        };
        let pause = (tasks != Tasks::Paused).then_some(IndexCall::Pause);
        let calls = pause.map(|verb| (verb, on)).into_iter();
        let calls = calls.chain([(IndexCall::Forget, on.other()), (IndexCall::Delete, on)]);
        Ok(calls.map(|(verb, on)| self.action(verb, on, second, seen)).collect())
    }

    fn check_proved(&self, copy: &Subject<'_>) -> Result<(), Reason> {
        if is_proved(self, copy) { Ok(()) } else { Err(self.reason(Code::UnprovedCopy, copy)) }
    }

    /// The name of the new copy is free, or that copy is under way.
    fn check_name(
        &self,
        on: Role,
        copy: &Subject<'_>,
        copies: &[&Subject<'_>],
    ) -> Result<(), Reason> {
        let cluster = self.cluster(on);
        let Some(Action::Renew { beside: Some(name), .. }) = self.renew(on, copy, false) else {
            return Ok(());
        };
        let is_taken = self.scope.world.index(cluster, &name).is_some();
        if !is_taken || copies.iter().any(|other| other.name(on) == name) {
            return Ok(());
        }
        let detail = format!(
            "{} on {cluster} is to be made anew as {name}, and another index has that name",
            copy.name(on)
        );
        let hint = format!("give the index {name} on {cluster} another name, by a reindex");
        Err(Reason::new(Code::NameTaken, name, detail).hint(hint))
    }

    /// A copy made of a fenced leader would inherit the block, and stay empty.
    fn check_unfenced(&self, on: Role, copy: &Subject<'_>) -> Result<(), Reason> {
        let is_fenced = matches!(copy.pair.side(on.other()), Side::Regular { fence, .. } if fence != Fence::None);
        if is_fenced { Err(self.reason(Code::LeaderFenced, copy)) } else { Ok(()) }
    }

    /// Where the server itself copies aliases a second copy would bear them too, and be counted
    /// twice: there the old one is followed over.
    fn renew(&self, on: Role, copy: &Subject<'_>, only_if_gone: bool) -> Option<Action> {
        let cluster = self.cluster(on).to_owned();
        let version = self.scope.world.view(&cluster)?.version;
        let (index, leader_index) = (copy.name(on).to_owned(), copy.name(on.other()).to_owned());
        let beside = (!version.copies_aliases()).then(|| beside(&index, &leader_index));
        Some(Action::Renew {
            beside,
            remote: self.alias(on),
            aliases: copy.index(on).map(|it| it.aliases.clone()).unwrap_or_default(),
            takes_wait: version.close_takes_wait(),
            cluster,
            index,
            leader_index,
            only_if_gone,
        })
    }

    /// A copy that no resume brings on.
    pub(super) fn history_gone(&self, subject: &Subject<'_>) -> Reason {
        let (name, target) = (subject.name(Role::Target), self.scope.target);
        let detail = format!(
            "{name} on {target} has stopped for good: {} has given up operations that it lacks",
            self.scope.source
        );
        let hint = match self.alias_of_both() {
            Some(alias) => format!("esdr failback --set {alias}"),
            None => format!(
                "pause and delete {name} on {target}, then {}",
                self.scope.set.protect(self.scope.source)
            ),
        };
        Reason::new(Code::HistoryGone, name, detail).hint(hint)
    }
}

/// The plan is an upper bound: that a copy's history is gone is seen only once it goes on.
pub(super) fn widen(context: &Context<'_>, seen: &Seen<'_>, steps: &mut [PlannedStep]) {
    for step in steps {
        let (Goal::Join, Some(on)) = (&step.step.goal, step.step.on) else { continue };
        let goes_on = |subject: &&Subject<'_>| {
            let waits = |action: &Action| matches!(action, Action::CatchUp { index, .. } if index == subject.name(on));
            step.actions.iter().any(waits)
        };
        let goes_on = seen.subjects.iter().filter(goes_on);
        let may: Vec<Action> = goes_on.filter_map(|copy| context.renew(on, copy, true)).collect();
        step.actions.extend(may);
    }
}

/// A seed cannot bring on what only a whole copy can.
pub(super) fn is_lost(goal: IndexGoal, subject: &Subject<'_>) -> bool {
    matches!(goal, IndexGoal::Seed(on) if has_lost_history(subject, on))
}

fn has_lost_history(subject: &Subject<'_>, on: Role) -> bool {
    subject.index(on).is_some_and(Index::has_lost_history)
}

/// The copy lacks nothing and hears the other side (of a shard that nobody writes to a task keeps
/// telling what it failed at during an outage, for as long as its next reading waits for news). Or
/// it lacks little, and its tasks have all read since they began and fail at nothing: one that has
/// read nothing yet may still find that the history is gone.
fn is_level(subject: &Subject<'_>, on: Role, hears: bool) -> bool {
    let (Some(leader), Some(copy)) = (subject.index(on.other()), subject.index(on)) else {
        return false;
    };
    let tasks = copy.following.as_ref().map(|following| following.tasks.as_slice());
    let tasks = tasks.unwrap_or_default();
    let has_read = |shard| {
        let sound = |task: &&crate::model::world::Task| {
            task.shard == shard && task.since_read_ms >= 0 && task.read_errors.is_empty()
        };
        tasks.iter().any(|task| sound(&task))
    };
    let has_news = tasks.iter().any(|task| task.reads > 0);
    let lag_ops = lag(Some(leader), copy).lag_ops;
    let is_sound = (0..copy.shard_count).all(has_read);
    let is_little = |ops| match ops {
        0 => is_sound || hears,
        ops => is_sound && ops <= FEW_OPS && has_news,
    };
    !copy.restoring && lag_ops.is_some_and(is_little)
}

/// The name of the copy that is made beside another one: there and back again.
fn beside(index: &str, leader_index: &str) -> String {
    if index == leader_index { format!("{leader_index}{SECOND}") } else { leader_index.to_owned() }
}

impl Action {
    /// The calls of a copy that is made anew, in their order.
    pub(super) fn renew_requests(&self) -> Vec<Request> {
        let Self::Renew { index, beside, remote, leader_index, aliases, takes_wait, .. } = self
        else {
            return Vec::new();
        };
        let Some(beside) = beside else {
            return vec![
                pause_request(index),
                close_request(&[index], *takes_wait),
                follow_request(index, remote, leader_index, None),
            ];
        };
        vec![
            follow_request(beside, remote, leader_index, None),
            aliases_request(&moved(index, beside, aliases)),
            pause_request(index),
            delete_index_request(index),
        ]
    }
}

/// The aliases of one copy go to another in one call: no reader misses a document or counts one
/// twice.
pub(crate) fn moved(from: &str, to: &str, aliases: &[Alias]) -> Vec<serde_json::Value> {
    let moves = aliases.iter().flat_map(|alias| {
        let add = addition(to, Alias { is_write_index: Some(false), ..alias.clone() });
        [remove_alias_action(from, &alias.name), json!({ "add": add })]
    });
    moves.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_made_anew_takes_the_other_name_and_the_next_one_the_first_again() {
        assert_eq!(beside("logs-a", "logs-a"), "logs-a-copy");
        assert_eq!(beside("logs-a-copy", "logs-a"), "logs-a");
    }

    #[test]
    fn aliases_are_moved_as_they_are_and_never_written_through() {
        let filter = Some(json!({"term": {"a": 1}}));
        let alias = Alias { name: "logs".to_owned(), filter, ..Alias::default() };
        assert_eq!(
            json!(moved("old", "new", &[alias])),
            json!([
                {"remove": {"index": "old", "alias": "logs"}},
                {"add": {"index": "new", "alias": "logs", "filter": {"term": {"a": 1}},
                         "is_write_index": false}}
            ])
        );
    }
}
