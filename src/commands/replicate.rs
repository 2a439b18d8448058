//! `esdr replicate`: sets become protected.

use crate::{
    cli::ReplicateArgs,
    commands::{
        make_plan::{Draft, built_in, request},
        pipeline::carry_out,
        refusal::Refusal,
        scope::{SetSwitch, check_answers, check_overlap, set_switches_home},
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
    let set_switches = set_switches_home(&session.topology, &args.sets)?;
    let request = request(session, args.line(), built_in("replicate")?)?;
    let world = session.observe_for(&request.playbook).await?;
    check_answers(&world)?;
    check_overlap(&world, &set_switches)?;
    check_exclusions(&world, &set_switches)?;
    Ok(Draft::of(session, request, world, set_switches).plan().await)
}

/// Auto-follow with exclusions only where the server knows them.
fn check_exclusions(world: &World, set_switches: &[SetSwitch]) -> Result<(), Refusal> {
    for set_switch in set_switches {
        let excludes = set_switch.set.indices.iter().any(|pattern| pattern.starts_with('-'));
        let version = world.view(&set_switch.target).map(|view| view.version);
        if set_switch.set.auto_follow
            && excludes
            && version.is_some_and(|version| !version.excludes_in_patterns())
        {
            return Err(Refusal::usage(
                format!(
                    "set {} excludes names and has auto_follow = true, which {} cannot do before 7.14",
                    set_switch.set.name, set_switch.target
                ),
                "take the exclusions out of `indices`, or set auto_follow = false",
            )
            .after_a_look());
        }
    }
    Ok(())
}
