//! Which former leaders may hold what nobody else has, by the record and by what is seen.

use std::collections::BTreeSet;

use super::Orphans;
use crate::model::{
    lineage::{Entry, Member},
    problem::{Code, Problem},
    world::World,
};

/// Everything that was left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Also those without an operation of their own.
    pub formers: Vec<Orphans>,
    /// What could not be looked into, and what is not fenced.
    pub problems: Vec<Problem>,
}

/// Looks for what these sets have left behind. Of each pair of indices the newest switch that
/// moved its lead counts, finished or not; one that follows again has nothing of its own.
pub(crate) fn find(world: &World, sets: &[String]) -> Found {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for entry in world.lineage.iter().rev() {
        if !entry.state.is_switch() || !sets.contains(&entry.set) {
            continue;
        }
        let mut formers = Vec::new();
        for member in entry.members.iter().filter(|member| member.checkpoints.is_some()) {
            let mut uuids = [member.source_uuid.as_str(), member.target_uuid.as_str()];
            uuids.sort_unstable();
            if seen.insert(uuids) && !is_followed_on(world, entry, member) {
                formers.push(member);
            }
        }
        look(world, entry, &formers, &mut found);
    }
    found.problems.sort_by(|one, other| one.subject.cmp(&other.subject));
    found.formers.sort_by(|one, other| one.index.cmp(&other.index));
    found
}

/// The lead has not moved yet, or what was left behind follows again.
fn is_followed_on(world: &World, entry: &Entry, member: &Member) -> bool {
    let follows = |cluster: &str, index: &str| {
        world.index(cluster, index).is_some_and(|index| index.following.is_some())
    };
    follows(&entry.target, &member.target_index) || follows(&entry.source, &member.source_index)
}

fn look(world: &World, entry: &Entry, members: &[&Member], found: &mut Found) {
    if members.is_empty() {
        return;
    }
    let Entry { set, source, .. } = entry;
    let view = world.view(source).filter(|_| world.unseen(source, &[]).is_none());
    let Some(view) = view else {
        let detail = format!("{source} does not answer: what only it has of {set} is not known");
        let hint = "run again when it answers";
        found.problems.push(Problem::new(Code::FormerUnreachable, source, detail, hint));
        return;
    };
    // Unknown to a switch that was made without it.
    if !entry.source_uuid.is_empty() && view.uuid != entry.source_uuid {
        let detail =
            format!("another cluster than the former leader of {set} answers for {source}");
        let hint = "mend urls in esdr.toml";
        found.problems.push(Problem::new(Code::FormerUnreachable, source, detail, hint));
        return;
    }
    let mut unfenced = 0;
    for member in members {
        let name = &member.source_index;
        let Some(former) = world.index(source, name) else {
            continue;
        };
        if former.uuid != member.source_uuid {
            let detail = format!("{name} on {source} is not the index that was left behind");
            let problem =
                Problem::new(Code::FormerReplaced, name, detail, "nothing can be salvaged");
            found.problems.push(problem.warning());
        } else if let Some(orphans) = Orphans::of(world, entry, member) {
            unfenced += usize::from(!former.write_block);
            found.formers.push(orphans);
        } else {
            let detail = format!("{name} on {source} is closed, or not all of it can be read");
            let hint = format!("POST {name}/_open on {source}, then run again");
            found.problems.push(Problem::new(Code::FormerUnreadable, name, detail, hint));
        }
    }
    if unfenced > 0 {
        let detail = format!(
            "{source} takes writes to {unfenced} of {set}'s indices: what it takes from now on is in \
             no file"
        );
        let hint = format!("esdr fence {source} --set {set}, then salvage again");
        found.problems.push(Problem::new(Code::UnfencedLeader, set, detail, hint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        lineage::{Position, State},
        world::{Cluster, Following, Index, Shard, View},
    };

    fn index(name: &str, max_seq_no: i64) -> Index {
        let shard = Shard { max_seq_no, ..Shard::default() };
        let (uuid, write_block) = (format!("u-{name}"), true);
        Index {
            name: name.into(),
            uuid,
            write_block,
            shard_count: 1,
            shards: vec![shard],
            ..Index::default()
        }
    }

    fn entry(run: &str) -> Entry {
        let checkpoints = vec![Position { checkpoint: 4, max_seq_no: 6, ..Position::default() }];
        let member = Member {
            source_index: "a".into(),
            source_uuid: "u-a".into(),
            target_index: "b".into(),
            target_uuid: "u-b".into(),
            checkpoints: Some(checkpoints),
            ..Member::default()
        };
        Entry {
            run: run.into(),
            set: "orders".into(),
            source: "A".into(),
            target: "B".into(),
            source_uuid: "UA".into(),
            state: State::Done,
            members: vec![member],
            ..Entry::default()
        }
    }

    fn world(former: Index) -> World {
        let mut world = World { lineage: vec![entry("1")].into(), ..World::default() };
        let mut view = View { uuid: "UA".into(), ..View::default() };
        view.indices.insert("a".into(), former);
        world.clusters.insert("A".into(), Cluster::Ok(Box::new(view)));
        world
    }

    fn codes(found: &Found) -> Vec<&str> {
        found.problems.iter().map(|problem| problem.code.word()).collect()
    }

    #[test]
    fn what_was_left_behind_is_found_with_its_operations() {
        let found = find(&world(index("a", 9)), &["orders".into()]);
        assert_eq!((found.formers[0].ops(), codes(&found).len()), (5, 0));
        assert!(find(&world(index("a", 9)), &["other".into()]).formers.is_empty());
    }

    #[test]
    fn what_cannot_be_looked_into_is_told() {
        let told = |former: Index| codes(&find(&world(former), &["orders".into()])).join(" ");
        assert_eq!(told(Index { uuid: "x".into(), ..index("a", 9) }), "former_replaced");
        assert_eq!(told(Index { shards: Vec::new(), ..index("a", 9) }), "former_unreadable");
        assert_eq!(told(Index { write_block: false, ..index("a", 9) }), "unfenced_leader");
        let following = Some(Following::default());
        assert_eq!(told(Index { following, ..index("a", 9) }), "", "it follows again");
        let mut gone = world(index("a", 9));
        gone.clusters.insert("A".into(), Cluster::Unreachable { reason: String::new() });
        assert_eq!(codes(&find(&gone, &["orders".into()])), ["former_unreachable"]);
    }

    #[test]
    fn the_newest_switch_of_an_index_counts() {
        let mut back = entry("2");
        std::mem::swap(&mut back.source, &mut back.target);
        let member = &mut back.members[0];
        std::mem::swap(&mut member.source_index, &mut member.target_index);
        std::mem::swap(&mut member.source_uuid, &mut member.target_uuid);
        let mut world = world(index("a", 9));
        world.lineage.push(back);
        let found = find(&world, &["orders".into()]);
        assert!(found.formers.is_empty(), "A leads again");
        assert_eq!(codes(&found), ["former_unreachable"], "B is not there");
    }
}
