//! Whether a cluster that a step waits for is still there.

use std::time::Duration;

use tokio::time::Instant;

use crate::es::api::Es;

use super::stop::Stop;

/// Without a sign for this long a cluster is taken for gone, whatever the step's own limit.
const SILENCE_MAX: Duration = Duration::from_secs(8);

/// Watches one cluster while a step waits for it.
pub(super) struct Pulse {
    es: Es,
    silent: Option<Instant>,
}

impl Pulse {
    pub(super) fn of(es: &Es) -> Self {
        Self { es: es.clone(), silent: None }
    }

    /// Takes note of whether the last question had an answer. Where it had none the cluster is
    /// asked for the least that it can say.
    ///
    /// # Errors
    /// [`Stop::Silent`] once nothing has come for eight seconds.
    pub(super) async fn check(&mut self, answered: bool) -> Result<(), Stop> {
        if answered || self.es.root().await.is_ok() {
            self.silent = None;
            return Ok(());
        }
        let silent = self.silent.get_or_insert_with(Instant::now).elapsed();
        if silent < SILENCE_MAX {
            return Ok(());
        }
        let cluster = self.es.name().to_owned();
        Err(Stop::Silent { cluster, silent_ms: silent.as_millis() })
    }
}
