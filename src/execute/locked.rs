//! The lock during a run: said what is done, asked for before each step, and the end of a run that
//! has lost it.

use crate::{
    event::{Detail, Event, Kind},
    model::lineage::{Entry, State},
    model::world::World,
    plan::fences,
};

use super::{
    runner::Runner,
    set_run::{Progress, SetRun},
    stop::Stop,
};

impl Runner<'_> {
    /// Before each step: nobody wants it to end, the lock is held, and there is time.
    ///
    /// # Errors
    /// Which of these does not hold.
    pub(super) async fn may_go_on(
        &self,
        set_run: &SetRun<'_>,
        progress: &Progress,
    ) -> Result<(), Stop> {
        self.check_interrupt()?;
        self.check_lock().await?;
        self.check_limit(set_run, progress)
    }

    /// Stops where another run has the lock, asked on every cluster that answers.
    ///
    /// # Errors
    /// [`Stop::LockLost`].
    pub(super) async fn check_lock(&self) -> Result<(), Stop> {
        self.lock.prove().await.map_err(Stop::LockLost)
    }

    /// The same as far as it is known without asking.
    ///
    /// # Errors
    /// [`Stop::LockLost`].
    pub(super) fn refuse_if_lost(&self) -> Result<(), Stop> {
        self.lock.lost().map_or(Ok(()), |lost| Err(Stop::LockLost(lost)))
    }

    /// Whoever reads the lock sees what is done now and what that waits for.
    pub(super) fn note_lock(&self, event: &Event) {
        if !event.set.is_empty() {
            let set = self.topology.lock_name(&event.set);
            self.lock.note(&set, &event.step, &waits_for(event));
        }
    }

    /// The same of a gate that a person is asked about.
    pub(super) fn note_gate(&self, name: &str) {
        let set = self.topology.lock_name(&self.set);
        self.lock.note(&set, &self.step, &format!("a person, at the gate {name}"));
    }
}

fn waits_for(event: &Event) -> String {
    match (&event.detail, event.kind) {
        (Detail::Hook { command, .. }, Kind::Started) => format!("the hook {command}"),
        (Detail::Drain { shards_left, shards_total, .. }, Kind::Waiting) => {
            format!("{shards_left} of {shards_total} shards")
        }
        (Detail::Note { problem }, Kind::Waiting) => problem.detail.clone(),
        (_, Kind::Waiting) => event.cluster.clone(),
        _ => String::new(),
    }
}

/// Why a run may not take its own switch back: by the record that it reads now, another one has
/// come after it, or somebody else has ended it.
pub(super) fn superseded(world: &World, own: &Entry) -> Option<String> {
    let now = world.lineage.iter().find(|it| it.run == own.run && it.set == own.set);
    if let Some(now) = now.filter(|now| now.state != State::Open || now.revision > own.revision) {
        let state = format!("{:?}", now.state).to_lowercase();
        return Some(format!(
            "somebody else has changed its entry since: it is {state}, revision {} after {}",
            now.revision, own.revision
        ));
    }
    fences::later(world, own).map(|later| fences::superseded(later, own).detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(run: &str, at_ms: i64, revision: u64, state: State) -> Entry {
        Entry { run: run.into(), set: "orders".into(), at_ms, revision, state, ..Entry::default() }
    }

    fn found(lineage: Vec<Entry>) -> Option<String> {
        let world = World { lineage: lineage.into(), ..World::default() };
        superseded(&world, &entry("2", 20, 3, State::Open))
    }

    #[test]
    fn a_run_takes_itself_back_where_its_own_entry_stands_as_it_wrote_it() {
        let before = entry("1", 10, 9, State::Done);
        assert_eq!(found(vec![before.clone(), entry("2", 20, 3, State::Open)]), None);
        assert_eq!(found(vec![before]), None, "its own may not have been written anywhere");
    }

    #[test]
    fn nothing_is_taken_back_that_somebody_else_has_ended_or_followed() {
        let changed = found(vec![entry("2", 20, 4, State::Undone)]).unwrap();
        assert!(changed.contains("it is undone"), "{changed}");
        assert!(found(vec![entry("2", 20, 4, State::Open)]).is_some());
        let later = vec![entry("2", 20, 3, State::Open), entry("3", 30, 1, State::Open)];
        assert!(found(later).unwrap().contains("run 3"));
    }
}
