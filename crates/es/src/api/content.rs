//! The documents of one shard, by sequence number or by id, without their text.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Es, docs::DATA_DEADLINE};
use crate::{
    answer::{parse, refused},
    digest::Digest,
    error::Error,
    path::encode,
    transport::{Method, Request},
};

/// One live document of a shard.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Document {
    #[serde(rename = "_id")]
    pub id: String,
    /// Of the operation that wrote it last. Alike on a leader and its follower.
    #[serde(rename = "_seq_no")]
    pub seq_no: i64,
    /// Replicated as it is.
    #[serde(rename = "_version")]
    pub version: i64,
    /// `None` where the index does not keep `_source`.
    #[serde(default, rename = "_source")]
    pub source: Option<Digest>,
}

/// Some documents of a shard, in the order of their sequence numbers.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    pub found: Vec<Document>,
    /// Length of the answer, sources included.
    pub answer_bytes: usize,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    timed_out: bool,
    #[serde(rename = "_shards")]
    shards: Shards,
    hits: Hits,
}

#[derive(Deserialize)]
struct Shards {
    total: u32,
    #[serde(default)]
    failed: u32,
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<Document>,
}

impl Es {
    /// The live documents of one shard that were written last by the operations `from` to
    /// `to`, in order, at most `documents_max`. Refresh first. Sequence numbers count by shard,
    /// so the shard is asked alone (`preference=_shards:N`), by any of its copies.
    ///
    /// # Errors
    /// Where the shard did not answer in full: nothing is known of it then.
    pub async fn documents_between(
        &self,
        index: &str,
        shard: u32,
        (from, to): (i64, i64),
        documents_max: usize,
    ) -> Result<Documents, Error> {
        let query = json!({"range": {"_seq_no": {"gte": from, "lte": to}}});
        self.documents(index, shard, &query, documents_max).await
    }

    /// Those of the documents that are in the shard, which holds them on both sides whatever
    /// their routing. Refresh first.
    ///
    /// # Errors
    /// As [`Es::documents_between`].
    pub async fn documents_by_id(
        &self,
        index: &str,
        shard: u32,
        ids: &[&str],
    ) -> Result<Documents, Error> {
        if ids.is_empty() {
            return Ok(Documents::default());
        }
        self.documents(index, shard, &json!({"ids": {"values": ids}}), ids.len()).await
    }

    async fn documents(
        &self,
        index: &str,
        shard: u32,
        query: &Value,
        documents_max: usize,
    ) -> Result<Documents, Error> {
        let path = format!(
            "/{}/_search?preference=_shards:{shard}&allow_partial_search_results=false",
            encode(index)
        );
        let body = json!({
            "size": documents_max,
            "query": query,
            // Before 7.0 an index without any document does not know the field.
            "sort": [{"_seq_no": {"order": "asc", "unmapped_type": "long"}}],
            "version": true,
            "seq_no_primary_term": true,
            "track_total_hits": false,
        });
        let request = Request::new(Method::Post, path.clone()).json(body).within(DATA_DEADLINE);
        let response = self.exchange(request).await?;
        if !(200..300).contains(&response.status) {
            return Err(refused(Method::Post, path, &response));
        }
        let answer: Answer = parse(Method::Post, path.clone(), &response)?;
        let found = answer.hits.hits;
        let is_whole = !answer.timed_out && answer.shards.failed == 0 && answer.shards.total == 1;
        // An index without sequence numbers answers with -2.
        if !is_whole || found.iter().any(|document| document.seq_no < 0) {
            let detail = format!("shard {shard} did not answer in full");
            return Err(Error::Unreadable { method: Method::Post, path, detail });
        }
        Ok(Documents { found, answer_bytes: response.body.len() })
    }
}
