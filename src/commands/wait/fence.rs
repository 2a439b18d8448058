//! `--when-it-answers`: the plan of a fence as soon as its cluster is back.

use crate::{
    cli::FenceArgs,
    commands::{
        fence::{self, Fencing},
        refusal::{Refusal, nobody_to_ask},
        scope::check_answer,
        session::Session,
        wait::{Wait, interrupt},
    },
    duration,
    model::{problem::Problem, world::Cluster},
    observe::{Watched, observe_cluster},
    outcome::{Outcome, Report, exit},
    plan::{Plan, reason::Code},
    report::Reporter,
};

/// Makes the plan as soon as the cluster answers, can be relied on, and shows its indices.
/// `None`: interrupted.
///
/// # Errors
/// Where it does not come back in time, nobody could be asked then, or it answers from the
/// beginning and is of no use: that is no dead cluster.
pub(crate) async fn plan_when_it_answers(
    session: &Session,
    args: &FenceArgs,
    fencing: Fencing,
    reporter: &mut Reporter,
) -> anyhow::Result<Option<Plan>> {
    let global = &session.global;
    if !global.yes && !global.dry_run && !session.can_ask() {
        // Now, and not when it comes back in the night.
        return Err(nobody_to_ask().into());
    }
    tokio::select! {
        plan = wait(session, args, fencing, reporter) => plan.map(Some),
        () = interrupt() => Ok(None),
    }
}

/// Tells that the wait was interrupted. Returns the exit status.
pub(crate) fn interrupted(fencing: Fencing, reporter: &mut Reporter) -> u8 {
    let mut report = Report::new(fencing.word(), Outcome::Refused, exit::INTERRUPTED);
    let detail = "interrupted while it waited";
    report.problems.push(Problem::new(Code::Interrupted, "", detail, "esdr status"));
    reporter.result(&report, None);
    report.exit
}

async fn wait(
    session: &Session,
    args: &FenceArgs,
    fencing: Fencing,
    reporter: &mut Reporter,
) -> anyhow::Result<Plan> {
    let name = &args.cluster;
    let watched = session.clusters.iter().find(|watched| watched.name == *name);
    let watched = watched.ok_or_else(|| anyhow::anyhow!("{name} is not watched"))?;
    let mut wait = Wait::begin(args.at_most);
    loop {
        let (cluster, why) = look(watched).await;
        if wait.told_for().is_none() {
            check_answer(name, &cluster)?;
        }
        let is_over = wait.is_over();
        let why = if let Some(why) = why {
            why
        } else {
            let plan = fence::plan(session, args, fencing).await?;
            if is_over || is_there(&plan) {
                if let Some(took) = wait.told_for() {
                    reporter.text(&format!("{name} answers, after {}.", duration::format(took)));
                }
                return Ok(plan);
            }
            format!("{name} answers and shows none of its indices yet")
        };
        if is_over {
            return Err(not_back(args, fencing, &why).into());
        }
        wait.pause(reporter, "", Problem::new(Code::SourceUnreachable, name, why, "")).await;
    }
}

/// Looks once, and says why it is not back yet.
async fn look(watched: &Watched) -> (Cluster, Option<String>) {
    let cluster = observe_cluster(watched).await;
    let name = &watched.name;
    let why = match &cluster {
        Cluster::Ok(_) => None,
        Cluster::Ill { reason, .. } => Some(format!("{name} is ill: {reason}")),
        Cluster::Unreachable { reason } => Some(format!("{name} does not answer: {reason}")),
        // One that is starting may know neither its users nor its own name.
        Cluster::Refused { .. } => {
            Some(check_answer(name, &cluster).err().map_or_else(String::new, |e| e.failed))
        }
    };
    (cluster, why)
}

/// What was seen a moment ago may be gone again, or not recovered yet.
fn is_there(plan: &Plan) -> bool {
    !plan
        .blocked()
        .any(|reason| matches!(reason.code, Code::SourceUnreachable | Code::IndexMissing))
}

fn not_back(args: &FenceArgs, fencing: Fencing, why: &str) -> Refusal {
    let name = &args.cluster;
    let time = duration::typed(args.at_most);
    let failed = format!("{name} did not answer within {time}; last seen: {why}");
    let meaning = match fencing {
        Fencing::Fence => "Nothing was changed. If it comes back now, it may take writes.",
        Fencing::Unfence => "Nothing was changed.",
    };
    let refusal = Refusal::refused(failed, args.waiting_line(fencing.word())).code(Code::NotBack);
    Refusal { meaning: meaning.to_owned(), ..refusal }
}
