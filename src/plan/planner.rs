//! From a playbook and a world to a plan: what is left to do, in order, or every reason
//! why it may not be done.

use std::collections::BTreeMap;

use crate::{
    model::{
        lineage::{self, Entry},
        membership::{self, Membership, Names, Scope, pattern_matches},
        topology::Topology,
    },
    playbook::{HookName, PatternState, Playbook, Step},
};

use super::{
    action::Action,
    gate,
    pair::{Pair, Role, Side},
    reason::{Code, Reason},
    remaining::{Goal, Verb, after, remaining},
    setwide,
    subject::{Subject, see},
};

/// Everything that decides what is left to do for one set.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub scope: Scope<'a>,
    pub topology: &'a Topology,
    pub playbook: &'a Playbook,
    pub options: &'a Options,
}

/// What the operator chose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Write, read and remove a document through each new leader.
    pub canary: bool,
    /// Consent to lose at most so many measured operations.
    pub max_lag_ops: u64,
    /// The run takes back the switch of the newest entry.
    pub undo: bool,
    /// How fast each set's followers were seen to catch up.
    pub paces: BTreeMap<String, Pace>,
}

/// How far behind, and how fast it gets less; from two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    pub lag_ops: u64,
    /// Operations that arrive on the standby in a second.
    pub ops_per_s: f64,
}

/// What one step still asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Due {
    pub actions: Vec<Action>,
    pub reasons: Vec<Reason>,
}

/// A set as it is seen: its members, and the entry of the switch under way.
pub struct Seen<'a> {
    pub membership: Membership,
    pub subjects: Vec<Subject<'a>>,
    /// The entry that this run continues, or that stands for the switch already done.
    pub entry: Option<&'a Entry>,
    /// Indices that `--index` leaves out are still to be moved: what is the set's as a
    /// whole falls due with the last of them.
    pub is_part: bool,
}

impl Seen<'_> {
    /// An index of this very switch is past its unfollow. One that an earlier part of the
    /// set has moved does not count.
    pub fn is_past(&self, role: Role) -> bool {
        self.subjects
            .iter()
            .any(|subject| subject.pair.is_unfollowed(role) && self.has_moved(&subject.names))
    }

    fn has_moved(&self, names: &Names) -> bool {
        self.entry
            .and_then(|entry| entry.member(&names.source_index, &names.target_index))
            .is_some_and(|member| member.checkpoints.is_some())
    }

    /// The entry knows every index that is still to be moved.
    pub fn is_on_record(&self) -> bool {
        self.entry.is_some_and(|entry| {
            let known = |names: &Names| {
                entry
                    .member(&names.source_index, &names.target_index)
                    .is_some()
            };
            self.subjects
                .iter()
                .filter(|subject| matches!(subject.pair.target, Side::Following { .. }))
                .all(|subject| known(&subject.names))
        })
    }
}

impl<'a> Context<'a> {
    /// Looks at the set.
    pub fn see(&self) -> Seen<'a> {
        let scope = self.scope;
        let mut membership = membership::find(scope);
        let entry = self.entry(&membership);
        if self.options.undo {
            self.take_back(&mut membership, entry);
        } else if !self.is_switch() {
            // To be protected is what is not yet followed.
            let fresh = std::mem::take(&mut membership.uncovered);
            let names = fresh.into_iter().map(|name| self.names(name));
            membership.members.extend(names);
            membership.members.sort();
        }
        let see_each = |names: &[Names]| -> Vec<Subject<'a>> {
            let see_one = |names: &Names| see(scope, entry, names.clone());
            names.iter().map(see_one).collect()
        };
        let is_part = see_each(&membership.left_out)
            .iter()
            .any(|subject| !subject.pair.is_unfollowed(Role::Target));
        Seen {
            subjects: see_each(&membership.members),
            membership,
            entry,
            is_part: is_part && self.is_switch(),
        }
    }

    fn names(&self, source_index: String) -> Names {
        Names {
            target_index: self.scope.target_name(&source_index),
            source_index,
        }
    }

    /// An undo is about what its entry moved, and about what was born while the entry had
    /// the auto-follow patterns off: once an index exists no pattern brings it in.
    fn take_back(&self, membership: &mut Membership, entry: Option<&Entry>) {
        let is_known = |names: &Names| {
            entry.is_some_and(|entry| {
                entry
                    .member(&names.source_index, &names.target_index)
                    .is_some()
            })
        };
        membership.members.retain(is_known);
        let patterns = entry.map(|entry| entry.patterns.as_slice());
        let was_taken = |name: &String| {
            patterns.unwrap_or_default().iter().any(|(on, pattern)| {
                on == self.scope.target
                    && pattern_matches(&pattern.leader_patterns, &pattern.exclusions, name)
            })
        };
        let gap = std::mem::take(&mut membership.uncovered);
        let gap = gap.into_iter().filter(was_taken);
        membership.members.extend(gap.map(|name| self.names(name)));
    }

    /// The entry of this switch: the newest that was not undone, where it goes the same
    /// way. A finished one is over as soon as there is an index to be moved: one that
    /// follows again, or that was no part of it.
    fn entry(&self, membership: &Membership) -> Option<&'a Entry> {
        let scope = self.scope;
        if !self.is_switch() && !self.options.undo {
            return None;
        }
        let entry = lineage::newest(&scope.world.lineage, &scope.set.name)?;
        let same = entry.target == scope.target && entry.source == scope.source;
        let follows = |names: &Names| {
            let index = scope.world.index(scope.target, &names.target_index);
            index.is_some_and(|index| index.following.is_some())
        };
        let over = entry.state == lineage::State::Done && membership.members.iter().any(follows);
        (same && !over).then_some(entry)
    }

    /// Whether the playbook moves the lead, which opens an entry of the record.
    pub fn is_switch(&self) -> bool {
        self.playbook
            .steps
            .iter()
            .any(|step| matches!(step, Step::Promote { .. }))
    }

    /// What a step still asks for, the pairs being as given. `observed` are the pairs as
    /// they are seen: they decide what is settled, whatever the plan has gone through.
    pub fn due(&self, at: usize, seen: &Seen<'_>, pairs: &[Pair], observed: &[Pair]) -> Due {
        let step = &self.playbook.steps[at];
        match goal(step) {
            Some(goal) => self.due_each(at, goal, seen, pairs, observed),
            None => self.due_set(at, step, seen),
        }
    }

    fn due_each(
        &self,
        at: usize,
        goal: Goal,
        seen: &Seen<'_>,
        pairs: &[Pair],
        observed: &[Pair],
    ) -> Due {
        let mut due = Due::default();
        for ((subject, &pair), &seen_pair) in seen.subjects.iter().zip(pairs).zip(observed) {
            if self.is_settled(at, goal, seen_pair) {
                continue;
            }
            match remaining(goal, pair) {
                Ok(verbs) => due.actions.extend(
                    verbs
                        .into_iter()
                        .map(|(verb, role)| self.action(verb, role, subject, seen)),
                ),
                Err(code) => due.reasons.push(self.reason(code, subject)),
            }
        }
        due
    }

    /// A later promote settles this index's earlier goals once its unfollow is seen. Not
    /// settled: the fence of the other side, due while that side is regular and writable.
    fn is_settled(&self, at: usize, goal: Goal, observed: Pair) -> bool {
        if matches!(goal, Goal::Unfence(_)) {
            return false;
        }
        let Some(role) = self.settling_promote(at) else {
            return false;
        };
        if !observed.is_unfollowed(role) {
            return false;
        }
        match goal {
            Goal::Fence(fenced) if fenced == role.other() => !observed.side(fenced).is_writable(),
            Goal::Promote(promoted) => promoted != role,
            _ => true,
        }
    }

    fn settling_promote(&self, at: usize) -> Option<Role> {
        self.playbook.steps[at..]
            .iter()
            .find_map(|step| match step {
                Step::Promote { on, .. } => Some(*on),
                _ => None,
            })
    }

    fn due_set(&self, at: usize, step: &Step, seen: &Seen<'_>) -> Due {
        let scope = self.scope;
        let mut due = Due::default();
        if seen.is_part && matches!(step, Step::Hook { .. } | Step::Pattern { .. }) {
            return due;
        }
        match step {
            Step::Remote { on, both, .. } => {
                let ends = if *both {
                    vec![*on, on.other()]
                } else {
                    vec![*on]
                };
                for end in ends {
                    self.due_remote(end, end == *on, &mut due);
                }
            }
            Step::Pattern {
                state: PatternState::Off,
                ..
            } => {
                due.actions = setwide::hold_patterns(scope, &seen.subjects);
            }
            Step::Pattern {
                state: PatternState::Running,
                ..
            } => {
                due.actions = setwide::run_patterns(scope, &seen.subjects, seen.entry);
            }
            Step::Alias { .. } => {
                due.actions
                    .extend(setwide::aliases(scope, &seen.subjects, seen.entry));
            }
            Step::Hook { name, .. } => {
                // A hook before a promote is settled with it.
                let past = self
                    .settling_promote(at)
                    .is_some_and(|role| seen.is_past(role));
                let done = seen.entry.is_some_and(|entry| entry.did(*name));
                if !past && !done {
                    due.actions = self.hooks(*name);
                }
            }
            Step::Canary { on, .. } if self.options.canary => {
                due.actions.extend(self.canary(*on, seen));
            }
            _ => {}
        }
        due
    }

    fn due_remote(&self, end: Role, is_needed: bool, due: &mut Due) {
        let other = self.cluster(end.other());
        let Ok(spec) = self.topology.cluster(other) else {
            return;
        };
        match setwide::remote(self.scope, self.cluster(end), spec) {
            Ok(action) => due.actions.extend(action),
            // The way back may be left out of the file: warned of, not refused.
            Err(reason) if is_needed => due.reasons.push(reason),
            Err(_) => {}
        }
    }

    fn hooks(&self, name: HookName) -> Vec<Action> {
        let hooks = self.topology.hooks_of(self.scope.set);
        let commands = match name {
            HookName::BeforeFence => &hooks.before_fence,
            HookName::AfterPromote => &hooks.after_promote,
            HookName::OnUndo => &hooks.on_undo,
        };
        commands
            .iter()
            .map(|command| Action::Hook {
                name,
                command: command.clone(),
            })
            .collect()
    }

    fn canary(&self, on: Role, seen: &Seen<'_>) -> Option<Action> {
        let done = seen
            .entry
            .is_some_and(|entry| entry.hooks_done.iter().any(|n| n == "canary"));
        let writes = |subject: &&Subject<'_>| {
            setwide::wanted(subject, seen.entry)
                .iter()
                .any(|a| a.is_write_index == Some(true))
        };
        let subject = seen
            .subjects
            .iter()
            .find(writes)
            .or_else(|| seen.subjects.first())?;
        (!done).then(|| Action::Canary {
            cluster: self.cluster(on).to_owned(),
            index: subject.name(on).to_owned(),
        })
    }

    /// The cluster in a role.
    pub fn cluster(&self, role: Role) -> &'a str {
        match role {
            Role::Source => self.scope.source,
            Role::Target => self.scope.target,
        }
    }

    fn action(&self, verb: Verb, role: Role, subject: &Subject<'_>, seen: &Seen<'_>) -> Action {
        let cluster = self.cluster(role).to_owned();
        let index = subject.name(role).to_owned();
        match verb {
            Verb::Checkpoints => Action::Checkpoints { cluster, index },
            Verb::Close => {
                let view = self.scope.world.view(&cluster);
                let takes_wait = view.is_some_and(|view| view.version.close_takes_wait());
                Action::Close {
                    cluster,
                    index,
                    takes_wait,
                }
            }
            Verb::Fence => {
                let view = self.scope.world.view(&cluster);
                let waits = view.is_some_and(|view| view.version.drains_blocks());
                Action::Fence {
                    cluster,
                    index,
                    waits,
                }
            }
            Verb::Follow => Action::Follow {
                remote: self.alias(role),
                leader_index: subject.name(role.other()).to_owned(),
                parameters: None,
                cluster,
                index,
            },
            Verb::Open => Action::Open { cluster, index },
            Verb::Pause => Action::Pause { cluster, index },
            Verb::Prove => Action::Prove {
                source: self.scope.source.to_owned(),
                source_index: subject.names.source_index.clone(),
                target: cluster,
                target_index: index,
            },
            Verb::Resume => Action::Resume {
                parameters: parameters(subject, role, seen),
                cluster,
                index,
            },
            Verb::Unfence => Action::Unfence { cluster, index },
            Verb::Unfollow => Action::Unfollow { cluster, index },
        }
    }

    fn alias(&self, role: Role) -> String {
        let (on, to) = (self.cluster(role), self.cluster(role.other()));
        if let Some(alias) = self.scope.world.alias_of(on, to) {
            return alias.to_owned();
        }
        self.topology.cluster(to).map_or_else(
            |_| to.to_owned(),
            crate::model::topology::ClusterSpec::remote_alias,
        )
    }

    fn reason(&self, code: Code, subject: &Subject<'_>) -> Reason {
        let names = &subject.names;
        let (source, target) = (self.scope.source, self.scope.target);
        let detail = format!(
            "{} on {source}: {}; {} on {target}: {}",
            names.source_index,
            describe(subject.pair.source),
            names.target_index,
            describe(subject.pair.target),
        );
        Reason::new(code, names.source_index.clone(), detail).hint(gate::hint(code, self))
    }
}

/// The parameters with which an index followed: by the record, else as seen.
fn parameters(subject: &Subject<'_>, role: Role, seen: &Seen<'_>) -> Option<serde_json::Value> {
    let names = &subject.names;
    let recorded = seen
        .entry
        .and_then(|entry| entry.member(&names.source_index, &names.target_index))
        .and_then(|member| member.parameters.clone());
    let observed = || subject.index(role)?.following.as_ref()?.parameters.clone();
    recorded.or_else(observed)
}

fn describe(side: Side) -> &'static str {
    use super::pair::Tasks;
    match side {
        Side::Absent => "not there",
        Side::Unreachable => "not to be seen",
        Side::Following {
            tasks: Tasks::Running,
            ..
        } => "following",
        Side::Following {
            tasks: Tasks::Paused,
            open: true,
        } => "following, paused",
        Side::Following {
            tasks: Tasks::Paused,
            open: false,
        } => "following, paused and closed",
        Side::Following {
            tasks: Tasks::Fatal,
            ..
        } => "following, stopped for good",
        Side::Regular { open: false, .. } => "regular, closed",
        Side::Regular {
            open: true,
            fence: super::pair::Fence::None,
        } => "regular, writable",
        Side::Regular { open: true, .. } => "regular, write-blocked",
    }
}

/// The goal that a step asks of every index, where it is one of an index.
pub fn goal(step: &Step) -> Option<Goal> {
    match step {
        Step::Fence { on, .. } => Some(Goal::Fence(*on)),
        Step::Unfence { on, .. } => Some(Goal::Unfence(*on)),
        Step::Drain { .. } => Some(Goal::Drain),
        Step::Promote { on, .. } => Some(Goal::Promote(*on)),
        Step::Seed { on, .. } => Some(Goal::Seed(*on)),
        _ => None,
    }
}

/// Every step's due, each seen through what the steps before it will have done.
pub fn outline(context: &Context<'_>, seen: &Seen<'_>) -> Vec<Due> {
    let observed: Vec<Pair> = seen.subjects.iter().map(|subject| subject.pair).collect();
    let mut pairs = observed.clone();
    let mut dues = Vec::new();
    for (at, step) in context.playbook.steps.iter().enumerate() {
        dues.push(context.due(at, seen, &pairs, &observed));
        if let Some(goal) = goal(step) {
            for (pair, &seen_pair) in pairs.iter_mut().zip(&observed) {
                if !context.is_settled(at, goal, seen_pair) && remaining(goal, *pair).is_ok() {
                    *pair = after(goal, *pair);
                }
            }
        }
    }
    dues
}
