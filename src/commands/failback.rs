//! `esdr failback`: home again, and protected as before.

use crate::{
    cli::FailbackArgs,
    commands::{
        failover::{built_in, switch},
        pipeline::{Asked, carry_out},
        scope::{check_answers, legs_to_home},
        session::Session,
    },
    plan::{Plan, consent::Consent, planner::Options},
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
    let mut command = "esdr failback".to_owned();
    for set in &args.sets {
        command += &format!(" --set {set}");
    }
    if args.prepare {
        command.push_str(" --prepare");
    }
    let asked = Asked {
        command,
        playbook: built_in(if args.prepare { "reprotect" } else { "failback" })?,
        only: Vec::new(),
        canary: args.canary,
        max_lag_ops: 0,
        undo: false,
        consent: Consent::default(),
    };
    let world = session.observe().await?;
    check_answers(&world)?;
    let legs = legs_to_home(&session.topology, &world, &args.sets)?;
    let options = Options { canary: args.canary, ..Options::default() };
    let switches = legs.iter().map(|leg| switch(session, &world, leg, &asked, &options)).collect();
    Ok(asked.plan(session, world.at_ms, switches))
}
