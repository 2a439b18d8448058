//! The requests to one cluster: `GET /` first, then everything else side by side.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{future::join_all, join};
use tokio::time::Instant;

use super::{
    Watched,
    agreement::contradiction,
    view::{self, Answers, NO_MASTER, version},
};
use crate::{
    es::{
        api::{Es, IndexStats, Probe},
        error::Error,
        transport::Unanswered,
    },
    model::{
        unread::Part,
        world::{Cluster, Index, Refusal, Version, View},
    },
};

/// Deadline of each request after the first.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long the cluster may look for a master; within the deadline, so that it can say so.
const MASTER_LIMIT: Duration = Duration::from_secs(3);

/// What a cluster said of one remote, and the time that its answer took, in milliseconds.
pub(super) type Probes = BTreeMap<String, (Probe, u64)>;

/// One cluster as it was seen, and what it said of its remotes by alias.
pub(super) struct Seen {
    pub(super) cluster: Cluster,
    pub(super) probes: Probes,
}

impl Seen {
    /// A cluster that was not asked, for it is known not to answer.
    pub(super) fn unreachable(reason: String) -> Self {
        Self { cluster: Cluster::Unreachable { reason }, probes: Probes::new() }
    }
}

/// Looks at one cluster. `aliases` are probed at once, with the rest; those that turn out
/// to be used by followers, after it. `is_whole` is false where a remote is known to be
/// silent: then nothing is asked that such a remote can hold up.
pub(super) async fn gather(
    watched: &Watched,
    aliases: Vec<String>,
    is_whole: bool,
    now_ms: i64,
) -> Seen {
    let es = &watched.es;
    let began = Instant::now();
    if let Some(uuid) = &watched.uuid {
        es.expect_uuid(uuid);
    }
    let root = match es.root().await {
        Ok(root) => root,
        Err(error) => {
            return Seen { cluster: without_root(es, error), probes: Probes::new() };
        }
    };
    let answer_ms = elapsed_ms(began);
    let asked = ask_until_they_agree(es, version(&root), is_whole);
    let ((answers, contradiction), mut probes) = join!(asked, probe(es, aliases));
    let illness = answers.illness().or(contradiction);
    let mut view = view::view(&root, answers, now_ms);
    note_given_up(es, &mut view).await;
    view.answer_ms = answer_ms;
    view.url = es.address();
    view.passed_over = es.passed_over();
    let illness = illness.or_else(|| (!root.has_master).then(|| NO_MASTER.to_owned()));
    if let Some(reason) = illness {
        let reason = beside(reason, &view.passed_over);
        return Seen { cluster: Cluster::Ill { reason, view: Box::new(view) }, probes };
    }
    let others = used_aliases(&view).into_iter();
    let others = others.filter(|alias| is_whole && !probes.contains_key(alias));
    let others = probe(es, others.collect()).await;
    probes.extend(others);
    if root.cluster_uuid.is_empty() {
        let reason = "it has no cluster UUID: no master has been elected".to_owned();
        return Seen { cluster: Cluster::Ill { reason, view: Box::new(view) }, probes };
    }
    Seen { cluster: Cluster::Ok(Box::new(view)), probes }
}

/// So often answers may contradict each other before the cluster counts as ill.
const TRIES_MAX: usize = 3;

/// Everything after `GET /`, and what still contradicts what in it, for people.
async fn ask_until_they_agree(
    es: &Es,
    version: Version,
    is_whole: bool,
) -> (Answers, Option<String>) {
    let mut answers = ask(es, version, is_whole).await;
    for _ in 1..TRIES_MAX {
        if contradiction(&answers).is_none() {
            break;
        }
        answers = ask(es, version, is_whole).await;
    }
    let found = contradiction(&answers);
    (answers, found.map(|what| format!("its answers contradict each other: {what}")))
}

/// Everything after `GET /`, side by side.
async fn ask(es: &Es, version: Version, is_whole: bool) -> Answers {
    let timed = es.with_deadline(DEADLINE);
    let (
        health,
        license,
        remotes,
        settings,
        indices,
        index_settings,
        stats,
        aliases,
        followers,
        tasks,
        params,
        patterns,
        restoring,
        templates,
    ) = join!(
        timed.health(None, None, MASTER_LIMIT),
        timed.license(),
        // Its own, shorter deadline: 6.8 never answers while a leader is frozen.
        async { if is_whole { es.remote_info().await.ok() } else { None } },
        timed.cluster_settings(),
        timed.cat_indices(version.at_least(7, 7)),
        timed.settings_of_all(),
        stats(&timed, version),
        timed.aliases_of_all(),
        timed.ccr_info_all(),
        timed.ccr_stats(),
        timed.persistent_tasks(),
        timed.auto_follow(),
        timed.restoring(),
        timed.templates(version.has_composable_templates()),
    );
    let unread = [
        // What no licence covers is told as that.
        (Part::Tasks, tasks.as_ref().is_err_and(|error| !error.is_licence())),
        (Part::Restoring, restoring.is_err()),
        (Part::Licence, license.as_ref().map_or(true, |it| it.kind.is_empty())),
        (Part::Templates, templates.as_ref().is_err_and(|error| !error.is_login())),
    ];
    let unread = unread.into_iter().filter_map(|(part, is_unread)| is_unread.then_some(part));
    Answers {
        unread: unread.collect(),
        health,
        settings,
        indices,
        index_settings,
        stats,
        aliases,
        followers,
        // What follows may be missing without the cluster being ill.
        license: license.ok(),
        remotes,
        tasks: tasks.ok(),
        params: params.ok(),
        patterns: patterns.ok(),
        restoring: restoring.ok(),
        templates: templates.ok(),
    }
}

/// Checkpoints of all indices, the closed ones too where the server can (from 7.2; which
/// release first takes the parameter is found out by asking).
async fn stats(es: &Es, version: Version) -> Result<BTreeMap<String, IndexStats>, Error> {
    let reads_closed = version.at_least(7, 2);
    match es.stats_shards(None, reads_closed).await {
        Err(error) if reads_closed && error.is_unknown_parameter() => {
            es.stats_shards(None, false).await
        }
        other => other,
    }
}

/// Which followers the server has given up. Asked where one is red alone; what is not answered is
/// not known to be given up.
async fn note_given_up(es: &Es, view: &mut View) {
    let is_red = |index: &&Index| {
        index.open && index.health == "red" && index.following.is_some() && !index.restoring
    };
    let red: Vec<String> = view.indices.values().filter(is_red).map(|it| it.name.clone()).collect();
    if red.is_empty() {
        return;
    }
    for shard in es.with_deadline(DEADLINE).routing(&red).await.unwrap_or_default() {
        if let Some(index) = view.indices.get_mut(&shard.index).filter(|_| shard.is_given_up()) {
            index.given_up = true;
        }
    }
}

async fn probe(es: &Es, aliases: Vec<String>) -> Probes {
    let probes = aliases.into_iter().map(|alias| async {
        let began = Instant::now();
        let probe = es.probe_remote(&alias).await;
        (alias, (probe, elapsed_ms(began)))
    });
    join_all(probes).await.into_iter().collect()
}

fn used_aliases(view: &View) -> BTreeSet<String> {
    let followers = view.indices.values().filter_map(|index| index.following.as_ref());
    followers.map(|following| following.remote.clone()).collect()
}

/// A reason with what the cluster's other addresses said.
fn beside(reason: String, passed_over: &[String]) -> String {
    let others = passed_over.iter().filter(|other| !reason.contains(other.as_str()));
    others.fold(reason.clone(), |text, other| format!("{text}; {other}"))
}

/// What a failed `GET /` says: silence is not refusal, and refusal is not death.
fn without_root(es: &Es, error: Error) -> Cluster {
    let addresses = es.addresses();
    let place = if addresses.is_empty() { es.name().to_owned() } else { addresses.join(", ") };
    let others = es.passed_over();
    let detail = beside(error.to_string(), &others);
    match error {
        Error::WrongCluster { expected, found } => {
            Cluster::Refused { reason: Refusal::WrongUuid { expected, found } }
        }
        Error::Unanswered { cause: Unanswered::Tls { reason }, .. } => {
            Cluster::Refused { reason: Refusal::Tls { detail: reason } }
        }
        Error::Unanswered { cause, .. } => {
            let reason = match cause {
                Unanswered::Timeout { deadline_ms } => {
                    format!("{place}: no answer in {}", seconds(deadline_ms))
                }
                Unanswered::Connect { reason } if !addresses.is_empty() => reason,
                other => format!("{place}: {other}"),
            };
            Cluster::Unreachable { reason }
        }
        error if error.is_login() => Cluster::Refused { reason: Refusal::Login { detail } },
        // A gateway that says so itself: nothing behind it answers. It may all the same answer
        // others, of which the standby is asked.
        Error::NotElasticsearch { status: status @ (502..=504), .. } => Cluster::Unreachable {
            reason: format!("{place}: {status} from a gateway, not from Elasticsearch"),
        },
        error if error.is_no_master() => {
            let url = addresses.into_iter().next().unwrap_or_default();
            let view = Box::new(View { url, ..View::default() });
            Cluster::Ill { reason: beside(NO_MASTER.to_owned(), &others), view }
        }
        // Whatever else it says, it does not say that it is Elasticsearch.
        Error::NotElasticsearch { .. } | Error::Unreadable { .. } | Error::Refused { .. } => {
            Cluster::Refused { reason: Refusal::NotElasticsearch { detail } }
        }
    }
}

/// Milliseconds as seconds with one decimal, for people.
pub(super) fn seconds(millis: impl TryInto<u64>) -> String {
    let millis = millis.try_into().unwrap_or(u64::MAX);
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

fn elapsed_ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}
