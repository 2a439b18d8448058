//! `esdr salvage apply`: the documents of salvage files, back to the cluster that leads now.

use std::{path::Path, time::Duration};

use tokio::time::Instant;

use crate::{
    cli::{OnConflict, SalvageApplyArgs},
    commands::{
        refusal::{Refusal, nobody_to_ask},
        scope::{check_answers, check_one_name_each},
        session::Session,
        wait::interrupt,
    },
    model::problem::{Code, Problem},
    outcome::{Next, Outcome, Report, exit},
    report::{Reporter, text::count},
    salvage::{
        self, Applied, Destination, Error, Manifest, Moved, Order, Policy, Tally, destination,
        manifest::{self, Entry},
    },
};

const NAME: &str = "salvage apply";

/// Between two words on how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// One file and where it goes.
type Load<'m> = (&'m Entry, Destination);

/// Checks the files, finds who leads, asks, and writes.
///
/// # Errors
/// Refusals: before anything is written.
pub(super) async fn run(
    session: &Session,
    args: &SalvageApplyArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let manifest = read(&args.folder)?;
    let entries: Vec<&Entry> = manifest.indices.iter().filter(|it| it.file.is_some()).collect();
    let world = session.observe().await?;
    check_answers(&world)?;
    check_one_name_each(&world)?;
    let (mut loads, mut refused) = (Vec::new(), Vec::new());
    for entry in entries {
        match destination(&world, entry) {
            Ok(to) => loads.push((entry, to)),
            Err(problem) => refused.push(problem),
        }
    }
    let mut applied = applied(session, args, &loads, world.at_ms);
    if !refused.is_empty() {
        // All or nothing: half of a salvage is for the operator to ask for.
        let mut report = Report::new(NAME, Outcome::Refused, exit::REFUSED);
        report.indices.total = loads.len() + refused.len();
        report.problems = refused;
        reporter.result(&report, None);
        return Ok(report.exit);
    }
    let global = &session.global;
    if !global.dry_run && !global.yes && !loads.is_empty() && !confirm(session, &applied, reporter)?
    {
        let mut report = Report::new(NAME, Outcome::Refused, exit::REFUSED);
        report.problems.push(Problem::new(Code::Declined, "", "the answer was no", ""));
        reporter.result(&report, None);
        return Ok(report.exit);
    }
    let folder = (!global.dry_run && !loads.is_empty()).then_some(args.folder.as_path());
    let mut tally = Tally::begin(folder)?;
    let stopped = tokio::select! {
        ended = write(session, args, &loads, &mut tally, reporter) => ended?,
        () = interrupt() => Some(Problem::new(Code::Interrupted, "", "interrupted", "run again: it goes on")),
    };
    applied.counts = tally.counts;
    applied.conflicts_file = tally.finish()?;
    applied.conflicts = tally.shown;
    let report = report(args, &applied, stopped);
    reporter.salvage_apply(&applied, &report);
    Ok(report.exit)
}

/// The manifest, with every file as it was written.
fn read(folder: &Path) -> Result<Manifest, Refusal> {
    let refused = |error: &Error| {
        let next = "look at the folder: these files are not as esdr wrote them";
        Refusal::refused(error.to_string(), next).code(Code::SalvageUnreadable)
    };
    let Some(manifest) = manifest::read(folder).map_err(|error| refused(&error))? else {
        let failed = format!("there is no {} in {}", manifest::NAME, folder.display());
        let next = "name the folder that esdr salvage, or a run, has written";
        return Err(Refusal::refused(failed, next).code(Code::SalvageUnreadable));
    };
    for file in manifest.indices.iter().filter_map(|entry| entry.file.as_ref()) {
        manifest::check(folder, file).map_err(|error| refused(&error))?;
    }
    Ok(manifest)
}

fn applied(session: &Session, args: &SalvageApplyArgs, loads: &[Load<'_>], at_ms: i64) -> Applied {
    let moved = |(entry, to): &Load<'_>| Moved {
        index: entry.index.clone(),
        cluster: entry.cluster.clone(),
        leader: to.cluster.clone(),
        leader_index: to.index.clone(),
        documents: entry.documents,
    };
    Applied {
        at_ms,
        folder: super::whole_path(&args.folder),
        dry_run: session.global.dry_run,
        indices: loads.iter().map(moved).collect(),
        ..Applied::default()
    }
}

/// Asks in a terminal. Without one nothing is asked and nothing is done.
fn confirm(session: &Session, applied: &Applied, reporter: &mut Reporter) -> anyhow::Result<bool> {
    if !session.can_ask() {
        return Err(nobody_to_ask().into());
    }
    reporter.salvage_plan(applied);
    let documents: u64 = applied.indices.iter().map(|moved| moved.documents).sum();
    let prompt = format!("Write up to {} documents?  [yes / no]", count(documents));
    let answer = session.person.answer(&prompt)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// One file after the other. Returns why it ended before its end.
async fn write(
    session: &Session,
    args: &SalvageApplyArgs,
    loads: &[Load<'_>],
    tally: &mut Tally,
    reporter: &mut Reporter,
) -> anyhow::Result<Option<Problem>> {
    for (entry, to) in loads {
        let mut told_at = Instant::now();
        let mut told = |documents: u64| {
            if told_at.elapsed() >= TOLD_EVERY {
                told_at = Instant::now();
                reporter.aside(&format!("{}: {documents} documents so far", entry.index));
            }
        };
        let order = Order {
            folder: &args.folder,
            entry,
            to,
            policy: policy(args.on_conflict),
            keeps_versions: false,
            dry_run: session.global.dry_run,
        };
        let es = super::es(session, &to.cluster)?;
        match salvage::apply(&es, order, tally, &mut told).await {
            Ok(()) => {}
            Err(error @ Error::File { .. }) => return Err(error.into()),
            Err(error) => {
                let hint = "run again: what is written already is left as it is";
                let problem = Problem::new(Code::CallFailed, &to.index, error.to_string(), hint);
                return Ok(Some(problem));
            }
        }
    }
    Ok(None)
}

fn policy(on_conflict: OnConflict) -> Policy {
    match on_conflict {
        OnConflict::Report => Policy::Report,
        OnConflict::Skip => Policy::Skip,
        OnConflict::Overwrite => Policy::Overwrite,
    }
}

fn report(args: &SalvageApplyArgs, applied: &Applied, stopped: Option<Problem>) -> Report {
    let counts = &applied.counts;
    let left = counts.conflicts + counts.refused > 0;
    let (outcome, status) = match &stopped {
        Some(problem) if problem.code == Code::Interrupted => (Outcome::Stopped, exit::INTERRUPTED),
        Some(_) if counts.changed() == 0 => (Outcome::Refused, exit::REFUSED),
        Some(_) => (Outcome::Stopped, exit::STOPPED),
        None if applied.dry_run && counts.changed() > 0 => (Outcome::Planned, exit::ATTENTION),
        None if applied.dry_run => (Outcome::Planned, exit::CONVERGED),
        None if left => (Outcome::Incomplete, exit::INCOMPLETE),
        None => (Outcome::Converged, exit::CONVERGED),
    };
    let mut report = Report::new(NAME, outcome, status);
    report.indices.total = applied.indices.len();
    report.indices.done = if stopped.is_some() { 0 } else { applied.indices.len() };
    report.problems.extend(stopped);
    report.problems.extend(told(args, applied));
    if counts.conflicts > 0 {
        let command = format!("esdr salvage apply {} --on-conflict skip", args.folder.display());
        let consequence = "keeps what the leader has".to_owned();
        report.next.push(Next { command, consequence });
    }
    report
}

/// What is left, or worth knowing.
fn told(args: &SalvageApplyArgs, applied: &Applied) -> Vec<Problem> {
    let counts = &applied.counts;
    let place = match &applied.conflicts_file {
        Some(file) => format!("all are in {file}"),
        None => "nothing was written".to_owned(),
    };
    let folder = args.folder.display();
    let mut problems = Vec::new();
    if counts.conflicts > 0 {
        let number = count(counts.conflicts);
        let detail =
            format!("{number} documents are others on the leader than the salvaged ones; {place}");
        let hint = format!("esdr salvage apply {folder} --on-conflict skip, or overwrite");
        problems.push(Problem::new(Code::SalvageConflicts, "", detail, hint));
    }
    if counts.refused > 0 {
        let number = count(counts.refused);
        let detail = format!("{number} documents are not taken by the leader; {place}");
        let hint = "the list has what it said: mend the mapping, then apply again";
        problems.push(Problem::new(Code::DocumentsRefused, "", detail, hint));
    }
    if counts.perhaps_deleted > 0 {
        let (number, are) =
            (count(counts.perhaps_deleted), if applied.dry_run { "would be" } else { "were" });
        let detail = format!(
            "{number} of the documents that {are} written are not in their first version, and absent \
             on the leader: what was deleted there since comes back with them"
        );
        let hint = "whether it was deleted there cannot be known";
        problems.push(Problem::new(Code::PerhapsDeleted, "", detail, hint).warning());
    }
    problems
}
