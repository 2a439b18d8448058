//! What is observed: every cluster at one moment, complete or honestly unreachable.

use std::collections::BTreeMap;

use super::{capacity::Capacity, lineage::Lineage, lock::Standing, unread::Part};

pub(crate) use super::version::Version;
pub(crate) use super::{
    index::{Alias, Following, Index, Lease, Pattern, Shard, Task},
    view::{License, Remote, View},
};

/// Everything that was seen, at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// When the observation began, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Every configured cluster by its configured name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Who hears whom, from cluster to cluster.
    pub sights: Vec<Sight>,
    /// Every entry of the record that was found and belongs to these clusters, oldest first,
    /// merged over the clusters that answered and the local copies.
    pub lineage: Lineage,
    /// The locks that stand on the clusters that answered, where that was asked.
    pub locks: Vec<Standing>,
    /// The room of clusters that were asked for it, or why it could not be seen.
    pub capacities: BTreeMap<String, Result<Capacity, String>>,
    /// Of clusters that were asked: why no snapshot can be taken into the operator's repository.
    pub repositories: BTreeMap<String, Result<(), String>>,
}

impl World {
    /// The view of a cluster that answered, healthy or ill.
    pub fn view(&self, cluster: &str) -> Option<&View> {
        self.clusters.get(cluster).and_then(Cluster::view)
    }

    /// The UUID of a cluster: as it is seen, else as the file pins it or the record names it.
    pub fn uuid_of(&self, cluster: &str) -> Option<&str> {
        let seen = self.view(cluster).map(|view| view.uuid.as_str());
        seen.filter(|uuid| !uuid.is_empty()).or_else(|| self.lineage.uuid_of(cluster))
    }

    /// An index on a cluster that answered.
    pub fn index(&self, cluster: &str, index: &str) -> Option<&Index> {
        self.view(cluster)?.indices.get(index)
    }

    pub(crate) fn index_mut(&mut self, cluster: &str, index: &str) -> Option<&mut Index> {
        match self.clusters.get_mut(cluster)? {
            Cluster::Ok(view) | Cluster::Ill { view, .. } => view.indices.get_mut(index),
            Cluster::Unreachable { .. } | Cluster::Refused { .. } => None,
        }
    }

    /// The name of the configured cluster to which a remote alias of `cluster` leads.
    pub fn behind_alias(&self, cluster: &str, alias: &str) -> Option<&str> {
        self.view(cluster)?.remotes.get(alias)?.leads_to.as_deref()
    }

    /// The alias under which `cluster` reaches the configured cluster `other`.
    pub fn alias_of(&self, cluster: &str, other: &str) -> Option<&str> {
        let view = self.view(cluster)?;
        view.remotes
            .iter()
            .find(|(_, remote)| remote.leads_to.as_deref() == Some(other))
            .map(|(alias, _)| alias.as_str())
    }

    /// What is known of `from` hearing `to`.
    pub fn sight(&self, from: &str, to: &str) -> Option<&Sight> {
        self.sights.iter().find(|sight| sight.from == from && sight.to == to)
    }
}

/// One configured cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Cluster {
    /// It answered everything that was asked.
    Ok(Box<View>),
    /// It answers, and cannot be relied on: no master, or a part of the answers is missing.
    Ill { reason: String, view: Box<View> },
    /// Nothing came back within the deadline. The reason names every address tried.
    Unreachable { reason: String },
    /// It answers and refuses this client: 401, 403 or a failed TLS handshake, or it is
    /// not the cluster it should be. Never taken for dead.
    Refused { reason: Refusal },
}

/// Why an answering cluster is of no use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// 401 or 403 on the first request.
    Login { detail: String },
    /// The TLS handshake failed.
    Tls { detail: String },
    /// An answer that is not Elasticsearch's own, such as a load balancer's page.
    NotElasticsearch { detail: String },
    /// The cluster UUID is not the pinned one.
    WrongUuid { expected: String, found: String },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Login { detail } => write!(f, "it refuses this login: {detail}"),
            Self::Tls { detail } => write!(f, "TLS failed: {detail}"),
            Self::NotElasticsearch { detail } => {
                write!(f, "what answers is not Elasticsearch: {detail}")
            }
            Self::WrongUuid { expected, found } => {
                write!(f, "another cluster answers: its UUID is {found}, expected is {expected}")
            }
        }
    }
}

impl Cluster {
    /// What was seen, where anything was.
    pub fn view(&self) -> Option<&View> {
        match self {
            Self::Ok(view) | Self::Ill { view, .. } => Some(view),
            Self::Unreachable { .. } | Self::Refused { .. } => None,
        }
    }

    /// True where every question was answered.
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok(_))
    }

    /// The word of the JSON contract: `ok`, `ill` or `unreachable`.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Ill { .. } => "ill",
            Self::Unreachable { .. } | Self::Refused { .. } => "unreachable",
        }
    }
}

/// What one cluster hears of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    pub from: String,
    pub to: String,
    pub answer: Answer,
    /// How it is known, in a few words for people.
    pub evidence: String,
    pub age_ms: Option<i64>,
}

/// Three-valued, for "not known" is not "no".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    No,
    Unknown,
    Yes,
}

impl Answer {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

impl World {
    /// Why a cluster, or one of these parts of it, was not seen, for people; `None` where it was.
    pub fn unseen(&self, cluster: &str, parts: &[Part]) -> Option<String> {
        match self.clusters.get(cluster) {
            Some(Cluster::Ok(view)) => {
                let is_unread = |part: &&Part| match part {
                    Part::Patterns => view.patterns.is_none(),
                    part => view.unread.contains(part),
                };
                parts.iter().find(is_unread).map(|part| part.words().to_owned())
            }
            Some(Cluster::Ill { reason, .. } | Cluster::Unreachable { reason }) => {
                Some(reason.clone())
            }
            Some(Cluster::Refused { reason }) => Some(refused(reason)),
            None => Some("it was not looked at".to_owned()),
        }
    }
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Login { detail }
        | Refusal::Tls { detail }
        | Refusal::NotElasticsearch { detail } => detail.clone(),
        Refusal::WrongUuid { expected, found } => {
            format!("another cluster answers: UUID {found}, expected is {expected}")
        }
    }
}
