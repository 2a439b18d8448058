//! What only the whole file shows to be wrong.

use crate::{
    model::{
        index_pattern::exclusion,
        topology::{SetSpec, Topology},
    },
    toml_reader::{Mistake, Table, Value},
};

/// Refuses what no single table shows to be wrong.
pub(super) fn across(root: &Table, topology: &Topology) -> Result<(), Mistake> {
    two_clusters(root, topology)?;
    remote_aliases(root, topology)?;
    one_namespace(root, topology)?;
    patterns_in_one_set_only(root, topology)
}

fn two_clusters(root: &Table, topology: &Topology) -> Result<(), Mistake> {
    match topology.clusters.as_slice() {
        [] => Err(root.invalid("defines no cluster; write [clusters.NAME] for each of two")),
        [only] => Err(entry_table(root, "clusters", &only.name)?
            .invalid("is the only cluster; disaster recovery needs two")),
        _ => Ok(()),
    }
}

/// Two clusters of one alias would be one connection on any third.
fn remote_aliases(root: &Table, topology: &Topology) -> Result<(), Mistake> {
    if topology.clusters.len() < 3 {
        return Ok(());
    }
    for (position, cluster) in topology.clusters.iter().enumerate() {
        let alias = cluster.remote_alias();
        let twin = topology.clusters[..position].iter().find(|other| other.remote_alias() == alias);
        if let Some(twin) = twin {
            let why =
                format!("other clusters would know it as \"{alias}\", which {} is too", twin.name);
            return Err(entry_table(root, "clusters", &cluster.name)?.invalid(why));
        }
    }
    Ok(())
}

fn one_namespace(root: &Table, topology: &Topology) -> Result<(), Mistake> {
    for bidi in &topology.bidi {
        if topology.sets.iter().any(|set| set.name == bidi.name) {
            return Err(entry_table(root, "bidi", &bidi.name)?
                .invalid("a set has this name too; --set would mean both"));
        }
        for direction in bidi.directions() {
            let is_taken = |set: &&SetSpec| {
                let is_near = set.home.as_ref().is_some_and(|home| bidi.clusters.contains(home));
                set.name == direction.name || (is_near && set.matches(&direction.name))
            };
            if let Some(set) = topology.sets.iter().find(is_taken) {
                let why = format!(
                    "its index \"{}\" belongs to the set {} already",
                    direction.name, set.name
                );
                return Err(entry_table(root, "bidi", &bidi.name)?.invalid(why));
            }
        }
    }
    Ok(())
}

/// Overlaps of different patterns are seen only in the names that exist; the same
/// pattern twice is wrong in any world.
fn patterns_in_one_set_only(root: &Table, topology: &Topology) -> Result<(), Mistake> {
    for (position, set) in topology.sets.iter().enumerate() {
        for earlier in topology.sets[..position].iter().filter(|earlier| meets(set, earlier)) {
            for (nth, pattern) in set.indices.iter().enumerate() {
                if exclusion(pattern).is_none() && earlier.indices.contains(pattern) {
                    let why = format!("\"{pattern}\" belongs to the set {} already", earlier.name);
                    return Err(pattern_value(root, &set.name, nth)?.invalid(why));
                }
            }
        }
    }
    Ok(())
}

/// Whether one name in both sets would be one index: both at the same home, or each
/// other's followers.
fn meets(one: &SetSpec, other: &SetSpec) -> bool {
    one.home == other.home || (one.home == other.standby && one.standby == other.home)
}

fn entry_table<'d>(root: &Table<'d>, key: &str, name: &str) -> Result<Table<'d>, Mistake> {
    root.need(key)?.table()?.need(name)?.table()
}

fn pattern_value<'d>(root: &Table<'d>, set: &str, nth: usize) -> Result<Value<'d>, Mistake> {
    let indices = entry_table(root, "sets", set)?.need("indices")?;
    Ok(indices.members()?.get(nth).cloned().unwrap_or(indices))
}
