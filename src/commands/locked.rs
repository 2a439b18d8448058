//! One run a set: the lock is looked at before anybody is asked, taken before the first change,
//! and given back at the end.

use crate::{
    clock::now_ms,
    commands::{
        refusal::{Refusal, refusal_of},
        session::Session,
    },
    duration,
    event::{Detail, Event, Kind},
    model::{
        lineage::Entry,
        lock::{Lock, Standing},
        problem::{Code, Problem},
    },
    observe::Watched,
    outcome::{Outcome, Report, exit},
    plan::Plan,
    record::{
        RecordStore,
        lock::{Contest, Hold, Locked, Wanted},
        record_stores,
    },
    report::{Reporter, text::rfc3339},
    status::next::is_change,
};

/// The attempt of a plan's run, or of what else changes sets, to get their locks.
pub(super) struct Attempt {
    contest: Contest,
    what: What,
}

/// Who wants to change which sets.
pub(super) struct What {
    /// For people; the command line.
    pub(super) command: String,
    pub(super) run: String,
    /// By name in the file, with the playbook and both clusters, where there are such.
    pub(super) sets: Vec<(String, String, String, String)>,
    /// It is better to go on than to wait for a cluster that takes no lock.
    pub(super) is_emergency: bool,
}

impl What {
    pub(super) fn of(plan: &Plan) -> Self {
        let sets = plan.switches.iter().map(|switch| {
            let playbook = plan.request.playbook.name.clone();
            (switch.set.clone(), playbook, switch.source.clone(), switch.target.clone())
        });
        Self {
            command: plan.request.command.clone(),
            run: plan.request.run.clone(),
            sets: sets.collect(),
            is_emergency: plan.is_forced()
                || plan.request.undo
                || plan.request.playbook.kind.is_fence(),
        }
    }

    fn locks(&self, session: &Session) -> Vec<Lock> {
        let lock = |(set, playbook, source, target): &(String, String, String, String)| Lock {
            run: self.run.clone(),
            operator: session.operator(),
            host: super::session::host(),
            command: self.command.clone(),
            playbook: playbook.clone(),
            source: source.clone(),
            target: target.clone(),
            set: session.topology.lock_name(set),
            since_ms: now_ms(),
            ..Lock::default()
        };
        self.sets.iter().map(lock).collect()
    }

    /// The clusters on which it may change something.
    fn clusters(&self, session: &Session) -> Vec<Watched> {
        let is_named = |watched: &&Watched| {
            self.sets.iter().any(|(_, _, source, target)| {
                [source, target].into_iter().any(|name| *name == watched.name)
            })
        };
        session.clusters.iter().filter(is_named).cloned().collect()
    }
}

impl Attempt {
    /// Waits until nobody who is alive holds the locks. Nothing is written yet.
    ///
    /// # Errors
    /// The result of a run that is refused, for somebody does.
    pub(super) async fn begin(
        session: &Session,
        reporter: &mut Reporter,
        name: &str,
        what: What,
    ) -> Result<Self, Box<Report>> {
        let wanted = Wanted {
            locks: what.locks(session),
            clusters: what.clusters(session),
            seen: seen_by(session),
            broken: session.global.break_lock.clone(),
        };
        let contest = Contest::new(wanted);
        let mut tell = |lock: &Lock| watched(reporter, lock);
        match contest.settle(&mut tell).await {
            Ok(()) => Ok(Self { contest, what }),
            Err(locked) => Err(refused(name, &locked).into()),
        }
    }

    /// Takes them. Under the locks the record is read again: whoever had them since the plan was
    /// made may have made another world of it.
    ///
    /// # Errors
    /// The result of a run that is refused: somebody was faster, the record has changed, or no
    /// cluster takes a lock.
    pub(super) async fn take(
        self,
        session: &Session,
        reporter: &mut Reporter,
        name: &str,
    ) -> anyhow::Result<Result<Hold, Box<Report>>> {
        let Self { contest, what } = self;
        let mut tell = |lock: &Lock| watched(reporter, lock);
        let hold = match contest.take(what.is_emergency, &mut tell).await {
            Ok(hold) => hold,
            Err(locked) => return Ok(Err(refused(name, &locked).into())),
        };
        let not_held = hold.not_held();
        let is_held_nowhere = not_held.len() == what.clusters(session).len();
        let refusal = if is_held_nowhere && !what.is_emergency {
            Some(held_nowhere(name, &what, &not_held))
        } else {
            let seen = session.seen().unwrap_or_default();
            let copies = session.record.copies(&seen, &session.clusters).await?;
            let lineage = copies.lineage(&seen, &session.clusters);
            let lacks = copies.lacking(&lineage, |set| what.is_about(set));
            session.record.spread(lacks).await;
            changed(&what, &seen.lineage, &lineage).map(|run| drifted(name, &what, &run))
        };
        match refusal {
            Some(refusal) => {
                hold.release().await;
                Ok(Err(refusal.into()))
            }
            None => Ok(Ok(hold)),
        }
    }
}

/// A refusal as it stands while somebody is alive at a set: what it proposes would be refused, so
/// that nothing but a look is proposed.
pub(super) async fn beside_others(session: &Session, error: anyhow::Error) -> anyhow::Error {
    let refusal = refusal_of(&error);
    let is_proposal = refusal.proposed().as_ref().is_some_and(is_change);
    let Some(world) = session.seen().filter(|_| is_proposal) else { return error };
    match session.locks(&world, &[]).await.first() {
        Some(Standing { cluster, lock }) => Refusal {
            failed: format!("{}; and {}", refusal.failed, held_by(cluster, lock)),
            next: "esdr status --watch".to_owned(),
            ..refusal
        }
        .into(),
        None => error,
    }
}

/// What is told at the end of a run that some clusters took no lock for. Of one that does not
/// answer the run tells so itself.
pub(super) fn not_held(hold: &Hold) -> Vec<Problem> {
    let warning = |(cluster, reason): (String, Option<String>)| {
        let reason = reason?;
        let detail = format!(
            "{cluster} took no lock for this run ({reason}): another run that sees only {cluster} would not have been refused"
        );
        Some(Problem::new(Code::LockNotHeld, cluster, detail, "esdr status").warning())
    };
    hold.not_held().into_iter().filter_map(warning).collect()
}

/// The clusters that the last look has seen.
fn seen_by(session: &Session) -> Vec<RecordStore> {
    session.seen().map(|world| record_stores(&world, &session.clusters)).unwrap_or_default()
}

/// The run whose entry is another one than the plan was made by.
fn changed(what: &What, before: &[Entry], now: &[Entry]) -> Option<String> {
    let is_known = |entry: &Entry| {
        let same = |it: &&Entry| it.run == entry.run && it.set == entry.set;
        before.iter().find(same).is_some_and(|it| it.state == entry.state)
    };
    let entry = now.iter().filter(|it| what.is_about(&it.set)).find(|it| !is_known(it))?;
    Some(entry.run.clone())
}

fn drifted(name: &str, what: &What, run: &str) -> Report {
    let detail = format!("the record has changed since the plan was made, by run {run}");
    let problem = Problem::new(Code::Drift, what.subject(), detail, what.command.clone());
    result(name, problem)
}

fn held_nowhere(name: &str, what: &What, not_held: &[(String, Option<String>)]) -> Report {
    let reason = |(cluster, reason): &(String, Option<String>)| {
        format!("{cluster}: {}", reason.as_deref().unwrap_or("it does not answer"))
    };
    let reasons: Vec<String> = not_held.iter().map(reason).collect();
    let detail = format!(
        "no cluster took the lock, so that another run could change the same: {}",
        reasons.join("; ")
    );
    let hint = if not_held.iter().all(|(_, reason)| reason.is_none()) {
        "run it again when one of them answers this machine"
    } else {
        "see that esdr may write its index esdr-state-* on one of them, then run again"
    };
    result(name, Problem::new(Code::LockNotWritten, what.subject(), detail, hint))
}

impl What {
    fn is_about(&self, set: &str) -> bool {
        self.sets.iter().any(|(ours, ..)| ours == set)
    }

    fn subject(&self) -> String {
        let mut sets: Vec<&str> = self.sets.iter().map(|(set, ..)| set.as_str()).collect();
        sets.dedup();
        sets.join(", ")
    }
}

fn result(name: &str, problem: Problem) -> Report {
    let mut report = Report::new(name, Outcome::Refused, exit::REFUSED);
    report.next.push(super::next::status());
    report.problems.push(problem);
    report
}

fn refused(name: &str, locked: &Locked) -> Report {
    let Locked { cluster, lock, is_alive, still } = locked;
    let state = if *is_alive {
        "It is alive: it renewed its lock while esdr looked".to_owned()
    } else {
        let still = duration::format(*still);
        format!("Its lock stood still for {still}, which is too short to take it over")
    };
    let detail = format!(
        "{}. {state}. --break-lock {} takes the lock from it all the same",
        held_by(cluster, lock),
        lock.owner
    );
    result(name, Problem::new(Code::Locked, &lock.set, detail, "esdr status"))
}

/// Who holds a lock, since when, and what for.
fn held_by(cluster: &str, lock: &Lock) -> String {
    let Lock { run, operator, host, command, set, step, waits_for, since_ms, .. } = lock;
    let at = match (step.is_empty(), waits_for.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!(", at the step {step}"),
        (false, false) => format!(", at the step {step}, waiting for {waits_for}"),
    };
    format!(
        "run {run} of {operator} on {host} holds the lock of {set} on {cluster} since {} ({command}{at})",
        rfc3339(*since_ms)
    )
}

/// For people and as an event: it takes some seconds to see whether somebody is alive.
fn watched(reporter: &mut Reporter, lock: &Lock) {
    let Lock { run, operator, host, set, .. } = lock;
    let text = format!(
        "run {run} of {operator} on {host} holds the lock of {set}; it is watched for a sign of life"
    );
    if !reporter.is_json() {
        reporter.text(&format!("{text}."));
        return;
    }
    let problem = Problem::new(Code::Locked, set, text, "").warning();
    reporter.event(&Event {
        at_ms: now_ms(),
        run: String::new(),
        set: set.clone(),
        step: String::new(),
        cluster: String::new(),
        indices: Vec::new(),
        kind: Kind::Waiting,
        detail: Detail::Note { problem },
    });
}
