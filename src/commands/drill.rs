//! `esdr drill --sandbox`: the main job, rehearsed on two simulated clusters with
//! writers that never stop.

mod bidi;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};

use crate::{
    cli::{
        ConsentArgs, DrillArgs, FailbackArgs, FailoverArgs, Global, Output, ReplicateArgs, Scope,
        VerifyArgs,
    },
    commands::{failback, failover, refusal::Refusal, replicate, session::Session, verify},
    drill::{PHASES, Phase, Writer},
    es::api::Es,
    files::random_digits,
    model::{
        connection::Connection,
        topology::{CONCURRENCY_DEFAULT, ClusterSpec, Hooks, RemoteSpec, SetSpec, Topology},
    },
    observe::Watched,
    outcome::{Counts, LostOps, Next, Outcome, Report, exit},
    plan::Plan,
    report::Reporter,
    sandbox::{Fault, Pair, Personality, Site},
};

/// Indices of the rehearsed set, with 1 to 3 shards each.
const INDICES: usize = 12;
/// Phases that go on from one another.
const CHAINED: usize = 4;
/// Writes before, between and after the phases.
const WRITES: u64 = 500;

/// Rehearses the chosen phases.
///
/// # Errors
/// Where a phase is unknown, and what the commands themselves return.
pub(crate) async fn run(
    global: &Global,
    args: &DrillArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    for phase in &args.phases {
        if !PHASES.contains(&phase.as_str()) {
            let next = format!("phases are: {}", PHASES.join(", "));
            return Err(Refusal::usage(format!("there is no phase {phase}"), next).into());
        }
    }
    let is_chosen = |name: &str| args.phases.is_empty() || args.phases.iter().any(|p| p == name);
    reporter.text("Two simulated clusters, and writers that never stop.\n");
    let (mut phases, mut violations) = (Vec::new(), Vec::new());
    // Each of these needs those before it.
    let chain = PHASES[..CHAINED].iter().rposition(|name| is_chosen(name));
    if let Some(last) = chain {
        let drill = Rehearsal::begin(global).await?;
        for name in &PHASES[..=last] {
            phases.push(drill.next(name, reporter).await?);
            if phases.last().is_some_and(|phase| phase.exit != exit::CONVERGED) {
                break;
            }
        }
        violations.extend(drill.end().await);
    }
    for (name, fault) in
        [("dead-leader", Fault::Kill(Site::A)), ("frozen-leader", Fault::Freeze(Site::A))]
    {
        if is_chosen(name) {
            phases.push(without_leader(global, name, fault, reporter, &mut violations).await?);
        }
    }
    if is_chosen("salvage") {
        phases.push(salvage(global, reporter, &mut violations).await?);
    }
    if is_chosen("bidi") {
        phases.push(bidi::rehearse(global, reporter, &mut violations).await?);
    }
    reporter.drill(&phases, &violations);
    let report = report(&phases, violations.len());
    if global.output == Output::Json {
        reporter.result(&report, None);
    }
    Ok(report.exit)
}

/// The leader is gone in the middle of the writing, and the standby takes over.
async fn without_leader(
    global: &Global,
    name: &'static str,
    fault: Fault,
    reporter: &mut Reporter,
    violations: &mut Vec<String>,
) -> anyhow::Result<Phase> {
    let drill = Rehearsal::begin(global).await?;
    drill.protect(reporter).await?;
    drill.pair.fault(fault);
    let consent = ConsentArgs { accept_data_loss: true, ..ConsentArgs::default() };
    let phase = drill.switch(name, consent, reporter).await?;
    violations.extend(drill.end().await);
    Ok(phase)
}

/// The leader dies with writes that never left it; it comes back, and everything goes home.
async fn salvage(
    global: &Global,
    reporter: &mut Reporter,
    violations: &mut Vec<String>,
) -> anyhow::Result<Phase> {
    let drill = Rehearsal::begin(global).await?;
    drill.protect(reporter).await?;
    drill.pair.fault(Fault::FreezeLink { from: Site::B, to: Site::A });
    drill.writer.until_more(WRITES).await;
    drill.pair.fault(Fault::Kill(Site::A));
    let consent = ConsentArgs { accept_data_loss: true, ..ConsentArgs::default() };
    drill.switch("salvage", consent, reporter).await?;
    // Until it is fenced the former leader takes writes: they are salvaged too.
    drill.pair.allow_two_writable(true);
    drill.pair.fault(Fault::Restart(Site::A));
    drill.pair.fault(Fault::Mend { from: Site::B, to: Site::A });
    let phase = drill.home("salvage", reporter).await?;
    violations.extend(drill.end().await);
    Ok(phase)
}

/// Two clusters, a set that is to be protected, and a writer at work.
struct Rehearsal {
    pair: Arc<Pair>,
    session: Session,
    writer: Writer,
    /// Removed with it.
    _folder: StateFolder,
}

impl Rehearsal {
    async fn begin(global: &Global) -> anyhow::Result<Self> {
        let folder = StateFolder::new()?;
        let pair = Pair::new(Personality::V8_19);
        let clusters = [watched(&pair, Site::A), watched(&pair, Site::B)];
        let ends = [clusters[0].es.clone(), clusters[1].es.clone()];
        let names = create(&ends[0]).await?;
        let salvage_dir = folder.0.join("salvage");
        pair.salvages_into(&salvage_dir);
        let global = Global { yes: true, dry_run: false, salvage_dir, ..global.clone() };
        let session = Session::of(topology(&pair), clusters.into(), folder.0.clone(), global);
        let writer = Writer::start("doc", ends, names);
        writer.until_more(WRITES).await;
        Ok(Self { pair, session, writer, _folder: folder })
    }

    /// One of the phases that go on from one another.
    async fn next(&self, name: &'static str, reporter: &mut Reporter) -> anyhow::Result<Phase> {
        match name {
            "failover" => self.switch(name, ConsentArgs::default(), reporter).await,
            "failback" => self.home(name, reporter).await,
            "verify" => self.verify(reporter).await,
            _ => self.protect(reporter).await,
        }
    }

    async fn home(&self, name: &'static str, reporter: &mut Reporter) -> anyhow::Result<Phase> {
        let args = FailbackArgs { canary: true, ..FailbackArgs::default() };
        self.writer.look();
        let exit = failback::run(&self.session, &args, reporter).await?;
        self.writer.until_more(WRITES).await;
        let again = failback::plan(&self.session, &args).await?;
        Ok(self.phase(name, exit, Site::A, &again))
    }

    /// Both sides compared document by document while the writer goes on.
    async fn verify(&self, reporter: &mut Reporter) -> anyhow::Result<Phase> {
        let args = VerifyArgs { sets: Vec::new(), sample: 1, full: true };
        self.writer.look();
        let exit = verify::run(&self.session, &args, reporter).await?;
        let nothing = failback::plan(&self.session, &FailbackArgs::default()).await?;
        Ok(self.phase("verify", exit, Site::A, &nothing))
    }

    async fn protect(&self, reporter: &mut Reporter) -> anyhow::Result<Phase> {
        let args = ReplicateArgs { sets: Vec::new() };
        let exit = replicate::run(&self.session, &args, reporter).await?;
        self.writer.until_more(WRITES).await;
        let again = replicate::plan(&self.session, &args).await?;
        Ok(self.phase(PHASES[0], exit, Site::A, &again))
    }

    async fn switch(
        &self,
        name: &'static str,
        consent: ConsentArgs,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Phase> {
        let args = FailoverArgs {
            to: "clusterB".to_owned(),
            scope: Scope::default(),
            canary: true,
            max_lag: None,
            reprotect: false,
            consent,
        };
        self.writer.look();
        let exit = failover::run(&self.session, &args, reporter).await?;
        self.writer.until_more(WRITES).await;
        let again = failover::plan(&self.session, &args).await?;
        let is_forced = consent.is_given();
        Ok(Phase { is_forced, ..self.phase(name, exit, Site::B, &again) })
    }

    fn phase(&self, name: &'static str, exit: u8, leader: Site, again: &Plan) -> Phase {
        let ledger = self.writer.look();
        let kept = salvaged(&self.session.global.salvage_dir);
        let lost = ledger.acknowledged.iter().map(|(index, ids)| {
            let held = self.pair.documents(leader, index);
            ids.iter().filter(|id| !held.contains(*id) && !kept.contains(*id)).count()
        });
        Phase {
            name,
            exit,
            writers_paused_ms: Some(ledger.paused_ms),
            lost_writes: lost.sum(),
            acknowledged_writes: ledger.documents(),
            is_converged: again.is_empty(),
            is_forced: false,
            known_lost_ops: again.loss().known,
        }
    }

    /// What was seen that must never be.
    async fn end(self) -> Vec<String> {
        self.writer.stop().await;
        self.pair.violations()
    }
}

/// The ids in the salvage files below a folder; a writer gives none twice.
fn salvaged(folder: &Path) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for run in fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in fs::read_dir(run.path()).into_iter().flatten().flatten() {
            let text = fs::read_to_string(file.path()).unwrap_or_default();
            let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            ids.extend(lines.filter_map(|line| line["_id"].as_str().map(str::to_owned)));
        }
    }
    ids
}

fn report(phases: &[Phase], violations: usize) -> Report {
    let good = violations == 0 && phases.iter().all(Phase::is_good);
    let (outcome, status) = if good {
        (Outcome::Converged, exit::CONVERGED)
    } else {
        (Outcome::Stopped, exit::STOPPED)
    };
    let mut report = Report::new("drill", outcome, status);
    let lost: usize = phases.iter().map(|phase| phase.lost_writes).sum();
    let lost = u64::try_from(lost).ok();
    report.lost_ops = LostOps { known: lost, at_most: lost };
    report.writers_refused_ms = phases.iter().filter_map(|phase| phase.writers_paused_ms).max();
    report.indices = Counts { total: INDICES, done: if good { INDICES } else { 0 } };
    report.next.push(Next {
        command: "esdr sandbox".into(),
        consequence: "the same two clusters, to try things on".into(),
    });
    report
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
        let name = format!("esdr-drill-{}", random_digits(8)?);
        let folder = std::env::temp_dir().join(name);
        // Never one that somebody else has put there.
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
