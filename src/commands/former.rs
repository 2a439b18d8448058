//! Sets whose lead has moved: who leads by the record, and who led before. Where there is no
//! record, nobody but the operator can say.

use crate::{
    cli::FormerArgs,
    commands::{
        asked::Asked,
        comparison::look,
        failover::switches,
        refusal::Refusal,
        scope::{Leg, check_answers, chosen, unknown},
        session::Session,
    },
    model::{
        lineage,
        membership::{self, Scope},
        topology::{SetSpec, Topology},
        world::{Index, World},
    },
    plan::{Plan, choice, word},
    playbook::Playbook,
};

/// Indices that a refusal lists.
const LISTED_MAX: usize = 12;

/// How a command finds the sets that it is about.
pub type FindLegs = fn(&Topology, &World, &[String], Option<&str>) -> Result<Vec<Leg>, Refusal>;

/// What was asked of former leaders' copies, with the whole command line for people.
pub fn asked(command: &str, playbook: Playbook, sets: &[String], args: &FormerArgs) -> Asked {
    let mut command = command.to_owned();
    for set in sets {
        command += &format!(" --set {set}");
    }
    if args.no_salvage {
        command.push_str(" --no-salvage");
    }
    for resolve in &args.resolve {
        command += &format!(" --resolve {}", choice::text(resolve));
    }
    if let Some(discard) = &args.discard {
        command += &format!(" --discard {discard}");
    }
    if let Some(repository) = &args.snapshot {
        command += &format!(" --snapshot '{repository}'");
    }
    if args.drop_safety_copies {
        command.push_str(" --drop-safety-copies");
    }
    Asked {
        discard: args.discard.clone(),
        choices: args.resolve.iter().cloned().collect(),
        no_salvage: args.no_salvage,
        snapshot: args.snapshot.clone(),
        drop_copies: args.drop_safety_copies,
        ..Asked::of(command, playbook)
    }
}

/// The plan of it, over the sets that `find` finds.
///
/// # Errors
/// As `find`, and where what answers for a cluster is of no use.
pub async fn plan_over(
    session: &Session,
    asked: Asked,
    find: FindLegs,
    sets: &[String],
) -> anyhow::Result<Plan> {
    let mut world = session.observe_for(&asked.playbook).await?;
    check_answers(&world)?;
    let discard = asked.discard.as_deref();
    let legs = find(&session.topology, &world, sets, discard)?;
    take_word(&mut world, &legs, discard);
    let former: Vec<&str> = legs.iter().map(|leg| leg.target.as_str()).collect();
    session.observe_repository(&mut world, &former, asked.snapshot.as_deref()).await;
    let options = asked.options();
    let mut planned = switches(session, &world, &legs, &asked, &options);
    look(session, &world, &legs, &asked, &options, &mut planned).await;
    Ok(asked.plan(session, world.at_ms, planned))
}

/// The sets that were switched, the other way round: who leads by the record is the source.
///
/// # Errors
/// Where a name is unknown, or a set was never switched.
pub fn legs_back(
    topology: &Topology,
    world: &World,
    sets: &[String],
    discard: Option<&str>,
) -> Result<Vec<Leg>, Refusal> {
    let mut legs = Vec::new();
    for set in chosen(topology, sets)? {
        match lineage::newest(&world.lineage, &set.name) {
            Some(entry) => {
                let (source, target) = (entry.target.clone(), entry.source.clone());
                legs.push(Leg { set, source, target });
            }
            None => legs.extend(by_word(topology, world, set, discard)?),
        }
    }
    if legs.is_empty() {
        return Err(Refusal::refused(
            "no record says that any set was ever switched: there is no former leader",
            "esdr status",
        )
        .code("no_record"));
    }
    Ok(legs)
}

/// The sets that were switched, towards home: where the file says it is, else where the first
/// switch on record began. One that was never switched is at home.
///
/// # Errors
/// Where a name is unknown, or nobody says who leads.
pub fn legs_to_home(
    topology: &Topology,
    world: &World,
    sets: &[String],
    discard: Option<&str>,
) -> Result<Vec<Leg>, Refusal> {
    let mut legs = Vec::new();
    for set in chosen(topology, sets)? {
        let Some(entry) = lineage::newest(&world.lineage, &set.name) else {
            legs.extend(by_word(topology, world, set, discard)?);
            continue;
        };
        let is_first = |first: &&lineage::Entry| first.set == set.name && first.state.is_switch();
        let first = world.lineage.iter().find(is_first).map(|first| first.source.clone());
        let Some(home) = set.home.clone().or(first) else { continue };
        let away = if entry.source == home { &entry.target } else { &entry.source };
        legs.push(Leg { set, source: away.clone(), target: home });
    }
    Ok(legs)
}

/// From here on the operator's word counts as a record, until it is written into one.
fn take_word(world: &mut World, legs: &[Leg], discard: Option<&str>) {
    for leg in legs.iter().filter(|leg| Some(leg.target.as_str()) == discard) {
        let turned =
            Scope { world, set: &leg.set, source: &leg.target, target: &leg.source, only: &[] };
        if let Some(entry) = word::entry(turned) {
            world.lineage.push(entry);
        }
    }
}

/// A set without a record: nothing to do where one side follows the other or one side has
/// nothing; where both are regular, only the operator can say which side goes.
fn by_word(
    topology: &Topology,
    world: &World,
    set: SetSpec,
    discard: Option<&str>,
) -> Result<Option<Leg>, Refusal> {
    let Some((home, standby)) = set.home.clone().zip(set.standby.clone()) else {
        return Ok(None);
    };
    let parted = parted(world, &set, &home, &standby);
    if parted.is_empty() {
        return Ok(None);
    }
    let Some(discard) = discard else {
        return Err(undecided(&set.name, &home, &standby, &parted));
    };
    unknown(topology.cluster(discard).map(drop))?;
    let Some(leads) = set.other_side(discard).map(str::to_owned) else {
        return Err(Refusal::usage(
            format!("set {} has nothing to do with cluster {discard}", set.name),
            "name one of the set's two clusters",
        ));
    };
    Ok(Some(Leg { set, source: leads, target: discard.to_owned() }))
}

/// Indices that are regular on both sides, with what each holds.
fn parted(world: &World, set: &SetSpec, home: &str, standby: &str) -> Vec<String> {
    let scope = Scope { world, set, source: home, target: standby, only: &[] };
    let members = membership::find(scope).members;
    let facts = members.iter().filter_map(|names| {
        let regular = |cluster: &str, name: &str| -> Option<&Index> {
            world.index(cluster, name).filter(|index| index.following.is_none())
        };
        let at_home = regular(home, &names.source_index)?;
        let away = regular(standby, &names.target_index)?;
        Some(format!("{}: {home} {}; {standby} {}", at_home.name, holds(at_home), holds(away)))
    });
    facts.collect()
}

/// What one copy holds, in operations: what was written, changed and deleted.
fn holds(index: &Index) -> String {
    let writes = match (index.open, index.write_block) {
        (false, _) => "closed",
        (true, true) => "refuses writes",
        (true, false) => "takes writes",
    };
    if !index.is_measured() {
        return format!("{writes}, positions unknown");
    }
    let ops: i64 = index.shards.iter().map(|shard| shard.max_seq_no + 1).sum();
    format!("{ops} operations, {writes}")
}

fn undecided(set: &str, home: &str, standby: &str, parted: &[String]) -> Refusal {
    let mut listed = parted.iter().take(LISTED_MAX).cloned().collect::<Vec<_>>().join("; ");
    let more = parted.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        listed += &format!("; and {more} more");
    }
    Refusal::refused(
        format!("{set} is regular on both clusters, and no record says which one leads: {listed}"),
        format!("name the side that goes: --discard {home} or --discard {standby}; its copies are salvaged whole first"),
    )
    .code("no_record")
}
