//! A cluster that cannot be relied on.

use crate::model::{
    membership::is_kept_index,
    problem::{Code, Problem},
    world::{Cluster, Refusal, View, World},
};

use super::{names, safety};

/// Warned of when a licence ends within so many days.
const LICENCE_DAYS: i64 = 21;

pub(super) fn problems(name: &str, cluster: &Cluster, world: &World) -> Vec<Problem> {
    let mut problems = Vec::new();
    match cluster {
        Cluster::Ok(_) => {}
        Cluster::Ill { reason, .. } => problems.push(Problem::new(
            Code::Ill,
            name,
            format!("{name} answers and cannot be relied on: {reason}"),
            format!("look at {name}'s own logs; esdr status --watch"),
        )),
        Cluster::Unreachable { reason } => problems.push(Problem::new(
            Code::Unreachable,
            name,
            format!("{name} does not answer: {reason}"),
            "esdr status --watch, and from another machine: is it dead, or only out of reach from here?",
        )),
        Cluster::Refused { reason } => problems.push(refused(name, reason)),
    }
    problems.extend(passed_over(name, cluster));
    problems.extend(unread(name, cluster));
    problems.extend(cluster.view().and_then(|view| licence(name, view)));
    problems.extend(cluster.view().and_then(|view| kept(name, view)));
    problems
        .extend(cluster.view().into_iter().flat_map(|view| safety::problems(name, view, world)));
    problems
}

/// A cluster that is well, and not at every address of the file.
fn passed_over(name: &str, cluster: &Cluster) -> Option<Problem> {
    let view = cluster.view().filter(|view| cluster.is_ok() && !view.passed_over.is_empty())?;
    let detail = format!("{name} is asked at {}: {}", view.url, view.passed_over.join("; "));
    let hint = format!("look at that node, or mend the urls of {name} in esdr.toml");
    Some(Problem::new(Code::AddressPassedOver, name, detail, hint).warning())
}

/// A cluster that answers, and not to every question.
fn unread(name: &str, cluster: &Cluster) -> Option<Problem> {
    let view = cluster.view().filter(|view| cluster.is_ok() && !view.unread.is_empty())?;
    let parts: Vec<&str> = view.unread.iter().map(|part| part.words()).collect();
    let detail = format!("{name} was not seen whole: {}", parts.join(", "));
    Some(Problem::new(Code::Unseen, name, detail, "esdr status"))
}

/// Copies that stay by the operator's choice until the operator lets them go.
fn kept(cluster: &str, view: &View) -> Option<Problem> {
    let kept: Vec<&str> =
        view.indices.keys().map(String::as_str).filter(|name| is_kept_index(name)).collect();
    let first = kept.first()?;
    let detail =
        format!("{cluster} keeps copies of a former leader: {}", names(kept.iter().copied()));
    let hint = format!("when nobody needs them any more: DELETE /{first} on {cluster}");
    Some(Problem::new(Code::KeptCopy, cluster, detail, hint).warning())
}

fn refused(name: &str, reason: &Refusal) -> Problem {
    let (code, hint) = match reason {
        Refusal::Login { .. } => (Code::RefusedLogin, "mend auth in esdr.toml or the user's roles"),
        Refusal::Tls { .. } => (Code::RefusedTls, "mend tls in esdr.toml"),
        Refusal::NotElasticsearch { .. } => (Code::NotElasticsearch, "mend urls in esdr.toml"),
        Refusal::WrongUuid { .. } => {
            (Code::WrongUuid, "mend urls, or uuid where the cluster was rebuilt")
        }
    };
    let detail = format!("{name} cannot be used: {reason}. It is not taken for dead");
    Problem::new(code, name, detail, hint)
}

fn licence(name: &str, view: &View) -> Option<Problem> {
    let licence = &view.license;
    if licence.is_known() && !licence.allows_ccr() {
        return Some(Problem::new(
            Code::Licence,
            name,
            format!(
                "{name} has a {} licence, {}: nothing can be followed",
                licence.kind, licence.status
            ),
            "cross-cluster replication needs an active trial, platinum or enterprise licence",
        ));
    }
    let days = licence.days_left.filter(|days| *days <= LICENCE_DAYS)?;
    let detail =
        format!("{name}'s {} licence ends in {days} days; following stops with it", licence.kind);
    Some(
        Problem::new(Code::LicenceEnds, name, detail, format!("renew the licence of {name}"))
            .warning(),
    )
}
