//! `esdr reprotect`: after a switch the former leader becomes the follower.

use crate::{
    cli::ReprotectArgs,
    commands::{
        failover::{built_in, switch},
        former::{legs_back, take_word},
        pipeline::{Asked, carry_out},
        scope::check_answers,
        session::Session,
    },
    plan::{Plan, choice},
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
    if args.no_salvage {
        command.push_str(" --no-salvage");
    }
    for resolve in &args.resolve {
        command += &format!(" --resolve {}", choice::text(resolve));
    }
    if let Some(discard) = &args.discard {
        command += &format!(" --discard {discard}");
    }
    let asked = Asked {
        discard: args.discard.clone(),
        choices: args.resolve.iter().cloned().collect(),
        no_salvage: args.no_salvage,
        ..Asked::of(command, built_in("reprotect")?)
    };
    let mut world = session.observe().await?;
    check_answers(&world)?;
    let discard = args.discard.as_deref();
    let legs = legs_back(&session.topology, &world, &args.sets, discard)?;
    take_word(&mut world, &legs, discard);
    let options = asked.options();
    let switches = legs.iter().map(|leg| switch(session, &world, leg, &asked, &options)).collect();
    Ok(asked.plan(session, world.at_ms, switches))
}
