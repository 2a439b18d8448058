//! Which sets a command is about, and which cluster is which.

use std::collections::BTreeMap;

use crate::{
    commands::{refusal::Refusal, session::Session},
    model::{
        membership::{self, Scope},
        topology::{SetSpec, Topology},
        unread::Part,
        world::{self, Answer, Cluster, World},
    },
    plan::reason::Code,
    playbook::{Playbook, Requirement},
};

/// One set with its two clusters in their roles.
#[derive(Clone, Debug)]
pub(crate) struct SetSwitch {
    pub set: SetSpec,
    pub source: String,
    pub target: String,
}

/// A name that the file does not define is told before anything is asked of a cluster.
///
/// # Errors
/// The first such name.
pub(crate) fn check_names(topology: &Topology, to: &str, sets: &[String]) -> Result<(), Refusal> {
    unknown(topology.cluster(to).map(drop))?;
    chosen(topology, sets).map(drop)
}

/// The sets that a switch to a cluster is about.
///
/// # Errors
/// Where a name is unknown, a named set does not know the cluster, or none does.
pub(crate) fn set_switches_to(
    session: &Session,
    world: &World,
    to: &str,
    sets: &[String],
) -> Result<Vec<SetSwitch>, Refusal> {
    let topology = &session.topology;
    unknown(topology.cluster(to).map(drop))?;
    let mut set_switches = Vec::new();
    for set in chosen(topology, sets)? {
        match source_for(topology, world, &set, to) {
            Some(source) => set_switches.push(SetSwitch { set, source, target: to.to_owned() }),
            None if sets.is_empty() => {}
            None => {
                return Err(Refusal::usage(
                    format!("set {} has nothing to do with cluster {to}", set.name),
                    "name one of the set's two clusters",
                ));
            }
        }
    }
    if set_switches.is_empty() {
        return Err(Refusal::usage(format!("no set has cluster {to}"), "mend esdr.toml"));
    }
    Ok(set_switches)
}

/// The sets that are protected from their home to their standby.
///
/// # Errors
/// Where a set is unknown, or none is in the file.
pub(crate) fn set_switches_home(
    topology: &Topology,
    sets: &[String],
) -> Result<Vec<SetSwitch>, Refusal> {
    let set_switches: Vec<SetSwitch> = chosen(topology, sets)?
        .into_iter()
        .filter_map(|set| {
            let (source, target) = (set.home.clone()?, set.standby.clone()?);
            Some(SetSwitch { set, source, target })
        })
        .collect();
    if set_switches.is_empty() {
        return Err(Refusal::usage(
            "the file has no [sets.NAME] that says what is to be replicated",
            "add one with home, standby and indices",
        ));
    }
    Ok(set_switches)
}

/// The same where no cluster is named.
///
/// # Errors
/// The first set that the file does not define.
pub(crate) fn check_names_of_sets(topology: &Topology, sets: &[String]) -> Result<(), Refusal> {
    chosen(topology, sets).map(drop)
}

/// The named sets, or all, the first to run first.
///
/// # Errors
/// The first name that is no set's.
pub(crate) fn chosen(topology: &Topology, sets: &[String]) -> Result<Vec<SetSpec>, Refusal> {
    for name in sets {
        unknown(topology.set(name).map(drop))?;
    }
    let all = topology.sets_by_priority();
    Ok(all.into_iter().filter(|set| sets.is_empty() || sets.contains(&set.name)).collect())
}

/// A name that the file does not define, as a refusal.
///
/// # Errors
/// That refusal.
pub(crate) fn unknown(
    result: Result<(), crate::model::topology::UnknownName>,
) -> Result<(), Refusal> {
    result.map_err(|name| Refusal::usage(name.to_string(), "mend the name, or add it to esdr.toml"))
}

/// The other cluster of a set; for the default set the one that the followers lead to.
fn source_for(topology: &Topology, world: &World, set: &SetSpec, to: &str) -> Option<String> {
    if set.home.is_some() {
        return set.other_side(to).map(str::to_owned);
    }
    let others: Vec<&String> =
        topology.clusters.iter().map(|cluster| &cluster.name).filter(|name| *name != to).collect();
    if let [other] = others.as_slice() {
        return Some((*other).clone());
    }
    others
        .into_iter()
        .find(|other| {
            let scope = Scope { world, set, source: other, target: to, only: &[] };
            !membership::find(scope).members.is_empty()
        })
        .cloned()
}

/// An answer that is not the cluster's own, or refuses this client, is a matter of
/// configuration; never of a dead cluster.
///
/// # Errors
/// The first cluster that answers and is of no use.
pub(crate) fn check_answers(world: &World) -> Result<(), Refusal> {
    world.clusters.iter().try_for_each(|(name, cluster)| check_answer(name, cluster))
}

/// Two names lead to two clusters; of switches, and of what sets them up, the plan says so.
///
/// # Errors
/// Where one cluster answers for two names.
pub(crate) fn check_one_name_each(world: &World) -> Result<(), Refusal> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for name in world.clusters.keys() {
        let Some(view) = world.view(name).filter(|view| !view.uuid.is_empty()) else { continue };
        if let Some(other) = names.insert(&view.uuid, name) {
            let failed =
                format!("{other} and {name} are one cluster: both answer with UUID {}", view.uuid);
            return Err(
                Refusal::refused(failed, "mend the urls in esdr.toml").code(Code::SameCluster)
            );
        }
    }
    Ok(())
}

/// The same for a switch to a cluster, of which this returns the sets. A leader in whose place
/// something else answers, and from which the standby reads, is alive: the plan says so.
///
/// # Errors
/// As [`check_answers`] and [`set_switches_to`].
pub(crate) fn check_answers_but_leaders(
    session: &Session,
    world: &World,
    playbook: &Playbook,
    to: &str,
    sets: &[String],
) -> Result<Vec<SetSwitch>, Refusal> {
    let says_alive =
        playbook.requires(Requirement::BothAnswer) || playbook.requires(Requirement::NoLiveLeader);
    if !says_alive {
        check_answers(world)?;
        return set_switches_to(session, world, to, sets);
    }
    let is_alive = |name: &str, cluster: &Cluster| {
        let is_odd =
            matches!(cluster, Cluster::Refused { reason: world::Refusal::NotElasticsearch { .. } });
        let sight = world.sight(to, name);
        is_odd && sight.is_some_and(|sight| sight.answer == Answer::Yes)
    };
    let others = world.clusters.iter().filter(|(name, cluster)| !is_alive(name, cluster));
    for (name, cluster) in others {
        check_answer(name, cluster)?;
    }
    set_switches_to(session, world, to, sets)
}

/// What a cluster does not show is not known to be nothing: "nothing to do" needs a look at every
/// cluster that may know of something.
///
/// # Errors
/// The clusters among these that were not seen.
pub(crate) fn check_seen<'n>(
    world: &World,
    clusters: impl IntoIterator<Item = &'n str>,
) -> Result<(), Refusal> {
    let unseen = clusters.into_iter().filter_map(|name| {
        world.unseen(name, &[Part::Record]).map(|why| format!("{name} could not be seen: {why}"))
    });
    let unseen: Vec<String> = unseen.collect();
    if unseen.is_empty() {
        return Ok(());
    }
    let failed = format!("{}; whether there is anything to do is not known", unseen.join("; "));
    let next = "esdr status, and the same command once every cluster answers";
    Err(Refusal::refused(failed, next).code(Code::Unseen))
}

/// The same of the clusters of a set; of one that names none: of every cluster.
///
/// # Errors
/// As for [`check_seen`].
pub(crate) fn check_set_seen(
    topology: &Topology,
    world: &World,
    set: &SetSpec,
) -> Result<(), Refusal> {
    let ends = [set.home.as_deref(), set.standby.as_deref()];
    if ends.iter().all(Option::is_some) {
        return check_seen(world, ends.into_iter().flatten());
    }
    check_seen(world, topology.clusters.iter().map(|cluster| cluster.name.as_str()))
}

/// The same of one cluster.
///
/// # Errors
/// Where it answers and is of no use.
pub(crate) fn check_answer(name: &str, cluster: &Cluster) -> Result<(), Refusal> {
    let Cluster::Refused { reason } = cluster else {
        return Ok(());
    };
    let failed = match reason {
        world::Refusal::Login { detail } => format!("{name} refuses this user: {detail}"),
        world::Refusal::Tls { detail } => format!("TLS with {name} failed: {detail}"),
        world::Refusal::NotElasticsearch { detail } => {
            format!("what answers for {name} is not Elasticsearch: {detail}")
        }
        world::Refusal::WrongUuid { expected, found } => {
            return Err(Refusal::refused(
                format!("another cluster answers for {name}: UUID {found}, expected is {expected}"),
                "mend urls in esdr.toml; where the cluster was made again, write its new uuid there",
            )
            .code(Code::WrongUuid));
        }
    };
    let next = match reason {
        world::Refusal::Tls { detail } if detail.contains("ran out") => {
            format!("renew the certificate of {name}; it is not taken for dead")
        }
        _ => format!("mend [clusters.{name}] in esdr.toml"),
    };
    Err(Refusal::usage(failed, next).after_a_look())
}

/// An index that two sets take in would be moved twice.
///
/// # Errors
/// The first such index.
pub(crate) fn check_overlap(world: &World, set_switches: &[SetSwitch]) -> Result<(), Refusal> {
    let mut taken: BTreeMap<(String, String), String> = BTreeMap::new();
    for set_switch in set_switches {
        let scope = Scope {
            world,
            set: &set_switch.set,
            source: &set_switch.source,
            target: &set_switch.target,
            only: &[],
        };
        let found = membership::find(scope);
        let covered = found.members.into_iter().map(|names| names.source_index);
        for index in covered.chain(found.uncovered) {
            let key = (set_switch.source.clone(), index);
            if let Some(other) = taken.get(&key) {
                return Err(Refusal::usage(
                    format!("index {} is in two sets, {other} and {}", key.1, set_switch.set.name),
                    "exclude it in one of them, with a leading - in `indices`",
                )
                .after_a_look());
            }
            taken.insert(key, set_switch.set.name.clone());
        }
    }
    Ok(())
}
