//! `esdr failback`: home again, and protected as before.

use crate::{
    cli::FailbackArgs,
    commands::{
        bidi_failover::{Runs, choose, failback_plan, is_about_nothing, only_one},
        make_plan::built_in,
        select::{plan_over, request, set_switches_to_home},
        session::Session,
        wait::both_sites::plan_when_both_answer,
    },
    plan::Plan,
    report::Reporter,
};

/// Brings the chosen sets home.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub(crate) async fn run(
    session: &Session,
    args: &FailbackArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let chosen = choose(&session.topology, &args.sets)?;
    let mut runs = Runs::of("failback");
    if let Some(sets) = &chosen.sets {
        let plan = sets_plan(session, args, sets).await?;
        if chosen.bidi.is_empty() || !is_about_nothing(&session.topology, &plan) {
            runs.run(session, reporter, plan).await?;
        }
    }
    for spec in &chosen.bidi {
        let plan = plan_when_both_answer(session, args, spec, reporter).await?;
        runs.run(session, reporter, plan).await?;
    }
    Ok(runs.tell(session, reporter))
}

/// The plan of it, of sets or of one bi-directional alias.
///
/// # Errors
/// As for [`run`], and where it would be more than one plan.
pub(crate) async fn plan(session: &Session, args: &FailbackArgs) -> anyhow::Result<Plan> {
    let chosen = choose(&session.topology, &args.sets)?;
    let mut plans = Vec::new();
    if let Some(sets) = &chosen.sets {
        plans.push(sets_plan(session, args, sets).await?);
    }
    for spec in &chosen.bidi {
        plans.push(failback_plan(session, args, spec).await?);
    }
    Ok(only_one(&session.topology, plans)?)
}

/// The plan of sets: with `--prepare` only of what comes before the switch.
///
/// # Errors
/// As for [`run`].
async fn sets_plan(
    session: &Session,
    args: &FailbackArgs,
    sets: &[String],
) -> anyhow::Result<Plan> {
    let line = FailbackArgs { sets: sets.to_vec(), ..args.clone() }.line();
    let playbook = built_in(if args.prepare { "reprotect" } else { "failback" })?;
    let mut request = request(session, line, playbook, &args.former)?;
    request.canary = args.canary;
    plan_over(session, request, set_switches_to_home, sets).await
}
