//! `esdr failover`: the planned switch, and the one without the leader.

use crate::{
    cli::{self, ConsentArgs, FailoverArgs, ReprotectArgs},
    commands::{
        bidi_failover::{Runs, choose, failover_plan, is_about_nothing, only_one},
        make_plan::{self, Draft, built_in},
        pipeline::attempt,
        reprotect,
        scope::{check_answers_but_leaders, check_names, check_overlap},
        session::Session,
    },
    outcome::{Outcome, Report, exit},
    plan::{
        Plan, Switch,
        consent::{Consent, OnReturn},
        gate,
        reason::{Code, Reason},
        request::PlanRequest,
    },
    playbook::{Playbook, Verb},
    report::Reporter,
};

/// Moves the lead of the chosen sets.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub(crate) async fn run(
    session: &Session,
    args: &FailoverArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let chosen = choose(&session.topology, &args.scope.sets)?;
    let mut runs = Runs::of("failover");
    if let Some(sets) = chosen.sets_to(&session.topology, &args.to) {
        let first = sets_plan(session, args, sets).await?;
        if chosen.bidi.is_empty() || !is_about_nothing(&session.topology, &first) {
            let (plan, report) = move_sets(session, args, sets, first, reporter).await?;
            runs.add(plan, report);
        }
    }
    for spec in &chosen.bidi {
        if let Some(plan) = failover_plan(session, args, spec).await? {
            runs.run(session, reporter, plan).await?;
        }
    }
    let status = runs.tell(session, reporter);
    let is_done = [exit::CONVERGED, exit::INCOMPLETE].contains(&status);
    let Some(sets) = chosen.sets.filter(|_| args.reprotect && is_done && !session.global.dry_run)
    else {
        return Ok(status);
    };
    let back = ReprotectArgs { sets, ..ReprotectArgs::default() };
    // The new leader serves: that the former one cannot follow yet is what is left to do.
    Ok(match reprotect::run(session, &back, reporter).await? {
        exit::REFUSED => exit::INCOMPLETE,
        status => status,
    })
}

/// Moves sets; where a leader turns out to take no write block, without it.
async fn move_sets(
    session: &Session,
    args: &FailoverArgs,
    sets: &[String],
    mut plan: Plan,
    reporter: &mut Reporter,
) -> anyhow::Result<(Plan, Report)> {
    let mut report = attempt(session, reporter, "failover", &plan).await?;
    if consent(args.consent).is_given() && !plan.is_forced() && is_left_by_an_ill_leader(&report) {
        let request = request(session, args, built_in("failover-forced")?)?;
        let forced = switch_plan(session, request, None, &args.to, sets).await?;
        let alive: Vec<_> =
            forced.switches.iter().filter_map(gate::connectivity::unfenced_leader_of).collect();
        if !args.consent.leader_is_fenced && !alive.is_empty() {
            report.problems.extend(alive.iter().map(Reason::problem));
            return Ok((plan, report));
        }
        plan = forced;
        report = attempt(session, reporter, "failover", &plan).await?;
    }
    Ok((plan, report))
}

/// The plan of a failover: of sets, or of one bi-directional alias.
///
/// # Errors
/// As for [`run`], and where it would be more than one plan.
pub(crate) async fn plan(session: &Session, args: &FailoverArgs) -> anyhow::Result<Plan> {
    let chosen = choose(&session.topology, &args.scope.sets)?;
    let mut plans = Vec::new();
    if let Some(sets) = chosen.sets_to(&session.topology, &args.to) {
        plans.push(sets_plan(session, args, sets).await?);
    }
    for spec in &chosen.bidi {
        plans.extend(failover_plan(session, args, spec).await?);
    }
    Ok(only_one(&session.topology, plans)?)
}

async fn sets_plan(
    session: &Session,
    args: &FailoverArgs,
    sets: &[String],
) -> anyhow::Result<Plan> {
    let request = request(session, args, built_in("failover")?)?;
    let forced = args.consent.is_given().then(|| built_in("failover-forced")).transpose()?;
    switch_plan(session, request, forced, &args.to, sets).await
}

fn request(
    session: &Session,
    args: &FailoverArgs,
    playbook: Playbook,
) -> anyhow::Result<PlanRequest> {
    Ok(PlanRequest {
        only: args.scope.indices.clone(),
        canary: args.canary,
        max_lag_ops: args.max_lag.unwrap_or(0),
        consent: consent(args.consent),
        ..make_plan::request(session, args.line(), playbook)?
    })
}

/// That a leader takes no write block is seen only by trying: a switch that was planned with
/// it has ended there.
fn is_left_by_an_ill_leader(report: &Report) -> bool {
    let ends_there =
        [Outcome::Undone, Outcome::Refused, Outcome::Stopped].contains(&report.outcome);
    let mut codes = report.problems.iter().map(|problem| problem.code);
    report.run.is_some() && ends_there && codes.any(|code| code == Code::LeaderIll)
}

/// What stands in the way is the leader: the playbook that goes without it may do. So it may
/// where a run stands half-way and the standby does not reach a leader that is fenced already.
fn is_about_the_leader(switches: &[Switch]) -> bool {
    switches.iter().any(|switch| {
        let fences = switch.steps.iter().filter(|step| step.step.verb() == Verb::Fence);
        let stands = switch.unclosed && fences.flat_map(|step| &step.actions).next().is_none();
        let mut codes = switch.blocked.iter().map(|reason| reason.code);
        codes.any(|code| code.is_about_the_leader() || (stands && code == Code::LinkDown))
    })
}

/// What was typed, as the plan understands it.
pub(crate) fn consent(args: ConsentArgs) -> Consent {
    Consent {
        data_loss: args.accept_data_loss,
        leader_is_fenced: args.leader_is_fenced,
        on_return: match args.on_return {
            cli::OnReturn::Fence => OnReturn::Fence,
            cli::OnReturn::Stop => OnReturn::Stop,
        },
    }
}

/// The plan of any playbook that moves sets to a cluster; of `without_leader`, where there is
/// one, if the leader is what stands in the way.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn switch_plan(
    session: &Session,
    request: PlanRequest,
    without_leader: Option<Playbook>,
    to: &str,
    sets: &[String],
) -> anyhow::Result<Plan> {
    check_names(&session.topology, to, sets)?;
    let world = session.observe_for(&request.playbook).await?;
    let set_switches = check_answers_but_leaders(session, &world, &request.playbook, to, sets)?;
    check_overlap(&world, &set_switches)?;
    let mut draft = Draft::of(session, request, world, set_switches);
    draft.measure_paces().await?;
    let mut switches = draft.switches();
    if let Some(playbook) = without_leader
        && is_about_the_leader(&switches)
    {
        draft.request.playbook = playbook;
        switches = draft.switches();
    }
    Ok(draft.plan_of(switches).await)
}
