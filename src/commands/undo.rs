//! `esdr undo`: takes back a switch that has not passed its line of no return; or, by carrying
//! what was written since, a finished one.

use crate::{
    cli::UndoArgs,
    commands::{
        make_plan::{Draft, built_in, request},
        pipeline::carry_out,
        refusal::Refusal,
        scope::{SetSwitch, check_answers, check_one_name_each, check_seen},
        session::Session,
    },
    files::FileName,
    model::{
        lineage::{self, Entry, State},
        problem::Code,
        unread::Part,
        world::World,
    },
    plan::{action::Action, consent::Consent, declared_leader, fences, request::PlanRequest},
    playbook::builtin,
    report::Reporter,
};

/// Takes back the named run, or every unfinished one; with `--max-carry` the named run, or the
/// newest finished one.
///
/// # Errors
/// Where there is no such run, or it is past its line of no return.
pub(crate) async fn run(
    session: &Session,
    args: &UndoArgs,
    reporter: &mut Reporter,
) -> anyhow::Result<u8> {
    if let Some(Err(bad)) = args.run.as_deref().map(FileName::run) {
        return Err(Refusal::usage(bad.to_string(), "esdr status, which names the runs").into());
    }
    let world = session.observe().await?;
    check_answers(&world)?;
    check_one_name_each(&world)?;
    if !is_on_record(&world, args) {
        let clusters = session.topology.clusters.iter();
        check_seen(&world, clusters.map(|cluster| cluster.name.as_str()))?;
    }
    let (request, set_switches) = match args.max_carry {
        Some(most) => (
            carrying(session, args.run.as_deref(), most)?,
            set_switches_back(session, &world, args.run.as_deref())?,
        ),
        None => (taking_back(session, args)?, set_switches(session, &world, args)?),
    };
    let request = if leaves_targets(session, &world, &set_switches).await? {
        let consent = Consent { leader_is_fenced: true, ..request.consent };
        PlanRequest { consent, ..request }
    } else {
        request
    };
    let plan = Draft::of(session, request, world, set_switches).plan().await;
    carry_out(session, reporter, "undo", &plan).await
}

/// Whether the record has what is to be taken back, as far as it was seen.
fn is_on_record(world: &World, args: &UndoArgs) -> bool {
    let is_meant = |entry: &Entry| match (&args.run, args.max_carry) {
        (Some(run), _) => entry.run == *run,
        (None, Some(_)) => entry.state.is_switch(),
        (None, None) => entry.state == State::Open,
    };
    world.lineage.iter().any(is_meant)
}

/// Whether each target that does not answer can be left as it is: nothing was unfollowed there by
/// what the record shows, or by the record of this machine, on which the run was, and which is
/// written first; or the operator names it.
async fn leaves_targets(
    session: &Session,
    world: &World,
    set_switches: &[SetSwitch],
) -> anyhow::Result<bool> {
    let own = session.record.copies(&World::default(), &[]).await?;
    let may_be_left = |set_switch: &SetSwitch| {
        let Some(entry) = lineage::unfinished(&world.lineage, &set_switch.set.name) else {
            return false;
        };
        let is_own = |own: &&Entry| {
            own.run == entry.run && own.set == entry.set && own.revision == entry.revision
        };
        let shows = own.here().iter().find(is_own).is_some_and(|own| {
            !own.carries && own.members.iter().all(|member| member.checkpoints.is_none())
        });
        shows || entry.shows_no_unfollow() || session.global.confirm.contains(&set_switch.target)
    };
    let mut gone = set_switches
        .iter()
        .filter(|set_switch| world.view(&set_switch.target).is_none())
        .peekable();
    Ok(gone.peek().is_some() && gone.all(may_be_left))
}

fn taking_back(session: &Session, args: &UndoArgs) -> anyhow::Result<PlanRequest> {
    let request = request(session, args.line(), built_in("undo")?)?;
    Ok(PlanRequest { undo: true, ..request })
}

fn carrying(session: &Session, run: Option<&str>, max_carry: u64) -> anyhow::Result<PlanRequest> {
    let args = UndoArgs { run: run.map(str::to_owned), max_carry: Some(max_carry) };
    let request = request(session, args.line(), built_in("undo-carry")?)?;
    Ok(PlanRequest { max_carry_ops: Some(max_carry), ..request })
}

fn set_switches(
    session: &Session,
    world: &World,
    args: &UndoArgs,
) -> anyhow::Result<Vec<SetSwitch>> {
    let entries = entries(world, args.run.as_deref())?;
    if let Some(run) = &args.run
        && entries.iter().all(|entry| entry.state == State::Done)
    {
        return Err(past_no_return(session, world, run, &entries)?.into());
    }
    if args.run.is_none() {
        check_begun(session, world, &entries)?;
    }
    let open = entries.into_iter().filter(|entry| entry.state == State::Open);
    let open: Vec<&Entry> = open.collect();
    if args.run.is_some() {
        open.iter().try_for_each(|entry| check_newest(world, entry))?;
    }
    Ok(open
        .into_iter()
        .map(|entry| set_switch(session, entry, (&entry.source, &entry.target)))
        .collect())
}

/// The planner takes back the newest switch of a set, which is to be the one that is named.
fn check_newest(world: &World, entry: &Entry) -> Result<(), Refusal> {
    let newest = lineage::newest(&world.lineage, &entry.set);
    let later = newest.filter(|newest| newest.run != entry.run);
    let Some(reason) = later.map(|later| fences::superseded(later, entry)) else { return Ok(()) };
    Err(Refusal::refused(reason.detail, reason.hint).code(reason.code))
}

/// Where no run is named and none is unfinished: what was done last is finished, and there is
/// another way back; or nothing was, as far as every record that there may be was read.
fn check_begun(session: &Session, world: &World, found: &[&Entry]) -> anyhow::Result<()> {
    if found.iter().any(|entry| entry.state == State::Open) {
        return Ok(());
    }
    if let Some(run) = standing_last(&world.lineage) {
        let of_run = entries(world, Some(run))?;
        return Err(past_no_return(session, world, run, &of_run)?.into());
    }
    match unseen(world) {
        Some(names) => Err(unread(&names, "no unfinished switch is on record here").into()),
        None => Ok(()),
    }
}

/// The run of what was done last, where that stands: a finished switch, a fence set by hand, or
/// a site that goes on alone.
fn standing_last(lineage: &[Entry]) -> Option<&str> {
    let is_switch = |entry: &Entry| {
        let playbook = builtin::find(&entry.playbook).and_then(|it| it.playbook().ok());
        playbook.is_none_or(|playbook| playbook.kind.moves_lead())
    };
    let counts = |entry: &&Entry| match entry.state {
        State::Protected => false,
        State::Undone => is_switch(entry),
        _ => entry.playbook != declared_leader::PLAYBOOK,
    };
    let last = lineage.iter().rev().find(counts)?;
    let stands = |entry: &&Entry| entry.run == last.run && entry.state != State::Undone;
    lineage.iter().find(stands).map(|entry| entry.run.as_str())
}

/// Clusters whose record could not be read, as in a sentence.
fn unseen(world: &World) -> Option<String> {
    let is_unseen =
        |name: &&String| world.view(name).is_none_or(|view| view.unread.contains(&Part::Record));
    let names: Vec<&str> = world.clusters.keys().filter(is_unseen).map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

fn unread(names: &str, failed: &str) -> Refusal {
    let failed = format!("{failed}, and {names} cannot be asked, whose record may have one");
    Refusal::refused(failed, "esdr status --watch, then the same command").code(Code::Unseen)
}

/// The entries of a run, or all.
fn entries<'w>(world: &'w World, run: Option<&str>) -> Result<Vec<&'w Entry>, Refusal> {
    let named = |entry: &&Entry| run.is_none_or(|run| *run == entry.run);
    let entries: Vec<&Entry> = world.lineage.iter().filter(named).collect();
    let Some(run) = run else { return Ok(entries) };
    if entries.is_empty() {
        return Err(not_of_these(world, run));
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
            format!("run {run} is no switch: {target} goes on alone with {set}, without {source}"),
            format!("esdr failback --set {set}"),
        ));
    }
    Ok(entries)
}

fn not_of_these(world: &World, run: &str) -> Refusal {
    if world.lineage.is_foreign(run) {
        let failed = format!("run {run} belongs to other clusters than those of esdr.toml");
        return Refusal::refused(failed, "run it with the esdr.toml of those clusters")
            .code(Code::ForeignRun);
    }
    if world.lineage.unmatched().contains(run) {
        let failed = format!("whether run {run} is of these clusters is not known: none answers");
        return Refusal::refused(failed, "run again once one of them answers").code(Code::Unseen);
    }
    let failed = format!("there is no run {run} on record");
    match unseen(world) {
        Some(names) => unread(&names, &format!("{failed} here")),
        None => Refusal::usage(failed, "esdr status"),
    }
}

/// With the way that is left: back by carrying, where that can be done.
fn past_no_return(
    session: &Session,
    world: &World,
    run: &str,
    entries: &[&Entry],
) -> anyhow::Result<Refusal> {
    let first = entries[0];
    let newest = lineage::newest(&world.lineage, &first.set);
    if let Some(later) = newest.filter(|newest| newest.run != run) {
        let failed = format!("run {} has moved {} since run {run}", later.run, later.set);
        let is_open = later.state == State::Open;
        let next = if is_open { format!("esdr undo {}", later.run) } else { "esdr status".into() };
        return Ok(Refusal::refused(failed, next));
    }
    let failed = format!("run {run} is past its line of no return: {} leads", first.target);
    let request = carrying(session, Some(run), u64::MAX)?;
    let Ok(set_switches) = set_switches_back(session, world, Some(run)) else {
        return Ok(Refusal::refused(failed, "esdr status"));
    };
    let mut ops = Some(0);
    for switch in Draft::of(session, request, world.clone(), set_switches).switches() {
        if let Some(reason) = switch.blocked.first() {
            let failed = format!("{failed}; and back without a copy is no way: {}", reason.detail);
            return Ok(Refusal::refused(failed, reason.hint.clone()));
        }
        for action in switch.actions() {
            if let Action::Carry { ops: since, .. } = action {
                ops = ops.zip(*since).map(|(sum, since)| sum + since);
            }
        }
    }
    let count = ops.map_or("an unknown number of".to_owned(), |ops| ops.to_string());
    let failed = format!("{failed}, and has taken {count} operations since");
    let most = ops.map_or("N".to_owned(), |ops| ops.to_string());
    Ok(Refusal::refused(failed, format!("esdr undo {run} --max-carry {most}, back without a copy")))
}

/// The run that is carried back where none is named: the newest switch on record; where that is
/// a way back already, the one that it takes back, which may have had more sets.
fn newest_run(lineage: &[Entry]) -> Option<&str> {
    let newest = lineage.iter().rev().find(|entry| entry.state.is_switch())?;
    if !newest.carries {
        return Some(&newest.run);
    }
    let Entry { set, source, target, .. } = newest;
    lineage::newest_between(lineage, set, target, source).map(|entry| entry.run.as_str())
}

/// The sets of a run that are carried back: by their newest switch, or by the way back that was
/// begun.
fn set_switches_back(
    session: &Session,
    world: &World,
    run: Option<&str>,
) -> Result<Vec<SetSwitch>, Refusal> {
    let run = run.or_else(|| newest_run(&world.lineage));
    let mut set_switches = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for entry in entries(world, run)?.into_iter().filter(|entry| entry.state.is_switch()) {
        if seen.contains(&entry.set.as_str()) {
            continue;
        }
        seen.push(&entry.set);
        let Some(newest) = lineage::newest(&world.lineage, &entry.set) else { continue };
        if newest.carries {
            let back = (&newest.source, &newest.target);
            let undone = lineage::newest_between(&world.lineage, &entry.set, back.1, back.0);
            let is_meant = |run: &str| run == newest.run || undone.is_some_and(|it| it.run == run);
            if run.is_none_or(is_meant) {
                set_switches.push(set_switch(session, newest, back));
                continue;
            }
        } else if run.is_none_or(|run| run == newest.run) {
            set_switches.push(set_switch(session, newest, (&newest.target, &newest.source)));
            continue;
        }
        return Err(Refusal::refused(
            format!("run {} has moved {} since", newest.run, entry.set),
            format!("esdr undo {}", newest.run),
        ));
    }
    if set_switches.is_empty() {
        return Err(Refusal::refused(
            "no record says that any set was ever switched: there is nothing to take back",
            "esdr status",
        )
        .code(Code::NoRecord));
    }
    Ok(set_switches)
}

fn set_switch(session: &Session, entry: &Entry, (source, target): (&String, &String)) -> SetSwitch {
    SetSwitch {
        set: session.topology.set_or_direction(&entry.set),
        source: source.clone(),
        target: target.clone(),
    }
}
