//! Two sites that both write, rehearsed: one dies, the other goes on, and it comes back.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{StateFolder, WRITES, topology, watched};
use crate::{
    cli::{
        BidiArgs, BidiCommand, BidiSetupArgs, BidiStatusArgs, ConsentArgs, FailbackArgs,
        FailoverArgs, Global, Scope, WatchArgs,
    },
    commands::{bidi, failback, failover, session::Session},
    drill::{Ledger, PHASES, Phase, Writer},
    model::{bidi::BidiSpec, topology::Topology},
    report::Reporter,
    sandbox::{Fault, Pair, Personality, Site},
};

const ALIAS: &str = "logs";

/// What was written last is read on the other side within this time.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

/// A writer on each site; what each was told must be read on both in the end.
pub(super) async fn rehearse(
    global: &Global,
    reporter: &mut Reporter,
    violations: &mut Vec<String>,
) -> anyhow::Result<Phase> {
    let folder = StateFolder::new()?;
    let pair = Pair::new(Personality::V8_19);
    let clusters = [watched(&pair, Site::A), watched(&pair, Site::B)];
    let [a, b] = [clusters[0].es.clone(), clusters[1].es.clone()];
    let global = Global { yes: true, dry_run: false, ..global.clone() };
    let spec = spec();
    let topology = Topology { sets: Vec::new(), bidi: vec![spec.clone()], ..topology(&pair) };
    let session = Session::of(topology, clusters.into(), folder.0.clone(), global);
    bidi::run(&session, &command(BidiCommand::Setup(setup())), reporter).await?;
    let alias = || vec![ALIAS.to_owned()];
    let writers =
        [Writer::start("a", [a.clone(), b.clone()], alias()), Writer::start("b", [b, a], alias())];
    until_more(&writers).await;
    pair.fault(Fault::Kill(Site::A));
    failover::run(&session, &to_b(), reporter).await?;
    until_more(&writers).await;
    pair.fault(Fault::Restart(Site::A));
    let look = BidiStatusArgs { name: ALIAS.to_owned(), again: WatchArgs { watch: None } };
    bidi::run(&session, &command(BidiCommand::Status(look)), reporter).await?;
    let home = FailbackArgs { sets: alias(), ..FailbackArgs::default() };
    let exit = failback::run(&session, &home, reporter).await?;
    until_more(&writers).await;
    let is_converged = failback::plan(&session, &home).await?.is_empty();
    let [one, other] = writers;
    let ledgers = [one.stop().await, other.stop().await];
    let phase = Phase {
        name: PHASES[PHASES.len() - 1],
        exit,
        writers_paused_ms: ledgers.iter().map(|ledger| ledger.paused_ms).max(),
        lost_writes: missing(&pair, &spec, &ledgers).await,
        acknowledged_writes: ledgers.iter().map(Ledger::documents).sum(),
        is_converged,
        is_forced: false,
        known_lost_ops: Some(0),
    };
    violations.extend(pair.violations());
    Ok(phase)
}

fn spec() -> BidiSpec {
    let clusters = ["clusterA".to_owned(), "clusterB".to_owned()];
    BidiSpec { name: ALIAS.to_owned(), clusters, history: None }
}

fn command(command: BidiCommand) -> BidiArgs {
    BidiArgs { command }
}

fn setup() -> BidiSetupArgs {
    BidiSetupArgs { name: ALIAS.to_owned(), settings: None, mapping: None, rollover: false }
}

fn to_b() -> FailoverArgs {
    FailoverArgs {
        to: "clusterB".to_owned(),
        scope: Scope { sets: vec![ALIAS.to_owned()], ..Scope::default() },
        canary: false,
        max_lag: None,
        reprotect: false,
        consent: ConsentArgs::default(),
    }
}

async fn until_more(writers: &[Writer; 2]) {
    for writer in writers {
        writer.until_more(WRITES).await;
    }
}

/// Documents that were acknowledged and are not read on both sites, once there was time for it.
async fn missing(pair: &Arc<Pair>, spec: &BidiSpec, ledgers: &[Ledger; 2]) -> usize {
    let acknowledged: Vec<&String> =
        ledgers.iter().flat_map(|ledger| ledger.acknowledged.values().flatten()).collect();
    let missing_on = |site: Site| {
        let indices = spec.clusters.each_ref().map(|cluster| spec.write_index(cluster));
        let held: BTreeSet<String> =
            indices.iter().flat_map(|index| pair.documents(site, index)).collect();
        acknowledged.iter().filter(|id| !held.contains(**id)).count()
    };
    let began = Instant::now();
    loop {
        let missing = missing_on(Site::A) + missing_on(Site::B);
        if missing == 0 || began.elapsed() > ARRIVES_WITHIN {
            return missing;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
