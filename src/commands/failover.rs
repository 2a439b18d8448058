//! `esdr failover`: the planned switch, and the one without the leader.

use std::time::Duration;

use crate::{
    cli::{self, ConsentArgs, FailoverArgs, ReprotectArgs},
    commands::{
        alone::{Runs, choose, failover_plan, is_about_nothing, only_one},
        asked::Asked,
        comparison::look,
        pipeline::attempt,
        refusal::Refusal,
        reprotect,
        scope::{Leg, check_answers_but_leaders, check_names, check_overlap},
        session::Session,
    },
    model::{membership::Scope, world::World},
    outcome::{Outcome, Outcomes, exit},
    plan::{
        Plan, Switch,
        assemble::{self, subject_lag, sum},
        consent::{Consent, OnReturn},
        gate,
        options::{Options, Pace},
        planner::Context,
        reason::{Code, Reason},
        room, safety,
    },
    playbook::{Playbook, Step, builtin},
    report::Reporter,
};

/// Two readings for the pace of the followers.
const PACE_APART: Duration = Duration::from_secs(1);

/// Below so many operations no pace is needed: they are drained in no time.
const PACE_FROM_OPS: u64 = 1_000;

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
            let (plan, outcomes) = move_sets(session, args, sets, first, reporter).await?;
            runs.add(plan, outcomes);
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
) -> anyhow::Result<(Plan, Outcomes)> {
    let mut outcomes = attempt(session, reporter, "failover", &plan).await?;
    if consent(args.consent).is_given() && !plan.is_forced() && is_left_by_an_ill_leader(&outcomes)
    {
        let asked = asked(args, built_in("failover-forced")?)?;
        let forced = switch_plan(session, asked, None, &args.to, sets).await?;
        let alive: Vec<_> = forced.switches.iter().filter_map(gate::unfenced_leader_of).collect();
        if !args.consent.leader_is_fenced && !alive.is_empty() {
            outcomes.problems.extend(alive.iter().map(Reason::problem));
            return Ok((plan, outcomes));
        }
        plan = forced;
        outcomes = attempt(session, reporter, "failover", &plan).await?;
    }
    Ok((plan, outcomes))
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
    let asked = asked(args, built_in("failover")?)?;
    let forced = args.consent.is_given().then(|| built_in("failover-forced")).transpose()?;
    switch_plan(session, asked, forced, &args.to, sets).await
}

fn asked(args: &FailoverArgs, playbook: Playbook) -> anyhow::Result<Asked> {
    Ok(Asked {
        only: args.scope.indices.clone(),
        canary: args.canary,
        max_lag_ops: args.max_lag.unwrap_or(0),
        consent: consent(args.consent),
        ..Asked::of(command(args), playbook)?
    })
}

/// That a leader takes no write block is seen only by trying: a switch that was planned with
/// it has ended there.
fn is_left_by_an_ill_leader(outcomes: &Outcomes) -> bool {
    let ends_there =
        [Outcome::Undone, Outcome::Refused, Outcome::Stopped].contains(&outcomes.outcome);
    let mut codes = outcomes.problems.iter().map(|problem| problem.code);
    outcomes.run.is_some() && ends_there && codes.any(|code| code == Code::LeaderIll)
}

/// What stands in the way is the leader: the playbook that goes without it may do. So it may
/// where a run stands half-way and the standby does not reach a leader that is fenced already.
fn is_about_the_leader(switches: &[Switch]) -> bool {
    switches.iter().any(|switch| {
        let fences = switch.steps.iter().filter(|step| matches!(step.step, Step::Fence { .. }));
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

/// What a plan was asked for, to plan it again.
pub(crate) fn asked_again(plan: &Plan) -> Asked {
    Asked {
        command: plan.command.clone(),
        playbook: plan.playbook.clone(),
        only: plan.only.clone(),
        canary: plan.canary,
        max_lag_ops: plan.max_lag_ops,
        undo: plan.undo,
        max_carry_ops: plan.max_carry_ops,
        consent: plan.consent,
        discard: plan.discard.clone(),
        no_salvage: plan.no_salvage,
        choices: plan.choices.clone(),
        run: plan.id.clone(),
        snapshot: plan.snapshot.clone(),
        drop_copies: plan.drop_copies,
        bidi: plan.bidi.clone(),
        definition: plan.definition.clone(),
    }
}

/// The plan of any playbook that moves sets to a cluster; of `without_leader`, where there is
/// one, if the leader is what stands in the way.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn switch_plan(
    session: &Session,
    mut asked: Asked,
    without_leader: Option<Playbook>,
    to: &str,
    sets: &[String],
) -> anyhow::Result<Plan> {
    check_names(&session.topology, to, sets)?;
    let world = session.observe_for(&asked.playbook).await?;
    let legs = check_answers_but_leaders(session, &world, &asked.playbook, to, sets)?;
    check_overlap(&world, &legs)?;
    let mut options = asked.options();
    let world = measure(session, world, &legs, &asked, &mut options).await?;
    let mut planned = switches(session, &world, &legs, &asked, &options);
    if let Some(playbook) = without_leader
        && is_about_the_leader(&planned)
    {
        asked.playbook = playbook;
        planned = switches(session, &world, &legs, &asked, &options);
    }
    look(session, &world, &legs, &asked, &options, &mut planned).await;
    Ok(asked.plan(session, world.at_ms, planned))
}

/// Every set's part of a plan, in the order in which they run.
pub(crate) fn switches(
    session: &Session,
    world: &World,
    legs: &[Leg],
    asked: &Asked,
    options: &Options,
) -> Vec<Switch> {
    let mut options = options.clone();
    let mut planned = Vec::new();
    for leg in legs {
        let context = context(session, world, leg, asked, &options);
        let switch = assemble::switch(&context);
        for (cluster, claim) in room::claims(&context, &safety::copied(&switch)) {
            *options.claims.entry(cluster).or_default() += claim;
        }
        planned.push(switch);
    }
    planned
}

/// One set's part of a plan.
pub(crate) fn switch(
    session: &Session,
    world: &World,
    leg: &Leg,
    asked: &Asked,
    options: &Options,
) -> Switch {
    assemble::switch(&context(session, world, leg, asked, options))
}

/// What decides one set's part of a plan.
pub(crate) fn context<'a>(
    session: &'a Session,
    world: &'a World,
    leg: &'a Leg,
    asked: &'a Asked,
    options: &'a Options,
) -> Context<'a> {
    let scope =
        Scope { world, set: &leg.set, source: &leg.source, target: &leg.target, only: &asked.only };
    Context { scope, topology: &session.topology, playbook: &asked.playbook, options }
}

/// Where a set is far behind, looks a second time, for its pace.
async fn measure(
    session: &Session,
    world: World,
    legs: &[Leg],
    asked: &Asked,
    options: &mut Options,
) -> anyhow::Result<World> {
    let lag_of = |world: &World, leg: &Leg, options: &Options| {
        let seen = context(session, world, leg, asked, options).see();
        let lags: Vec<_> = seen.subjects.iter().map(subject_lag).collect();
        let arrived: i64 = seen
            .subjects
            .iter()
            .filter_map(|subject| subject.target)
            .flat_map(|index| &index.shards)
            .map(|shard| shard.global_checkpoint)
            .sum();
        (sum(&lags), arrived)
    };
    let before: Vec<_> = legs.iter().map(|leg| lag_of(&world, leg, options)).collect();
    if before.iter().all(|(lag, _)| lag.is_none_or(|lag| lag <= PACE_FROM_OPS)) {
        return Ok(world);
    }
    tokio::time::sleep(PACE_APART).await;
    let later = World { rooms: world.rooms.clone(), ..session.observe().await? };
    for (leg, (_, arrived_before)) in legs.iter().zip(before) {
        if let (Some(lag_ops), arrived) = lag_of(&later, leg, options) {
            #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
            let (ops, ms) = ((arrived - arrived_before) as f64, (later.at_ms - world.at_ms) as f64);
            let pace = Pace { lag_ops, ops_per_s: ops * 1_000.0 / ms.max(1.0) };
            options.paces.insert(leg.set.name.clone(), pace);
        }
    }
    Ok(later)
}

/// A playbook that comes with esdr.
///
/// # Errors
/// None in a release that passed its tests.
pub(crate) fn built_in(name: &str) -> anyhow::Result<Playbook> {
    let builtin = builtin::find(name).ok_or_else(|| {
        Refusal::usage(format!("there is no playbook {name}"), "esdr playbook list")
    })?;
    Ok(builtin.playbook()?)
}

fn command(args: &FailoverArgs) -> String {
    let mut command = format!("esdr failover --to {}", args.to);
    for set in &args.scope.sets {
        command += &format!(" --set {set}");
    }
    for index in &args.scope.indices {
        command += &format!(" --index '{index}'");
    }
    if args.reprotect {
        command.push_str(" --reprotect");
    }
    if args.canary {
        command.push_str(" --canary");
    }
    if let Some(max_lag) = args.max_lag {
        command += &format!(" --max-lag {max_lag}");
    }
    if args.consent.accept_data_loss {
        command.push_str(" --accept-data-loss");
    }
    if args.consent.leader_is_fenced {
        command.push_str(" --leader-is-fenced");
    }
    if args.consent.on_return == cli::OnReturn::Stop {
        command.push_str(" --on-return stop");
    }
    command
}
