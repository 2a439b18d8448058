//! `esdr failback`: home again, and protected as before.

use crate::{
    cli::FailbackArgs,
    commands::{
        failover::{built_in, switch},
        former::{legs_to_home, take_word},
        pipeline::{Asked, carry_out},
        scope::check_answers,
        session::Session,
    },
    plan::{Plan, choice},
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
    if args.no_salvage {
        command.push_str(" --no-salvage");
    }
    for resolve in &args.resolve {
        command += &format!(" --resolve {}", choice::text(resolve));
    }
    if let Some(discard) = &args.discard {
        command += &format!(" --discard {discard}");
    }
    if args.prepare {
        command.push_str(" --prepare");
    }
    let playbook = built_in(if args.prepare { "reprotect" } else { "failback" })?;
    let asked = Asked {
        canary: args.canary,
        discard: args.discard.clone(),
        choices: args.resolve.iter().cloned().collect(),
        no_salvage: args.no_salvage,
        ..Asked::of(command, playbook)
    };
    let mut world = session.observe().await?;
    check_answers(&world)?;
    let discard = args.discard.as_deref();
    let legs = legs_to_home(&session.topology, &world, &args.sets, discard)?;
    take_word(&mut world, &legs, discard);
    let options = asked.options();
    let switches = legs.iter().map(|leg| switch(session, &world, leg, &asked, &options)).collect();
    Ok(asked.plan(session, world.at_ms, switches))
}
