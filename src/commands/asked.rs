//! What was asked for, on its way to a plan.

use anyhow::Context;

use crate::{
    clock::now_ms,
    commands::session::Session,
    files::random_digits,
    plan::{
        FORMAT, Plan, Switch, bidi::Definition, choice::Choices, consent::Consent, options::Options,
    },
    playbook::Playbook,
};

/// A plan that is not yet one: what was asked, besides the sets.
pub(crate) struct Asked {
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
    ///
    /// # Errors
    /// Where the operating system gives no randomness for the name of the run.
    pub(crate) fn of(command: String, playbook: Playbook) -> anyhow::Result<Self> {
        Ok(Self {
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
            run: run_id(now_ms())?,
            snapshot: None,
            drop_copies: false,
            bidi: None,
            definition: Definition::default(),
        })
    }

    /// What the planner goes by.
    pub(crate) fn options(&self) -> Options {
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
    pub(crate) fn plan(self, session: &Session, at_ms: i64, switches: Vec<Switch>) -> Plan {
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
