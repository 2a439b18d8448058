//! `PUT /{index}/_block/{block}` and, from 9.1 on only, its opposite.

use serde_json::{Value, json};

use super::{
    ask::Ask,
    names::{self, Wanted},
    refusal::Refusal,
    reply::{Handled, ok},
    site::Site,
    world::World,
};

/// Adds a block and answers once writes under way are done: none is late after it.
pub(super) fn put(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&[
        "expand_wildcards",
        "ignore_unavailable",
        "allow_no_indices",
        "master_timeout",
        "timeout",
    ])?;
    let block = ask.segment(2);
    if !matches!(block, "write" | "read" | "read_only" | "metadata") {
        return Err(Refusal::argument(format!("No block found with name {block}")));
    }
    let key = format!("index.blocks.{block}");
    let found = names::resolve_destructive(world.at(site), ask.segment(0), Wanted::ALL.asked(ask))?;
    if block != "read_only" {
        world.at(site).check_metadata(&found)?;
    }
    let mut blocked: Vec<Value> = Vec::new();
    for name in found {
        let index = world.at_mut(site).index_mut(&name)?;
        if !index.open {
            return Err(Refusal::closed(&name, &index.uuid));
        }
        // Where it stands already there is nothing to wait for.
        if !index.is_set(&key) {
            index.change_settings(&[(key.clone(), json!("true"))].into_iter().collect());
            blocked.push(json!({"name": name, "blocked": true}));
        }
    }
    world.touch(site);
    let waited = !blocked.is_empty();
    ok(json!({"acknowledged": true, "shards_acknowledged": waited, "indices": blocked}))
}
