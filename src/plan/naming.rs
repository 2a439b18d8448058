//! From a verb on one side of an index to the action that names everything.

use crate::{
    model::{divergence::Above, holding::holding, world::Index},
    playbook::Kind,
};

use super::{
    action::Action,
    carry,
    context::Context,
    gate,
    goal::IndexCall,
    pair::{Role, Side},
    reason::{Code, Reason},
    safety,
    seen::Seen,
    subject::{Subject, found, lead},
};

impl Context<'_> {
    pub(super) fn action(
        &self,
        verb: IndexCall,
        role: Role,
        subject: &Subject<'_>,
        seen: &Seen<'_>,
    ) -> Action {
        let cluster = self.cluster(role).to_owned();
        let index = subject.name(role).to_owned();
        match verb {
            IndexCall::Carry => Action::Carry {
                ops: carry::ops_since(self.scope, &subject.names),
                has_types: self.has_types(&cluster),
                from: self.cluster(role.other()).to_owned(),
                from_index: subject.name(role.other()).to_owned(),
                cluster,
                index,
            },
            IndexCall::Checkpoints => Action::Checkpoints { cluster, index },
            IndexCall::Close => {
                let view = self.scope.world.view(&cluster);
                let takes_wait = view.is_some_and(|view| view.version.close_takes_wait());
                Action::Close { cluster, index, takes_wait }
            }
            IndexCall::Create => self.create(cluster, index),
            IndexCall::Delete => Action::Delete { cluster, index },
            IndexCall::Fence => self.fence(cluster, index, subject.index(role)),
            IndexCall::Follow => Action::Follow {
                remote: self.alias(role),
                leader_index: subject.name(role.other()).to_owned(),
                parameters: None,
                over: matches!(subject.pair.side(role), Side::Regular { .. }),
                cluster,
                index,
            },
            IndexCall::Forget => self.forget(cluster, index, role.other(), subject),
            IndexCall::Loosen => Action::Loosen { cluster, index },
            IndexCall::Open => Action::Open { cluster, index },
            IndexCall::Pause => Action::Pause { cluster, index },
            IndexCall::Prove => Action::Prove {
                source: self.scope.source.to_owned(),
                source_index: subject.names.source_index.clone(),
                target: cluster,
                target_index: index,
            },
            IndexCall::Resume => {
                Action::Resume { parameters: parameters(subject, role, seen), cluster, index }
            }
            IndexCall::Salvage => {
                let ops = orphaned(self, subject);
                let safety = safety::copy(self, subject, role, ops);
                let choice = self.choice(&subject.names);
                Action::Salvage { cluster, index, ops, choice, safety }
            }
            IndexCall::Unfence => {
                let seen = subject.index(role);
                let keeps = seen.map(|it| found(self.scope, &cluster, it)).unwrap_or_default();
                let is_managed = seen.is_some_and(|index| index.is_managed);
                Action::Unfence { cluster, index, keeps, is_managed }
            }
            IndexCall::Unfollow => Action::Unfollow { cluster, index },
        }
    }

    /// Under `index.blocks.read_only` the draining call is refused: nobody writes there, and one
    /// call sets both.
    fn fence(&self, cluster: String, index: String, seen: Option<&Index>) -> Action {
        let view = self.scope.world.view(&cluster);
        let drains = view.is_some_and(|view| view.version.drains_blocks());
        let closed = seen.is_some_and(|index| !index.open);
        let waits = drains && !closed && !seen.is_some_and(|index| index.read_only);
        Action::Fence { cluster, index, waits, closed }
    }

    fn has_types(&self, cluster: &str) -> bool {
        self.scope.world.view(cluster).is_some_and(|view| view.version.has_types())
    }

    pub(super) fn alias(&self, role: Role) -> String {
        let (on, to) = (self.cluster(role), self.cluster(role.other()));
        if let Some(alias) = self.scope.world.alias_of(on, to) {
            return alias.to_owned();
        }
        self.topology
            .cluster(to)
            .map_or_else(|_| to.to_owned(), crate::model::topology::ClusterSpec::remote_alias)
    }

    pub(super) fn reason(&self, code: Code, subject: &Subject<'_>) -> Reason {
        if code == Code::Deleted && self.kind() != Kind::UndoCarry {
            return self.deleted(subject);
        }
        let names = &subject.names;
        let (source, target) = (self.scope.source, self.scope.target);
        let regular = |index: &&Index| index.following.is_none();
        let both = subject.source.filter(regular).zip(subject.target.filter(regular));
        // Somebody has to choose between the two.
        let (one, other) = both.filter(|_| code == Code::Unrelated).map_or_else(
            || (describe(subject.pair.source).into(), describe(subject.pair.target).into()),
            |(one, other)| (holding(one), holding(other)),
        );
        let detail = format!(
            "{} on {source}: {one}; {} on {target}: {other}",
            names.source_index, names.target_index
        );
        Reason::new(code, names.source_index.clone(), detail).hint(gate::hint(code, self))
    }
}

impl Context<'_> {
    /// A former leader's copy that cannot be read.
    pub(super) fn unreadable(&self, subject: &Subject<'_>) -> Reason {
        let (name, target) = (subject.name(Role::Target), self.scope.target);
        let detail = format!("{name} on {target} is red: what it has of its own cannot be read");
        Reason::new(Code::Unsalvaged, name, detail).hint(format!(
            "bring its shards back on {target}; or --no-salvage, which lets go what only it has"
        ))
    }

    /// An index that the leading side deleted since, with what the former leader holds.
    fn deleted(&self, subject: &Subject<'_>) -> Reason {
        let name = subject.name(Role::Target);
        let ops = subject.target.and_then(Index::ops);
        let holds = ops.map_or_else(String::new, |ops| format!(", {ops} operations"));
        let (source, target) = (self.scope.source, self.scope.target);
        let detail =
            format!("{name} is no more on {source}, which leads; {target} still has it{holds}");
        let hint =
            format!("--resolve {name}=delete or {name}=restore, or exclude the name from the set");
        Reason::new(Code::Deleted, name, detail).hint(hint)
    }
}

/// How many operations only the copy that was left behind has, where that can be read.
fn orphaned(context: &Context<'_>, subject: &Subject<'_>) -> Option<u64> {
    let lead = lead(context.scope, &subject.names)?;
    let former = subject.index(lead.leader.other())?;
    Some(subject.orphans(lead, former)?.iter().map(Above::ops).sum())
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
        Side::Following { tasks: Tasks::Running, .. } => "following",
        Side::Following { tasks: Tasks::Paused, open: true } => "following, paused",
        Side::Following { tasks: Tasks::Paused, open: false } => "following, paused and closed",
        Side::Following { tasks: Tasks::Fatal, .. } => "following, stopped for good",
        Side::Following { tasks: Tasks::GivenUp, .. } => "following, its copy given up",
        Side::Regular { open: false, .. } => "regular, closed",
        side if side.is_writable() => "regular, writable",
        Side::Regular { open: true, .. } => "regular, write-blocked",
    }
}
