//! `esdr reprotect`: after a switch the former leader becomes the follower.

use crate::{
    cli::ReprotectArgs,
    commands::{
        failover::{built_in, switch},
        pipeline::{Asked, carry_out},
        scope::{check_answers, legs_back},
        session::Session,
    },
    plan::{Plan, consent::Consent, planner::Options},
    report::Reporter,
};

/// Makes the former leaders of the chosen sets follow.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub async fn run(
    session: &Session,
    args: &ReprotectArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let plan = plan(session, args).await?;
    carry_out(session, reporter, "reprotect", &plan).await
}

/// The plan of it.
///
/// # Errors
/// As for [`run`].
pub async fn plan(session: &Session, args: &ReprotectArgs) -> anyhow::Result<Plan> {
    let mut command = "esdr reprotect".to_owned();
    for set in &args.sets {
        command += &format!(" --set {set}");
    }
    let asked = Asked {
        command,
        playbook: built_in("reprotect")?,
        only: Vec::new(),
        canary: false,
        max_lag_ops: 0,
        undo: false,
        consent: Consent::default(),
    };
    let world = session.observe().await?;
    check_answers(&world)?;
    let legs = legs_back(&session.topology, &world, &args.sets)?;
    let options = Options::default();
    let switches = legs.iter().map(|leg| switch(session, &world, leg, &asked, &options)).collect();
    Ok(asked.plan(session, world.at_ms, switches))
}
