//! `esdr replicate`: sets become protected.

use crate::{
    cli::ReplicateArgs,
    commands::{
        make_plan::{Draft, built_in, request},
        pipeline::carry_out,
        refusal::Refusal,
        scope::{Leg, check_answers, check_overlap, legs_home},
        session::Session,
    },
    model::world::World,
    plan::Plan,
    report::Reporter,
};

/// Protects the chosen sets.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub(crate) async fn run(
    session: &Session,
    args: &ReplicateArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let plan = plan(session, args).await?;
    carry_out(session, reporter, "replicate", &plan).await
}

/// The plan of a protection.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn plan(session: &Session, args: &ReplicateArgs) -> anyhow::Result<Plan> {
    let legs = legs_home(&session.topology, &args.sets)?;
    let request = request(session, args.line(), built_in("replicate")?)?;
    let world = session.observe_for(&request.playbook).await?;
    check_answers(&world)?;
    check_overlap(&world, &legs)?;
    check_exclusions(&world, &legs)?;
    Ok(Draft::of(session, request, world, legs).plan().await)
}

/// Auto-follow with exclusions only where the server knows them.
fn check_exclusions(world: &World, legs: &[Leg]) -> Result<(), Refusal> {
    for leg in legs {
        let excludes = leg.set.indices.iter().any(|pattern| pattern.starts_with('-'));
        let version = world.view(&leg.target).map(|view| view.version);
        if leg.set.auto_follow
            && excludes
            && version.is_some_and(|version| !version.excludes_in_patterns())
        {
            return Err(Refusal::usage(
                format!(
                    "set {} excludes names and has auto_follow = true, which {} cannot do before 7.14",
                    leg.set.name, leg.target
                ),
                "take the exclusions out of `indices`, or set auto_follow = false",
            )
            .after_a_look());
        }
    }
    Ok(())
}
