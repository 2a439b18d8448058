//! What the fence's template leaves behind: an index for each new name that a client has tried,
//! empty, and blocked from birth.

use super::{
    lineage::Entry,
    names::fence_template,
    template::Template,
    world::{Alias, Index, World},
};

/// The templates of esdr's that stand for a set's fence on a cluster; the first one blocks, others
/// are for names that are left out.
pub(crate) fn fence_templates<'w>(
    world: &'w World,
    set: &str,
    cluster: &str,
) -> impl Iterator<Item = &'w Template> {
    let name = fence_template(set);
    let templates = world.view(cluster).and_then(|view| view.templates.as_ref());
    templates.into_iter().flatten().filter(move |template| {
        let rest = template.name.strip_prefix(&name);
        template.is_own && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Whether an index was made by the template of a set's fence for a client that was refused, and
/// holds nothing: so that it can go. The record knows none of its name and UUID, and no alias is
/// written through it. A copy that a pattern has made of such an index on the other cluster is one
/// as well: it blocks its name there.
pub(crate) fn is_placeholder(world: &World, set: &str, cluster: &str, index: &Index) -> bool {
    is_left_by_a_client(world, set, cluster, index)
        || original(world, set, cluster, index).is_some()
}

/// The names of all placeholders of a set on a cluster, each with its cluster: copies of them on
/// the other one come first, for nothing may follow what is gone.
pub(crate) fn placeholders(world: &World, set: &str, cluster: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for other in world.clusters.keys() {
        let indices = world.view(other).into_iter().flat_map(|view| view.indices.values());
        let goes = |index: &&Index| {
            let original = original(world, set, other, index);
            original.is_some_and(|of| of == cluster)
                || (other == cluster && is_placeholder(world, set, cluster, index))
        };
        found.extend(indices.filter(goes).map(|index| (other.clone(), index.name.clone())));
    }
    found.sort_by_key(|(on, _)| on == cluster);
    found
}

/// The names of indices that the template of a set's fence has blocked from birth and that stay
/// when the fence goes, for an alias needs them.
pub(crate) fn blocked_from_birth(world: &World, set: &str, cluster: &str) -> Vec<String> {
    let indices = world.view(cluster).into_iter().flat_map(|view| view.indices.values());
    let stays = |index: &&Index| {
        is_born_blocked(world, set, cluster, index)
            && !is_left_by_a_client(world, set, cluster, index)
    };
    indices.filter(stays).map(|index| index.name.clone()).collect()
}

fn is_left_by_a_client(world: &World, set: &str, cluster: &str, index: &Index) -> bool {
    is_born_blocked(world, set, cluster, index)
        && is_empty(index)
        && !index.aliases.iter().any(|alias| is_needed(world, set, cluster, index, alias))
}

/// Whether the template of a set's fence has blocked an index from birth: there is no block on it
/// but the template's, and the record does not know it.
pub(crate) fn is_born_blocked(world: &World, set: &str, cluster: &str, index: &Index) -> bool {
    let takes = |pattern: &String| super::index_pattern::wildcard_matches(pattern, &index.name);
    let name = fence_template(set);
    index.write_block
        && !index.read_only
        && index.open
        && index.following.is_none()
        && fence_templates(world, set, cluster)
            .any(|template| template.name == name && template.patterns.iter().any(takes))
        && !world.lineage.iter().any(|entry| knows(entry, cluster, index))
}

/// The cluster on which the placeholder is that this index is a copy of.
fn original<'w>(world: &'w World, set: &str, cluster: &str, index: &Index) -> Option<&'w str> {
    let following = index.following.as_ref().filter(|_| is_empty(index))?;
    let of = world.behind_alias(cluster, &following.remote).filter(|of| *of != cluster)?;
    let leader = world.index(of, &following.leader_index)?;
    let is_it = following.leader_uuid.as_ref().is_none_or(|uuid| *uuid == leader.uuid);
    (is_it && is_left_by_a_client(world, set, of, leader)).then_some(of)
}

fn is_empty(index: &Index) -> bool {
    index.is_measured() && index.shards.iter().all(|shard| shard.max_seq_no == -1)
}

fn knows(entry: &Entry, cluster: &str, index: &Index) -> bool {
    entry.members.iter().any(|member| {
        (entry.source == cluster && member.source_uuid == index.uuid)
            || (entry.target == cluster && member.target_uuid == index.uuid)
    })
}

/// A rollover has put it there: without the index the alias would not be what it was.
fn is_needed(world: &World, set: &str, cluster: &str, on: &Index, alias: &Alias) -> bool {
    let bears = |index: &Index| index.aliases.iter().any(|other| other.name == alias.name);
    let bore = |entry: &Entry| {
        let mut aliases = entry.members.iter().flat_map(|member| &member.aliases);
        entry.set == set && aliases.any(|other| other.name == alias.name)
    };
    let mut others = world.view(cluster).into_iter().flat_map(|view| view.indices.values());
    let elsewhere = others.any(|index| index.name != on.name && bears(index));
    alias.is_write_index == Some(true) || (!elsewhere && world.lineage.iter().any(bore))
}
