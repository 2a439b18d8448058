//! A site of a bi-directional alias dies, and comes back: `esdr failover` and `esdr failback` for
//! what is no set.

use crate::{
    cli::{FailbackArgs, FailoverArgs, Scope},
    commands::{
        make_plan::{self, Draft, built_in},
        pipeline::{attempt, tell},
        refusal::Refusal,
        scope::{SetSwitch, check_answer, unknown},
        session::Session,
    },
    model::{
        bidi::{BidiSpec, goes_alone},
        topology::Topology,
    },
    outcome::{Outcome, Report, exit},
    plan::{Plan, request::PlanRequest},
    report::Reporter,
};

/// What a command is about: sets of the file, bi-directional aliases, or both.
pub(crate) struct Chosen<'t> {
    /// Names of sets; None: no set at all; empty: every one.
    pub sets: Option<Vec<String>>,
    pub bidi: Vec<&'t BidiSpec>,
}

impl Chosen<'_> {
    /// The sets among them that a switch to a cluster can be about; none where only an alias has
    /// that cluster and nothing was named.
    pub(crate) fn sets_to(&self, topology: &Topology, to: &str) -> Option<&[String]> {
        let has = topology.sets.is_empty()
            || topology.sets.iter().any(|set| set.other_side(to).is_some());
        let has_alias = self.bidi.iter().any(|spec| spec.other_side(to).is_some());
        self.sets.as_deref().filter(|names| has || !has_alias || !names.is_empty())
    }
}

/// Tells the names of sets from those of bi-directional aliases. Without any name it is every
/// set and every alias.
///
/// # Errors
/// The first name that is neither.
pub(crate) fn choose<'t>(topology: &'t Topology, names: &[String]) -> Result<Chosen<'t>, Refusal> {
    if names.is_empty() {
        return Ok(Chosen { sets: Some(Vec::new()), bidi: topology.bidi.iter().collect() });
    }
    let (aliases, sets): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| topology.bidi(name).is_ok());
    for name in &sets {
        unknown(topology.set(name).map(drop))?;
    }
    let is_named = |spec: &&BidiSpec| aliases.contains(&&spec.name);
    Ok(Chosen {
        sets: (!sets.is_empty()).then(|| sets.into_iter().cloned().collect()),
        bidi: topology.bidi.iter().filter(is_named).collect(),
    })
}

/// The plan by which one site goes on alone. `None` where the alias was not named and has
/// nothing to do with that cluster.
///
/// # Errors
/// Where a name is unknown, or the site that is to go on answers and is of no use.
pub(crate) async fn failover_plan(
    session: &Session,
    args: &FailoverArgs,
    spec: &BidiSpec,
) -> anyhow::Result<Option<Plan>> {
    unknown(session.topology.cluster(&args.to).map(drop))?;
    let Some(left) = spec.other_side(&args.to) else {
        if args.scope.sets.is_empty() {
            return Ok(None);
        }
        let failed = format!("bidi {} has nothing to do with cluster {}", spec.name, args.to);
        return Err(Refusal::usage(failed, "name one of its two clusters").into());
    };
    if !args.scope.indices.is_empty() {
        let failed = format!("--index is for sets; {} is a bi-directional alias", spec.name);
        return Err(Refusal::usage(failed, "the same command without --index").into());
    }
    let scope = Scope { sets: vec![spec.name.clone()], ..args.scope.clone() };
    let line = FailoverArgs { scope, ..args.clone() }.line();
    let request = request(session, line, "bidi-failover", spec)?;
    let world = session.observe_for(&request.playbook).await?;
    if let Some(cluster) = world.clusters.get(&args.to) {
        check_answer(&args.to, cluster)?;
    }
    let set_switch =
        SetSwitch { set: spec.whole(), source: left.to_owned(), target: args.to.clone() };
    Ok(Some(Draft::of(session, request, world, vec![set_switch]).plan().await))
}

/// The plan by which both sites are whole again: first what the site that is back had of its
/// own, then what it missed.
///
/// # Errors
/// Where one of the two answers and is of no use.
pub(crate) async fn failback_plan(
    session: &Session,
    args: &FailbackArgs,
    spec: &BidiSpec,
) -> anyhow::Result<Plan> {
    if args.prepare {
        let failed = format!("--prepare is for sets; nothing of {} is switched", spec.name);
        return Err(Refusal::usage(failed, "the same command without --prepare").into());
    }
    let line = FailbackArgs { sets: vec![spec.name.clone()], ..args.clone() }.line();
    let request = request(session, line, "bidi-failback", spec)?;
    let world = session.observe_for(&request.playbook).await?;
    for cluster in &spec.clusters {
        if let Some(seen) = world.clusters.get(cluster) {
            check_answer(cluster, seen)?;
        }
    }
    let mut set_switches = set_switches_of(spec);
    let left = goes_alone(&world.lineage, &spec.name).map(|entry| entry.source.as_str());
    set_switches.sort_by_key(|set_switch| Some(set_switch.target.as_str()) == left);
    Ok(Draft::of(session, request, world, set_switches).plan().await)
}

/// Both directions, in the order of the file.
pub(crate) fn set_switches_of(spec: &BidiSpec) -> Vec<SetSwitch> {
    let [first, second] = &spec.clusters;
    let ends = [[first, second], [second, first]];
    let set_switches = spec.directions().into_iter().zip(ends);
    set_switches
        .map(|(set, [source, target])| SetSwitch {
            set,
            source: source.clone(),
            target: target.clone(),
        })
        .collect()
}

fn request(
    session: &Session,
    command: String,
    playbook: &str,
    spec: &BidiSpec,
) -> anyhow::Result<PlanRequest> {
    let request = make_plan::request(session, command, built_in(playbook)?)?;
    Ok(PlanRequest { bidi: Some(spec.name.clone()), ..request })
}

/// Whether a plan of sets is about nothing, in a file that has bi-directional aliases only.
pub(crate) fn is_about_nothing(topology: &Topology, plan: &Plan) -> bool {
    let has_none = plan.switches.iter().all(|switch| switch.members.is_empty());
    topology.sets.is_empty() && !topology.bidi.is_empty() && has_none
}

/// A file holds one plan.
///
/// # Errors
/// Where there are several.
pub(crate) fn only_one(topology: &Topology, mut plans: Vec<Plan>) -> Result<Plan, Refusal> {
    if plans.len() > 1 {
        plans.retain(|plan| plan.request.bidi.is_some() || !is_about_nothing(topology, plan));
    }
    match (plans.pop(), plans.is_empty()) {
        (Some(plan), true) => Ok(plan),
        _ => Err(Refusal::usage(
            "sets and bi-directional aliases are planned one by one",
            "name the sets, or one alias, with --set",
        )),
    }
}

/// Several plans of one command, each with how it ended: one that fails does not hold the next.
pub(crate) struct Runs<'r> {
    name: &'r str,
    ended: Vec<(Plan, Report)>,
}

impl<'r> Runs<'r> {
    /// None yet, of a command by its name in results.
    pub(crate) fn of(name: &'r str) -> Self {
        Self { name, ended: Vec::new() }
    }

    /// One that has ended already.
    pub(crate) fn add(&mut self, plan: Plan, report: Report) {
        self.ended.push((plan, report));
    }

    /// Carries one out, unless the operator has interrupted one before.
    ///
    /// # Errors
    /// As for [`attempt`].
    pub(crate) async fn run(
        &mut self,
        session: &Session,
        reporter: &mut Reporter,
        plan: Plan,
    ) -> anyhow::Result<()> {
        if self.ended.iter().any(|(_, report)| report.exit == exit::INTERRUPTED) {
            return Ok(());
        }
        let report = attempt(session, reporter, self.name, &plan).await?;
        self.ended.push((plan, report));
        Ok(())
    }

    /// Tells how they ended: each to people, all in one object as JSON. Returns the exit status.
    pub(crate) fn tell(&self, session: &Session, reporter: &mut Reporter) -> u8 {
        let all = merged(self.name, self.ended.iter().map(|(_, report)| report));
        match self.ended.as_slice() {
            [(plan, report)] => return tell(reporter, report, plan),
            _ if session.is_json() => reporter.result(&all, None),
            each => {
                for (plan, report) in each {
                    tell(reporter, report, plan);
                }
            }
        }
        all.exit
    }
}

/// One result of several.
fn merged<'o>(name: &str, all: impl Iterator<Item = &'o Report> + Clone) -> Report {
    let (outcome, status) = overall(all.clone());
    let mut merged = Report::new(name, outcome, status);
    for report in all {
        merged.run = merged.run.or_else(|| report.run.clone());
        merged.writers_refused_ms = merged.writers_refused_ms.max(report.writers_refused_ms);
        merged.switch_ms = merged.switch_ms.max(report.switch_ms);
        merged.redirected_ms = merged.redirected_ms.max(report.redirected_ms);
        merged.indices.total += report.indices.total;
        merged.indices.done += report.indices.done;
        merged.readers_missed.extend(report.readers_missed.clone());
        merged.problems.extend(report.problems.clone());
        let fresh = report.next.iter().filter(|next| !merged.next.contains(next));
        let fresh: Vec<_> = fresh.cloned().collect();
        merged.next.extend(fresh);
    }
    merged
}

/// What they come to together; where they differ, and not only in what is left, it is stopped
/// part-way.
fn overall<'o>(all: impl Iterator<Item = &'o Report> + Clone) -> (Outcome, u8) {
    let interrupted = all.clone().find(|report| report.exit == exit::INTERRUPTED);
    let unexpected = all.clone().find(|report| report.outcome == Outcome::Unexpected);
    if let Some(worst) = interrupted.or(unexpected) {
        return (worst.outcome, worst.exit);
    }
    let is_done = |it: &Report| matches!(it.outcome, Outcome::Converged | Outcome::Incomplete);
    let is_planned = |it: &Report| it.outcome == Outcome::Planned;
    let by_exit = |it: &&Report| it.exit;
    let mut rest = all.clone();
    let first = rest.next().map(|first| (first.outcome, first.exit));
    match first {
        Some((outcome, status))
            if rest.all(|other| other.outcome == outcome && other.exit == status) =>
        {
            (outcome, status)
        }
        _ if all.clone().all(is_done) || all.clone().all(is_planned) => {
            let worst = all.max_by_key(by_exit);
            worst.map_or((Outcome::Converged, exit::CONVERGED), |it| (it.outcome, it.exit))
        }
        Some(_) => (Outcome::Stopped, exit::STOPPED),
        None => (Outcome::Converged, exit::CONVERGED),
    }
}
