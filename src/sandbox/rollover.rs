//! `POST /{alias}/_rollover`: the next index takes the write flag. A write block on the old
//! index does not stop it.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    refusal::Refusal,
    reply::{Handled, ok},
    settings,
    site::Site,
    world::World,
};

/// Rolls an alias over to the next index (`-000001` → `-000002`), conditions aside.
pub(super) fn post(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "dry_run",
        "master_timeout",
        "timeout",
        "wait_for_active_shards",
        "include_type_name",
    ])?;
    let body = ask.object()?;
    let alias = ask.segment(0);
    let cluster = world.at(site);
    if cluster.indices.contains_key(alias) {
        return Err(Refusal::argument(if cluster.personality.is_old() {
            "source alias is a concrete index".to_owned()
        } else {
            format!(
                "rollover target is a [concrete index] but one of [alias,data_stream] was expected [{alias}]"
            )
        }));
    }
    let behind = cluster.behind(alias);
    if behind.is_empty() {
        return Err(Refusal::argument(if cluster.personality.is_old() {
            "source alias does not exist".to_owned()
        } else {
            format!("rollover target [{alias}] does not exist")
        }));
    }
    let flag = |name: &str| {
        cluster.indices[name].aliases[alias]
            .get("is_write_index")
            .cloned()
    };
    let writer = behind
        .iter()
        .find(|index| flag(&index.name) == Some(json!(true)))
        .or_else(|| {
            behind
                .first()
                .filter(|index| behind.len() == 1 && flag(&index.name) != Some(json!(false)))
        });
    let Some(old) = writer.map(|index| index.name.clone()) else {
        return Err(Refusal::argument(if cluster.personality.is_old() {
            format!("source alias [{alias}] does not point to a write index")
        } else {
            format!("rollover target [{alias}] does not point to a write index")
        }));
    };
    let explicit = flag(&old) == Some(json!(true));
    let new = ask
        .segments
        .get(2)
        .cloned()
        .or_else(|| next(&old))
        .ok_or_else(|| {
            Refusal::argument(format!(
                "index name [{old}] does not match pattern '^.*-\\d+$'"
            ))
        })?;
    let given = body
        .get("settings")
        .map(settings::from_body)
        .unwrap_or_default();
    let kept = world.at(site).indices[&old].aliases[alias].clone();
    world.create(site, &new, given, json!({}), Map::new())?;
    let old_index = world.at_mut(site).index_mut(&old)?;
    if explicit {
        old_index
            .aliases
            .insert(alias.to_owned(), with_flag(&kept, false));
    } else {
        old_index.aliases.remove(alias);
    }
    old_index.aliases_version += 1;
    let moved = if explicit {
        with_flag(&kept, true)
    } else {
        kept
    };
    world
        .at_mut(site)
        .index_mut(&new)?
        .aliases
        .insert(alias.to_owned(), moved);
    ok(
        json!({"acknowledged": true, "shards_acknowledged": true, "old_index": old,
              "new_index": new, "rolled_over": true, "dry_run": false, "conditions": {}}),
    )
}

fn with_flag(body: &Value, is_writer: bool) -> Value {
    let mut body = body.clone();
    body["is_write_index"] = json!(is_writer);
    body
}

/// The name after `name`: its number plus one, six digits wide.
fn next(name: &str) -> Option<String> {
    let (stem, number) = name.rsplit_once('-')?;
    let number: u64 = number.parse().ok()?;
    Some(format!("{stem}-{:06}", number + 1))
}
