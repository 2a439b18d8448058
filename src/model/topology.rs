//! What the operator means: clusters, sets of indices, bi-directional aliases.

pub use super::{
    bidi::BidiSpec,
    connection::{Auth, Connection, Secret, Tls},
    index_pattern::selects,
    set_spec::{DEFAULT_SET, Hooks, LEADER_INDEX, SetSpec},
};
use crate::nearest::did_you_mean;

/// Requests at the same time on one cluster, unless the file says otherwise.
pub const CONCURRENCY_DEFAULT: usize = 16;

/// Everything that the file says, checked and complete.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Topology {
    /// In the order of the file.
    pub clusters: Vec<ClusterSpec>,
    /// In the order of the file; empty where the file names none, see
    /// [`Topology::sets_by_priority`].
    pub sets: Vec<SetSpec>,
    /// In the order of the file.
    pub bidi: Vec<BidiSpec>,
    /// The programs of every set that has none of its own.
    pub hooks: Hooks,
    /// Requests at the same time on one cluster, at least 1.
    pub concurrency: usize,
}

/// One cluster.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClusterSpec {
    pub name: String,
    /// The cluster UUID that alone may answer for this name.
    pub uuid: Option<String>,
    /// How other clusters reach it, where the file says so.
    pub remote: Option<RemoteSpec>,
    pub connection: Connection,
}

impl ClusterSpec {
    /// The name under which other clusters know this one: as the file says, or the
    /// cluster's own name with dots as `_`.
    pub fn remote_alias(&self) -> String {
        match self.remote.as_ref().and_then(|remote| remote.name.as_ref()) {
            Some(name) => name.clone(),
            None => self.name.replace('.', "_"),
        }
    }
}

/// How other clusters reach a cluster: `seeds` (sniff mode), `proxy`, or neither,
/// where only the name of an existing connection is given.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RemoteSpec {
    /// The remote connection's name on the other clusters.
    pub name: Option<String>,
    /// Transport addresses, `host:port`.
    pub seeds: Vec<String>,
    /// Transport address of the proxy, `host:port`.
    pub proxy: Option<String>,
    /// Server name for TLS through the proxy.
    pub server_name: Option<String>,
}

/// A name on the command line that the file does not define.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no {kind} \"{name}\"; {}",
    did_you_mean(name, &known.iter().map(String::as_str).collect::<Vec<_>>()))]
pub struct UnknownName {
    /// `cluster`, `set` or `bidi`.
    pub kind: &'static str,
    pub name: String,
    pub known: Vec<String>,
}

impl Topology {
    /// The bi-directional alias of this name.
    ///
    /// # Errors
    /// Where the file defines none; names the nearest.
    pub fn bidi(&self, name: &str) -> Result<&BidiSpec, UnknownName> {
        self.bidi.iter().find(|bidi| bidi.name == name).ok_or_else(|| UnknownName {
            kind: "bidi",
            name: name.to_owned(),
            known: self.bidi.iter().map(|bidi| bidi.name.clone()).collect(),
        })
    }

    /// The set of this name among those of the file, every bi-directional alias as a whole and
    /// its directions; under any other name whatever is found on the clusters.
    pub fn set_or_direction(&self, name: &str) -> SetSpec {
        let whole = self.bidi.iter().map(BidiSpec::whole);
        let mut directions = whole.chain(self.bidi.iter().flat_map(BidiSpec::directions));
        let direction = directions.find(|direction| direction.name == name);
        direction
            .or_else(|| self.set(name).ok())
            .unwrap_or_else(|| SetSpec { name: name.to_owned(), ..SetSpec::everything_found() })
    }

    /// The indices of every bi-directional alias, as patterns: none of them belongs to a set that
    /// is what is found.
    pub fn bidi_indices(&self) -> Vec<String> {
        self.bidi.iter().flat_map(BidiSpec::directions).flat_map(|it| it.indices).collect()
    }
}

impl Topology {
    /// The set that holds what is found on the clusters, for a file without sets.
    pub fn default_set() -> SetSpec {
        SetSpec::everything_found()
    }

    /// All sets, those of higher priority first, equals in the order of the file; the
    /// default set alone where the file names none.
    pub fn sets_by_priority(&self) -> Vec<SetSpec> {
        if self.sets.is_empty() {
            return vec![SetSpec { except: self.bidi_indices(), ..Self::default_set() }];
        }
        let mut sets = self.sets.clone();
        sets.sort_by_key(|set| std::cmp::Reverse(set.priority));
        sets
    }

    /// The cluster of this name.
    ///
    /// # Errors
    /// Where the file defines none; names the nearest.
    pub fn cluster(&self, name: &str) -> Result<&ClusterSpec, UnknownName> {
        self.clusters.iter().find(|cluster| cluster.name == name).ok_or_else(|| UnknownName {
            kind: "cluster",
            name: name.to_owned(),
            known: self.clusters.iter().map(|cluster| cluster.name.clone()).collect(),
        })
    }

    /// The set of this name, which is the default set's where the file names none.
    ///
    /// # Errors
    /// Where there is none; names the nearest.
    pub fn set(&self, name: &str) -> Result<SetSpec, UnknownName> {
        let sets = self.sets_by_priority();
        match sets.iter().find(|set| set.name == name) {
            Some(set) => Ok(set.clone()),
            None => Err(UnknownName {
                kind: "set",
                name: name.to_owned(),
                known: sets.into_iter().map(|set| set.name).collect(),
            }),
        }
    }

    /// The programs that count for a set: its own, or else the common ones.
    pub fn hooks_of<'a>(&'a self, set: &'a SetSpec) -> &'a Hooks {
        set.hooks.as_ref().unwrap_or(&self.hooks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(name: &str, remote: Option<&str>) -> ClusterSpec {
        let remote =
            remote.map(|name| RemoteSpec { name: Some(name.into()), ..RemoteSpec::default() });
        ClusterSpec { name: name.into(), uuid: None, remote, connection: Connection::default() }
    }

    fn topology(sets: &[(&str, i64)]) -> Topology {
        let set = |(name, priority): &(&str, i64)| SetSpec {
            name: (*name).to_owned(),
            priority: *priority,
            ..Topology::default_set()
        };
        Topology {
            clusters: vec![cluster("clusterA", None), cluster("clusterB", None)],
            sets: sets.iter().map(set).collect(),
            bidi: Vec::new(),
            hooks: Hooks::default(),
            concurrency: CONCURRENCY_DEFAULT,
        }
    }

    #[test]
    fn other_clusters_know_a_cluster_by_its_name_without_dots() {
        assert_eq!(cluster("DC.East.1", None).remote_alias(), "DC_East_1");
        assert_eq!(cluster("DC.East.1", Some("dc1")).remote_alias(), "dc1");
    }

    #[test]
    fn sets_go_by_priority_and_then_by_their_place_in_the_file() {
        let names = |sets: &[(&str, i64)]| -> Vec<String> {
            topology(sets).sets_by_priority().into_iter().map(|set| set.name).collect()
        };
        assert_eq!(names(&[("c", 0), ("b", 10), ("a", 0)]), ["b", "c", "a"]);
        assert_eq!(names(&[]), ["default"]);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let topology = topology(&[("orders", 0), ("payments", 0)]);
        assert_eq!(
            topology.cluster("clusterb").unwrap_err().to_string(),
            "there is no cluster \"clusterb\"; did you mean \"clusterB\"?"
        );
        assert_eq!(
            topology.set("logs").unwrap_err().to_string(),
            "there is no set \"logs\"; known are orders, payments"
        );
    }
}
