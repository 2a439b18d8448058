//! `POST /{alias}/_rollover`: the next index takes the write flag. A write block on the old
//! index does not stop it.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    index::Index,
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
    let (old, explicit) = writer(world.at(site), alias)?;
    let mismatch =
        || Refusal::argument(format!("index name [{old}] does not match pattern '^.*-\\d+$'"));
    let new = ask.segments.get(2).cloned().or_else(|| next(&old)).ok_or_else(mismatch)?;
    world.at(site).check_metadata(std::slice::from_ref(&old))?;
    let given = body.get("settings").map(settings::from_body).unwrap_or_default();
    let kept = world.at(site).indices[&old].aliases[alias].clone();
    world.create(site, &new, given, json!({}), Map::new())?;
    let old_index = world.at_mut(site).index_mut(&old)?;
    if explicit {
        old_index.aliases.insert(alias.to_owned(), with_flag(&kept, false));
    } else {
        old_index.aliases.remove(alias);
    }
    old_index.aliases_version += 1;
    let moved = if explicit { with_flag(&kept, true) } else { kept };
    world.at_mut(site).index_mut(&new)?.aliases.insert(alias.to_owned(), moved);
    ok(json!({"acknowledged": true, "shards_acknowledged": true, "old_index": old,
              "new_index": new, "rolled_over": true, "dry_run": false, "conditions": {}}))
}

/// The write index behind an alias, and whether its write flag says so.
fn writer(cluster: &Cluster, alias: &str) -> Result<(String, bool), Refusal> {
    let refuse = |old: String, new: String| {
        Err(Refusal::argument(if cluster.personality.is_old() { old } else { new }))
    };
    if cluster.indices.contains_key(alias) {
        let kinds = "[alias,data_stream] was expected";
        return refuse(
            "source alias is a concrete index".to_owned(),
            format!("rollover target is a [concrete index] but one of {kinds} [{alias}]"),
        );
    }
    let behind = cluster.behind(alias);
    let flag = |index: &Index| index.aliases[alias].get("is_write_index").cloned();
    if let Some(index) = behind.iter().find(|index| flag(index) == Some(json!(true))) {
        return Ok((index.name.clone(), true));
    }
    match behind.as_slice() {
        [] => refuse(
            "source alias does not exist".to_owned(),
            format!("rollover target [{alias}] does not exist"),
        ),
        [index] if flag(index).is_none() => Ok((index.name.clone(), false)),
        _ => refuse(
            format!("source alias [{alias}] does not point to a write index"),
            format!("rollover target [{alias}] does not point to a write index"),
        ),
    }
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
