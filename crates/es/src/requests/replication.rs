//! Requests that change what is replicated.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::CHANGE_DEADLINE;
use crate::{
    path::encode,
    transport::{Method, Request},
};

/// A follow waits for the restore of the primaries.
const FOLLOW_DEADLINE: Duration = Duration::from_secs(60);

/// `PUT /{follower}/_ccr/follow`. Onto an existing *closed* index it wipes that index.
/// `parameters` are follow parameters (and `settings` from 7.9), as an object.
/// It waits for the primaries (`wait_for_active_shards=1`); the default answers before
/// the restore has even begun.
pub fn follow_request(
    follower: &str,
    remote: &str,
    leader_index: &str,
    parameters: Option<&Value>,
) -> Request {
    let mut body = Map::new();
    body.insert("remote_cluster".into(), remote.into());
    body.insert("leader_index".into(), leader_index.into());
    if let Some(Value::Object(parameters)) = parameters {
        for (name, value) in parameters {
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let path = format!("/{}/_ccr/follow?wait_for_active_shards=1", encode(follower));
    Request::new(Method::Put, path).json(Value::Object(body)).within(FOLLOW_DEADLINE)
}

/// `POST /{index}/_ccr/pause_follow`. Local to the follower's cluster; the server forgets
/// the follow parameters.
pub fn pause_request(index: &str) -> Request {
    post(format!("/{}/_ccr/pause_follow", encode(index)))
}

/// `POST /{index}/_ccr/resume_follow` with follow parameters; without them the server
/// takes its defaults, not those from before the pause.
pub fn resume_request(index: &str, parameters: Option<&Value>) -> Request {
    let body = parameters.cloned().unwrap_or_else(|| json!({}));
    post(format!("/{}/_ccr/resume_follow", encode(index))).json(body)
}

/// `POST /{index}/_ccr/unfollow`. The index is converted *before* the leader is asked to
/// remove its leases: with a frozen leader this is never answered and has worked.
pub fn unfollow_request(index: &str) -> Request {
    post(format!("/{}/_ccr/unfollow", encode(index)))
}

/// `POST /{leader}/_ccr/forget_follower`, asked of the *leader's* cluster. `remote` is the
/// alias that the follower used for it.
pub fn forget_follower_request(
    leader_index: &str,
    follower_cluster_name: &str,
    follower_index: &str,
    follower_uuid: &str,
    remote: &str,
) -> Request {
    post(format!("/{}/_ccr/forget_follower", encode(leader_index))).json(json!({
        "follower_cluster": follower_cluster_name,
        "follower_index": follower_index,
        "follower_index_uuid": follower_uuid,
        "leader_remote_cluster": remote,
    }))
}

/// `PUT /_ccr/auto_follow/{name}`; replaces a pattern of that name, needs the leader.
pub fn put_auto_follow_request(name: &str, body: &Value) -> Request {
    Request::new(Method::Put, auto_follow_path(name)).json(body.clone()).within(CHANGE_DEADLINE)
}

/// `DELETE /_ccr/auto_follow/{name}`; its followers go on following.
pub fn delete_auto_follow_request(name: &str) -> Request {
    Request::new(Method::Delete, auto_follow_path(name)).within(CHANGE_DEADLINE)
}

/// `POST /_ccr/auto_follow/{name}/pause`, from 7.5.
pub fn pause_auto_follow_request(name: &str) -> Request {
    post(format!("{}/pause", auto_follow_path(name)))
}

/// `POST /_ccr/auto_follow/{name}/resume`, from 7.5.
pub fn resume_auto_follow_request(name: &str) -> Request {
    post(format!("{}/resume", auto_follow_path(name)))
}

/// How a cluster dials another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RemoteAddress {
    /// Transport addresses, `host:9300`, from which the nodes are discovered.
    Seeds(Vec<String>),
    /// One address, and the TLS server name where the proxy needs it. From 7.7.
    Proxy { address: String, server_name: Option<String> },
}

/// The flat persistent settings of a remote connection. Where the server knows modes
/// (`knows_modes`, from 7.7) every key of the other mode is removed by the same request, for a
/// key that is left over is refused; an older server knows seeds only, and refuses the other keys.
pub fn remote_settings(
    alias: &str,
    address: &RemoteAddress,
    knows_modes: bool,
) -> Map<String, Value> {
    let mut settings = Map::new();
    let mut set = |key: &str, value: Value| {
        settings.insert(format!("cluster.remote.{alias}.{key}"), value);
    };
    match address {
        RemoteAddress::Seeds(seeds) => {
            if knows_modes {
                set("mode", "sniff".into());
                set("proxy_address", Value::Null);
                set("proxy_socket_connections", Value::Null);
                set("server_name", Value::Null);
            }
            set("seeds", seeds.clone().into());
        }
        RemoteAddress::Proxy { address, server_name } => {
            set("mode", "proxy".into());
            set("seeds", Value::Null);
            set("node_connections", Value::Null);
            set("proxy_address", address.clone().into());
            set("server_name", server_name.clone().map_or(Value::Null, Value::from));
        }
    }
    settings
}

/// `PUT /_cluster/settings`, persistent: all of it in one change of the cluster's state.
pub fn put_settings_request(settings: &Value) -> Request {
    Request::new(Method::Put, "/_cluster/settings")
        .json(json!({ "persistent": settings }))
        .within(CHANGE_DEADLINE)
}

fn auto_follow_path(name: &str) -> String {
    format!("/_ccr/auto_follow/{}", encode(name))
}

fn post(path: String) -> Request {
    Request::new(Method::Post, path).within(CHANGE_DEADLINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Body;

    fn body(request: &Request) -> Value {
        match &request.body {
            Some(Body::Json(body)) => body.clone(),
            _ => Value::Null,
        }
    }

    #[test]
    fn follow_names_the_leader_and_keeps_parameters_but_never_lets_them_rename_it() {
        let parameters = json!({"read_poll_timeout": "5s", "leader_index": "other"});
        let request = follow_request("b", "dc1", "a", Some(&parameters));
        assert_eq!(request.path, "/b/_ccr/follow?wait_for_active_shards=1");
        let wanted =
            json!({"remote_cluster": "dc1", "leader_index": "a", "read_poll_timeout": "5s"});
        assert_eq!(body(&request), wanted);
    }

    #[test]
    fn an_old_server_is_told_of_seeds_only() {
        let address = RemoteAddress::Seeds(vec!["h:9300".into()]);
        let old = Value::Object(remote_settings("dc1", &address, false));
        assert_eq!(old, json!({"cluster.remote.dc1.seeds": ["h:9300"]}));
        let request = put_settings_request(&old);
        assert_eq!(request.path, "/_cluster/settings");
        assert_eq!(body(&request), json!({ "persistent": old }));
    }

    #[test]
    fn one_mode_comes_and_the_other_goes_in_one_request() {
        let seeds = RemoteAddress::Seeds(vec!["h:9300".into()]);
        let wanted = json!({"cluster.remote.dc1.mode": "sniff",
            "cluster.remote.dc1.proxy_address": null,
            "cluster.remote.dc1.proxy_socket_connections": null,
            "cluster.remote.dc1.server_name": null,
            "cluster.remote.dc1.seeds": ["h:9300"]});
        assert_eq!(Value::Object(remote_settings("dc1", &seeds, true)), wanted);
        let proxy = RemoteAddress::Proxy { address: "p:9400".into(), server_name: None };
        let wanted = json!({"cluster.remote.dc1.mode": "proxy",
            "cluster.remote.dc1.seeds": null,
            "cluster.remote.dc1.node_connections": null,
            "cluster.remote.dc1.proxy_address": "p:9400",
            "cluster.remote.dc1.server_name": null});
        assert_eq!(Value::Object(remote_settings("dc1", &proxy, true)), wanted);
    }
}
