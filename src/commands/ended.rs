//! What a run is said to have come to: by a look after its last request.

use crate::{
    commands::session::Session,
    execute::SetEnd,
    model::{
        membership::Scope,
        problem::{Code, Problem},
        world::World,
    },
    outcome::{Former, Outcome, Report, Writers, exit},
    plan::{Plan, Switch, assemble, context::Context},
    status::{IndexStatus, Situation, State, Status, build},
};

/// A world, and what it is called as far as a plan is about it.
pub(super) struct Seen {
    world: World,
    pub(super) status: Status,
    /// What is writable nowhere of all that the command is about.
    shut: Vec<Problem>,
}

impl Seen {
    pub(super) fn of(session: &Session, plan: &Plan, world: World) -> Self {
        let names: Vec<String> = plan.switches.iter().map(|switch| switch.set.clone()).collect();
        let mut status = build(&world, &session.topology, &names);
        let shut = writable_nowhere(&status, plan);
        if names.is_empty() {
            // A plan about no set is none about all.
            status.sets.clear();
        }
        Self { world, status, shut }
    }

    /// Whether the planner would make the same plan again, now.
    pub(super) fn allows(&self, session: &Session, plan: &Plan) -> bool {
        plan.switches.iter().all(|switch| {
            let set = session.topology.set_or_direction(&switch.set);
            let scope = Scope {
                world: &self.world,
                set: &set,
                source: &switch.source,
                target: &switch.target,
                only: &plan.request.only,
            };
            let context = Context::of(scope, &session.topology, &plan.request);
            assemble::switch(&context).blocked.is_empty()
        })
    }

    /// The members of a switch, as they are seen.
    fn members<'s>(&'s self, switch: &'s Switch) -> impl Iterator<Item = &'s IndexStatus> {
        members(&self.status, switch)
    }

    /// Nothing is called done while nobody can write, whoever has brought it about.
    pub(super) fn hold_against(&self, report: &mut Report) {
        let is_done = matches!(report.outcome, Outcome::Converged | Outcome::Incomplete);
        if self.shut.is_empty() || !is_done {
            return;
        }
        report.outcome = Outcome::Stopped;
        if report.exit != exit::INTERRUPTED {
            report.exit = exit::STOPPED;
        }
        report.writers = Writers::Refused;
        report.problems.splice(..0, self.shut.iter().cloned());
    }

    fn writers(&self, plan: &Plan) -> Writers {
        let mut all = true;
        for switch in &plan.switches {
            let mut seen = 0;
            for index in self.members(switch) {
                if index.refuses.is_some() {
                    return Writers::Refused;
                }
                seen += usize::from(index.takes_writes);
            }
            all &= seen == switch.members.len();
        }
        if all { Writers::Taken } else { Writers::Unseen }
    }

    /// Indices that are writable on the side on which the plan wants them.
    fn done(&self, plan: &Plan) -> usize {
        let is_done = |switch: &Switch, index: &IndexStatus| {
            let leader = if plan.request.undo { &switch.source } else { &switch.target };
            index.takes_writes && index.leader.as_ref() == Some(leader)
        };
        plan.switches
            .iter()
            .map(|switch| self.members(switch).filter(|index| is_done(switch, index)).count())
            .sum()
    }

    /// What has become of the side that a switch has left.
    fn former(&self, switch: &Switch) -> Former {
        let mut former = Former::default();
        let led = |index: &&IndexStatus| index.leader.as_ref() == Some(&switch.target);
        for index in self.members(switch).filter(led) {
            match index.state {
                Some(State::Regular) if index.situation != Situation::Stray => former.fenced += 1,
                Some(state) if state.follows() => former.follows += 1,
                _ => {}
            }
        }
        former
    }

    /// Puts into a result what was seen at the end.
    pub(super) fn judge(&self, plan: &Plan, ends: &[SetEnd], report: &mut Report) {
        report.writers = self.writers(plan);
        if report.writers == Writers::Refused {
            let since_ms = ends.iter().filter_map(|end| end.fenced_ms).min();
            let by_now = since_ms.and_then(|ms| u64::try_from(self.world.at_ms - ms).ok());
            report.writers_refused_ms = by_now.or(report.writers_refused_ms);
        }
        let former = |switch: &Switch| (switch.set.clone(), self.former(switch));
        report.former = plan.switches.iter().map(former).collect();
        let is_left = matches!(report.outcome, Outcome::Stopped | Outcome::Undone);
        if is_left && (plan.request.undo || plan.request.playbook.kind.moves_lead()) {
            report.indices.done = self.done(plan).min(report.indices.total);
        }
    }
}

/// The members of a switch, as they are called.
fn members<'s>(status: &'s Status, switch: &'s Switch) -> impl Iterator<Item = &'s IndexStatus> {
    let of_set = status.sets.iter().filter(|set| set.name == switch.set);
    of_set.flat_map(|set| &set.indices).filter(|index| {
        let names = [index.leader_index.as_str(), index.follower_index.as_str()];
        switch.members.iter().any(|member| {
            let both = [member.source_index.as_str(), member.target_index.as_str()];
            names == both || names == [both[1], both[0]]
        })
    })
}

/// What `status` tells of indices that take writes on neither side, also of those that there is
/// nothing to do about. A fence that was asked for is what it is to be.
fn writable_nowhere(status: &Status, plan: &Plan) -> Vec<Problem> {
    let is_open = |index: &IndexStatus| index.refuses.is_none();
    let is_none = if plan.request.only.is_empty() {
        status.sets.iter().flat_map(|set| &set.indices).all(is_open)
    } else {
        plan.switches.iter().flat_map(|switch| members(status, switch)).all(is_open)
    };
    if plan.request.playbook.kind.is_fence() || is_none {
        return Vec::new();
    }
    let told = status.problems.iter();
    told.filter(|problem| problem.code == Code::WritableNowhere).cloned().collect()
}
