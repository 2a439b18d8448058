//! What was asked for, on its way to a plan.

use crate::{
    clock::now_ms,
    commands::session::Session,
    plan::{
        FORMAT, Plan, Switch, bidi::Definition, choice::Choices, consent::Consent, options::Options,
    },
    playbook::Playbook,
};

/// A plan that is not yet one: what was asked, besides the sets.
pub struct Asked {
    /// The whole command line, for people.
    pub command: String,
    pub playbook: Playbook,
    pub only: Vec<String>,
    pub canary: bool,
    pub max_lag_ops: u64,
    pub undo: bool,
    /// So many operations of a new leader are carried back at most.
    pub max_carry_ops: Option<u64>,
    pub consent: Consent,
    /// The cluster whose copies go by the operator's word.
    pub discard: Option<String>,
    /// What only a former leader has is let go without a file.
    pub no_salvage: bool,
    /// What becomes of indices that wait for a choice.
    pub choices: Choices,
    /// The name of the run.
    pub run: String,
    /// The repository into which a snapshot of what diverged is taken.
    pub snapshot: Option<String>,
    /// No safety copy is to be left.
    pub drop_copies: bool,
    /// The bi-directional alias that it is about.
    pub bidi: Option<String>,
    /// What indices that are made are made with.
    pub definition: Definition,
}

impl Asked {
    /// A playbook over everything, without consent to anything.
    pub fn of(command: String, playbook: Playbook) -> Self {
        Self {
            command,
            playbook,
            only: Vec::new(),
            canary: false,
            max_lag_ops: 0,
            undo: false,
            max_carry_ops: None,
            consent: Consent::default(),
            discard: None,
            no_salvage: false,
            choices: Choices::new(),
            run: run_id(now_ms()),
            snapshot: None,
            drop_copies: false,
            bidi: None,
            definition: Definition::default(),
        }
    }

    /// What the planner goes by.
    pub fn options(&self) -> Options {
        Options {
            canary: self.canary,
            max_lag_ops: self.max_lag_ops,
            undo: self.undo,
            max_carry_ops: self.max_carry_ops,
            consent: self.consent,
            no_salvage: self.no_salvage,
            choices: self.choices.clone(),
            run: self.run.clone(),
            snapshot: self.snapshot.clone(),
            drop_copies: self.drop_copies,
            definition: self.definition.clone(),
            ..Options::default()
        }
    }

    /// The plan over these sets.
    pub fn plan(self, session: &Session, at_ms: i64, switches: Vec<Switch>) -> Plan {
        Plan {
            format: FORMAT,
            id: self.run,
            command: self.command,
            playbook: self.playbook,
            at_ms,
            operator: session.operator(),
            host: crate::commands::session::host(),
            reason: session.global.reason.clone(),
            only: self.only,
            canary: self.canary,
            max_lag_ops: self.max_lag_ops,
            undo: self.undo,
            max_carry_ops: self.max_carry_ops,
            consent: self.consent,
            discard: self.discard,
            no_salvage: self.no_salvage,
            choices: self.choices,
            snapshot: self.snapshot,
            drop_copies: self.drop_copies,
            bidi: self.bidi,
            definition: self.definition,
            switches,
        }
    }
}

/// A name for a run that can be told over the telephone: month and day, and six digits that grow
/// with the time of day, every 5 ms by one. Not by chance: what is on record of two runs of one
/// name would be taken for one.
pub(crate) fn run_id(at_ms: i64) -> String {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let date = jiff::Timestamp::from_millisecond(at_ms)
        .map(|at| at.strftime("%m%d").to_string())
        .unwrap_or_default();
    format!("{date}-{:06x}", (at_ms.rem_euclid(DAY_MS) << 24) / DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_day_are_named_one_after_another() {
        let at_ms = 1_795_183_331_042;
        let later_ms = [0, 6, 1_000, 3_600_000].map(|later_ms| run_id(at_ms + later_ms));
        assert_eq!(later_ms, ["1120-95b8bb", "1120-95b8bc", "1120-95b97d", "1120-a06365"]);
    }
}
