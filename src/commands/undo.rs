//! `esdr undo`: takes back a switch that has not passed its line of no return.

use crate::{
    cli::UndoArgs,
    commands::{
        failover::{built_in, switch},
        pipeline::{Asked, carry_out},
        refusal::Refusal,
        scope::{Leg, check_answers},
        session::Session,
    },
    model::{
        lineage::{Entry, State},
        world::World,
    },
    report::Reporter,
};

/// Takes back the named run, or every unfinished one.
///
/// # Errors
/// Where there is no such run, or it is past its line of no return.
pub async fn run(
    session: &Session,
    args: &UndoArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    let world = session.observe().await?;
    check_answers(&world)?;
    let legs = legs(session, &world, args)?;
    let command =
        args.run.as_ref().map_or("esdr undo".to_owned(), |run| format!("esdr undo {run}"));
    let asked = Asked { undo: true, ..Asked::of(command, built_in("undo")?) };
    let options = asked.options();
    let switches = legs.iter().map(|leg| switch(session, &world, leg, &asked, &options)).collect();
    let plan = asked.plan(session, world.at_ms, switches);
    carry_out(session, reporter, "undo", &plan).await
}

fn legs(session: &Session, world: &World, args: &UndoArgs) -> Result<Vec<Leg>, Refusal> {
    let named = |entry: &&Entry| args.run.as_ref().is_none_or(|run| *run == entry.run);
    let entries: Vec<&Entry> = world.lineage.iter().filter(named).collect();
    if let Some(run) = &args.run {
        if entries.is_empty() {
            return Err(Refusal::usage(format!("there is no run {run} on record"), "esdr status"));
        }
        if let Some(fence) = entries.iter().find(|entry| entry.state == State::Fenced) {
            let Entry { set, source, .. } = fence;
            return Err(Refusal::refused(
                format!("run {run} is no switch: it fenced {set} on {source}"),
                format!("esdr unfence {source} --set {set}"),
            ));
        }
        if let Some(alone) = entries.iter().find(|entry| entry.state == State::Alone) {
            let Entry { set, source, target, .. } = alone;
            return Err(Refusal::refused(
                format!(
                    "run {run} is no switch: {target} goes on alone with {set}, without {source}"
                ),
                format!("esdr failback --set {set}"),
            ));
        }
        if entries.iter().all(|entry| entry.state == State::Done) {
            let to = &entries[0].target;
            return Err(Refusal::refused(
                format!("run {run} is past its line of no return: {to} leads"),
                "esdr status",
            ));
        }
    }
    Ok(entries
        .into_iter()
        .filter(|entry| entry.state == State::Open)
        .map(|entry| Leg {
            set: session.topology.set_or_direction(&entry.set),
            source: entry.source.clone(),
            target: entry.target.clone(),
        })
        .collect())
}
