//! `esdr plan` and `esdr apply`: the plan as a file.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context as _;

use crate::{
    cli::{ApplyArgs, PlanCommand},
    commands::{
        failback, failover,
        make_plan::Draft,
        pipeline::carry_out,
        playbook_run,
        refusal::Refusal,
        replicate, reprotect,
        scope::{SetSwitch, check_answers},
        session::Session,
    },
    files::FileName,
    model::world::World,
    outcome::{Outcome, Report, exit},
    plan::{
        FORMAT, Plan, Switch,
        action::Action,
        drift::{Drift, drift},
        reason::{Code, Reason},
    },
    report::Reporter,
};

/// Writes the plan of a command into a file.
///
/// # Errors
/// As the command itself, and where the file cannot be written.
pub(crate) async fn write(
    session: &Session,
    command: &PlanCommand,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let (plan, out) = match command {
        PlanCommand::Failover(args) => (failover::plan(session, &args.command).await?, &args.out),
        PlanCommand::Replicate(args) => (replicate::plan(session, &args.command).await?, &args.out),
        PlanCommand::Reprotect(args) => (reprotect::plan(session, &args.command).await?, &args.out),
        PlanCommand::Failback(args) => (failback::plan(session, &args.command).await?, &args.out),
        PlanCommand::Run(args) => (playbook_run::plan(session, &args.command).await?, &args.out),
        PlanCommand::Show { file } => return show(file, reporter),
    };
    let text = serde_json::to_string_pretty(&plan)?;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(out)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", out.display()))?;
    reporter.plan(&plan);
    reporter.text(&format!(
        "Plan {} saved to {}. Nothing was changed.",
        plan.request.run,
        out.display()
    ));
    let blocked = plan.blocked().next().is_some();
    let (outcome, status) = if blocked {
        (Outcome::Refused, exit::REFUSED)
    } else {
        (Outcome::Planned, exit::CONVERGED)
    };
    let mut report = Report::new("plan", outcome, status);
    report.problems = plan.blocked().map(Reason::problem).collect();
    reporter.result(&report, Some(&plan));
    Ok(status)
}

/// Shows a plan from its file. No cluster is asked.
///
/// # Errors
/// Where the file is no plan.
pub(crate) fn show(file: &Path, reporter: &mut Reporter) -> anyhow::Result<u8> {
    let plan = read(file)?;
    reporter.plan(&plan);
    reporter.plan_requests(&plan, &Action::requests);
    Ok(exit::CONVERGED)
}

/// Carries out a plan from a file, or goes on with it.
///
/// # Errors
/// Where the file is no plan, or the world is not the one that was planned.
pub(crate) async fn apply(
    session: &Session,
    args: &ApplyArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let plan = read(&args.file)?;
    if plan.blocked().next().is_some() {
        return carry_out(session, reporter, "apply", &plan).await;
    }
    let mut world = session.observe_for(&plan.request.playbook).await?;
    check_answers(&world)?;
    let former: Vec<&str> = plan.switches.iter().map(|it| it.target.as_str()).collect();
    session.observe_repository(&mut world, &former, plan.request.snapshot.as_deref()).await;
    let (left, drifts) = compare(session, &world, &plan);
    if !drifts.is_empty() {
        let mut report = Report::new("apply", Outcome::Refused, exit::REFUSED);
        report.problems = drifts
            .iter()
            .map(|drift| {
                crate::model::problem::Problem::new(
                    Code::Drift,
                    drift.subject.clone(),
                    format!("planned: {}; now: {}", drift.planned, drift.now),
                    plan.request.command.clone(),
                )
            })
            .collect();
        reporter.result(&report, Some(&plan));
        return Ok(report.exit);
    }
    carry_out(session, reporter, "apply", &left).await
}

/// The plan as far as it is still to be carried out, and where the world differs from the
/// one that was planned.
fn compare(session: &Session, world: &World, plan: &Plan) -> (Plan, Vec<Drift>) {
    let set_switch = |planned: &Switch| SetSwitch {
        set: session.topology.set_or_direction(&planned.set),
        source: planned.source.clone(),
        target: planned.target.clone(),
    };
    let set_switches = plan.switches.iter().map(set_switch).collect();
    let again = Draft::of(session, plan.request.clone(), world.clone(), set_switches).switches();
    let mut drifts = Vec::new();
    let mut left = plan.clone();
    for (planned, now) in left.switches.iter_mut().zip(again) {
        let no_repository = now.blocked.iter().filter(|it| it.code == Code::NoRepository);
        planned.blocked.extend(no_repository.cloned());
        // A cluster that is gone is one reason, not the many differences that follow from it.
        if let Some(gone) = unanswered(&now) {
            planned.blocked = gone;
            continue;
        }
        let own = now.continues.as_deref() == Some(plan.request.run.as_str());
        drifts.extend(drift(planned, &now, own));
        // Confirmed is the plan; of it is shown and done what is left.
        planned.unclosed = now.unclosed;
        if now.is_empty() {
            planned.steps.iter_mut().for_each(|step| step.actions.clear());
            planned.problems = now.problems;
        }
    }
    (left, drifts)
}

/// The reasons to stop that say that a cluster is not to be seen; `None` where both are.
fn unanswered(now: &Switch) -> Option<Vec<Reason>> {
    let answers = now.source_uuid.is_some() && now.target_uuid.is_some();
    let codes = [
        Code::LeaderUnreachable,
        Code::LeaderIll,
        Code::SourceUnreachable,
        Code::TargetUnreachable,
    ];
    let is_it = |code| code == Code::Unseen || (!answers && codes.contains(&code));
    let reasons = now.blocked.iter().filter(|reason| is_it(reason.code));
    let reasons: Vec<Reason> = reasons.cloned().collect();
    (!reasons.is_empty()).then_some(reasons)
}

fn read(file: &Path) -> anyhow::Result<Plan> {
    let refused = |failed: String| {
        Refusal::usage(failed, "make one with: esdr plan failover --to CLUSTER --out FILE")
    };
    let text = fs::read_to_string(file)
        .map_err(|error| refused(format!("cannot read {}: {error}", file.display())))?;
    let bad = |error: String| refused(format!("{} is no plan of esdr's: {error}", file.display()));
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
    if value["format"].as_u64() != Some(u64::from(FORMAT)) {
        return Err(
            bad(format!("format {}, this esdr reads format {FORMAT}", value["format"])).into()
        );
    }
    let plan: Plan = serde_json::from_value(value).map_err(|error| bad(error.to_string()))?;
    FileName::run(&plan.request.run).map_err(|error| bad(error.to_string()))?;
    Ok(plan)
}
