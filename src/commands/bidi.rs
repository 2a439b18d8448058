//! `esdr bidi`: two sites that both write, behind one alias.

use std::{fs, path::Path};

use serde_json::{Map, Value};

use crate::{
    cli::{BidiArgs, BidiCommand, BidiSetupArgs, BidiTeardownArgs},
    commands::{
        bidi_failover::set_switches_of,
        bidi_status,
        make_plan::{Draft, built_in, request},
        pipeline::carry_out,
        refusal::Refusal,
        scope::check_answer,
        session::Session,
    },
    model::{bidi::BidiSpec, index_pattern::wildcard_matches, problem::Code, world::World},
    plan::{Plan, definition::Definition, request::PlanRequest},
    report::Reporter,
};

/// Sets up, looks at, or takes down.
///
/// # Errors
/// Refusals that are no part of a plan, and defects.
pub(crate) async fn run(
    session: &Session,
    args: &BidiArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let plan = match &args.command {
        BidiCommand::Status(status) => return bidi_status::run(session, status, reporter).await,
        BidiCommand::Setup(setup) => set_up(session, setup).await?,
        BidiCommand::Teardown(teardown) => take_down(session, teardown).await?,
    };
    carry_out(session, reporter, args.words(), &plan).await
}

/// The plan of a set-up.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn set_up(session: &Session, args: &BidiSetupArgs) -> anyhow::Result<Plan> {
    let definition = Definition {
        rolls: args.rollover,
        settings: args.settings.as_deref().map(object).transpose()?,
        mappings: args.mapping.as_deref().map(object).transpose()?,
    };
    let request = request(session, args.line(), built_in("bidi")?)?;
    plan(session, &args.name, PlanRequest { definition, ..request }).await
}

/// The plan of taking it down.
///
/// # Errors
/// As for [`run`].
pub(crate) async fn take_down(session: &Session, args: &BidiTeardownArgs) -> anyhow::Result<Plan> {
    let playbook = if args.keep_followers { "bidi-release" } else { "bidi-teardown" };
    plan(session, &args.name, request(session, args.line(), built_in(playbook)?)?).await
}

async fn plan(session: &Session, name: &str, request: PlanRequest) -> anyhow::Result<Plan> {
    let spec = session.topology.bidi(name)?;
    let request = PlanRequest { bidi: Some(spec.name.clone()), ..request };
    let world = session.observe_for(&request.playbook).await?;
    for cluster in &spec.clusters {
        if let Some(seen) = world.clusters.get(cluster) {
            check_answer(cluster, seen)?;
        }
        if request.definition.rolls {
            check_rolls(spec, cluster, &world)?;
            check_born(session, spec, cluster, &world).await?;
        }
    }
    Ok(Draft::of(session, request, world, set_switches_of(spec)).plan().await)
}

/// A site that writes into one index for good is not made to roll over behind its writers' backs.
fn check_rolls(spec: &BidiSpec, cluster: &str, world: &World) -> Result<(), Refusal> {
    let (alias, only) = (&spec.name, spec.write_index(cluster));
    let written = world.view(cluster).and_then(|view| spec.written(cluster, view));
    if written.is_none_or(|index| index.name != only) {
        return Ok(());
    }
    let failed =
        format!("writes through {alias} on {cluster} go into {only}, which is the only one");
    let first = spec.rolled_index(cluster, 1);
    let next = format!("POST {cluster}/{alias}/_rollover/{first}, then the same command");
    Err(Refusal::refused(failed, next).code(Code::NotRolled))
}

/// What is rolled over to must be such that it can be followed: before 7.0 that is for a template
/// to say.
async fn check_born(
    session: &Session,
    spec: &BidiSpec,
    cluster: &str,
    world: &World,
) -> anyhow::Result<()> {
    let is_old = world.view(cluster).is_some_and(|view| !view.version.at_least(7, 0));
    let watched = session.clusters.iter().find(|watched| watched.name == cluster);
    let Some(watched) = watched.filter(|_| is_old) else { return Ok(()) };
    let born = spec.rolled_index(cluster, 2);
    if watched.es.gives_soft_deletes(|pattern| wildcard_matches(pattern, &born)).await? {
        return Ok(());
    }
    let (name, indices) = (spec.write_index(cluster), spec.rolled_indices(cluster));
    let failed = format!("no template on {cluster} gives {indices} soft deletes: none is followed");
    let settings = "{\"index.soft_deletes.enabled\":true}";
    let next = format!(
        "PUT {cluster}/_template/{name} {{\"index_patterns\":[\"{indices}\"],\"settings\":{settings}}}; \
         then the same command"
    );
    Err(Refusal::refused(failed, next).code(Code::SoftDeletes).into())
}

/// A JSON object from a file.
fn object(file: &Path) -> Result<Map<String, Value>, Refusal> {
    let next = "name a file that holds one JSON object";
    let failed =
        |why: String| Refusal::usage(format!("cannot use {}: {why}", file.display()), next);
    let text = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
}
