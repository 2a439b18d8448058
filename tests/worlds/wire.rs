//! The way from one machine to one cluster, and what may happen on it.

use std::sync::{Arc, Mutex};

use esdr::es::transport::{Request, Sending, Transport, Unanswered};
use tokio::sync::watch;

/// How long a cluster is out of sight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Until {
    /// Until it is put right by hand.
    Mended,
    /// Until it has been looked for once in vain.
    OneLook,
}

/// A transport of one machine.
pub struct Wire {
    to: Arc<dyn Transport>,
    unseen: Mutex<Option<Until>>,
    /// Whether anything may go out; shared by the machine's wires.
    gate: Arc<watch::Sender<bool>>,
}

impl Wire {
    pub fn new(to: Arc<dyn Transport>, gate: Arc<watch::Sender<bool>>) -> Arc<Self> {
        Arc::new(Self { to, unseen: Mutex::new(None), gate })
    }

    /// From now on this machine alone cannot reach the cluster.
    pub fn lose(&self, until: Until) {
        *self.unseen.lock().unwrap() = Some(until);
    }

    /// It can be reached again.
    pub fn mend(&self) {
        *self.unseen.lock().unwrap() = None;
    }

    fn is_lost(&self, request: &Request) -> bool {
        let mut unseen = self.unseen.lock().unwrap();
        let was = *unseen;
        if was == Some(Until::OneLook) && request.path == "/" {
            *unseen = None;
        }
        was.is_some()
    }
}

impl Transport for Wire {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let mut open = self.gate.subscribe();
            drop(open.wait_for(|is_open| *is_open).await);
            if self.is_lost(&request) {
                return Err(Unanswered::Connect { reason: "connection refused".to_owned() });
            }
            self.to.send(request).await
        })
    }
}
