//! A document written, read and removed through the new leader.

use serde_json::json;

use super::{stage::Stage, stop::Stop};

impl Stage<'_> {
    /// Proves that an index takes writes and gives them back. The document is empty, so
    /// that it adds nothing to the mapping.
    pub(super) async fn canary(&self, cluster: &str, index: &str) -> Result<(), Stop> {
        let es = self.es(cluster)?;
        let id = format!("esdr-canary-{}", self.plan.id);
        es.put_doc(index, &id, &json!({}), false).await?;
        let read = es.get_doc(index, &id).await?;
        es.delete_doc(index, &id).await?;
        match read {
            Some(_) => Ok(()),
            None => Err(Stop::Drift {
                detail: format!("{index} on {cluster} took a document and did not give it back"),
            }),
        }
    }
}
