//! Goals of the set as a whole: auto-follow patterns, aliases.

use serde_json::{Value, json};

use crate::model::{
    lineage::Entry,
    membership::{Scope, own_taken_by, pattern_matches},
    topology::LEADER_INDEX,
    world::{Alias, Pattern, Version},
};

use super::{action::Action, alias_placeholder, pair::Role, protection, subject::Subject};

/// The auto-follow patterns on the target that bring in indices of this set from the
/// source. `names` are the names of its members there.
pub(crate) fn patterns_of<'a>(scope: Scope<'a>, names: &[&str]) -> Vec<&'a Pattern> {
    let Some(patterns) = scope.world.view(scope.target).and_then(|view| view.patterns.as_ref())
    else {
        return Vec::new();
    };
    patterns
        .iter()
        .filter(|pattern| {
            scope.world.behind_alias(scope.target, &pattern.remote) == Some(scope.source)
        })
        .filter(|pattern| {
            let takes =
                |name: &str| pattern_matches(&pattern.leader_patterns, &pattern.exclusions, name);
            scope.set.indices.is_empty()
                || pattern.leader_patterns.iter().any(|p| scope.set.indices.contains(p))
                || names.iter().any(|name| takes(name))
        })
        .collect()
}

/// Indices of the source that a pattern takes and that are not of this set: turning the
/// pattern off would stop their replication.
pub(crate) fn strangers(scope: Scope<'_>, pattern: &Pattern) -> Vec<String> {
    let Some(view) = scope.world.view(scope.source) else {
        return Vec::new();
    };
    if scope.set.indices.is_empty() {
        return Vec::new();
    }
    // What `--index` leaves out is of the set all the same.
    let whole = Scope { only: &[], ..scope };
    view.indices
        .keys()
        .filter(|name| !name.starts_with('.') && !crate::model::membership::is_own(name))
        .filter(|name| pattern_matches(&pattern.leader_patterns, &pattern.exclusions, name))
        .filter(|name| !whole.takes_in(name))
        .cloned()
        .collect()
}

/// What is left to do until no auto-follow pattern brings in indices of this set; `for_good`:
/// none is to go on later.
pub(crate) fn hold_patterns(scope: Scope<'_>, names: &[&str], for_good: bool) -> Vec<Action> {
    let Some(view) = scope.world.view(scope.target) else {
        return Vec::new();
    };
    patterns_of(scope, names)
        .into_iter()
        .filter(|pattern| (pattern.active || for_good) && strangers(scope, pattern).is_empty())
        .map(|pattern| Action::HoldPattern {
            cluster: scope.target.to_owned(),
            pattern: pattern.clone(),
            pauses: view.version.pauses_patterns() && !for_good,
        })
        .collect()
}

/// What is left to do until new indices of this set are followed by themselves: what an
/// entry saved is put back; without one the set's own pattern is made.
pub(crate) fn run_patterns(
    scope: Scope<'_>,
    names: &[&str],
    saved_by: Option<&Entry>,
) -> Vec<Action> {
    let cluster = scope.target.to_owned();
    let present = patterns_of(scope, names);
    let mut actions: Vec<Action> = present
        .iter()
        .filter(|pattern| !pattern.active)
        .map(|pattern| Action::ResumePattern {
            cluster: cluster.clone(),
            name: pattern.name.clone(),
        })
        .collect();
    let saved = saved_by.map(|entry| entry.patterns.as_slice()).unwrap_or_default();
    for (_, pattern) in saved.iter().filter(|(on, _)| on == scope.target) {
        if !present.iter().any(|there| there.name == pattern.name) {
            actions.push(Action::PutPattern {
                cluster: cluster.clone(),
                name: pattern.name.clone(),
                body: pattern.body.clone(),
            });
        }
    }
    if saved_by.is_none() && scope.set.auto_follow && present.is_empty() && scope.keeps_names() {
        actions.push(Action::PutPattern {
            cluster,
            name: scope.set.name.clone(),
            body: pattern_body(scope),
        });
    }
    actions
}

fn pattern_body(scope: Scope<'_>) -> Value {
    let (excluded, included): (Vec<&String>, Vec<&String>) =
        scope.set.indices.iter().partition(|pattern| pattern.starts_with('-'));
    let alias = scope.world.alias_of(scope.target, scope.source).unwrap_or(scope.source);
    let mut body = json!({
        "remote_cluster": alias,
        "leader_index_patterns": included,
        "follow_index_pattern": if scope.set.follower.is_empty() { LEADER_INDEX } else { &scope.set.follower },
    });
    let mut excluded: Vec<String> =
        excluded.iter().map(|pattern| pattern[1..].to_owned()).collect();
    let version = scope.world.view(scope.target).map(|view| view.version);
    // A server that knows no exclusions follows them too, which is no harm: no set has them.
    if version.is_some_and(Version::excludes_in_patterns) {
        excluded.extend(own_taken_by(&included));
    }
    if !excluded.is_empty() {
        body["leader_index_exclusion_patterns"] = json!(excluded);
    }
    body
}

/// What is left to do until the target bears every alias that the source bore, in one
/// atomic call; `None` where nothing is. `wanted` gives a member's aliases by the
/// record, or as the source has them. `keeps`: no copy on the target is given up.
pub(crate) fn aliases(
    scope: Scope<'_>,
    subjects: &[Subject<'_>],
    current: Option<&Entry>,
    keeps: bool,
) -> Option<Action> {
    let mut actions = Vec::new();
    for subject in subjects {
        // What a copy that was left behind bears goes when it is followed over.
        let bears = keeps || !subject.pair.is_left_behind(Role::Target);
        for alias in wanted(scope, subject, current) {
            let held = subject
                .target
                .filter(|_| bears)
                .and_then(|index| index.aliases.iter().find(|held| held.name == alias.name));
            if let Some(add) = missing(scope, subject, alias, held) {
                actions.push(json!({"add": add}));
            }
        }
    }
    if alias_placeholder::will_stand(scope, subjects, keeps) {
        actions.push(alias_placeholder::lowered(scope));
    }
    (!actions.is_empty()).then(|| Action::Alias { cluster: scope.target.to_owned(), actions })
}

/// The aliases that a member must have when it leads.
pub(crate) fn wanted<'a>(
    scope: Scope<'a>,
    subject: &Subject<'a>,
    current: Option<&'a Entry>,
) -> &'a [Alias] {
    let names = &subject.names;
    let member = current.and_then(|entry| entry.member(&names.source_index, &names.target_index));
    match member {
        Some(member) => &member.aliases,
        // An earlier part of the set has moved it, with its aliases.
        None if subject.pair.is_unfollowed(Role::Target) => &[],
        None => protection::aliases(scope, subject),
    }
}

fn missing(
    scope: Scope<'_>,
    subject: &Subject<'_>,
    alias: &Alias,
    held: Option<&Alias>,
) -> Option<Value> {
    let mut wanted = alias.clone();
    // The write flag may have moved on since the switch, by a rollover there.
    let elsewhere = wanted.is_write_index == Some(true)
        && writes_elsewhere(scope, &subject.names.target_index, &alias.name);
    if elsewhere {
        wanted.is_write_index = Some(false);
    }
    if held
        .is_some_and(|held| same(held, &wanted) || (elsewhere && held.is_write_index != Some(true)))
    {
        return None;
    }
    Some(alias_placeholder::addition(&subject.names.target_index, wanted))
}

/// Equal in everything that counts: an absent write flag is not one that says no, but a
/// follower's copied alias always says no where the leader's says nothing.
fn same(held: &Alias, wanted: &Alias) -> bool {
    let writes = |alias: &Alias| alias.is_write_index == Some(true);
    held.filter == wanted.filter
        && held.index_routing == wanted.index_routing
        && held.search_routing == wanted.search_routing
        && writes(held) == writes(wanted)
        && (wanted.is_write_index.is_some() || held.is_write_index != Some(false))
}

fn writes_elsewhere(scope: Scope<'_>, index: &str, alias: &str) -> bool {
    scope.world.view(scope.target).is_some_and(|view| {
        view.indices.values().any(|other| {
            other.name != index
                && other.aliases.iter().any(|a| a.name == alias && a.is_write_index == Some(true))
        })
    })
}
