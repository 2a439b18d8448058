//! `esdr failback`: home again, and protected as before.

use crate::{
    cli::FailbackArgs,
    commands::{
        failover::built_in,
        former::{asked, legs_to_home, plan_over},
        pipeline::carry_out,
        session::Session,
    },
    plan::Plan,
    report::Reporter,
};

/// Brings the chosen sets home.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub async fn run(
    session: &Session,
    args: &FailbackArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let plan = plan(session, args).await?;
    carry_out(session, reporter, "failback", &plan).await
}

/// The plan of it: with `--prepare` only of what comes before the switch.
///
/// # Errors
/// As for [`run`].
pub async fn plan(session: &Session, args: &FailbackArgs) -> anyhow::Result<Plan> {
    let playbook = built_in(if args.prepare { "reprotect" } else { "failback" })?;
    let mut asked = asked("esdr failback", playbook, &args.sets, &args.former);
    asked.canary = args.canary;
    if args.prepare {
        asked.command.push_str(" --prepare");
    }
    plan_over(session, asked, legs_to_home, &args.sets).await
}
