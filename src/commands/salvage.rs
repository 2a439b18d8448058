//! `esdr salvage`: what only a former leader has, into files. Changes nothing on the clusters.

mod apply;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    cli::{SalvageArgs, SalvageCommand},
    commands::{
        make_plan::run_id,
        refusal::Refusal,
        scope::{check_answers, check_one_name_each, check_set_seen},
        session::{Session, host},
        wait::interrupt,
    },
    es::api::Es,
    model::{
        lineage,
        problem::{Code, Level, Problem},
        world::World,
    },
    outcome::{Next, Outcome, Report, exit},
    report::Reporter,
    salvage::{self, Error, Head, Orphans, Summary, manifest},
};

const NAME: &str = "salvage";

/// Between two words on how far an export is.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// Exports, or writes back.
///
/// # Errors
/// Refusals, and a disk that cannot be written.
pub(crate) async fn run(
    session: &Session,
    args: &SalvageArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    if let Some(SalvageCommand::Apply(apply)) = &args.command {
        if args.out.is_some() || args.deletes || !args.sets.is_empty() {
            let failed = "--set, --out and --deletes are for salvage without apply";
            return Err(Refusal::usage(failed, "leave them out").into());
        }
        return apply::run(session, apply, reporter).await;
    }
    for name in &args.sets {
        session.topology.set(name)?;
    }
    let folder = args.out.clone().unwrap_or_default();
    check_folder(&folder)?;
    tokio::select! {
        status = look_and_export(session, args, &folder, reporter) => return status,
        () = interrupt() => {}
    }
    let mut report = Report::new(NAME, Outcome::Refused, exit::INTERRUPTED);
    let detail = "interrupted: what the manifest names is whole, nothing was changed elsewhere";
    report.problems.push(Problem::new(Code::Interrupted, "", detail, "run again, to a new folder"));
    reporter.result(&report, None);
    Ok(report.exit)
}

/// A file that is there is never replaced.
fn check_folder(folder: &Path) -> Result<(), Refusal> {
    let is_free = match fs::read_dir(folder) {
        Ok(mut files) => files.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_free {
        return Ok(());
    }
    let failed = format!("{} is no empty folder", folder.display());
    Err(Refusal::refused(failed, "name a new folder with --out").code(Code::FolderTaken))
}

async fn look_and_export(
    session: &Session,
    args: &SalvageArgs,
    folder: &Path,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let world = session.observe().await?;
    check_answers(&world)?;
    check_one_name_each(&world)?;
    let sets = session.topology.sets_by_priority().into_iter().map(|set| set.name);
    let sets: Vec<String> =
        sets.filter(|name| args.sets.is_empty() || args.sets.contains(name)).collect();
    for set in session.topology.sets_by_priority().iter().filter(|set| sets.contains(&set.name)) {
        // That nothing was left behind is not known where nobody could be asked.
        if lineage::newest(&world.lineage, &set.name).is_none() {
            check_set_seen(&session.topology, &world, set)?;
        }
    }
    let mut found = salvage::find(&world, &sets);
    let formers = std::mem::take(&mut found.formers);
    let head = Head {
        run: run_id(world.at_ms)?,
        at_ms: world.at_ms,
        host: host(),
        operator: session.operator(),
    };
    let mut work = Work { session, world: &world, args, folder, head, problems: found.problems };
    let summary = work.export_all(&formers, reporter).await?;
    let report = report(&summary, work.problems, folder);
    reporter.salvage(&summary, &report);
    Ok(report.exit)
}

fn report(summary: &Summary, mut problems: Vec<Problem>, folder: &Path) -> Report {
    problems.sort_by_key(|problem| problem.level);
    let is_whole = problems.iter().all(|problem| problem.level == Level::Warning);
    let (outcome, status) = if is_whole && summary.dry_run && !summary.indices.is_empty() {
        (Outcome::Planned, exit::ATTENTION)
    } else if is_whole && summary.dry_run {
        (Outcome::Planned, exit::CONVERGED)
    } else if is_whole {
        (Outcome::Converged, exit::CONVERGED)
    } else if summary.looked_into == 0 {
        (Outcome::Refused, exit::REFUSED)
    } else {
        (Outcome::Incomplete, exit::INCOMPLETE)
    };
    let mut report = Report::new(NAME, outcome, status);
    report.indices.total = summary.indices.len();
    report.indices.done = summary.indices.len();
    report.problems = problems;
    if !summary.dry_run && !summary.indices.is_empty() {
        report.run = Some(summary.run.clone());
    }
    if !summary.dry_run && summary.sum(|entry| entry.documents) > 0 {
        let command = format!("esdr salvage apply {} --dry-run", folder.display());
        let consequence = "what would be written, changes nothing".to_owned();
        report.next.push(Next { command, consequence });
    }
    report
}

/// What an export needs besides the index.
struct Work<'s> {
    session: &'s Session,
    world: &'s World,
    args: &'s SalvageArgs,
    folder: &'s Path,
    head: Head,
    problems: Vec<Problem>,
}

impl Work<'_> {
    /// One index after the other; the manifest names each as soon as its file is whole.
    async fn export_all(
        &mut self,
        formers: &[Orphans],
        reporter: &mut Reporter,
    ) -> anyhow::Result<Summary> {
        let mut summary = Summary {
            at_ms: self.head.at_ms,
            run: self.head.run.clone(),
            host: self.head.host.clone(),
            dry_run: self.session.global.dry_run,
            ..Summary::default()
        };
        for orphans in formers {
            if orphans.ops() == 0 {
                summary.looked_into += 1;
                continue;
            }
            let former = es(self.session, &orphans.cluster)?;
            let entry = match self.export_one(&former, orphans, reporter).await {
                Ok(entry) => entry,
                Err(error @ Error::File { .. }) => return Err(error.into()),
                Err(error) => {
                    self.problems.push(problem(orphans, &error));
                    continue;
                }
            };
            if !summary.dry_run {
                salvage::write_manifest(self.folder, &self.head, std::slice::from_ref(&entry))?;
                summary.folder = Some(whole_path(self.folder));
            }
            summary.looked_into += 1;
            summary.indices.push(entry);
        }
        Ok(summary)
    }

    async fn export_one(
        &mut self,
        former: &Es,
        orphans: &Orphans,
        reporter: &mut Reporter,
    ) -> Result<manifest::Entry, Error> {
        if self.session.global.dry_run {
            let counted = salvage::count(former, orphans).await?;
            return Ok(manifest::Entry::of(orphans, &counted));
        }
        let mut told_at = Instant::now();
        let mut told = |documents: u64| {
            if told_at.elapsed() >= TOLD_EVERY {
                told_at = Instant::now();
                reporter.aside(&format!("{}: {documents} documents so far", orphans.index));
            }
        };
        let host = &self.head.host;
        let exported = salvage::export(former, orphans, self.folder, host, &mut told).await?;
        let mut entry = manifest::Entry::of(orphans, &exported);
        if self.args.deletes {
            entry.deletes = self.deletes(former, orphans).await?;
        }
        Ok(entry)
    }

    /// None, with a problem, where the leader's index cannot be read.
    async fn deletes(
        &mut self,
        former: &Es,
        orphans: &Orphans,
    ) -> Result<Option<manifest::Deletes>, Error> {
        let Orphans { leader, leader_index, .. } = orphans;
        let index = self.world.index(leader, leader_index);
        let is_there = index.is_some_and(|index| index.uuid == orphans.leader_index_uuid);
        let why = if let (true, Ok(leader)) = (is_there, es(self.session, leader)) {
            match salvage::list_deletes(former, &leader, orphans, self.folder).await {
                Ok(deletes) => return Ok(Some(deletes)),
                Err(error @ Error::File { .. }) => return Err(error),
                Err(error) => error.to_string(),
            }
        } else {
            format!("{leader} does not show the {leader_index} that was promoted")
        };
        let detail = format!("what was deleted of {} is not known: {why}", orphans.index);
        let hint = "run again with --deletes, to a new folder";
        self.problems.push(Problem::new(Code::DeletesUnknown, &orphans.index, detail, hint));
        Ok(None)
    }
}

/// The connection to a cluster of the file's.
fn es(session: &Session, cluster: &str) -> anyhow::Result<Es> {
    let watched = session.clusters.iter().find(|watched| watched.name == cluster);
    let watched = watched.ok_or_else(|| anyhow::anyhow!("{cluster} is not watched"))?;
    Ok(watched.es.clone())
}

fn problem(orphans: &Orphans, error: &Error) -> Problem {
    let (code, hint) = match error {
        Error::NoSource { .. } | Error::PartOfSource { .. } => {
            (Code::NoSource, "keep the copy: its documents can be searched, and not be read")
        }
        _ => (Code::SalvageFailed, "run again, to a new folder"),
    };
    Problem::new(code, &orphans.index, error.to_string(), hint)
}

fn whole_path(folder: &Path) -> String {
    let whole: PathBuf = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    whole.to_string_lossy().into_owned()
}
