//! The transport of a run: nothing that changes anything goes out without the lock.

use std::sync::Arc;

use super::shared::Shared;
use crate::es::transport::{Request, Sending, Transport, Unanswered};

/// One cluster's transport behind the lock. What only reads goes out in any case.
pub(super) struct Guard {
    pub(super) inner: Arc<dyn Transport>,
    pub(super) cluster: String,
    pub(super) shared: Arc<Shared>,
}

impl Transport for Guard {
    fn send(&self, request: Request) -> Sending<'_> {
        if request.is_read() {
            return self.inner.send(request);
        }
        Box::pin(async move {
            let permitted = self.shared.permit(&self.cluster).await;
            permitted.map_err(|reason| Unanswered::Withheld { reason })?;
            self.inner.send(request).await
        })
    }

    fn addresses(&self) -> Vec<String> {
        self.inner.addresses()
    }
}
