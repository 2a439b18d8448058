//! `esdr drill --sandbox`: the main job, rehearsed on two simulated clusters with a
//! writer that never stops.

use std::{path::PathBuf, sync::Arc};

use serde_json::json;

use crate::{
    cli::{ConsentArgs, DrillArgs, FailoverArgs, Global, ReplicateArgs, Scope},
    commands::{failover, refusal::Refusal, replicate, session::Session},
    drill::{PHASES, Phase, Writer},
    es::api::Es,
    model::{
        connection::Connection,
        topology::{CONCURRENCY_DEFAULT, ClusterSpec, Hooks, RemoteSpec, SetSpec, Topology},
    },
    observe::Watched,
    outcome::{Counts, LostOps, Next, Outcome, Outcomes, exit},
    report::Reporter,
    sandbox::{Pair, Personality, Site},
};

/// Indices of the rehearsed set, with 1 to 3 shards each.
const INDICES: usize = 12;
/// Writes before, between and after the phases.
const WRITES: u64 = 500;

/// Rehearses the chosen phases.
///
/// # Errors
/// Where a phase is unknown, and what the commands themselves return.
pub async fn run(global: &Global, args: &DrillArgs, reporter: &mut Reporter) -> anyhow::Result<u8> {
    for phase in &args.phases {
        if !PHASES.contains(&phase.as_str()) {
            let next = format!("phases are: {}", PHASES.join(", "));
            return Err(Refusal::usage(format!("there is no phase {phase}"), next).into());
        }
    }
    let folder = StateFolder::new()?;
    let pair = Pair::new(Personality::V8_19);
    let clusters = [watched(&pair, Site::A), watched(&pair, Site::B)];
    let ends = [clusters[0].es.clone(), clusters[1].es.clone()];
    let names = create(&ends[0]).await?;
    let global = Global { yes: true, dry_run: false, ..global.clone() };
    let session = Session::of(topology(&pair), clusters.into(), folder.0.clone(), global);
    reporter.text(&format!(
        "Two simulated clusters, {INDICES} indices led by clusterA, one writer that never stops.\n"
    ));
    let writer = Writer::start(ends, names);
    writer.until_more(WRITES).await;
    let mut phases = vec![protect(&session, &writer, &pair, reporter).await?];
    let switches = args.phases.is_empty() || args.phases.iter().any(|phase| phase == "failover");
    if switches && phases[0].exit == exit::CONVERGED {
        phases.push(switch(&session, &writer, &pair, reporter).await?);
    }
    writer.stop().await;
    let problems = pair.violations();
    reporter.drill(&phases, &problems);
    let outcomes = outcomes(&phases, problems.len());
    if session.is_json() {
        reporter.result(&outcomes, None);
    }
    Ok(outcomes.exit)
}

async fn protect(
    session: &Session,
    writer: &Writer,
    pair: &Arc<Pair>,
    reporter: &mut Reporter,
) -> anyhow::Result<Phase> {
    let args = ReplicateArgs { sets: Vec::new() };
    let exit = replicate::run(session, &args, reporter).await?;
    writer.until_more(WRITES).await;
    let again = replicate::plan(session, &args).await?;
    Ok(phase(PHASES[0], exit, writer, pair, Site::A, again.is_empty()))
}

async fn switch(
    session: &Session,
    writer: &Writer,
    pair: &Arc<Pair>,
    reporter: &mut Reporter,
) -> anyhow::Result<Phase> {
    let args = FailoverArgs {
        to: "clusterB".to_owned(),
        scope: Scope::default(),
        canary: true,
        max_lag: None,
        consent: ConsentArgs::default(),
    };
    writer.look();
    let exit = failover::run(session, &args, reporter).await?;
    writer.until_more(WRITES).await;
    let again = failover::plan(session, &args).await?;
    Ok(phase(PHASES[1], exit, writer, pair, Site::B, again.is_empty()))
}

fn phase(
    name: &'static str,
    exit: u8,
    writer: &Writer,
    pair: &Arc<Pair>,
    leader: Site,
    is_converged: bool,
) -> Phase {
    let ledger = writer.look();
    let lost = ledger.acknowledged.iter().map(|(index, ids)| {
        let held = pair.documents(leader, index);
        ids.iter().filter(|id| !held.contains(*id)).count()
    });
    Phase {
        name,
        exit,
        writers_paused_ms: Some(ledger.paused_ms),
        lost_writes: lost.sum(),
        acknowledged_writes: ledger.documents(),
        is_converged,
    }
}

fn outcomes(phases: &[Phase], violations: usize) -> Outcomes {
    let good = violations == 0 && phases.iter().all(Phase::is_good);
    let (outcome, status) = if good {
        (Outcome::Converged, exit::CONVERGED)
    } else {
        (Outcome::Stopped, exit::STOPPED)
    };
    let mut outcomes = Outcomes::new("drill", outcome, status);
    let lost: usize = phases.iter().map(|phase| phase.lost_writes).sum();
    let lost = u64::try_from(lost).ok();
    outcomes.lost_ops = LostOps { known: lost, at_most: lost };
    outcomes.writers_refused_ms = phases.last().and_then(|phase| phase.writers_paused_ms);
    outcomes.indices = Counts { total: INDICES, done: if good { INDICES } else { 0 } };
    outcomes.next.push(Next {
        command: "esdr sandbox".into(),
        consequence: "the same two clusters, to try things on".into(),
    });
    outcomes
}

async fn create(es: &Es) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for n in 1..=INDICES {
        let name = format!("orders-{n:06}");
        let body = json!({"settings": {
            "index.number_of_shards": 1 + n % 3,
            "index.number_of_replicas": 0,
            "index.soft_deletes.enabled": true
        }});
        es.create_index(&name, &body, false).await?;
        names.push(name);
    }
    let add = json!({"add": {"index": names[INDICES - 1], "alias": "orders-write",
                             "is_write_index": true}});
    es.update_aliases(&[add]).await?;
    Ok(names)
}

fn watched(pair: &Arc<Pair>, site: Site) -> Watched {
    let name = name(site);
    Watched {
        name: name.to_owned(),
        uuid: None,
        alias: name.to_owned(),
        addresses: vec![pair.seed(site)],
        es: Es::new(name, pair.transport(site)),
    }
}

fn name(site: Site) -> &'static str {
    match site {
        Site::A => "clusterA",
        Site::B => "clusterB",
    }
}

fn topology(pair: &Arc<Pair>) -> Topology {
    let cluster = |site| ClusterSpec {
        name: name(site).to_owned(),
        uuid: None,
        remote: Some(RemoteSpec { seeds: vec![pair.seed(site)], ..RemoteSpec::default() }),
        connection: Connection::default(),
    };
    Topology {
        clusters: vec![cluster(Site::A), cluster(Site::B)],
        sets: vec![SetSpec {
            name: "orders".to_owned(),
            home: Some("clusterA".to_owned()),
            standby: Some("clusterB".to_owned()),
            indices: vec!["orders-*".to_owned()],
            auto_follow: true,
            ..SetSpec::everything_found()
        }],
        bidi: Vec::new(),
        hooks: Hooks::default(),
        concurrency: CONCURRENCY_DEFAULT,
    }
}

/// A rehearsal leaves nothing behind.
struct StateFolder(PathBuf);

impl StateFolder {
    fn new() -> std::io::Result<Self> {
        let name = format!("esdr-drill-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
