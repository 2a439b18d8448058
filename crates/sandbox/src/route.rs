//! From a method and a path to the handler.

use super::{
    admin, alias, ask::Ask, auto_follow, block, bulk, cat, ccr_stats, cluster_settings, create,
    doc, follow, follower, health, license, metadata, mget, nodes, refusal::Refusal, reindex,
    remote, reply::Handled, resolve, rollover, search, settings, site::Site, stats, world::World,
    write::Verb,
};
use esdr_es::transport::Method::{self, Delete, Get, Head, Post, Put};

/// Serves a request, or refuses it as the server refuses what it does not know.
pub(super) fn dispatch(world: &mut World, site: Site, ask: &Ask) -> Handled {
    let segments: Vec<&str> = ask.segments.iter().map(String::as_str).collect();
    if world.at(site).is_ill && needs_master(ask.method, &segments) {
        return Err(Refusal::new(503, "master_not_discovered_exception", ""));
    }
    // HEAD is GET without a body, but for the existence of an index.
    let method = match (ask.method, segments.as_slice()) {
        (Head, [index]) if !index.starts_with('_') => return admin::head(world, site, ask),
        (Head, _) => Get,
        (method, _) => method,
    };
    let found = cluster_call(world, site, ask, method, &segments)
        .or_else(|| super::templates::call(world, site, ask, &segments))
        .or_else(|| super::snapshot::call(world, site, ask, method, &segments))
        .or_else(|| ccr_call(world, site, ask, method, &segments))
        .or_else(|| index_call(world, site, ask, method, &segments))
        .or_else(|| document_call(world, site, ask, method, &segments));
    found.unwrap_or_else(|| Err(unknown(ask, &segments)))
}

/// Calls that the elected master answers: all that change the cluster state or show it.
fn needs_master(method: Method, segments: &[&str]) -> bool {
    let by_node = [
        "_bulk",
        "_mget",
        "_doc",
        "_create",
        "_search",
        "_count",
        "_stats",
        "_nodes",
        "_reindex",
        "_tasks",
        "_remote",
        "_refresh",
        "_flush",
        "_resolve",
        "_pit",
        "_source",
        "_recovery",
        "_xpack",
    ];
    let is_read = matches!(method, Get | Head);
    !(segments.is_empty()
        || segments.iter().any(|segment| by_node.contains(segment))
        || (is_read && segments.last() == Some(&"stats") && segments.contains(&"_ccr")))
}

fn cluster_call(
    world: &mut World,
    site: Site,
    ask: &Ask,
    method: Method,
    segments: &[&str],
) -> Option<Handled> {
    let is_old = world.at(site).personality.is_old();
    Some(match (method, segments) {
        (Get, []) => nodes::root(world, site, ask),
        (Get, ["_cluster", "health"] | ["_cluster", "health", _]) => health::get(world, site, ask),
        (Get, ["_cluster", "settings"]) => cluster_settings::get(world, site, ask),
        (Put, ["_cluster", "settings"]) => cluster_settings::put(world, site, ask),
        (Get, ["_cluster", "state", "routing_table", _]) => metadata::routing(world, site, ask),
        (Get, ["_cluster", "state"] | ["_cluster", "state", _] | ["_cluster", "state", _, _]) => {
            metadata::get(world, site, ask)
        }
        (Get, ["_license"] | ["_xpack", "license"]) => license::get(world, site, ask),
        (Post, ["_license", "start_trial"] | ["_xpack", "license", "start_trial"]) => {
            license::start_trial(world, site, ask)
        }
        (Get, ["_license", "trial_status"] | ["_xpack", "license", "trial_status"]) => {
            license::trial_status(world, site, ask)
        }
        (Get, ["_security", "_authenticate"]) => Err(license::authenticate(ask)),
        (Get, ["_xpack"]) => license::xpack(world, site, ask),
        (Get, ["_xpack", "usage"]) => license::usage(world, site, ask),
        (Get, ["_remote", "info"]) => remote::info(world, site, ask),
        (Get, ["_resolve", "cluster", _]) if !is_old => resolve::cluster(world, site, ask),
        (Get, ["_resolve", "index", _]) if !is_old => resolve::index(world, site, ask),
        (Get, ["_cat", "indices"] | ["_cat", "indices", _]) => cat::indices(world, site, ask),
        (Get, ["_cat", "aliases"] | ["_cat", "aliases", _]) => cat::aliases(world, site, ask),
        (Get, ["_cat", "allocation"] | ["_cat", "allocation", _]) => {
            cat::allocation(world, site, ask)
        }
        (Get, ["_nodes", ..]) => nodes::nodes(world, site, ask),
        (Get, ["_tasks"]) => nodes::tasks(world, site, ask),
        (Get, ["_tasks", _]) => reindex::task(world, site, ask),
        (Post, ["_reindex"]) => reindex::post(world, site, ask),
        (Post, ["_aliases"]) => alias::post(world, site, ask),
        _ => return None,
    })
}

fn ccr_call(
    world: &mut World,
    site: Site,
    ask: &Ask,
    method: Method,
    segments: &[&str],
) -> Option<Handled> {
    let is_old = world.at(site).personality.is_old();
    Some(match (method, segments) {
        (Get, ["_ccr", "stats"]) => ccr_stats::all(world, site, ask),
        (Get, ["_ccr", "auto_follow"] | ["_ccr", "auto_follow", _]) => {
            auto_follow::get(world, site, ask)
        }
        (Put, ["_ccr", "auto_follow", _]) => auto_follow::put(world, site, ask),
        (Delete, ["_ccr", "auto_follow", _]) => auto_follow::delete(world, site, ask),
        (Post, ["_ccr", "auto_follow", _, "pause"]) if !is_old => {
            auto_follow::switch(world, site, ask, false)
        }
        (Post, ["_ccr", "auto_follow", _, "resume"]) if !is_old => {
            auto_follow::switch(world, site, ask, true)
        }
        (Put, [_, "_ccr", "follow"]) => follow::put(world, site, ask),
        (Post, [_, "_ccr", "pause_follow"]) => follower::pause(world, site, ask),
        (Post, [_, "_ccr", "resume_follow"]) => follower::resume(world, site, ask),
        (Post, [_, "_ccr", "unfollow"]) => follower::unfollow(world, site, ask),
        (Post, [_, "_ccr", "forget_follower"]) => follower::forget(world, site, ask),
        (Get, [_, "_ccr", "info"]) => ccr_stats::info(world, site, ask),
        (Get, [_, "_ccr", "stats"]) => ccr_stats::one(world, site, ask),
        _ => return None,
    })
}

fn index_call(
    world: &mut World,
    site: Site,
    ask: &Ask,
    method: Method,
    segments: &[&str],
) -> Option<Handled> {
    let is_old = world.at(site).personality.is_old();
    Some(match (method, segments) {
        (Get, ["_settings", ..] | [_, "_settings", ..]) => settings::get(world, site, ask),
        (Put, ["_settings"] | [_, "_settings"]) => settings::put(world, site, ask),
        (Put, [_, "_block", _]) if !is_old => block::put(world, site, ask),
        (Put, [_, "_clone", _]) if !is_old => admin::clone(world, site, ask),
        (Get, ["_mapping" | "_mappings"] | [_, "_mapping" | "_mappings"]) => {
            admin::get_mapping(world, site, ask)
        }
        (Put | Post, [_, "_mapping" | "_mappings"] | [_, "_mapping", "_doc"]) => {
            admin::put_mapping(world, site, ask)
        }
        (Post, [_, "_close"]) => admin::close(world, site, ask),
        (Post, [_, "_open"]) => admin::open(world, site, ask),
        (Get, ["_alias" | "_aliases"] | ["_alias", _] | [_, "_alias"] | [_, "_alias", _]) => {
            alias::get(world, site, ask)
        }
        (Put | Post, [_, "_alias" | "_aliases", _]) => alias::one(world, site, ask, "add"),
        (Delete, [_, "_alias" | "_aliases", _]) => alias::one(world, site, ask, "remove"),
        (Post, [_, "_rollover"] | [_, "_rollover", _]) => rollover::post(world, site, ask),
        (Get | Post, ["_refresh" | "_flush"] | [_, "_refresh" | "_flush"]) => {
            admin::refresh_or_flush(world, site, ask)
        }
        (Get, ["_stats", ..] | [_, "_stats", ..]) => stats::get(world, site, ask),
        (Get, ["_recovery"] | [_, "_recovery"]) => stats::recovery(world, site, ask),
        (Get, [_, "_fleet", "global_checkpoints"]) if !is_old => {
            stats::global_checkpoints(world, site, ask)
        }
        (Put, [index]) if !index.starts_with('_') => create::put(world, site, ask),
        (Delete, [index]) if !index.starts_with('_') || *index == "_all" => {
            admin::delete(world, site, ask)
        }
        (Get, [index]) if !index.starts_with('_') || *index == "_all" => {
            admin::get(world, site, ask)
        }
        _ => return None,
    })
}

fn document_call(
    world: &mut World,
    site: Site,
    ask: &Ask,
    method: Method,
    segments: &[&str],
) -> Option<Handled> {
    let is_old = world.at(site).personality.is_old();
    Some(match (method, segments) {
        (Post | Put, ["_bulk"] | [_, "_bulk"]) => bulk::post(world, site, ask),
        (Post | Put, [_, _, "_bulk"]) if is_old => bulk::post(world, site, ask),
        (Get | Post, ["_mget"] | [_, "_mget"]) => mget::get(world, site, ask),
        (Get | Post, [_, _, "_mget"]) if is_old => mget::get(world, site, ask),
        (Get | Post, ["_count"] | [_, "_count"]) => search::count(world, site, ask),
        (Get | Post, ["_search", "scroll"] | ["_search", "scroll", _]) => {
            search::scroll(world, site, ask)
        }
        (Delete, ["_search", "scroll"] | ["_search", "scroll", _]) => {
            search::release(world, site, ask)
        }
        (Delete, ["_pit"]) if !is_old => search::release(world, site, ask),
        (Post, [_, "_pit"]) if !is_old => search::open_pit(world, site, ask),
        (Get | Post, ["_search"] | [_, "_search"]) => search::search(world, site, ask),
        (Put | Post, [_, "_create", _]) => doc::write(world, site, ask, Verb::Create),
        (Post, [_, "_doc"]) | (Put | Post, [_, "_doc", _]) => {
            doc::write(world, site, ask, Verb::Index)
        }
        (Get, [_, "_doc" | "_source", _]) => doc::get(world, site, ask),
        (Delete, [_, "_doc", _]) => doc::write(world, site, ask, Verb::Delete),
        // On 6.8 any second segment can be a mapping type, even one that begins with `_`.
        (Put | Post, [index, _, _]) if is_old && !index.starts_with('_') => {
            doc::write(world, site, ask, Verb::Index)
        }
        (Post, [index, _]) if is_old && !index.starts_with('_') => {
            doc::write(world, site, ask, Verb::Index)
        }
        (Get, [_, _, _]) if is_old => doc::get(world, site, ask),
        (Delete, [index, _, _]) if is_old && !index.starts_with('_') => {
            doc::write(world, site, ask, Verb::Delete)
        }
        _ => return None,
    })
}

/// 405 for a path that only another method knows.
pub(super) fn wrong_method(ask: &Ask) -> Refusal {
    let (path, method) = (&ask.path, ask.method.as_str());
    Refusal::text(
        405,
        format!("Incorrect HTTP method for uri [{path}] and method [{method}], allowed: [POST]"),
    )
}

fn unknown(ask: &Ask, segments: &[&str]) -> Refusal {
    // `POST /{index}/{type}` exists, so two segments are a wrong method, not a wrong path.
    if segments.len() == 2 && ask.method == Get {
        return wrong_method(ask);
    }
    let (path, method) = (&ask.path, ask.method.as_str());
    let text = format!("no handler found for uri [{path}] and method [{method}]");
    Refusal { status: 400, body: serde_json::json!({"error": text}) }
}
