//! A document written, read and removed through the new leader.

use serde_json::json;

use crate::plan::CANARY;

use crate::execute::{runner::Runner, stop::Stop};

impl Runner<'_> {
    /// Proves that an index takes writes and gives them back. The document is empty, so
    /// that it adds nothing to the mapping.
    pub(in crate::execute) async fn canary(&self, cluster: &str, index: &str) -> Result<(), Stop> {
        let es = self.es(cluster)?;
        es.put_doc(index, CANARY, &json!({}), false).await?;
        let read = es.get_doc(index, CANARY).await?;
        es.delete_doc(index, CANARY).await?;
        match read {
            Some(_) => Ok(()),
            None => Err(Stop::Drift {
                detail: format!("{index} on {cluster} took a document and did not give it back"),
            }),
        }
    }
}
