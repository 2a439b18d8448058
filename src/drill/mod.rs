//! The rehearsal: the same commands over two clusters inside this process, with live
//! writers, and the figures that count on the day.

mod writer;

pub(crate) use writer::{Ledger, Writer};

use serde::Serialize;

use crate::outcome::exit;

/// The phases, in order. The first four go on from one another; each of the others has two
/// clusters of its own.
pub(crate) const PHASES: [&str; 8] = [
    "replicate",
    "failover",
    "failback",
    "verify",
    "dead-leader",
    "frozen-leader",
    "salvage",
    "bidi",
];

/// What a phase showed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phase {
    pub name: &'static str,
    /// Exit status of its command.
    pub exit: u8,
    /// Longest time between two acknowledged writes, as the writers saw it: the RTO.
    pub writers_paused_ms: Option<u64>,
    /// Acknowledged writes that the leader does not hold at its end: the RPO.
    pub lost_writes: usize,
    /// Writes acknowledged so far.
    pub acknowledged_writes: u64,
    /// The same command again found nothing to do.
    pub is_converged: bool,
    /// The leader was left behind: what only it had is lost, and must be told as such.
    pub is_forced: bool,
    /// Operations that esdr knew to be lost; a lower bound.
    pub known_lost_ops: Option<u64>,
}

impl Phase {
    /// True where the phase ended as it should, and nothing was lost that was promised.
    pub fn is_good(&self) -> bool {
        if self.is_forced {
            // The former leader is not fenced, and never more is known than was lost.
            let lost = u64::try_from(self.lost_writes).unwrap_or(u64::MAX);
            let is_honest = self.known_lost_ops.is_none_or(|known| known <= lost);
            return self.exit == exit::INCOMPLETE && self.is_converged && is_honest;
        }
        self.exit == exit::CONVERGED && self.lost_writes == 0 && self.is_converged
    }
}
