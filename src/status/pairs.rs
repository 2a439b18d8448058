//! Between which clusters a set is replicated, and which of them leads now.

use std::collections::BTreeSet;

use crate::{
    model::{
        lineage::{self, State},
        membership::{self, Scope},
        set_spec::SetSpec,
        world::World,
    },
    plan::{
        pair::{Pair, Role, Side},
        subject::see,
    },
};

/// The pairs of clusters of a set, the leader first. A set that the file defines has one;
/// the default set has one for each pair that followers or the record connect.
pub(crate) fn pairs(world: &World, set: &SetSpec) -> Vec<(String, String)> {
    if let (Some(home), Some(standby)) = (&set.home, &set.standby) {
        return vec![orient(world, set, home, standby)];
    }
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    let mut add = |one: &str, other: &str| {
        if one != other {
            let (one, other) = if one < other { (one, other) } else { (other, one) };
            found.insert((one.to_owned(), other.to_owned()));
        }
    };
    for name in world.clusters.keys() {
        let Some(view) = world.view(name) else {
            continue;
        };
        let remotes: BTreeSet<&str> = view
            .indices
            .values()
            .filter(|i| !set.leaves_out(&i.name))
            .filter_map(|i| Some(i.following.as_ref()?.remote.as_str()))
            .collect();
        for leader in remotes.into_iter().filter_map(|alias| world.behind_alias(name, alias)) {
            add(leader, name);
        }
    }
    for entry in world.lineage.iter().filter(|e| e.set == set.name && e.state != State::Undone) {
        add(&entry.source, &entry.target);
    }
    found.iter().map(|(one, other)| orient(world, set, one, other)).collect()
}

/// The side that leads comes first: along a switch that is under way, else as most
/// members are led.
fn orient(world: &World, set: &SetSpec, one: &str, other: &str) -> (String, String) {
    let straight = (one.to_owned(), other.to_owned());
    let turned = (other.to_owned(), one.to_owned());
    if let Some(entry) = lineage::unfinished(&world.lineage, &set.name) {
        if entry.source == one && entry.target == other {
            return straight;
        }
        if entry.source == other && entry.target == one {
            return turned;
        }
    }
    let scope = Scope { world, set, source: one, target: other, only: &[] };
    let members = membership::find(scope).members;
    let led = members.into_iter().filter_map(|names| leads(see(scope, None, names).pair));
    let balance: i64 = led.map(|role| if role == Role::Source { 1 } else { -1 }).sum();
    if balance < 0 { turned } else { straight }
}

/// Which side of an index leads. Being seen to follow beats any entry of the record.
pub(super) fn leads(pair: Pair) -> Option<Role> {
    let follows = |side| matches!(side, Side::Following { .. });
    match (pair.source, pair.target) {
        (source, target) if follows(source) && follows(target) => None,
        (_, target) if follows(target) => Some(Role::Source),
        (source, _) if follows(source) => Some(Role::Target),
        (Side::Regular { .. }, Side::Absent) => pair.facts.leads.or(Some(Role::Source)),
        (Side::Absent, Side::Regular { .. }) => pair.facts.leads.or(Some(Role::Target)),
        _ => pair.facts.leads,
    }
}
