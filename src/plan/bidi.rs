//! What a bi-directional alias asks of one direction, and what stands against it.

use serde_json::{Map, Value, json};

use crate::{
    duration,
    es::requests::{LEASE_PERIOD, remove_alias_action},
    model::{
        bidi::{BidiSpec, borne},
        membership::Names,
        world::Alias,
    },
    playbook::Kind,
};

use super::{
    action::{Action, Follower},
    alias_placeholder::addition,
    context::Context,
    pair::{Pair, Role, Side},
    protection,
    seen::Seen,
    subject::Subject,
};

impl<'a> Context<'a> {
    /// The bi-directional alias that this set is one direction of.
    pub(crate) fn alias_of_both(&self) -> Option<&'a str> {
        self.scope.set.bidi.as_deref()
    }

    /// The same as the file has it.
    pub(super) fn both(&self) -> Option<&'a BidiSpec> {
        self.topology.bidi(self.alias_of_both()?).ok()
    }

    /// The index into which the writes of a cluster go through the alias, or are to go.
    pub(super) fn written_on(&self, cluster: &str) -> Option<String> {
        let spec = self.both()?;
        let written = self.scope.world.view(cluster).and_then(|view| spec.written(cluster, view));
        Some(match written {
            Some(index) => index.name.clone(),
            None if self.request.definition.rolls => spec.rolled_index(cluster, 1),
            None => spec.write_index(cluster),
        })
    }

    /// Whether a cluster writes one index after another: a pattern lets the other follow those
    /// that are born.
    pub(super) fn rolls_over(&self, cluster: &str) -> bool {
        let written = self.written_on(cluster).zip(self.both());
        written.is_some_and(|(index, spec)| index != spec.write_index(cluster))
    }

    /// The index that the source is to write, where it is not there yet.
    pub(super) fn unmade(&self) -> Option<Names> {
        let source = self.scope.source;
        let name = self.written_on(source).filter(|_| self.kind() == Kind::Bidi)?;
        self.scope.world.index(source, &name).is_none().then(|| self.names(name))
    }

    /// The call that makes an index on a side, with the alias from its first moment on: a write
    /// through it in between would make an index of its name.
    pub(super) fn create(&self, cluster: String, index: String) -> Action {
        let version = self.scope.world.view(&cluster).map(|view| view.version).unwrap_or_default();
        let super::definition::Definition { settings, mappings, .. } =
            self.request.definition.clone();
        let mut settings = settings.unwrap_or_default();
        // Off by default on 6.8, and always on from 8.0.
        if !version.at_least(8, 0) {
            settings.insert("index.soft_deletes.enabled".to_owned(), json!(true));
        }
        let history =
            self.alias_of_both().and_then(|alias| self.topology.bidi(alias).ok()?.history);
        if let Some(history) = history {
            settings.insert(LEASE_PERIOD.to_owned(), json!(duration::typed(history)));
        }
        let mut body = Map::new();
        if !settings.is_empty() {
            body.insert("settings".to_owned(), Value::Object(settings));
        }
        if let Some(mappings) = mappings {
            body.insert("mappings".to_owned(), Value::Object(mappings));
        }
        if let Some(alias) = self.alias_of_both() {
            body.insert("aliases".to_owned(), json!({alias: {"is_write_index": true}}));
        }
        let body = Value::Object(body);
        Action::Create { cluster, index, body, has_types: version.has_types() }
    }

    /// The call by which a leader lets go of the history that it holds for the copy on a side.
    pub(super) fn forget(
        &self,
        cluster: String,
        index: String,
        on: Role,
        subject: &Subject<'_>,
    ) -> Action {
        let view = self.scope.world.view(self.cluster(on));
        let copy = subject.index(on);
        let following = copy.and_then(|copy| copy.following.as_ref());
        let follower = Follower {
            cluster_name: view.map(|view| view.cluster_name.clone()).unwrap_or_default(),
            index: subject.name(on).to_owned(),
            uuid: copy.map(|copy| copy.uuid.clone()).unwrap_or_default(),
            remote: following.map(|following| following.remote.clone()).unwrap_or_default(),
        };
        Action::Forget { cluster, index, follower }
    }

    /// What is left to do until the alias spans a side: with the write flag on what leads there,
    /// and without it on a copy, where the server does not see to that by itself.
    pub(super) fn span(&self, on: Role, seen: &Seen<'_>, pairs: &[Pair]) -> Option<Action> {
        let alias = self.alias_of_both()?;
        let cluster = self.cluster(on);
        let copies = self.scope.world.view(cluster)?.version.copies_aliases();
        let written = self.written_on(cluster);
        let mut actions = Vec::new();
        for (subject, pair) in seen.subjects.iter().zip(pairs) {
            let index = subject.index(on);
            let flag = match pair.side(on) {
                Side::Following { .. } if copies || is_second(seen, subject, on, alias) => continue,
                Side::Following { .. } => false,
                // One that is still to be made bears it from the start.
                Side::Regular { .. } if on == Role::Source && index.is_some() => {
                    written.as_deref() == Some(subject.name(on))
                }
                _ => continue,
            };
            let held = index.and_then(|index| borne(index, alias));
            if held.and_then(|held| held.is_write_index) != Some(flag) {
                let alias = Alias {
                    name: alias.to_owned(),
                    is_write_index: Some(flag),
                    ..held.cloned().unwrap_or_default()
                };
                actions.push(json!({"add": addition(subject.name(on), alias)}));
            }
        }
        (!actions.is_empty()).then(|| Action::Alias { cluster: cluster.to_owned(), actions })
    }

    /// What is left to do until what was a copy on a side bears the alias no more.
    pub(super) fn unspan(&self, on: Role, seen: &Seen<'_>, pairs: &[Pair]) -> Option<Action> {
        let alias = self.alias_of_both()?;
        let is_left = |(subject, pair): &(&Subject<'_>, &Pair)| {
            let bears = subject.index(on).is_some_and(|index| borne(index, alias).is_some());
            bears && matches!(pair.side(on), Side::Regular { .. })
        };
        let left = seen.subjects.iter().zip(pairs).filter(is_left);
        let actions: Vec<Value> =
            left.map(|(subject, _)| remove_alias_action(subject.name(on), alias)).collect();
        let cluster = self.cluster(on).to_owned();
        (!actions.is_empty()).then_some(Action::Alias { cluster, actions })
    }

    /// The proof that what is written through the alias on a side is read through it on the
    /// other: due until it is on record for these very indices.
    pub(super) fn echo(&self, on: Role, seen: &Seen<'_>) -> Option<Action> {
        if protection::is_echoed(self, seen) { None } else { self.echo_again(on) }
    }

    /// The same, whatever is on record: what is changed now is proved again.
    pub(super) fn echo_again(&self, on: Role) -> Option<Action> {
        Some(Action::Echo {
            cluster: self.cluster(on).to_owned(),
            reader: self.cluster(on.other()).to_owned(),
            alias: self.alias_of_both()?.to_owned(),
            index: self.written_on(self.cluster(on))?,
        })
    }
}

/// A second copy of an index that is borne by the alias already: both would be counted.
fn is_second(seen: &Seen<'_>, subject: &Subject<'_>, on: Role, alias: &str) -> bool {
    let is_other = |other: &&Subject<'_>| {
        other.name(on) != subject.name(on) && other.name(on.other()) == subject.name(on.other())
    };
    let mut others = seen.subjects.iter().filter(is_other);
    others.any(|other| other.index(on).is_some_and(|index| borne(index, alias).is_some()))
}
