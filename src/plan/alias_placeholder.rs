//! Aliases of copies that are followed over. The server drops an alias with the copy that bore
//! it, and the next client that writes through it is acknowledged into an index that the server
//! makes under that name by itself: what it writes there is in nobody's set. So another index
//! bears the aliases meanwhile, and refuses writes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::{
    membership::{Scope, shield_index},
    world::Alias,
};

use super::{
    action::Action,
    pair::{Pair, Role, Side},
    subject::Subject,
};

/// What makes it, before the copies on `scope.target` are closed; `None` where it is there, or
/// no copy bears an alias. `on` is the side of the subjects that `scope.target` is; `pairs` are
/// the subjects as they are when it comes to that.
pub(super) fn raised(
    scope: Scope<'_>,
    subjects: &[Subject<'_>],
    pairs: &[Pair],
    on: Role,
) -> Option<Action> {
    if stands(scope) {
        return None;
    }
    let goes = subjects.iter().zip(pairs).filter(|(_, pair)| pair.is_left_behind(on));
    let borne = goes.filter_map(|(subject, _)| subject.index(on));
    let aliases: BTreeSet<String> =
        borne.flat_map(|index| &index.aliases).map(|alias| alias.name.clone()).collect();
    let (cluster, index) = (scope.target.to_owned(), shield_index(&scope.set.name));
    let aliases: Vec<String> = aliases.into_iter().collect();
    (!aliases.is_empty()).then_some(Action::Shield { cluster, index, aliases })
}

/// Whether it stands on `scope.target`.
fn stands(scope: Scope<'_>) -> bool {
    scope.world.index(scope.target, &shield_index(&scope.set.name)).is_some()
}

/// Whether it stands on the target, or will, for copies there are still to be followed over;
/// not where all are kept.
pub(super) fn will_stand(scope: Scope<'_>, subjects: &[Subject<'_>], keeps: bool) -> bool {
    let goes = |subject: &Subject<'_>| {
        subject.pair.is_left_behind(Role::Target)
            && subject.target.is_some_and(|index| !index.aliases.is_empty())
    };
    stands(scope) || (!keeps && subjects.iter().any(goes))
}

/// How it goes: in the one call that puts the aliases where they belong.
pub(super) fn lowered(scope: Scope<'_>) -> Value {
    json!({"remove_index": {"index": shield_index(&scope.set.name)}})
}

/// The aliases of the followers on `scope.target`, which refuse what is written through them.
/// A server from 7.3 on copies them; on an older one they are added, without write flag.
/// `None` where nothing is left to do.
pub(super) fn of_followers(
    scope: Scope<'_>,
    subjects: &[Subject<'_>],
    pairs: &[Pair],
    on: Role,
) -> Option<Action> {
    let copies = scope.world.view(scope.target).is_some_and(|view| view.version.copies_aliases());
    let mut actions = Vec::new();
    let mut stands = stands(scope);
    for (subject, pair) in subjects.iter().zip(pairs) {
        if !matches!(pair.side(on), Side::Following { .. }) {
            continue;
        }
        let own = subject.index(on);
        // It does not follow yet, and loses what it bears when it does.
        stands |= own.is_some_and(|own| own.following.is_none() && !own.aliases.is_empty());
        let leader = subject.index(on.other()).filter(|_| !copies);
        let held = own.filter(|own| own.following.is_some());
        let held = held.map(|own| own.aliases.as_slice()).unwrap_or_default();
        for alias in leader.map(|leader| leader.aliases.as_slice()).unwrap_or_default() {
            if !held.iter().any(|held| held.name == alias.name) {
                let is_write_index = alias.is_write_index.map(|_| false);
                let alias = Alias { is_write_index, ..alias.clone() };
                actions.push(json!({"add": addition(subject.name(on), alias)}));
            }
        }
    }
    if stands {
        actions.push(lowered(scope));
    }
    let cluster = scope.target.to_owned();
    (!actions.is_empty()).then_some(Action::Alias { cluster, actions })
}

/// Whether every follower on `on` bears the aliases of its leader: a server that copies them
/// takes a moment.
pub(crate) fn is_borne(subjects: &[Subject<'_>], on: Role) -> bool {
    subjects.iter().all(|subject| {
        let (Some(follower), Some(leader)) = (subject.index(on), subject.index(on.other())) else {
            return true;
        };
        let bears = |alias: &Alias| follower.aliases.iter().any(|held| held.name == alias.name);
        leader.aliases.iter().all(bears)
    })
}

/// What the call to add an alias to an index says.
pub(super) fn addition(index: &str, alias: Alias) -> Value {
    let mut add = json!({"index": index, "alias": alias.name});
    let fields = [
        ("filter", alias.filter),
        ("index_routing", alias.index_routing.map(Value::String)),
        ("search_routing", alias.search_routing.map(Value::String)),
        ("is_write_index", alias.is_write_index.map(Value::Bool)),
        ("is_hidden", alias.is_hidden.map(Value::Bool)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            add[name] = value;
        }
    }
    add
}
