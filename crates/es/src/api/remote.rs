//! The remote connections of a cluster, and its settings, which hold them.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::Es;
use crate::{
    error::Error,
    transport::{Method, Request},
};

/// `_remote/info` of 6.8 never answers while a remote leader is frozen.
const REMOTE_INFO_DEADLINE: Duration = Duration::from_secs(2);

/// One remote of `GET /_remote/info`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct RemoteInfo {
    /// A connection is open at this moment; true for a frozen peer, so never evidence.
    pub connected: Option<bool>,
    /// `sniff` or `proxy`; absent before 7.7.
    pub mode: Option<String>,
    /// 6.8 shows none while a seed cannot be resolved or reached.
    pub seeds: Vec<String>,
    pub proxy_address: Option<String>,
    pub server_name: Option<String>,
}

/// `_cluster/settings`, flat.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    defaults: BTreeMap<String, Value>,
    persistent: BTreeMap<String, Value>,
    transient: BTreeMap<String, Value>,
}

/// `GET /_cluster/settings`, flat; transient settings win.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterSettings(pub BTreeMap<String, Value>);

impl Settings {
    fn merged(self) -> ClusterSettings {
        let Self { defaults: mut all, persistent, transient } = self;
        all.extend(persistent);
        all.extend(transient);
        ClusterSettings(all)
    }
}

impl ClusterSettings {
    /// The value of a key as the server returns it: a string, or a list of strings.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The value of a key that holds one text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A key as list: a list, or a text split at commas.
    pub fn list(&self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::String(text)) => {
                text.split(',').map(|part| part.trim().to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The aliases of remote clusters that are configured here.
    pub fn remote_aliases(&self) -> Vec<String> {
        let mut aliases: Vec<String> = self
            .0
            .keys()
            .filter(|key| {
                ["seeds", "proxy_address"].contains(&key.rsplit('.').next().unwrap_or(key))
            })
            .filter_map(|key| key.strip_prefix("cluster.remote.")?.split('.').next())
            .map(str::to_owned)
            .collect();
        aliases.dedup();
        aliases
    }
}

impl Es {
    /// `GET /_remote/info` within two seconds, by alias.
    pub async fn remote_info(&self) -> Result<BTreeMap<String, RemoteInfo>, Error> {
        self.read(Request::new(Method::Get, "/_remote/info").within(REMOTE_INFO_DEADLINE)).await
    }

    /// `GET /_cluster/settings?flat_settings=true`.
    pub async fn cluster_settings(&self) -> Result<ClusterSettings, Error> {
        let path = "/_cluster/settings?flat_settings=true";
        Ok(self.read::<Settings>(Request::new(Method::Get, path)).await?.merged())
    }

    /// The same with every setting that nobody has changed; among those are the ones of the
    /// answering node's own file. Some twenty kilobytes: not for every look.
    pub async fn cluster_settings_in_full(&self) -> Result<ClusterSettings, Error> {
        let path = "/_cluster/settings?include_defaults=true&flat_settings=true";
        Ok(self.read::<Settings>(Request::new(Method::Get, path)).await?.merged())
    }
}
