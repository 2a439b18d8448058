//! `_remote/info`: what a cluster believes about its remotes.

use serde_json::{Map, Value, json};

use super::{
    ask::Ask,
    cluster::Cluster,
    reply::{Handled, Reply, ok},
    site::Site,
    world::{Reach, World},
};

/// Whether searches pass over a remote that cannot be reached; the default since 8.15.
pub(super) fn skips_unavailable(cluster: &Cluster, alias: &str) -> bool {
    match cluster
        .setting(&format!("cluster.remote.{alias}.skip_unavailable"))
        .and_then(Value::as_str)
    {
        Some(text) => text == "true",
        None => !cluster.personality.is_old(),
    }
}

/// `GET /_remote/info`: with a frozen remote 6.8 never answers, and 8.x wrongly says
/// `connected:true`.
pub(super) fn info(world: &mut World, site: Site, ask: &Ask) -> Handled {
    ask.allow(&["master_timeout"])?;
    let cluster = world.at(site);
    let is_old = cluster.personality.is_old();
    let mut out = Map::new();
    for alias in cluster.remotes() {
        let reach = world.reach(site, &alias);
        if reach == Reach::Silent && is_old {
            return Ok(Reply::Park);
        }
        let connected = matches!(reach, Reach::Silent | Reach::To(_));
        let target = match reach {
            Reach::To(target) => Some(target),
            _ => None,
        };
        let http = target.map(|target| world.at(target).http_address.clone());
        let row = if is_old {
            old(cluster, &alias, connected, http)
        } else {
            new(cluster, &alias, connected)
        };
        out.insert(alias, row);
    }
    ok(Value::Object(out))
}

fn seeds(cluster: &Cluster, alias: &str) -> Value {
    match cluster.setting(&format!("cluster.remote.{alias}.seeds")) {
        Some(Value::String(text)) => json!(text.split(',').map(str::trim).collect::<Vec<_>>()),
        Some(value) => value.clone(),
        None => json!([]),
    }
}

fn old(cluster: &Cluster, alias: &str, connected: bool, http: Option<String>) -> Value {
    let http: Vec<String> = http.into_iter().collect();
    json!({
        // 6.8 lists the seeds it has a connection to.
        "seeds": if connected { seeds(cluster, alias) } else { json!([]) },
        "http_addresses": http,
        "connected": connected,
        "num_nodes_connected": u64::from(connected),
        "max_connections_per_cluster": 3,
        "initial_connect_timeout": "30s",
        "skip_unavailable": skips_unavailable(cluster, alias),
    })
}

fn new(cluster: &Cluster, alias: &str, connected: bool) -> Value {
    let text = |key: &str| {
        cluster
            .setting(&format!("cluster.remote.{alias}.{key}"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let mut out = json!({"connected": connected});
    if text("mode") == "proxy" {
        let sockets = if connected { 18 } else { 0 };
        out["mode"] = json!("proxy");
        out["proxy_address"] = json!(text("proxy_address"));
        out["server_name"] = json!(text("server_name"));
        out["num_proxy_sockets_connected"] = json!(sockets);
        out["max_proxy_socket_connections"] = json!(18);
    } else {
        out["mode"] = json!("sniff");
        out["seeds"] = seeds(cluster, alias);
        out["num_nodes_connected"] = json!(u64::from(connected));
        out["max_connections_per_cluster"] = json!(3);
    }
    out["initial_connect_timeout"] = json!("30s");
    out["skip_unavailable"] = json!(skips_unavailable(cluster, alias));
    out
}
