//! The operator's word where no record says who leads: one side is named that goes.

use crate::model::{
    lineage::{Entry, Member, Position, State, fork},
    membership::{self, Names, Scope},
    world::{Index, World},
};

use super::subject::{found, lead};

/// The name under which such an entry stands in the record.
pub(crate) const PLAYBOOK: &str = "discard";

/// The entry that makes it a record: as if the lead had gone from `scope.source`, which is the
/// side to be discarded, to `scope.target` before the first operation. Whatever the discarded
/// copy holds then counts as its own, and is salvaged whole.
///
/// `None` where there is no index of which a record does not already say who leads; one whose
/// record is forked says it of none. Its revision is 0 until it is written.
pub(crate) fn entry(scope: Scope<'_>) -> Option<Entry> {
    let names = membership::find(scope).members;
    let is_forked = fork(&scope.world.lineage, &scope.set.name).is_some();
    let is_open = |names: &&Names| is_forked || lead(scope, names).is_none();
    let open = names.iter().filter(is_open);
    let members: Vec<Member> = open.filter_map(|names| member(scope, names)).collect();
    let uuid = |cluster: &str| scope.world.uuid_of(cluster).map(str::to_owned);
    (is_forked || !members.is_empty()).then(|| Entry {
        set: scope.set.name.clone(),
        playbook: PLAYBOOK.to_owned(),
        source: scope.source.to_owned(),
        target: scope.target.to_owned(),
        source_uuid: uuid(scope.source).unwrap_or_default(),
        target_uuid: uuid(scope.target).unwrap_or_default(),
        at_ms: scope.world.at_ms,
        state: State::Done,
        members,
        ..Entry::default()
    })
}

/// The entry by the operator's word that is not on record yet.
pub(crate) fn unwritten<'w>(world: &'w World, set: &str) -> Option<&'w Entry> {
    world
        .lineage
        .iter()
        .find(|entry| entry.revision == 0 && entry.playbook == PLAYBOOK && entry.set == set)
}

/// The positions of a leader that took over before the first operation.
pub(crate) fn nothing(shard_count: u32) -> Vec<Position> {
    let none = |shard| Position { shard, checkpoint: -1, max_seq_no: -1, ..Position::default() };
    (0..shard_count).map(none).collect()
}

fn member(scope: Scope<'_>, names: &Names) -> Option<Member> {
    let regular = |cluster: &str, name: &str| -> Option<&Index> {
        scope.world.index(cluster, name).filter(|index| index.following.is_none())
    };
    let former = regular(scope.source, &names.source_index)?;
    let leader = regular(scope.target, &names.target_index)?;
    Some(Member {
        source_index: former.name.clone(),
        source_uuid: former.uuid.clone(),
        target_index: leader.name.clone(),
        target_uuid: leader.uuid.clone(),
        shard_count: former.shard_count,
        aliases: leader.aliases.clone(),
        blocked_before: former.write_block,
        read_only_before: found(scope, scope.source, former).read_only,
        checkpoints: Some(nothing(former.shard_count)),
        ..Member::default()
    })
}
