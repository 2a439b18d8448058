//! From a verb on one side of an index to the action that names everything.

use crate::model::divergence::Above;

use super::{
    action::Action,
    gate,
    pair::{Role, Side},
    planner::Context,
    reason::{Code, Reason},
    remaining::Verb,
    seen::Seen,
    subject::{Subject, lead},
};

impl Context<'_> {
    pub(super) fn action(
        &self,
        verb: Verb,
        role: Role,
        subject: &Subject<'_>,
        seen: &Seen<'_>,
    ) -> Action {
        let cluster = self.cluster(role).to_owned();
        let index = subject.name(role).to_owned();
        match verb {
            Verb::Checkpoints => Action::Checkpoints { cluster, index },
            Verb::Close => {
                let view = self.scope.world.view(&cluster);
                let takes_wait = view.is_some_and(|view| view.version.close_takes_wait());
                Action::Close { cluster, index, takes_wait }
            }
            Verb::Create => self.create(cluster, index),
            Verb::Delete => Action::Delete { cluster, index },
            Verb::Fence => {
                let view = self.scope.world.view(&cluster);
                let waits = view.is_some_and(|view| view.version.drains_blocks());
                Action::Fence { cluster, index, waits }
            }
            Verb::Follow => Action::Follow {
                remote: self.alias(role),
                leader_index: subject.name(role.other()).to_owned(),
                parameters: None,
                over: matches!(subject.pair.side(role), Side::Regular { .. }),
                cluster,
                index,
            },
            Verb::Forget => self.forget(cluster, index, role.other(), subject),
            Verb::Open => Action::Open { cluster, index },
            Verb::Pause => Action::Pause { cluster, index },
            Verb::Prove => Action::Prove {
                source: self.scope.source.to_owned(),
                source_index: subject.names.source_index.clone(),
                target: cluster,
                target_index: index,
            },
            Verb::Resume => {
                Action::Resume { parameters: parameters(subject, role, seen), cluster, index }
            }
            Verb::Salvage => Action::Salvage {
                ops: orphaned(self, subject),
                choice: self.choice(&subject.names),
                cluster,
                index,
            },
            Verb::Unfence => Action::Unfence { cluster, index },
            Verb::Unfollow => Action::Unfollow { cluster, index },
        }
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
        if code == Code::Deleted {
            return self.deleted(subject);
        }
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
        let ops: Option<i64> = subject
            .target
            .filter(|index| index.is_measured())
            .map(|index| index.shards.iter().map(|shard| shard.max_seq_no + 1).sum());
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
        Side::Regular { open: false, .. } => "regular, closed",
        Side::Regular { open: true, fence: super::pair::Fence::None } => "regular, writable",
        Side::Regular { open: true, .. } => "regular, write-blocked",
    }
}
