//! Where salvaged documents belong now: to the index that leads, by the record.

use super::manifest::Entry;
use crate::model::{
    lineage::{Member, Position, fork, unfinished},
    problem::{Code, Problem},
    world::World,
};

/// An index that leads and takes writes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Destination {
    /// By configured name.
    pub cluster: String,
    pub index: String,
    /// A write has to name the mapping type (before 7.0).
    pub has_types: bool,
    /// Where the leader stood when the documents were left behind.
    pub promoted: Vec<Position>,
}

impl Destination {
    /// The highest position of a shard that came from the former leader: what stands above was
    /// written by the leader's own clients, for an index keeps its positions through every later
    /// switch. Between its checkpoint and here it has some of the former leader's operations.
    pub(super) fn promoted_max(&self, shard: u32) -> i64 {
        let position = self.promoted.iter().find(|position| position.shard == shard);
        position.map_or(-1, Position::highest)
    }
}

/// One copy of an index.
struct Copy<'c> {
    cluster: &'c str,
    cluster_uuid: &'c str,
    index: &'c str,
    index_uuid: &'c str,
    /// Of the switch that left the documents behind.
    promoted: &'c [Position],
}

/// Follows the lead from the switch that left the documents behind through every later one.
///
/// # Errors
/// Why nothing may be written: no switch on record that left this copy behind, one that is not
/// finished, or a leader that cannot be seen, is not the index of the record, follows, is closed
/// or fenced.
pub(crate) fn destination(world: &World, entry: &Entry) -> Result<Destination, Problem> {
    let refused = |code: Code, detail: String, hint: &str| {
        Err(Problem::new(code, entry.index.clone(), detail, hint))
    };
    if let Some(open) = unfinished(&world.lineage, &entry.set) {
        let detail = format!("run {} of {} is not finished", open.run, entry.set);
        return refused(Code::UnfinishedRun, detail, "finish it, or esdr undo");
    }
    if fork(&world.lineage, &entry.set).is_some() {
        let detail = format!("two switches of {} do not know of each other", entry.set);
        return refused(Code::ForkedRecord, detail, "decide which counts: esdr status");
    }
    let Some(leads) = leads(world, entry) else {
        let detail =
            format!("no switch is on record that left {} behind on {}", entry.index, entry.cluster);
        return refused(Code::NoRecord, detail, "the record is on the clusters: esdr status");
    };
    let view = world.clusters.iter().find_map(|(name, cluster)| {
        let view = cluster.view().filter(|_| cluster.is_ok())?;
        (view.uuid == leads.cluster_uuid).then_some((name, view))
    });
    let Some((cluster, view)) = view else {
        let detail = format!("{}, which leads {}, does not answer", leads.cluster, leads.index);
        return refused(Code::LeaderUnreachable, detail, "run again when it answers");
    };
    let index = view.indices.get(leads.index).filter(|index| index.uuid == leads.index_uuid);
    let Some(index) = index else {
        let detail =
            format!("{} on {cluster} is not the index that leads by the record", leads.index);
        return refused(Code::NotTheLeader, detail, "esdr status");
    };
    if index.following.is_some() {
        let detail = format!("{} on {cluster} follows another index", leads.index);
        return refused(Code::NotTheLeader, detail, "esdr status");
    }
    if !index.open || index.write_block {
        let detail = format!("{} on {cluster} takes no writes", leads.index);
        return refused(Code::LeaderBlocked, detail, "esdr status");
    }
    Ok(Destination {
        cluster: cluster.clone(),
        index: index.name.clone(),
        has_types: view.version.has_types(),
        promoted: leads.promoted.to_vec(),
    })
}

/// Who leads by the record; none where the record does not know of what the files came from.
fn leads<'c>(world: &'c World, entry: &'c Entry) -> Option<Copy<'c>> {
    let mut leads: Option<Copy<'c>> = None;
    for switch in world.lineage.iter().filter(|switch| switch.state.is_switch()) {
        let moved = switch.members.iter().filter(|member| member.checkpoints.is_some());
        for member in moved {
            // A switch without its leader may not have known the cluster's UUID.
            let is_left_behind = |cluster_uuid: &str, index_uuid: &str| {
                (switch.source_uuid.is_empty() || switch.source_uuid == cluster_uuid)
                    && member.source_uuid == index_uuid
            };
            let is_origin = is_left_behind(&entry.cluster_uuid, &entry.index_uuid)
                && switch.target_uuid == entry.leader_uuid
                && member.target_uuid == entry.leader_index_uuid
                && is_promoted_as(member, entry);
            let goes_on = leads
                .as_ref()
                .is_some_and(|leads| is_left_behind(leads.cluster_uuid, leads.index_uuid));
            if is_origin || goes_on {
                let own = member.checkpoints.as_deref().unwrap_or_default();
                let promoted = leads.as_ref().filter(|_| !is_origin).map(|leads| leads.promoted);
                leads = Some(Copy {
                    promoted: promoted.unwrap_or(own),
                    cluster: &switch.target,
                    cluster_uuid: &switch.target_uuid,
                    index: &member.target_index,
                    index_uuid: &member.target_uuid,
                });
            }
        }
    }
    leads
}

/// A pair of indices can be switched more than once: the positions tell which time it was.
fn is_promoted_as(member: &Member, entry: &Entry) -> bool {
    let positions = member.checkpoints.as_deref().unwrap_or_default();
    entry.shards.iter().all(|counted| {
        let position = positions.iter().find(|position| position.shard == counted.shard);
        position.map_or(-1, |position| position.checkpoint) == counted.promoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        lineage::{Entry as Switch, Position, State},
        world::{Cluster, Following, Index, View},
    };

    fn switch(run: &str, from: &str, to: &str) -> Switch {
        let checkpoints = vec![Position { checkpoint: 4, max_seq_no: 6, ..Position::default() }];
        let member = Member {
            source_index: "orders".into(),
            source_uuid: format!("orders-{from}"),
            target_index: "orders".into(),
            target_uuid: format!("orders-{to}"),
            checkpoints: Some(checkpoints),
            ..Member::default()
        };
        Switch {
            run: run.into(),
            set: "s".into(),
            source: from.into(),
            source_uuid: from.into(),
            target: to.into(),
            target_uuid: to.into(),
            state: State::Done,
            members: vec![member],
            ..Switch::default()
        }
    }

    fn world(lineage: Vec<Switch>) -> World {
        let mut world = World { lineage: lineage.into(), ..World::default() };
        for name in ["A", "B"] {
            let mut view = View { uuid: name.into(), ..View::default() };
            let uuid = format!("orders-{name}");
            let index = Index { name: "orders".into(), uuid, open: true, ..Index::default() };
            view.indices.insert("orders".into(), index);
            world.clusters.insert(name.into(), Cluster::Ok(Box::new(view)));
        }
        world
    }

    fn entry() -> Entry {
        Entry {
            set: "s".into(),
            cluster: "A".into(),
            cluster_uuid: "A".into(),
            index: "orders".into(),
            index_uuid: "orders-A".into(),
            leader_uuid: "B".into(),
            leader_index_uuid: "orders-B".into(),
            shards: vec![super::super::manifest::Counted { promoted: 4, ..Default::default() }],
            ..Entry::default()
        }
    }

    fn with(change: impl Fn(&mut Index)) -> World {
        let mut world = world(vec![switch("1", "A", "B")]);
        if let Some(Cluster::Ok(view)) = world.clusters.get_mut("B") {
            change(view.indices.get_mut("orders").unwrap());
        }
        world
    }

    fn to(world: &World) -> String {
        destination(world, &entry()).map_or_else(|why| why.code.to_string(), |it| it.cluster)
    }

    #[test]
    fn the_lead_is_followed_through_every_later_switch() {
        assert_eq!(to(&world(vec![switch("1", "A", "B")])), "B");
        let home = vec![switch("1", "A", "B"), switch("2", "B", "A")];
        assert_eq!(to(&world(home.clone())), "A");
        let again = [home.clone(), vec![switch("3", "A", "B")]].concat();
        assert_eq!(to(&world(again)), "B");
        // Positions are those of the switch that left the documents behind.
        let mut later = home;
        later[1].members[0].checkpoints = Some(Vec::new());
        assert_eq!(destination(&world(later), &entry()).unwrap().promoted_max(0), 6);
        let open = Switch { state: State::Open, ..switch("2", "B", "A") };
        assert_eq!(to(&world(vec![switch("1", "A", "B"), open])), "unfinished_run");
    }

    #[test]
    fn nothing_is_written_to_what_does_not_lead_or_is_another_index() {
        assert_eq!(to(&world(Vec::new())), "no_record");
        let following = || Some(Following::default());
        assert_eq!(to(&with(|index| index.following = following())), "not_the_leader");
        assert_eq!(to(&with(|index| index.uuid = "other".into())), "not_the_leader");
        assert_eq!(to(&with(|index| index.write_block = true)), "leader_blocked");
        assert_eq!(to(&with(|index| index.open = false)), "leader_blocked");
        let mut gone = world(vec![switch("1", "A", "B")]);
        gone.clusters.remove("B");
        assert_eq!(to(&gone), "leader_unreachable");
    }
}
