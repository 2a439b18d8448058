//! From a cluster in the file to a connection.

use std::{fs, path::Path, sync::Arc};

use anyhow::Context;

use crate::{
    commands::refusal::Refusal,
    config::reveal,
    es::{
        api::Es,
        http::{Auth, HttpTransport, Identity, Options, Pem},
        transport::Transport,
    },
    model::topology::{self, ClusterSpec, Topology},
    observe::Watched,
};

/// Connections to every cluster of the file. Nothing is sent yet.
///
/// # Errors
/// Where a secret, a certificate or an address of the file is of no use: a matter of
/// configuration.
pub fn connect(topology: &Topology) -> anyhow::Result<Vec<Watched>> {
    topology.clusters.iter().map(watched).collect()
}

fn watched(cluster: &ClusterSpec) -> anyhow::Result<Watched> {
    let named = || format!("cluster {}", cluster.name);
    let transport = HttpTransport::new(options(cluster)?).with_context(named)?;
    Ok(watched_over(cluster, Arc::new(transport)))
}

/// A cluster of the file over a connection that is there.
pub fn watched_over(cluster: &ClusterSpec, transport: Arc<dyn Transport>) -> Watched {
    let remote = cluster.remote.as_ref();
    let addresses = remote.map_or_else(Vec::new, |remote| {
        remote.proxy.iter().cloned().chain(remote.seeds.iter().cloned()).collect()
    });
    Watched {
        name: cluster.name.clone(),
        uuid: cluster.uuid.clone(),
        alias: cluster.remote_alias(),
        addresses,
        es: Es::new(cluster.name.clone(), transport),
    }
}

fn options(cluster: &ClusterSpec) -> anyhow::Result<Options> {
    let connection = &cluster.connection;
    let tls = &connection.tls;
    let identity = match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => Some(Identity { cert: pem(cert)?, key: pem(key)? }),
        _ => None,
    };
    Ok(Options {
        urls: connection.urls.clone(),
        auth: auth(cluster)?,
        ca: tls.ca.as_deref().map(pem).transpose()?,
        identity,
        insecure: tls.insecure,
    })
}

fn auth(cluster: &ClusterSpec) -> anyhow::Result<Option<Auth>> {
    let named = || format!("cluster {}", cluster.name);
    Ok(match &cluster.connection.auth {
        None => None,
        Some(topology::Auth::Basic { username, password }) => Some(Auth::Basic {
            username: username.clone(),
            password: reveal(password).with_context(named)?.expose().to_owned(),
        }),
        Some(topology::Auth::ApiKey(key)) => {
            Some(Auth::ApiKey(reveal(key).with_context(named)?.expose().to_owned()))
        }
    })
}

fn pem(path: &Path) -> Result<Pem, Refusal> {
    let bytes = fs::read(path).map_err(|error| {
        let failed = format!("cannot read {}: {error}", path.display());
        Refusal::usage(failed, "mend `tls` of the cluster in esdr.toml")
    })?;
    Ok(Pem { bytes, origin: path.display().to_string() })
}
