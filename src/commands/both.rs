//! Waiting until both sites of a bi-directional alias answer, with nothing changed.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    cli::FailbackArgs,
    clock::now_ms,
    commands::{alone::failback_plan, refusal::Refusal, session::Session, waiting::signal},
    duration,
    event::{Detail, Event, Kind},
    model::bidi::BidiSpec,
    outcome::exit,
    plan::{
        Plan,
        reason::{Code, Reason},
    },
    report::Reporter,
};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Between two words that the wait goes on.
const TOLD_EVERY: Duration = Duration::from_secs(10);

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
        () = signal() => {
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
    let began = Instant::now();
    let mut told: Option<Instant> = None;
    loop {
        let plan = failback_plan(session, args, spec).await?;
        let absent = plan.blocked().find(|reason| is_absence(reason)).cloned();
        let Some(absent) = absent.filter(|_| began.elapsed() < at_most) else {
            return Ok(plan);
        };
        if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            told = Some(Instant::now());
            tell(reporter, &plan, &absent, at_most);
        }
        tokio::time::sleep(PAUSE.min(at_most.saturating_sub(began.elapsed()))).await;
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

fn tell(reporter: &mut Reporter, plan: &Plan, absent: &Reason, at_most: Duration) {
    if !reporter.is_json() {
        let (why, time) = (absent.detail.trim_end_matches('.'), duration::format(at_most));
        reporter.text(&format!("{why}. Waiting for it, {time} at most; Ctrl-C ends that."));
        return;
    }
    reporter.event(&Event {
        at_ms: now_ms(),
        run: String::new(),
        set: plan.request.bidi.clone().unwrap_or_default(),
        step: String::new(),
        cluster: absent.subject.clone(),
        indices: Vec::new(),
        kind: Kind::Waiting,
        detail: Detail::Note { problem: absent.problem().warning() },
    });
}
