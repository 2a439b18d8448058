//! Which indices belong to a set: read off the followers on the clusters, and where
//! they follow no more, off the record.

use std::collections::BTreeMap;

use super::{
    index_pattern::wildcard_matches,
    lineage::{Entry, Member, newest},
    names::{cut_to_a_name, plain},
    placeholder::is_placeholder,
    safety::SAFETY,
    topology::{LEADER_INDEX, SetSpec},
    world::{Index, World},
};

/// Two clusters in their roles, and the set that is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub world: &'a World,
    pub set: &'a SetSpec,
    /// The cluster that leads when a switch begins, by configured name.
    pub source: &'a str,
    /// The cluster that leads when it is done.
    pub target: &'a str,
    /// Patterns of `--index`, by the names at home; empty: everything.
    pub only: &'a [String],
}

/// One index by its names on both clusters.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Names {
    pub source_index: String,
    pub target_index: String,
}

/// What belongs to a set, and what ought to and does not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Membership {
    pub members: Vec<Names>,
    /// Matching indices on the source that nothing on the target follows.
    pub uncovered: Vec<String>,
    /// Finished by lifecycle management, regular on both sides: nothing to promote.
    pub complete: Vec<String>,
    /// Left out by `--index`.
    pub left_out: Vec<Names>,
}

/// The state index of a cluster: names of indices are lower case, UUIDs are not.
pub(crate) fn state_index(cluster_uuid: &str) -> String {
    let start: String = cluster_uuid.chars().take(8).collect();
    format!("esdr-state-{}", start.to_lowercase())
}

/// The index that bears a set's aliases while the copies that bore them are followed over.
/// Names of sets may hold what a name of an index must not.
pub(crate) fn shield_index(set: &str) -> String {
    format!("esdr-shield-{}", plain(set))
}

/// How the names begin under which copies of former leaders are kept.
const KEPT: &str = "esdr-kept-";

/// The name under which a former leader's copy is kept: none that any of the set's patterns
/// takes, or readers of the set would count it too. `run` is the switch that left it behind: an
/// index that is followed over keeps its UUID, and may be left behind again.
pub(crate) fn kept_index(run: &str, name: &str) -> String {
    cut_to_a_name(format!("{KEPT}{run}-{name}"))
}

/// A copy of a former leader's, kept by the operator's choice.
pub(crate) fn is_kept_index(name: &str) -> bool {
    name.starts_with(KEPT)
}

/// How the names of esdr's own indices begin.
const OWN: [&str; 4] = ["esdr-state-", KEPT, SAFETY, "esdr-shield-"];

/// esdr's own, and never a member.
pub(crate) fn is_own(name: &str) -> bool {
    OWN.iter().any(|start| name.starts_with(start))
}

/// What a pattern that takes these names must leave out besides, for it would take esdr's own.
pub(crate) fn own_taken_by(patterns: &[&String]) -> Vec<String> {
    let takes = |start: &str| {
        let name = format!("{start}x");
        patterns.iter().any(|pattern| wildcard_matches(pattern, &name))
    };
    OWN.iter().filter(|start| takes(start)).map(|start| format!("{start}*")).collect()
}

/// Names that no set takes in by itself: system indices, esdr's own, backing indices of
/// data streams.
fn is_reserved(name: &str) -> bool {
    name.starts_with('.') || is_own(name)
}

/// Finds the members of a set.
pub(crate) fn find(scope: Scope<'_>) -> Membership {
    let mut by_target: BTreeMap<String, String> = BTreeMap::new();
    for (follower, leader) in followers(scope, scope.target, scope.source) {
        by_target.insert(follower, leader);
    }
    // Roles already swapped: what is to be the target leads, the source follows it.
    for (follower, leader) in followers(scope, scope.source, scope.target) {
        by_target.entry(leader).or_insert(follower);
    }
    for names in recorded(scope) {
        by_target.entry(names.target_index).or_insert(names.source_index);
    }
    let all = by_target
        .into_iter()
        .map(|(target_index, source_index)| Names { source_index, target_index })
        .filter(|names| scope.selects(names));
    let (mut members, left_out): (Vec<Names>, Vec<Names>) =
        all.partition(|names| scope.is_wanted(names));
    let mut membership = Membership { left_out, ..Membership::default() };
    for name in unfollowed(scope, &members, &membership.left_out) {
        let target_index = scope.target_name(&name);
        let twin = scope.seen(scope.target, &target_index);
        let is_complete =
            scope.world.index(scope.source, &name).is_some_and(|index| index.complete);
        match twin {
            Some(twin) if is_complete && twin.complete => membership.complete.push(name),
            // A regular index of the same name, and nothing says that they were ever one.
            Some(_) => members.push(Names { source_index: name, target_index }),
            None => membership.uncovered.push(name),
        }
    }
    members.sort();
    membership.members = members;
    membership
}

impl Scope<'_> {
    /// The same the other way round.
    #[must_use]
    pub(crate) fn turned(self) -> Self {
        Scope { source: self.target, target: self.source, ..self }
    }

    /// An auto-follow pattern can name what it brings in on the target: a template can only add
    /// to a name, so of a set whose followers are renamed none leads home.
    pub(crate) fn keeps_names(&self) -> bool {
        let is_home = self.set.home.as_deref() == Some(self.target);
        !is_home || self.set.follower.is_empty() || self.set.follower == LEADER_INDEX
    }
}

impl<'a> Scope<'a> {
    /// An index on a cluster, but for one that is empty and was born of the set's own fence.
    pub(crate) fn seen(&self, cluster: &str, index: &str) -> Option<&'a Index> {
        let index = self.world.index(cluster, index)?;
        let is_placeholder = is_placeholder(self.world, &self.set.name, cluster, index);
        (!is_placeholder).then_some(index)
    }

    /// The name at home of a pair of names.
    fn home_name<'n>(&self, names: &'n Names) -> &'n str {
        match self.set.home.as_deref() {
            Some(home) if home == self.target => &names.target_index,
            _ => &names.source_index,
        }
    }

    fn selects(&self, names: &Names) -> bool {
        let home = self.home_name(names);
        !is_reserved(home)
            && !self.set.leaves_out(home)
            && (self.set.indices.is_empty() || self.set.matches(home))
    }

    fn is_wanted(&self, names: &Names) -> bool {
        self.only.is_empty() || super::index_pattern::selects(self.only, self.home_name(names))
    }

    /// The name that an index of the source has, or would get, on the target.
    pub(crate) fn target_name(&self, source_index: &str) -> String {
        if self.set.home.as_deref() == Some(self.target) {
            self.set.leader_name(source_index).unwrap_or_else(|| source_index.to_owned())
        } else {
            self.set.follower_name(source_index)
        }
    }

    /// True where an index born on the source would belong to the set.
    pub(crate) fn takes_in(&self, source_index: &str) -> bool {
        if is_reserved(source_index) || self.set.leaves_out(source_index) {
            return false;
        }
        if self.set.indices.is_empty() {
            return self.followed_by_pattern(source_index);
        }
        let names = Names {
            source_index: source_index.to_owned(),
            target_index: self.target_name(source_index),
        };
        self.set.matches(self.home_name(&names)) && self.is_wanted(&names)
    }

    fn followed_by_pattern(&self, source_index: &str) -> bool {
        let Some(patterns) = self.world.view(self.target).and_then(|view| view.patterns.as_ref())
        else {
            return false;
        };
        patterns.iter().any(|pattern| {
            self.world.behind_alias(self.target, &pattern.remote) == Some(self.source)
                && pattern_matches(&pattern.leader_patterns, &pattern.exclusions, source_index)
        })
    }
}

/// Whether an auto-follow pattern takes a name: plain wildcards, an exclusion wins.
pub(crate) fn pattern_matches(patterns: &[String], exclusions: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| super::index_pattern::wildcard_matches(pattern, name))
        && !exclusions.iter().any(|pattern| super::index_pattern::wildcard_matches(pattern, name))
}

/// Followers on `on` of what `of` leads: (follower, leader).
fn followers(scope: Scope<'_>, on: &str, of: &str) -> Vec<(String, String)> {
    let Some(view) = scope.world.view(on) else {
        return Vec::new();
    };
    view.indices
        .values()
        .filter(|index| !is_placeholder(scope.world, &scope.set.name, on, index))
        .filter_map(|index| {
            let following = index.following.as_ref()?;
            let leads_to = scope.world.behind_alias(on, &following.remote)?;
            (leads_to == of).then(|| (index.name.clone(), following.leader_index.clone()))
        })
        .collect()
}

/// Members that a valid entry of the record names, whichever way it went.
fn recorded(scope: Scope<'_>) -> Vec<Names> {
    let mut found = Vec::new();
    for entry in scope.world.lineage.iter().rev() {
        // A fence set by hand makes nothing a member that is not followed.
        if !entry.state.is_switch() || !is_of(entry, scope) {
            continue;
        }
        for member in &entry.members {
            if agrees(scope.world, entry, member) {
                found.push(if entry.target == scope.target {
                    Names {
                        source_index: member.source_index.clone(),
                        target_index: member.target_index.clone(),
                    }
                } else {
                    Names {
                        source_index: member.target_index.clone(),
                        target_index: member.source_index.clone(),
                    }
                });
            }
        }
    }
    found
}

fn is_of(entry: &Entry, scope: Scope<'_>) -> bool {
    let between = (entry.source == scope.source && entry.target == scope.target)
        || (entry.source == scope.target && entry.target == scope.source);
    between && entry.set == scope.set.name
}

/// An entry counts only where the UUIDs agree, as far as they can be seen; and for
/// nothing where neither index is left.
pub(crate) fn agrees(world: &World, entry: &Entry, member: &Member) -> bool {
    let source = world.index(&entry.source, &member.source_index);
    let target = world.index(&entry.target, &member.target_index);
    let same = |index: Option<&Index>, uuid: &str| index.is_none_or(|index| index.uuid == uuid);
    (source.is_some() || target.is_some())
        && (member.returning || same(target, &member.target_uuid))
        && (target.is_some() || same(source, &member.source_uuid))
}

/// Indices of the source that belong to the set and that nothing follows.
fn unfollowed(scope: Scope<'_>, members: &[Names], left_out: &[Names]) -> Vec<String> {
    let Some(view) = scope.world.view(scope.source) else {
        return Vec::new();
    };
    let belongs = |name: &String| {
        if scope.set.indices.is_empty() { born_since(scope, name) } else { scope.takes_in(name) }
    };
    view.indices
        .values()
        .filter(|index| index.following.is_none() && belongs(&index.name))
        .filter(|index| scope.seen(scope.source, &index.name).is_some())
        .filter(|index| {
            !members.iter().chain(left_out).any(|names| names.source_index == index.name)
        })
        .map(|index| index.name.clone())
        .collect()
}

/// A set that is what is followed has no names to know a newcomer by, but for the patterns
/// that were running when its switch began.
fn born_since(scope: Scope<'_>, name: &str) -> bool {
    let Some(entry) = newest(&scope.world.lineage, &scope.set.name) else {
        return false;
    };
    let same = entry.source == scope.source && entry.target == scope.target;
    let names = Names { source_index: name.to_owned(), target_index: scope.target_name(name) };
    same && !is_reserved(name)
        && !entry.passed_over.iter().any(|passed| passed == name)
        && entry.patterns.iter().any(|(on, pattern)| {
            on == scope.target
                && pattern_matches(&pattern.leader_patterns, &pattern.exclusions, name)
        })
        && scope.is_wanted(&names)
}
