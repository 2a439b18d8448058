//! What the operator accepts, for one run only.

use serde::{Deserialize, Serialize};

use super::reason::Code;
use crate::playbook::Playbook;

/// Words given on the command line. Each waives named guards and no other.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consent {
    /// `--accept-data-loss`: a leader that does not answer, or is ill, is left behind with
    /// whatever only it has.
    pub data_loss: bool,
    /// `--leader-is-fenced`: the operator's word that its writers are cut off.
    pub leader_is_fenced: bool,
    /// What is done about a leader that answers again in the middle of the run.
    pub on_return: OnReturn,
}

/// What is done about a leader that answers again.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReturn {
    /// It is fenced at once, and what is not yet promoted is drained first.
    #[default]
    Fence,
    /// The run stops where it is.
    Stop,
}

impl Consent {
    /// Whether the leader may be left behind.
    pub fn is_given(self) -> bool {
        self.data_loss || self.leader_is_fenced
    }

    /// Whether the source may be left behind: the playbook says that loss is accepted, and so
    /// does the operator.
    pub fn forces(self, playbook: &Playbook) -> bool {
        playbook.accepts_data_loss && self.is_given()
    }

    /// Whether this guard is waived.
    pub fn waives(self, code: Code) -> bool {
        match code {
            Code::LeaderUnreachable | Code::LeaderIll => self.is_given(),
            // Only a word about its writers answers this one.
            Code::LeaderAlive => self.leader_is_fenced,
            _ => false,
        }
    }
}
