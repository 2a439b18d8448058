//! Sets whose lead has moved: who leads by the record, and who led before. Where there is no
//! record, nobody but the operator can say.

use crate::{
    cli::FormerArgs,
    commands::{
        make_plan::{self, Draft},
        refusal::Refusal,
        scope::{SetSwitch, check_answers, check_one_name_each, check_set_seen, chosen, unknown},
        session::Session,
    },
    model::{
        holding::holding,
        lineage,
        membership::{self, Scope},
        problem::Code,
        topology::{SetSpec, Topology},
        world::{Index, World},
    },
    plan::{Plan, declared_leader, request::PlanRequest},
    playbook::Playbook,
};

/// Indices that a refusal lists.
const LISTED_MAX: usize = 12;

/// How a command finds the sets that it is about.
pub(crate) type FindLegs =
    fn(&Topology, &World, &[String], Option<&str>) -> Result<Vec<SetSwitch>, Refusal>;

/// What was asked of former leaders' copies, with the whole command line for people.
pub(crate) fn request(
    session: &Session,
    command: String,
    playbook: Playbook,
    args: &FormerArgs,
) -> anyhow::Result<PlanRequest> {
    Ok(PlanRequest {
        discard: args.discard.clone(),
        choices: args.resolve.iter().cloned().collect(),
        no_salvage: args.no_salvage,
        snapshot: args.snapshot.clone(),
        drop_copies: args.drop_safety_copies,
        ..make_plan::request(session, command, playbook)?
    })
}

/// The plan of it, over the sets that `find` finds.
///
/// # Errors
/// As `find`, and where what answers for a cluster is of no use.
pub(crate) async fn plan_over(
    session: &Session,
    mut request: PlanRequest,
    find: FindLegs,
    sets: &[String],
) -> anyhow::Result<Plan> {
    let mut world = session.observe_for(&request.playbook).await?;
    check_answers(&world)?;
    check_one_name_each(&world)?;
    let discard = request.discard.clone();
    let set_switches = find(&session.topology, &world, sets, discard.as_deref())?;
    if discard.is_some() {
        request.only = word_is_about(&world, &set_switches);
    }
    take_declared_leader(&mut world, &set_switches, discard.as_deref());
    let former: Vec<&str> =
        set_switches.iter().map(|set_switch| set_switch.target.as_str()).collect();
    session.observe_repository(&mut world, &former, request.snapshot.as_deref()).await;
    Ok(Draft::of(session, request, world, set_switches).plan().await)
}

/// The sets that were switched, the other way round: who leads by the record is the source.
///
/// # Errors
/// Where a name is unknown, or a set was never switched.
pub(crate) fn set_switches_back(
    topology: &Topology,
    world: &World,
    sets: &[String],
    discard: Option<&str>,
) -> Result<Vec<SetSwitch>, Refusal> {
    let mut set_switches = Vec::new();
    for set in chosen(topology, sets)? {
        if let Some(set_switch) = decided(world, &set, discard) {
            set_switches.push(set_switch);
            continue;
        }
        match lineage::newest(&world.lineage, &set.name) {
            Some(entry) => {
                let (source, target) = (entry.target.clone(), entry.source.clone());
                set_switches.push(SetSwitch { set, source, target });
            }
            None => set_switches.extend(by_word(topology, world, set, discard)?),
        }
    }
    if set_switches.is_empty() {
        return Err(Refusal::refused(
            "no record says that any set was ever switched: there is no former leader",
            "esdr status",
        )
        .code(Code::NoRecord));
    }
    Ok(set_switches)
}

/// The sets that were switched, towards home: where the file says it is, else where the first
/// switch on record began. One that was never switched is at home.
///
/// # Errors
/// Where a name is unknown, or nobody says who leads.
pub(crate) fn set_switches_to_home(
    topology: &Topology,
    world: &World,
    sets: &[String],
    discard: Option<&str>,
) -> Result<Vec<SetSwitch>, Refusal> {
    let mut set_switches = Vec::new();
    for set in chosen(topology, sets)? {
        if let Some(set_switch) = decided(world, &set, discard) {
            if set_switch.set.home.as_ref() == Some(&set_switch.source) {
                return Err(at_home(&set_switch));
            }
            set_switches.push(set_switch);
            continue;
        }
        let Some(entry) = lineage::newest(&world.lineage, &set.name) else {
            let set_switch = by_word(topology, world, set, discard)?;
            if let Some(set_switch) = set_switch
                .as_ref()
                .filter(|set_switch| set_switch.set.home.as_ref() == Some(&set_switch.source))
            {
                return Err(at_home(set_switch));
            }
            set_switches.extend(set_switch);
            continue;
        };
        let is_first = |first: &&lineage::Entry| first.set == set.name && first.state.is_switch();
        let first = world.lineage.iter().find(is_first).map(|first| first.source.clone());
        let Some(home) = set.home.clone().or(first) else { continue };
        let away = if entry.source == home { &entry.target } else { &entry.source };
        set_switches.push(SetSwitch { set, source: away.clone(), target: home });
    }
    Ok(set_switches)
}

/// A set whose record is forked, where the operator names the side that goes.
fn decided(world: &World, set: &SetSpec, discard: Option<&str>) -> Option<SetSwitch> {
    let discard = discard?;
    let forked = lineage::fork(&world.lineage, &set.name)?;
    let is_about = |entry: &&&lineage::Entry| entry.source == discard || entry.target == discard;
    let entry = forked.iter().find(is_about)?;
    let leads = if entry.source == discard { &entry.target } else { &entry.source };
    Some(SetSwitch { set: set.clone(), source: leads.clone(), target: discard.to_owned() })
}

/// From here on the operator's word counts as a record, until it is written into one.
fn take_declared_leader(world: &mut World, set_switches: &[SetSwitch], discard: Option<&str>) {
    for set_switch in
        set_switches.iter().filter(|set_switch| Some(set_switch.target.as_str()) == discard)
    {
        let turned = Scope {
            world,
            set: &set_switch.set,
            source: &set_switch.target,
            target: &set_switch.source,
            only: &[],
        };
        if let Some(entry) = declared_leader::entry(turned) {
            world.lineage.push(entry);
        }
    }
}

/// Of sets without a record the indices that the operator's word is about, by their names at
/// home; where it is about whole sets, or a set has a record, no index is left out.
fn word_is_about(world: &World, set_switches: &[SetSwitch]) -> Vec<String> {
    let mut named = Vec::new();
    let mut is_part = false;
    for set_switch in set_switches {
        let Some((home, standby)) =
            set_switch.set.home.as_deref().zip(set_switch.set.standby.as_deref())
        else {
            return Vec::new();
        };
        if lineage::newest(&world.lineage, &set_switch.set.name).is_some() {
            return Vec::new();
        }
        let scope = Scope { world, set: &set_switch.set, source: home, target: standby, only: &[] };
        let parted: Vec<String> = copies(scope).map(|(at_home, _)| at_home.name.clone()).collect();
        is_part |= parted.len() < membership::find(scope).members.len();
        named.extend(parted);
    }
    if is_part { named } else { Vec::new() }
}

/// The copy that goes is the standby's: nothing is to go home.
fn at_home(set_switch: &SetSwitch) -> Refusal {
    let SetSwitch { set, source, target } = set_switch;
    Refusal::refused(
        format!("with {target}'s copies of {} gone, {source} leads, which is its home", set.name),
        format!("esdr reprotect --set {} --discard {target}, and {target} follows again", set.name),
    )
    .code(Code::AtHome)
}

/// A set without a record: nothing to do where one side follows the other or one side has
/// nothing; where both are regular, only the operator can say which side goes.
fn by_word(
    topology: &Topology,
    world: &World,
    set: SetSpec,
    discard: Option<&str>,
) -> Result<Option<SetSwitch>, Refusal> {
    check_set_seen(topology, world, &set)?;
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
    Ok(Some(SetSwitch { set, source: leads, target: discard.to_owned() }))
}

/// Indices that are regular on both sides, with what each holds.
fn parted(world: &World, set: &SetSpec, home: &str, standby: &str) -> Vec<String> {
    let scope = Scope { world, set, source: home, target: standby, only: &[] };
    let facts = copies(scope).map(|(at_home, away)| {
        let (one, other) = (holding(at_home), holding(away));
        format!("{}: {home} {one}; {standby} {other}", at_home.name)
    });
    facts.collect()
}

/// Members that are regular on both sides.
fn copies(scope: Scope<'_>) -> impl Iterator<Item = (&Index, &Index)> {
    let regular = move |cluster: &str, name: &str| {
        scope.world.index(cluster, name).filter(|index| index.following.is_none())
    };
    membership::find(scope).members.into_iter().filter_map(move |names| {
        regular(scope.source, &names.source_index).zip(regular(scope.target, &names.target_index))
    })
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
    .code(Code::NoRecord)
}
