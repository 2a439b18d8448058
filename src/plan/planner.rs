//! From a playbook and a world to a plan: what is left to do, in order, or every reason
//! why it may not be done.

use crate::{
    model::{lineage, membership::Scope, world::Cluster},
    playbook::{Goal, Kind, PatternState, Step, Verb},
};

use super::{
    action::Action,
    alias_placeholder,
    context::Context,
    due::Due,
    gate::connectivity::live_leader,
    goal::{IndexGoal, remaining},
    join,
    pair::{Pair, Role, Side},
    reason::{Code, Reason},
    remote, safety,
    seen::Seen,
    setwide,
    subject::Subject,
};

impl<'a> Context<'a> {
    /// What a step still asks for, the pairs being as given. `observed` are the pairs as
    /// they are seen: they decide what is settled, whatever the plan has gone through.
    pub(crate) fn due(&self, at: usize, seen: &Seen<'_>, pairs: &[Pair], observed: &[Pair]) -> Due {
        let step = &self.playbook().steps[at];
        let due = match IndexGoal::of(step) {
            Some(goal) => self.due_each(at, goal, seen, pairs, observed),
            None => self.due_set(at, step, seen, pairs),
        };
        Due { unseen: self.unseen(at, seen, observed), ..due }
    }

    /// The same of the world as it is seen, with nothing done before it.
    pub(crate) fn due_now(&self, at: usize, seen: &Seen<'_>) -> Due {
        let observed: Vec<Pair> = seen.subjects.iter().map(|subject| subject.pair).collect();
        self.due(at, seen, &observed, &observed)
    }

    fn due_each(
        &self,
        at: usize,
        goal: IndexGoal,
        seen: &Seen<'_>,
        pairs: &[Pair],
        observed: &[Pair],
    ) -> Due {
        let mut due = Due::default();
        for ((subject, &pair), &seen_pair) in seen.subjects.iter().zip(pairs).zip(observed) {
            if self.is_settled(at, goal, seen_pair) {
                continue;
            }
            if self.request.undo
                && matches!(goal, IndexGoal::Seed(role) if stays_as_it_is(pair, role))
            {
                continue;
            }
            if self.seeds_by_the_way(at, goal, pair) {
                due.reasons.push(self.reason(Code::FormerLeader, subject));
                continue;
            }
            if join::is_lost(goal, subject) {
                due.reasons.push(self.history_gone(subject));
                continue;
            }
            if unreadable(goal, pair, subject) {
                due.reasons.push(self.unreadable(subject));
                continue;
            }
            match remaining(goal, pair) {
                Ok(verbs) => due.actions.extend(
                    verbs.into_iter().map(|(verb, role)| self.action(verb, role, subject, seen)),
                ),
                Err(code) if self.waives(code) => {
                    // Of the cluster, not of the index: whatever their number it is told once.
                    if due.waived.is_empty() {
                        due.waived.push(self.without_source(code));
                    }
                }
                Err(Code::TargetUnreachable) if self.leaves_target() => {}
                Err(code) => due.reasons.push(match live_leader(self) {
                    Some(alive) if code.is_about_the_leader() && self.is_forced() => alive,
                    _ => self.reason(code, subject),
                }),
            }
        }
        if let IndexGoal::Salvage(on) = goal {
            let snapshot = safety::snapshot(self, seen, on, &due.actions);
            due.actions.splice(0..0, snapshot);
        }
        if due.reasons.is_empty() {
            let (before, after) = match goal {
                IndexGoal::Fence(on) => (self.fence_names(at, on, seen, pairs), Vec::new()),
                // The template is a part of the fence that stays.
                IndexGoal::Unfence(Role::Source)
                    if observed.iter().any(|pair| pair.keeps_fence()) =>
                {
                    Default::default()
                }
                IndexGoal::Unfence(on) | IndexGoal::Promote(on) => {
                    let newborn = self.free_newborn(on, &due.actions);
                    (newborn, self.free_names(at, on, seen))
                }
                IndexGoal::Seed(on) if !due.actions.is_empty() => {
                    (self.drop_placeholders(on), Vec::new())
                }
                _ => Default::default(),
            };
            due.actions.splice(0..0, before);
            due.actions.extend(after);
        }
        if let IndexGoal::Discard(on) = goal
            && !due.actions.is_empty()
        {
            let scope = self.scope_towards(on);
            let raised = alias_placeholder::raised(scope, &seen.subjects, pairs, on);
            due.actions.splice(0..0, raised);
        }
        due
    }

    /// An old copy is followed over only where the same playbook lets it go on purpose.
    fn seeds_by_the_way(&self, at: usize, goal: IndexGoal, pair: Pair) -> bool {
        let IndexGoal::Seed(role) = goal else {
            return false;
        };
        let discards = |step: &Step| step.is(Verb::Discard, role);
        pair.is_disposable(role)
            && matches!(pair.side(role), Side::Regular { .. })
            && !self.playbook().steps[..at].iter().any(discards)
    }

    /// A guard that the operator waives: what is given up, and why.
    fn without_source(&self, code: Code) -> Reason {
        let source = self.scope.source;
        let why = match self.scope.world.clusters.get(source) {
            Some(Cluster::Unreachable { reason } | Cluster::Ill { reason, .. }) => reason.clone(),
            Some(Cluster::Refused { reason }) => reason.to_string(),
            _ => "it is not to be seen".to_owned(),
        };
        let detail = format!("the proof that nothing is lost; {source} does not answer: {why}");
        Reason::new(code, source, detail)
    }

    /// A later promote settles this index's earlier goals once its unfollow is seen. Not
    /// settled: the fence of the other side, due while that side is regular and not wholly fenced.
    pub(super) fn is_settled(&self, at: usize, goal: IndexGoal, observed: Pair) -> bool {
        if matches!(goal, IndexGoal::Unfence(_)) {
            return false;
        }
        let Some(role) = self.settling_promote(at) else {
            return false;
        };
        if !observed.is_unfollowed(role) {
            return false;
        }
        match goal {
            IndexGoal::Fence(fenced) if fenced == role.other() => {
                !observed.side(fenced).lacks_fence()
            }
            IndexGoal::Promote(promoted) => promoted != role,
            _ => true,
        }
    }

    pub(super) fn settling_promote(&self, at: usize) -> Option<Role> {
        self.playbook().steps[at..]
            .iter()
            .find_map(|step| step.on.filter(|_| step.verb() == Verb::Promote))
    }

    fn due_set(&self, at: usize, step: &Step, seen: &Seen<'_>, pairs: &[Pair]) -> Due {
        let scope = self.scope;
        let mut due = Due::default();
        if seen.is_part && matches!(step.verb(), Verb::Hook | Verb::Pattern) {
            return due;
        }
        match (&step.goal, step.on) {
            (Goal::Remote { both }, Some(on)) => {
                let ends = if *both { vec![on, on.other()] } else { vec![on] };
                for end in ends {
                    self.due_remote(end, end == on, &mut due);
                }
            }
            // What it followed is told as left to do there.
            (Goal::Pattern { .. }, Some(Role::Target)) if self.leaves_target() => {}
            (Goal::Pattern { state: PatternState::Off }, Some(on)) => {
                let names = seen.names(on.other());
                let for_good = self.kind() == Kind::BidiTeardown;
                due.actions = setwide::hold_patterns(self.scope_towards(on), &names, for_good);
            }
            (Goal::Pattern { state: PatternState::Running }, Some(on)) if self.awaits_more(on) => {
                due.actions = self.run_patterns(on, seen);
            }
            (Goal::Alias, Some(on)) if self.playbook().leads_at(at) != on => {
                let scope = self.scope_towards(on);
                due.actions.extend(alias_placeholder::of_followers(
                    scope,
                    &seen.subjects,
                    pairs,
                    on,
                ));
            }
            (Goal::Alias, _) => {
                let keeps = !self.playbook().discards(Role::Target);
                due.actions.extend(setwide::aliases(scope, &seen.subjects, seen.entry, keeps));
            }
            (Goal::Hook { name }, _) => due.actions = self.due_hook(at, *name, seen),
            (Goal::Span, Some(on)) => due.actions.extend(self.span(on, seen, pairs)),
            (Goal::Unspan, Some(on)) => due.actions.extend(self.unspan(on, seen, pairs)),
            (Goal::Echo, Some(on)) => due.actions.extend(self.echo(on, seen)),
            (Goal::Join, Some(on)) => return self.join(on, seen),
            (Goal::Retain, Some(on)) => due.actions.extend(self.retain(on)),
            (Goal::Canary, Some(on)) if self.kind() == Kind::BidiFailover => {
                due.actions.extend(self.canary_through_alias(on, seen));
            }
            (Goal::Canary, Some(on)) if self.request.canary => {
                due.actions.extend(self.canary(on, seen));
            }
            (Goal::DropCopies, _) if self.request.drop_copies => {
                due.actions = safety::drops(scope);
            }
            _ => {}
        }
        due
    }

    /// The set as it is where `on` is the side that follows.
    fn scope_towards(&self, on: Role) -> Scope<'a> {
        match on {
            Role::Target => self.scope,
            Role::Source => self.scope.turned(),
        }
    }

    /// Whether indices may be born that are to be followed by themselves.
    fn awaits_more(&self, on: Role) -> bool {
        self.alias_of_both().is_none() || self.rolls_over(self.cluster(on.other()))
    }

    fn run_patterns(&self, on: Role, seen: &Seen<'_>) -> Vec<Action> {
        let scope = self.scope_towards(on);
        let saved_by = match on {
            // Of a bi-directional alias nothing is ever put away.
            Role::Target if self.alias_of_both().is_some() => None,
            Role::Target => seen.entry,
            // Its patterns were put away when the lead went there.
            Role::Source => {
                lineage::newest_towards(&scope.world.lineage, &scope.set.name, scope.target)
                    .filter(|entry| !entry.patterns.is_empty())
            }
        };
        setwide::run_patterns(scope, &seen.names(on.other()), saved_by)
    }

    fn due_remote(&self, end: Role, is_needed: bool, due: &mut Due) {
        let other = self.cluster(end.other());
        let Ok(spec) = self.topology.cluster(other) else {
            return;
        };
        // On the way home nothing that works is changed.
        let converges = !self.is_switch();
        match remote::due(self.scope, self.cluster(end), spec, converges) {
            Ok(action) => due.actions.extend(action),
            // The way back may be left out of the file: warned of, not refused.
            Err(reason) if !is_needed && reason.code == Code::NoRemote => {}
            Err(reason) => due.reasons.push(reason),
        }
    }

    fn canary(&self, on: Role, seen: &Seen<'_>) -> Option<Action> {
        let done = seen.entry.is_some_and(|entry| entry.hooks_done.iter().any(|n| n == "canary"));
        let writes = |subject: &&Subject<'_>| {
            setwide::wanted(self.scope, subject, seen.entry)
                .iter()
                .any(|a| a.is_write_index == Some(true))
        };
        let subject = seen.subjects.iter().find(writes).or_else(|| seen.subjects.first())?;
        (!done).then(|| Action::Canary {
            cluster: self.cluster(on).to_owned(),
            index: subject.name(on).to_owned(),
        })
    }

    /// The cluster in a role.
    pub(crate) fn cluster(&self, role: Role) -> &'a str {
        match role {
            Role::Source => self.scope.source,
            Role::Target => self.scope.target,
        }
    }
}

/// Whether nothing follows again on this side when a switch is taken back: what was left behind
/// before it, what clients have deleted where it leads, whose other indices need no less to take
/// writes again, and what cannot be copied behind a fence that stays.
fn stays_as_it_is(pair: Pair, role: Role) -> bool {
    let is_born_behind = pair.keeps_fence() && pair.side(role) == Side::Absent;
    pair.is_left_behind(role) || pair.side(role.other()) == Side::Absent || is_born_behind
}

/// A copy whose shards are missing cannot be salvaged.
fn unreadable(goal: IndexGoal, pair: Pair, subject: &Subject<'_>) -> bool {
    let IndexGoal::Salvage(role) = goal else {
        return false;
    };
    let is_red = subject.index(role).is_some_and(|index| index.open && index.health == "red");
    is_red && remaining(goal, pair).is_ok_and(|verbs| !verbs.is_empty())
}
