//! `_resolve/cluster` (from 8.13 on) and `_resolve/index` (from 7.9 on).

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    names::{self, Wanted},
    remote::skips_unavailable,
    reply::{Handled, Reply, object, ok},
    site::Site,
    wildcard,
    world::{Reach, World},
};

/// `GET /_resolve/cluster/{expression}`: a probe of remotes, bounded by `timeout`. Without
/// one it waits for a frozen remote for good.
pub(super) fn cluster(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "timeout",
        "ignore_throttled",
        "ignore_unavailable",
        "allow_no_indices",
        "expand_wildcards",
    ])?;
    let here = world.at(site);
    let mut out = Map::new();
    for part in ask.segment(2).split(',').filter(|part| !part.is_empty()) {
        let Some((pattern, indices)) = part.split_once(':') else {
            out.insert("(local)".to_owned(), found(world, site, part, false));
            continue;
        };
        for alias in here.remotes().iter().filter(|alias| wildcard::matches(pattern, alias)) {
            let skips = skips_unavailable(here, alias);
            let row = match world.reach(site, alias) {
                Reach::To(target) => found(world, target, indices, skips),
                Reach::Silent if ask.parameter("timeout").is_none() => return Ok(Reply::Park),
                Reach::Silent => json!({"connected": false, "skip_unavailable": skips,
                    "error": "Request timed out before receiving a response from the remote cluster"}),
                Reach::Refused | Reach::Unknown => {
                    json!({"connected": false, "skip_unavailable": skips})
                }
            };
            out.insert(alias.clone(), row);
        }
    }
    ok(Value::Object(out))
}

fn found(world: &World, site: Site, indices: &str, skips: bool) -> Value {
    let cluster = world.at(site);
    let matching =
        names::resolve(cluster, indices, Wanted::ALL).is_ok_and(|found| !found.is_empty());
    json!({
        "connected": true,
        "skip_unavailable": skips,
        "matching_indices": matching,
        "version": {
            "number": cluster.personality.number(),
            "build_flavor": "default",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
    })
}

/// `GET /_resolve/index/{expression}`
pub(super) fn index(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["expand_wildcards", "ignore_unavailable", "allow_no_indices", "mode"])?;
    let cluster = world.at(site);
    let wanted = Wanted { closed: true, ..Wanted::ALL.asked(ask) };
    let mut indices = Vec::new();
    let mut aliases: std::collections::BTreeMap<&str, Vec<&str>> =
        std::collections::BTreeMap::new();
    for name in names::resolve(cluster, ask.segment(2), Wanted { aliases: false, ..wanted })? {
        let index = cluster.index(&name)?;
        let mut row = json!({"name": name});
        if !index.aliases.is_empty() {
            row["aliases"] = json!(index.aliases.keys().collect::<Vec<_>>());
        }
        row["attributes"] = json!([if index.open { "open" } else { "closed" }]);
        indices.push(row);
    }
    for index in cluster.indices.values() {
        for alias in index.aliases.keys() {
            if ask.segment(2).split(',').any(|pattern| wildcard::matches(pattern, alias)) {
                aliases.entry(alias).or_default().push(&index.name);
            }
        }
    }
    let aliases: Vec<Value> = aliases
        .into_iter()
        .map(|(name, indices)| json!({"name": name, "indices": indices}))
        .collect();
    ok(object([
        ("indices", Value::Array(indices)),
        ("aliases", Value::Array(aliases)),
        ("data_streams", json!([])),
    ]))
}
