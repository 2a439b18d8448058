//! Who hears whom. A probe that was just made decides; the follow tasks and the leases
//! stand in where no probe could be made. `connected` decides nothing.

use std::collections::BTreeMap;

use super::{
    Watched,
    gather::{Probes, seconds},
};
use crate::{
    es::api::Probe,
    model::world::{Answer, Cluster, Sight, View, World},
};

/// A read was sent within the long poll and what a busy server adds.
const READ_AGE_MAX_MS: i64 = 75_000;

/// Leases are renewed every 30 s; two of these and a little.
const LEASE_AGE_MAX_MS: i64 = 65_000;

/// One sight for each ordered pair of configured clusters.
pub(super) fn sights(
    clusters: &[Watched],
    world: &World,
    probes: &BTreeMap<String, Probes>,
) -> Vec<Sight> {
    let mut sights = Vec::new();
    for from in clusters {
        for to in clusters.iter().filter(|to| to.name != from.name) {
            let probes = probes.get(&from.name);
            let (answer, evidence, age_ms) = look(world, &from.name, &to.name, probes);
            let (from, to) = (from.name.clone(), to.name.clone());
            sights.push(Sight { from, to, answer, evidence, age_ms });
        }
    }
    sights
}

type Verdict = (Answer, String, Option<i64>);

fn look(world: &World, from: &str, to: &str, probes: Option<&Probes>) -> Verdict {
    let Some(view) = world.view(from) else {
        return (Answer::Unknown, format!("{from} cannot be asked"), None);
    };
    let aliases: Vec<&str> = view
        .remotes
        .iter()
        .filter(|(_, remote)| remote.leads_to.as_deref() == Some(to))
        .map(|(alias, _)| alias.as_str())
        .collect();
    if aliases.is_empty() {
        return (Answer::Unknown, "no remote connection leads there".to_owned(), None);
    }
    let is_ok = world.clusters.get(from).is_some_and(Cluster::is_ok);
    // With several aliases to one cluster, one that hears it is enough.
    let verdicts = aliases.iter().map(|alias| {
        let probe = probes.and_then(|probes| probes.get(*alias));
        by_probe(view, alias, is_ok, probe).unwrap_or_else(|| by_traces(world, view, alias, to))
    });
    let best = verdicts.max_by_key(|(answer, _, _)| match answer {
        Answer::Unknown => 0,
        Answer::No => 1,
        Answer::Yes => 2,
    });
    best.unwrap_or((Answer::Unknown, String::new(), None))
}

/// What the probe says. `None` where there was none, or it was refused.
fn by_probe(
    view: &View,
    alias: &str,
    is_ok: bool,
    probe: Option<&(Probe, u64)>,
) -> Option<Verdict> {
    let (probe, took_ms) = probe?;
    let claims = view.remotes.get(alias).and_then(|remote| remote.connected) == Some(true);
    let but = if claims { " (but says \"connected\")" } else { "" };
    Some(match probe {
        Probe::Reached => match reading_age_ms(view, alias) {
            Some(age_ms) => (Answer::Yes, reading(age_ms), Some(age_ms)),
            None => (Answer::Yes, format!("tested, {took_ms} ms"), Some(0)),
        },
        Probe::NoAnswer { .. } if !is_ok => {
            (Answer::Unknown, "asked it, and it does not answer itself".to_owned(), None)
        }
        Probe::NoAnswer { .. } => {
            (Answer::No, format!("asked it: no answer in {}{but}", seconds(*took_ms)), Some(0))
        }
        Probe::NotReached { reason } => (Answer::No, format!("asked it: {reason}{but}"), Some(0)),
        Probe::Refused { .. } => return None,
    })
}

/// What reading leaves behind: leases renewed on the other side, or tasks that have read
/// while the other side answers us. A silent task is no proof that nothing is heard.
fn by_traces(world: &World, view: &View, alias: &str, to: &str) -> Verdict {
    if let Some(age_ms) = lease_age_ms(world, view, alias, to)
        && age_ms < LEASE_AGE_MAX_MS
    {
        return (Answer::Yes, format!("renewed its leases, {} ago", seconds(age_ms)), Some(age_ms));
    }
    if let Some(age_ms) = reading_age_ms(view, alias)
        && world.clusters.get(to).is_some_and(Cluster::is_ok)
    {
        return (Answer::Yes, reading(age_ms), Some(age_ms));
    }
    (Answer::Unknown, "may not be asked, and no trace of reading".to_owned(), None)
}

fn reading(age_ms: i64) -> String {
    format!("reading, {} ago", seconds(age_ms))
}

/// The age of the youngest read that has neither failed nor hung.
fn reading_age_ms(view: &View, alias: &str) -> Option<i64> {
    let followers = view.indices.values().filter_map(|index| index.following.as_ref());
    followers
        .filter(|following| following.remote == alias)
        .flat_map(|following| &following.tasks)
        .filter(|task| task.fatal.is_none() && task.read_errors.is_empty())
        .map(|task| task.since_read_ms)
        .filter(|age_ms| (0..=READ_AGE_MAX_MS).contains(age_ms))
        .min()
}

/// The age of the youngest lease that `to` keeps for a follower over this alias. By the
/// clocks of two machines, so a lease of the future counts as one of now.
fn lease_age_ms(world: &World, view: &View, alias: &str, to: &str) -> Option<i64> {
    let prefix = format!("{}/", view.cluster_name);
    let mark = format!("-following-{alias}/");
    let shards = world.view(to)?.indices.values().flat_map(|index| &index.shards);
    let leases = shards
        .flat_map(|shard| &shard.leases)
        .filter(|lease| lease.id.starts_with(&prefix) && lease.id.contains(&mark));
    let newest_ms = leases.map(|lease| lease.timestamp_ms).max()?;
    Some((world.at_ms - newest_ms).max(0))
}
