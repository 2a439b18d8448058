//! How a cluster is reached. Secrets are named here, never held.

use std::path::PathBuf;

/// How esdr reaches one cluster.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Connection {
    /// Base addresses with scheme, without a trailing slash, tried in order.
    pub urls: Vec<String>,
    /// None: the cluster has no security.
    pub auth: Option<Auth>,
    pub tls: Tls,
}

/// How esdr proves who it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Auth {
    /// User name and password.
    Basic { username: String, password: Secret },
    /// The encoded API key, as Elasticsearch gives it out.
    ApiKey(Secret),
}

/// Where a secret is to be found when it is needed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Secret {
    /// In this environment variable.
    Env(String),
    /// The content of this file, without the line end.
    File(PathBuf),
    /// What this program prints: the program and its arguments, without a shell.
    Command(Vec<String>),
}

/// Settings of the encrypted connection; the default trusts the system's authorities.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tls {
    /// PEM file with the authorities to trust.
    pub ca: Option<PathBuf>,
    /// PEM file with the client's certificate; comes with `key`.
    pub cert: Option<PathBuf>,
    /// PEM file with the client's private key; comes with `cert`.
    pub key: Option<PathBuf>,
    /// The server's certificate is not checked at all.
    pub insecure: bool,
}
