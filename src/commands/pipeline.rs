//! What every changing command goes through: observe, plan, confirm, execute, report.

use crate::{
    cli::Output,
    commands::{
        ended::Seen,
        locked::{Attempt, What, not_held},
        next::{again, as_typed, lead_on, refused_next, status},
        question::{asks, confirm, is_agreed},
        session::Session,
    },
    execute::{Ended, Interrupts, Runner, SetEnd, Silent, Stop},
    journal::Journal,
    model::problem::{Code, Problem},
    outcome::{Counts, LostOps, Outcome, Report, exit},
    plan::{Plan, Switch, action::Action, reason::Reason},
    record::lock::Hold,
    report::Reporter,
};

/// Shows a plan, asks, carries it out, and tells how it ended. Returns the exit status.
///
/// # Errors
/// What is neither an end of the run nor a refusal: a defect, or a journal that cannot be
/// written.
pub(crate) async fn carry_out(
    session: &Session,
    reporter: &mut Reporter,
    name: &str,
    plan: &Plan,
) -> anyhow::Result<u8> {
    let report = attempt(session, reporter, name, plan).await?;
    Ok(tell(reporter, &report, plan))
}

/// As [`carry_out`], but for the last word, which [`tell`] has.
///
/// # Errors
/// As [`carry_out`].
pub(crate) async fn attempt(
    session: &Session,
    reporter: &mut Reporter,
    name: &str,
    plan: &Plan,
) -> anyhow::Result<Report> {
    let global = &session.global;
    if global.dry_run {
        reporter.plan(plan);
        if plan.blocked().next().is_some() {
            return Ok(refused(session, name, plan));
        }
        reporter.plan_requests(plan, &Action::requests);
        let status = if plan.is_empty() { exit::CONVERGED } else { exit::ATTENTION };
        let mut report = Report::new(name, Outcome::Planned, status);
        report.next.extend(as_typed(plan));
        return Ok(report);
    }
    // Before anything is said of a world that another run is changing at this moment.
    let attempted = match Attempt::begin(session, reporter, name, What::of(plan)).await {
        Ok(attempted) => attempted,
        Err(locked) => return Ok(*locked),
    };
    if plan.blocked().next().is_some() {
        return Ok(refused(session, name, plan));
    }
    if !needs_run(session, plan) {
        return Ok(nothing_to_do(session, name, plan));
    }
    if !global.yes || global.output == Output::Human {
        reporter.plan(plan);
    }
    if !is_agreed(session, plan) && !confirm(session, reporter, plan)? {
        return Ok(declined(name));
    }
    let lock = match attempted.take(session, reporter, name).await? {
        Ok(lock) => lock,
        Err(refused) => return Ok(*refused),
    };
    // On the heap: a run holds much.
    let ended = Box::pin(execute(session, reporter, plan, &lock)).await;
    let warnings = not_held(&lock);
    lock.release().await;
    let mut report = match ended? {
        Some((ends, seen)) => report(session, name, plan, &ends, seen.as_ref()),
        None => left_where_it_stands(name, plan),
    };
    report.problems.extend(warnings);
    Ok(report)
}

/// Something is to be done, a finished switch is still to be closed, or what was written down of a
/// set is known to nobody else.
fn needs_run(session: &Session, plan: &Plan) -> bool {
    let seen = session.seen().unwrap_or_default();
    let is_open = |switch: &Switch| switch.unclosed || seen.lineage.is_here_alone(&switch.set);
    !plan.is_empty() || plan.switches.iter().any(is_open)
}

/// Tells how it ended; returns the exit status.
pub(crate) fn tell(reporter: &mut Reporter, report: &Report, plan: &Plan) -> u8 {
    reporter.result(report, Some(plan));
    report.exit
}

async fn execute(
    session: &Session,
    reporter: &mut Reporter,
    plan: &Plan,
    lock: &Hold,
) -> anyhow::Result<Option<(Vec<SetEnd>, Option<Seen>)>> {
    let clusters = lock.guarded(&session.clusters);
    let journal = Journal::open(&session.state_folder, plan, session.after_line.clone())?;
    let interrupts = Interrupts::default();
    let interrupted_twice = twice(interrupts.clone());
    reporter.begin(plan);
    let may_ask = session.can_ask();
    let beside = reporter.beside();
    let mut ask =
        |name: &str, say: &str| may_ask && beside.ask(|| asks(&*session.person, name, say));
    let mut tell = |event: &crate::event::Event| reporter.event(event);
    let mut stage = Runner {
        topology: &session.topology,
        clusters: &clusters,
        record: &session.record,
        lock,
        journal,
        plan,
        interrupts,
        confirmed: session.global.confirm.clone(),
        salvage_dir: &session.global.salvage_dir,
        asks_again: !session.global.yes,
        ask: &mut ask,
        tell: &mut tell,
        silent: Silent::of(plan, &clusters).into(),
        set: String::new(),
        step: String::new(),
    };
    let run = async {
        let ends = stage.run(session.global.within).await.map_err(|stop| match stop {
            Stop::Unexpected(error) => error,
            other => anyhow::anyhow!("{other}"),
        })?;
        // What is said of the end is what is seen after the last request.
        let world = stage.observe().await.ok();
        Ok((ends, world.map(|world| Seen::of(session, plan, world))))
    };
    tokio::select! {
        ended = run => ended.map(Some),
        () = interrupted_twice => Ok(None),
    }
}

/// Counts Ctrl-C and SIGTERM: the first stops at the next safe point, with the second this
/// ends and the run is left where it stands.
async fn twice(interrupts: Interrupts) {
    let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
        if interrupts.add() > 1 {
            return;
        }
    }
}

/// Nothing is known of a run that was left in the middle of a call; a re-run looks.
fn left_where_it_stands(name: &str, plan: &Plan) -> Report {
    let mut report = Report::new(name, Outcome::Stopped, exit::INTERRUPTED);
    report.run = Some(plan.request.run.clone());
    report.indices.total = plan.switches.iter().map(|switch| switch.members.len()).sum();
    let detail = "interrupted twice: left in the middle of a step";
    let hint = "run again: it goes on";
    report.problems.push(Problem::new(Code::Interrupted, "", detail, hint));
    report.next = vec![status(), again(plan)];
    report
}

fn refused(session: &Session, name: &str, plan: &Plan) -> Report {
    let mut report = Report::new(name, Outcome::Refused, exit::REFUSED);
    report.problems = plan.blocked().map(Reason::problem).collect();
    report.indices.total = plan.switches.iter().map(|switch| switch.members.len()).sum();
    if plan.blocked().any(|reason| reason.code.is_about_the_leader()) {
        report.lost_ops = plan.loss();
    }
    report.next = refused_next(session, plan, &report.problems);
    report
}

fn declined(name: &str) -> Report {
    let mut report = Report::new(name, Outcome::Refused, exit::REFUSED);
    report
        .problems
        .push(Problem::new(Code::Declined, "", "the question was answered with no", "").warning());
    report.next.push(status());
    report
}

fn nothing_to_do(session: &Session, name: &str, plan: &Plan) -> Report {
    let problems: Vec<Problem> =
        plan.switches.iter().flat_map(|switch| switch.problems.clone()).collect();
    let left = problems.iter().any(|p| p.level == crate::model::problem::Level::Problem);
    let (outcome, status_code) = if left {
        (Outcome::Incomplete, exit::INCOMPLETE)
    } else {
        (Outcome::Converged, exit::CONVERGED)
    };
    let mut report = Report::new(name, outcome, status_code);
    report.indices.total = plan.switches.iter().map(|switch| switch.members.len()).sum();
    report.indices.done = report.indices.total;
    report.problems = problems;
    report.lost_ops = plan.loss();
    let seen = session.seen().map(|world| Seen::of(session, plan, world));
    report.next = lead_on(session, plan, outcome, seen.as_ref());
    if let Some(seen) = seen {
        seen.hold_against(&mut report);
    }
    report
}

fn report(
    session: &Session,
    name: &str,
    plan: &Plan,
    ends: &[SetEnd],
    seen: Option<&Seen>,
) -> Report {
    let (outcome, mut status_code) = overall(ends);
    if ends.iter().any(|end| end.interrupted) {
        status_code = exit::INTERRUPTED;
    }
    let mut report = Report::new(name, outcome, status_code);
    report.run = Some(plan.request.run.clone());
    report.problems = ends.iter().flat_map(|end| end.problems.clone()).collect();
    report.indices = Counts {
        total: ends.iter().map(|end| end.total).sum(),
        done: ends.iter().map(|end| end.done).sum(),
    };
    report.readers_missed = ends.iter().flat_map(|end| end.missed.clone()).collect();
    report.writers_refused_ms = ends.iter().filter_map(SetEnd::refused_ms).max();
    let switched = ends.iter().any(|end| matches!(end.ended, Ended::Converged | Ended::Incomplete));
    if switched && !plan.request.undo {
        let from = if plan.is_forced() {
            ends.iter().map(|end| end.began_ms).min()
        } else {
            ends.iter().filter_map(|end| end.fenced_ms).min()
        };
        report.switch_ms = span(from, ends, |end| end.writable_ms);
        report.redirected_ms = span(from, ends, |end| end.redirected_ms);
    }
    if switched {
        report.lost_ops = LostOps::sum(ends.iter().map(|end| end.lost));
    }
    if let Some(seen) = seen {
        seen.judge(plan, ends, &mut report);
    }
    report.next = if report.problems.iter().any(|problem| problem.code == Code::LockLost) {
        // Another run is at it.
        vec![status()]
    } else {
        lead_on(session, plan, outcome, seen)
    };
    if let Some(seen) = seen {
        seen.hold_against(&mut report);
    }
    report
}

/// From the first refused writer, or the confirmation of a run without the leader, to the
/// last moment of a kind.
fn span(from: Option<i64>, ends: &[SetEnd], to: fn(&SetEnd) -> Option<i64>) -> Option<u64> {
    let to = ends.iter().filter_map(to).max()?;
    u64::try_from(to - from?).ok()
}

fn overall(ends: &[SetEnd]) -> (Outcome, u8) {
    let all = |wanted: &[Ended]| ends.iter().all(|end| wanted.contains(&end.ended));
    if ends.iter().any(|end| end.unexpected) {
        (Outcome::Unexpected, exit::UNEXPECTED)
    } else if all(&[Ended::Converged]) {
        (Outcome::Converged, exit::CONVERGED)
    } else if all(&[Ended::Converged, Ended::Incomplete]) {
        (Outcome::Incomplete, exit::INCOMPLETE)
    } else if all(&[Ended::Refused]) {
        (Outcome::Refused, exit::REFUSED)
    } else if all(&[Ended::Refused, Ended::Undone]) {
        (Outcome::Undone, exit::REFUSED)
    } else {
        (Outcome::Stopped, exit::STOPPED)
    }
}
