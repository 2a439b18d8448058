//! From what was asked for and what is seen to a plan: every command that changes something makes
//! its plan here.

use std::time::Duration;

use anyhow::Context as _;

use crate::{
    clock::now_ms,
    commands::{
        enrich_plan::{Look, enrich},
        refusal::Refusal,
        scope::SetSwitch,
        session::{Session, host},
    },
    files::random_digits,
    model::{membership::Scope, world::World},
    plan::{
        FORMAT, Plan, Switch,
        assemble::{self, subject_lag, sum},
        compare::compare,
        context::Context,
        gate::capacity,
        measured::{Measured, Pace},
        request::PlanRequest,
        safety,
    },
    playbook::{Playbook, builtin},
};

/// Two readings for the pace of the followers.
const PACE_APART: Duration = Duration::from_secs(1);

/// Below so many operations no pace is needed: they are drained in no time.
const PACE_FROM_OPS: u64 = 1_000;

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

/// What a command asks for: a playbook over everything, as a new run, with what all commands may
/// be told.
///
/// # Errors
/// Where the operating system gives no randomness for the name of the run.
pub(crate) fn request(
    session: &Session,
    command: String,
    playbook: Playbook,
) -> anyhow::Result<PlanRequest> {
    let (run, reason) = (run_id(now_ms())?, session.global.reason.clone());
    Ok(PlanRequest { run, command, reason, ..PlanRequest::of(playbook) })
}

/// A plan in the making: what was asked for, over these sets, by this look.
pub(crate) struct Draft<'s> {
    pub session: &'s Session,
    pub request: PlanRequest,
    pub world: World,
    pub set_switches: Vec<SetSwitch>,
    measured: Measured,
}

impl<'s> Draft<'s> {
    pub(crate) fn of(
        session: &'s Session,
        request: PlanRequest,
        world: World,
        set_switches: Vec<SetSwitch>,
    ) -> Self {
        Self { session, request, world, set_switches, measured: Measured::default() }
    }

    /// The whole plan.
    pub(crate) async fn plan(self) -> Plan {
        let switches = self.switches();
        self.plan_of(switches).await
    }

    /// The plan of these parts, with the figures that need a look at documents.
    pub(crate) async fn plan_of(self, mut switches: Vec<Switch>) -> Plan {
        enrich(self.looks(&mut switches), self.session.topology.concurrency.max(1)).await;
        Plan {
            format: FORMAT,
            request: self.request,
            at_ms: self.world.at_ms,
            operator: self.session.operator(),
            host: host(),
            switches,
        }
    }

    /// Every set's part, in the order in which they run: each finds the room that those before
    /// it have left.
    pub(crate) fn switches(&self) -> Vec<Switch> {
        let mut measured = self.measured.clone();
        let mut planned = Vec::new();
        for set_switch in &self.set_switches {
            let context = Context { measured: &measured, ..self.context(set_switch) };
            let switch = assemble::switch(&context);
            let claims = capacity::claims(&context, &safety::copied(&switch));
            for (cluster, claim) in claims {
                *measured.claims.entry(cluster).or_default() += claim;
            }
            planned.push(switch);
        }
        planned
    }

    /// What decides one set's part.
    fn context<'d>(&'d self, set_switch: &'d SetSwitch) -> Context<'d> {
        let SetSwitch { set, source, target } = set_switch;
        let scope = Scope { world: &self.world, set, source, target, only: &self.request.only };
        let measured = &self.measured;
        Context { measured, ..Context::of(scope, &self.session.topology, &self.request) }
    }

    /// The looks at documents of those parts that give a copy up; most plans give none up.
    fn looks<'p>(&self, switches: &'p mut [Switch]) -> Vec<Look<'p>> {
        let es = |name: &str| {
            let found = self.session.clusters.iter().find(|watched| watched.name == name);
            found.map(|watched| watched.es.clone())
        };
        let gives_up = |(_, switch): &(&SetSwitch, &mut Switch)| !switch.compared.is_empty();
        let given_up = self.set_switches.iter().zip(switches).filter(gives_up);
        let looks = given_up.filter_map(|(set_switch, switch)| {
            let context = self.context(set_switch);
            let held = compare(&context, &context.see());
            Some(Look {
                former: es(&set_switch.target)?,
                leader: es(&set_switch.source)?,
                held,
                switch,
            })
        });
        looks.collect()
    }

    /// Where a set is far behind, looks a second time, for its pace.
    ///
    /// # Errors
    /// As for [`Session::observe`].
    pub(crate) async fn measure_paces(&mut self) -> anyhow::Result<()> {
        let before: Vec<_> = self
            .set_switches
            .iter()
            .map(|set_switch| lag_and_arrived(&self.context(set_switch)))
            .collect();
        if before.iter().all(|(lag, _)| lag.is_none_or(|lag| lag <= PACE_FROM_OPS)) {
            return Ok(());
        }
        tokio::time::sleep(PACE_APART).await;
        let capacities = std::mem::take(&mut self.world.capacities);
        let (later, before_ms) = (self.session.observe().await?, self.world.at_ms);
        self.world = World { capacities, ..later };
        let mut paces = Vec::new();
        for (set_switch, (_, arrived_before)) in self.set_switches.iter().zip(before) {
            if let (Some(lag_ops), arrived) = lag_and_arrived(&self.context(set_switch)) {
                #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
                let (ops, ms) =
                    ((arrived - arrived_before) as f64, (self.world.at_ms - before_ms) as f64);
                let pace = Pace { lag_ops, ops_per_s: ops * 1_000.0 / ms.max(1.0) };
                paces.push((set_switch.set.name.clone(), pace));
            }
        }
        self.measured.paces.extend(paces);
        Ok(())
    }
}

/// How far a set is behind, and how many operations have ever arrived on its standby.
fn lag_and_arrived(context: &Context<'_>) -> (Option<u64>, i64) {
    let seen = context.see();
    let lags: Vec<_> = seen.subjects.iter().map(subject_lag).collect();
    let followers = seen.subjects.iter().filter_map(|subject| subject.target);
    let shards = followers.flat_map(|index| &index.shards);
    (sum(&lags), shards.map(|shard| shard.global_checkpoint).sum())
}

/// Bytes of randomness in the name of a run. Whatever was made under one name, on whichever
/// machine, is taken for the work of one run: so no two runs may ever have the same, and neither a
/// clock nor a process knows what another machine does.
const RANDOM_BYTES: usize = 5;

/// A name for a new run, short enough for the telephone: month and day for people, then ten
/// random hexadecimal digits.
pub(crate) fn run_id(at_ms: i64) -> anyhow::Result<String> {
    let date = jiff::Timestamp::from_millisecond(at_ms)
        .map(|at| at.strftime("%m%d").to_string())
        .unwrap_or_default();
    let random = random_digits(RANDOM_BYTES)
        .context("the operating system gives no randomness for the name of the run")?;
    Ok(format!("{date}-{random}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::files::FileName;

    #[test]
    fn runs_of_one_millisecond_have_names_of_their_own() {
        let at_ms = 1_795_183_331_042;
        let ids: BTreeSet<String> = (0..1_000).map(|_| run_id(at_ms).unwrap()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in &ids {
            assert!(id.starts_with("1120-") && id.len() == 15, "{id}");
            FileName::run(id).unwrap();
        }
        // The digits are no counter: they share no beginning.
        let beginnings: BTreeSet<&str> = ids.iter().map(|id| &id[5..7]).collect();
        assert!(beginnings.len() > 100, "{} beginnings", beginnings.len());
    }
}
