//! Emptying a pair between two scenarios, which is much faster than starting another.

use serde_json::{Map, Value, json};

use super::{
    pair::{Pair, Site},
    until::until_true,
};

/// Lists of names stay well below the 4,096 bytes that a request line may have.
const NAMES_BYTES_MAX: usize = 3000;

/// The only snapshot repository that scenarios make.
pub const REPOSITORY: &str = "esdr-tests";

/// Removes what scenarios make. What follows stops first, or its tasks would outlive it.
pub fn reset(pair: &Pair) {
    for site in Site::BOTH {
        forget_patterns(pair, site);
        pause_followers(pair, site);
    }
    for site in Site::BOTH {
        lift_blocks(pair, site);
        delete_indices(pair, site);
        forget_snapshots(pair, site);
        // What scenarios make is named `esdr-tests`; there may be none.
        pair.delete(site, "/_template/esdr-*");
        pair.delete(site, "/_index_template/esdr-*");
    }
    for site in Site::BOTH {
        forget_settings(pair, site);
        until_true(30, &format!("{site} has no follow task left"), || {
            follow_tasks(pair, site) == 0
        });
    }
}

fn forget_patterns(pair: &Pair, site: Site) {
    let (_, body) = pair.get(site, "/_ccr/auto_follow");
    for pattern in body["patterns"].as_array().into_iter().flatten() {
        let name = pattern["name"].as_str().expect("a name");
        pair.ok("DELETE", site, &format!("/_ccr/auto_follow/{name}"), ());
    }
}

fn pause_followers(pair: &Pair, site: Site) {
    let (_, body) = pair.get(site, "/_all/_ccr/info");
    for follower in body["follower_indices"].as_array().into_iter().flatten() {
        if follower["status"] == "active" {
            let name = follower["follower_index"].as_str().expect("a name");
            // It may stop by itself meanwhile; that it stopped is checked at the end.
            pair.post(site, &format!("/{name}/_ccr/pause_follow"), ());
        }
    }
}

/// An index that is read-only is not deleted.
fn lift_blocks(pair: &Pair, site: Site) {
    let body = json!({"index.blocks.read_only": null, "index.blocks.write": null});
    let path = "/_all/_settings?expand_wildcards=all&allow_no_indices=true";
    pair.put(site, path, body);
}

fn delete_indices(pair: &Pair, site: Site) {
    let hidden = if pair.is_6_8() { "" } else { "&expand_wildcards=all" };
    let path = format!("/_cat/indices?format=json&h=index{hidden}");
    let rows = pair.ok("GET", site, &path, ());
    let mut list = String::new();
    for row in rows.as_array().expect("a list") {
        let name = row["index"].as_str().expect("a name");
        // System indices of newer versions refuse, and hold nothing of ours. The first copy by
        // a task on an older one leaves an index that is told like any other.
        if name.starts_with('.') && !(pair.is_6_8() && name == ".tasks") {
            continue;
        }
        if list.len() + name.len() > NAMES_BYTES_MAX {
            pair.ok("DELETE", site, &format!("/{list}"), ());
            list.clear();
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(name);
    }
    if !list.is_empty() {
        pair.ok("DELETE", site, &format!("/{list}"), ());
    }
}

/// With its snapshots, which would outlive it in its folder.
fn forget_snapshots(pair: &Pair, site: Site) {
    let repository = format!("/_snapshot/{REPOSITORY}");
    if pair.get(site, &repository).0 == 404 {
        return;
    }
    // One that was made for reading only is taken for what it is.
    let body = json!({"type": "fs", "settings": {"location": REPOSITORY}});
    pair.ok("PUT", site, &repository, body);
    let all = pair.ok("GET", site, &format!("{repository}/_all"), ());
    for snapshot in all["snapshots"].as_array().into_iter().flatten() {
        let name = snapshot["snapshot"].as_str().expect("a name");
        pair.ok("DELETE", site, &format!("{repository}/{name}"), ());
    }
    pair.ok("DELETE", site, &repository, ());
}

/// Every setting on our own pair; on one that was given only the remotes.
fn forget_settings(pair: &Pair, site: Site) {
    let settings = pair.ok("GET", site, "/_cluster/settings?flat_settings=true", ());
    let mut nothing = Map::new();
    for kind in ["persistent", "transient"] {
        let keys = settings[kind].as_object().into_iter().flat_map(Map::keys);
        let gone: Map<String, Value> = keys
            .filter(|key| pair.can_harm() || key.starts_with("cluster.remote."))
            .map(|key| (key.clone(), Value::Null))
            .collect();
        if !gone.is_empty() {
            nothing.insert(kind.to_owned(), Value::Object(gone));
        }
    }
    if !nothing.is_empty() {
        pair.ok("PUT", site, "/_cluster/settings", json!(nothing));
    }
}

fn follow_tasks(pair: &Pair, site: Site) -> usize {
    let state = pair.ok("GET", site, "/_cluster/state/metadata", ());
    let tasks = state["metadata"]["persistent_tasks"]["tasks"].as_array();
    let mentions_ccr = |task: &&Value| task.to_string().contains("xpack/ccr/shard_follow_task");
    tasks.into_iter().flatten().filter(mentions_ccr).count()
}
