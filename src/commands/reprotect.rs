//! `esdr reprotect`: after a switch the former leader becomes the follower.

use crate::{
    cli::ReprotectArgs,
    commands::{
        make_plan::built_in,
        pipeline::carry_out,
        select::{plan_over, request, set_switches_back},
        session::Session,
    },
    plan::Plan,
    report::Reporter,
};

/// Makes the former leaders of the chosen sets follow.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub(crate) async fn run(
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
pub(crate) async fn plan(session: &Session, args: &ReprotectArgs) -> anyhow::Result<Plan> {
    let request = request(session, args.line(), built_in("reprotect")?, &args.former)?;
    plan_over(session, request, set_switches_back, &args.sets).await
}
