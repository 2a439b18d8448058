//! Waiting until both sites of a bi-directional alias answer, with nothing changed.

use std::time::Duration;

use crate::{
    cli::FailbackArgs,
    commands::{
        bidi_failover::failback_plan,
        refusal::Refusal,
        session::Session,
        wait::{Wait, interrupt},
    },
    model::bidi::BidiSpec,
    outcome::exit,
    plan::{
        Plan,
        reason::{Code, Reason},
    },
    report::Reporter,
};

/// How long a site may take to be back, unless `--within` says otherwise.
const BACK_WITHIN: Duration = Duration::from_secs(300);

/// The plan of the way back, as soon as both sites answer and are well; after the time for it
/// the plan that says which one does not. A look and a plan that is only written wait for
/// nobody.
///
/// # Errors
/// As for [`failback_plan`], and where the wait is interrupted.
pub(crate) async fn plan_when_both_answer(
    session: &Session,
    args: &FailbackArgs,
    spec: &BidiSpec,
    reporter: &mut Reporter,
) -> anyhow::Result<Plan> {
    let global = &session.global;
    if global.dry_run || (!global.yes && !session.can_ask()) {
        return failback_plan(session, args, spec).await;
    }
    tokio::select! {
        plan = wait(session, args, spec, reporter) => plan,
        () = interrupt() => {
            let refusal = Refusal::refused("interrupted while it waited", "esdr status");
            Err(Refusal { exit: exit::INTERRUPTED, ..refusal.code(Code::Interrupted) }.into())
        }
    }
}

async fn wait(
    session: &Session,
    args: &FailbackArgs,
    spec: &BidiSpec,
    reporter: &mut Reporter,
) -> anyhow::Result<Plan> {
    let at_most = session.global.within.unwrap_or(BACK_WITHIN);
    let mut wait = Wait::begin(at_most);
    loop {
        let plan = failback_plan(session, args, spec).await?;
        let absent = plan.blocked().find(|reason| is_absence(reason)).map(Reason::problem);
        let Some(absent) = absent.filter(|_| !wait.is_over()) else {
            return Ok(plan);
        };
        wait.pause(reporter, plan.request.bidi.as_deref().unwrap_or_default(), absent).await;
    }
}

/// A site that is away, or up and not recovered yet.
fn is_absence(reason: &Reason) -> bool {
    matches!(
        reason.code,
        Code::LeaderUnreachable
            | Code::LeaderIll
            | Code::SourceUnreachable
            | Code::TargetUnreachable
    )
}
