//! `esdr run`: the operator's own playbook, on the same path as the built-in ones.

use std::fs;

use crate::{
    cli::RunArgs,
    commands::{
        failover::{consent, switch_plan},
        make_plan::{Draft, request},
        pipeline::carry_out,
        refusal::Refusal,
        scope::{check_answers, check_overlap, set_switches_home},
        session::Session,
    },
    plan::{Plan, request::PlanRequest},
    playbook::{Playbook, lint, parse},
    report::Reporter,
};

/// Carries out the operator's own playbook.
///
/// # Errors
/// Where the file is no playbook or its order is unsafe, and as any changing command.
pub(crate) async fn run(
    session: &Session,
    args: &RunArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let plan = plan(session, args).await?;
    carry_out(session, reporter, "run", &plan).await
}

/// The plan of the operator's own playbook.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn plan(session: &Session, args: &RunArgs) -> anyhow::Result<Plan> {
    let playbook = read(args)?;
    let request = PlanRequest {
        only: args.scope.indices.clone(),
        canary: args.canary,
        consent: consent(args.consent),
        ..request(session, args.line(), playbook)?
    };
    if let Some(to) = &args.to {
        return switch_plan(session, request, None, to, &args.scope.sets).await;
    }
    let set_switches = set_switches_home(&session.topology, &args.scope.sets)?;
    let world = session.observe_for(&request.playbook).await?;
    check_answers(&world)?;
    check_overlap(&world, &set_switches)?;
    Ok(Draft::of(session, request, world, set_switches).plan().await)
}

fn read(args: &RunArgs) -> anyhow::Result<Playbook> {
    let file = args.file.display().to_string();
    let text = fs::read_to_string(&args.file).map_err(|error| {
        Refusal::usage(format!("cannot read {file}: {error}"), "esdr playbook list")
    })?;
    let playbook = parse(&file, &text).map_err(|mistake| {
        Refusal::usage(mistake.to_string(), format!("esdr playbook lint {file}"))
    })?;
    let findings = lint(&playbook);
    if let Some(finding) = findings.first() {
        return Err(Refusal::usage(
            format!("{file}:{}: {}", finding.line, finding.text),
            format!("esdr playbook lint {file}"),
        )
        .into());
    }
    if playbook.kind.is_bidi() {
        let failed = format!("{file} is about a bi-directional alias, and no set is one");
        return Err(Refusal::usage(failed, "esdr bidi setup --help").into());
    }
    Ok(playbook)
}
