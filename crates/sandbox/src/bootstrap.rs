//! The copy of a leader's index that a follower starts from.

use serde_json::{Map, Value, json};

use super::{
    advance::without_write_flag,
    flat::Flat,
    follow::Birth,
    index::{Following, Index, Recovery},
    refusal::Refusal,
    settings::is_replicated,
    site::Site,
    world::World,
};

impl World {
    /// A follower as it is right after the copy: all settings of the leader, its write block
    /// included, and what the leader's last commit holds.
    pub(super) fn born(
        &mut self,
        site: Site,
        birth: &Birth,
        leader: &Index,
        uuid: String,
        term: i64,
    ) -> Index {
        let is_old = self.at(site).personality.is_old();
        // All of the leader's settings are copied, its write block included.
        let mut settings = leader.settings.clone();
        settings.insert("index.uuid".to_owned(), json!(uuid));
        settings.insert("index.provided_name".to_owned(), json!(birth.name));
        settings.insert("index.xpack.ccr.following_index".to_owned(), json!("true"));
        settings.extend(
            birth
                .settings
                .iter()
                .map(|(key, value)| (super::settings::full_key(key), value.clone())),
        );
        let shards = leader
            .shards
            .iter()
            .map(|shard| {
                let (history, translog) = (self.uuid(), self.uuid());
                shard.born_from_commit(history, translog, term)
            })
            .collect();
        let aliases = if is_old {
            std::collections::BTreeMap::new()
        } else {
            without_write_flag(&leader.aliases)
        };
        Index {
            name: birth.name.clone(),
            uuid,
            open: true,
            settings,
            settings_version: 1,
            mappings: leader.mappings.clone(),
            mapping_version: 1,
            aliases,
            aliases_version: 1,
            routing_shards: leader.routing_shards,
            shards,
            following: Some(Following {
                remote: birth.remote.clone(),
                leader: leader.name.clone(),
                leader_uuid: leader.uuid.clone(),
                histories: leader.shards.iter().map(|shard| shard.history_uuid.clone()).collect(),
                parameters: birth.parameters.clone(),
                renewed_ms: 0,
                tasks: None,
            }),
            recovery: Recovery {
                remote: Some(birth.remote.clone()),
                leader: leader.name.clone(),
                restore_uuid: self.uuid(),
                started_ms: self.now_ms(),
                bytes: leader.shards.iter().map(|shard| 230 + shard.live() * 40).sum(),
            },
            red: false,
            given_up: false,
            half_copied: false,
            restoring: self.at(site).restoring,
            starting: birth.starting,
            warming: 0,
            blocked_ms: None,
        }
    }
}

/// Only settings that are never replicated may differ from the leader's.
pub(super) fn check_overrides(settings: &Flat) -> Result<(), Refusal> {
    let overriding: Map<String, Value> = settings
        .iter()
        .map(|(key, value)| (super::settings::full_key(key), value.clone()))
        .filter(|(key, _)| is_replicated(key) || super::settings::is_identity(key))
        .collect();
    if overriding.is_empty() {
        return Ok(());
    }
    Err(Refusal::argument(format!(
        "can not put follower index that could override leader settings {}",
        Value::Object(overriding)
    )))
}
