//! The clusters, and who hears whom.

use super::{ClusterStatus, LicenseStatus, RemoteStatus, Sees};
use crate::model::world::{Cluster, World};

/// Every cluster, in the order of the file.
pub(super) fn clusters<'n>(
    world: &World,
    names: impl Iterator<Item = &'n str>,
) -> Vec<ClusterStatus> {
    names.filter_map(|name| Some(one(name, world.clusters.get(name)?))).collect()
}

fn one(name: &str, cluster: &Cluster) -> ClusterStatus {
    let view = cluster.view();
    ClusterStatus {
        name: name.to_owned(),
        state: cluster.state(),
        reason: reason(cluster),
        version: view.map(|view| view.version.to_string()),
        uuid: view.map(|view| view.uuid.clone()),
        health: view.map(|view| view.health.clone()),
        answer_ms: view.map(|view| view.answer_ms),
        license: view.map(|view| LicenseStatus {
            kind: view.license.kind.clone(),
            status: view.license.status.clone(),
            days_left: view.license.days_left,
        }),
        remotes: view
            .iter()
            .flat_map(|view| &view.remotes)
            .map(|(alias, remote)| {
                let leads_to = remote.leads_to.clone();
                (alias.clone(), RemoteStatus { connected: remote.connected, leads_to })
            })
            .collect(),
    }
}

fn reason(cluster: &Cluster) -> Option<String> {
    match cluster {
        Cluster::Ok(_) => None,
        Cluster::Ill { reason, .. } | Cluster::Unreachable { reason } => Some(reason.clone()),
        Cluster::Refused { reason } => Some(reason.to_string()),
    }
}

/// Who hears whom.
pub(super) fn sees(world: &World) -> Vec<Sees> {
    world
        .sights
        .iter()
        .map(|sight| Sees {
            from: sight.from.clone(),
            to: sight.to.clone(),
            answer: sight.answer.word(),
            evidence: sight.evidence.clone(),
            age_ms: sight.age_ms,
        })
        .collect()
}
