//! The rehearsal: the same commands over two clusters inside this process, with live
//! writers, and the figures that count on the day.

mod writer;

pub use writer::{Ledger, Writer};

use serde::Serialize;

/// The phases, in order. A phase needs those before it.
pub const PHASES: [&str; 2] = ["replicate", "failover"];

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
}

impl Phase {
    /// True where nothing was lost and the phase ended as it should.
    pub fn is_good(&self) -> bool {
        self.exit == 0 && self.lost_writes == 0 && self.is_converged
    }
}
