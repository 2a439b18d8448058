//! Documents: bulk writes, reads, counts and searches.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Es;
use crate::{
    answer::{parse, refused},
    error::Error,
    exception::Exception,
    path::{chunked_requests, encode, encode_list},
    requests::{delete_doc_request, put_doc_request},
    transport::{Method, Request},
};

/// Deadline of a bulk or a search.
pub(super) const DATA_DEADLINE: Duration = Duration::from_secs(60);

/// What became of one item of a bulk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BulkItem {
    pub index: String,
    pub id: String,
    /// As HTTP has them: 200, 201, 404 for a delete of nothing, 409 for a version conflict,
    /// 403 for a write block, 429 where the server has too much to do.
    pub status: u16,
    pub error: Option<Exception>,
}

impl Es {
    /// `POST /_bulk`. The lines hold actions and documents, each ended by a newline; on 6.8
    /// the actions name the type `_doc`. Items fail one by one: look at each.
    pub async fn bulk(&self, lines: String) -> Result<Vec<BulkItem>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            items: Vec<Map<String, Value>>,
        }
        let request = Request::new(Method::Post, "/_bulk").lines(lines).within(DATA_DEADLINE);
        let answer: Answer = self.read(request).await?;
        let items = answer.items.iter().filter_map(|item| item.values().next());
        Ok(items.map(bulk_item).collect())
    }

    /// `GET /{index}/_doc/{id}`: the whole answer with `_source`, `_seq_no`, `_version`.
    /// `None` where the document, or the index, does not exist. Reads what was just written.
    pub async fn get_doc(&self, index: &str, id: &str) -> Result<Option<Value>, Error> {
        let path = format!("/{}/_doc/{}", encode(index), encode(id));
        let response = self.exchange(Request::new(Method::Get, path.clone())).await?;
        match response.status {
            200 => parse(Method::Get, path, &response).map(Some),
            404 => Ok(None),
            _ => Err(refused(Method::Get, path, &response)),
        }
    }

    /// Sends a request for one document. `None` where the server says that it is not there; an
    /// index that is missing, and a 404 of anybody else, are errors.
    pub async fn find_doc(&self, request: Request) -> Result<Option<Value>, Error> {
        let (method, path) = (request.method, request.path.clone());
        let response = self.exchange(request).await?;
        let answer: Value = parse(method, path.clone(), &response).unwrap_or_default();
        match (response.status, answer["found"].as_bool()) {
            (200, Some(true)) => Ok(Some(answer)),
            (200 | 404, Some(false)) => Ok(None),
            _ => Err(refused(method, path, &response)),
        }
    }

    /// See [`put_doc_request`].
    pub async fn put_doc(
        &self,
        index: &str,
        id: &str,
        document: &Value,
        refresh: bool,
    ) -> Result<(), Error> {
        self.send(put_doc_request(index, id, document, refresh)).await.map(drop)
    }

    /// See [`delete_doc_request`]. False where there was none.
    pub async fn delete_doc(&self, index: &str, id: &str) -> Result<bool, Error> {
        match self.send(delete_doc_request(index, id)).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `POST /{names}/_refresh`: what was written becomes searchable.
    pub async fn refresh(&self, names: &[String]) -> Result<(), Error> {
        let build = |names: &[&str]| {
            Request::new(Method::Post, format!("/{}/_refresh", encode_list(names)))
                .within(DATA_DEADLINE)
        };
        for (_, request) in chunked_requests(names, build) {
            self.send(request).await?;
        }
        Ok(())
    }

    /// `GET /{name}/_count`; refresh first.
    pub async fn count(&self, name: &str) -> Result<u64, Error> {
        #[derive(Deserialize)]
        struct Answer {
            count: u64,
        }
        let path = format!("/{}/_count", encode(name));
        let request = Request::new(Method::Get, path).within(DATA_DEADLINE);
        Ok(self.read::<Answer>(request).await?.count)
    }

    /// Documents of one shard whose last operation lies above a sequence number, as a search
    /// sees them: as of the last refresh. `POST /{index}/_count?preference=_shards:{shard}`.
    ///
    /// # Errors
    /// Also where the shard did not answer, which the server tells with 200.
    pub async fn count_above(&self, index: &str, shard: u32, after: i64) -> Result<u64, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Shards {
            successful: u32,
            failed: u32,
        }
        #[derive(Deserialize)]
        struct Answer {
            count: u64,
            #[serde(rename = "_shards", default)]
            shards: Shards,
        }
        let path = format!("/{}/_count?preference=_shards:{shard}", encode(index));
        let body = json!({"query": {"range": {"_seq_no": {"gt": after}}}});
        let request = Request::new(Method::Post, path.clone()).json(body).within(DATA_DEADLINE);
        let Answer { count, shards: Shards { successful, failed } } = self.read(request).await?;
        if failed > 0 || successful == 0 {
            let detail = format!("{failed} shards failed, {successful} answered");
            return Err(Error::Unreadable { method: Method::Post, path, detail });
        }
        Ok(count)
    }

    /// `POST /{index}/_search?{query}`. `query` is encoded already and may be empty.
    /// `hits.total` is a number on 6.8 and an object later: [`hits_total`].
    pub async fn search(&self, index: &str, body: &Value, query: &str) -> Result<Value, Error> {
        let mark = if query.is_empty() { "" } else { "?" };
        let path = format!("/{}/_search{mark}{query}", encode(index));
        let request = Request::new(Method::Post, path).json(body.clone()).within(DATA_DEADLINE);
        self.send(request).await
    }
}

/// `hits.total` of a search on any version.
pub fn hits_total(answer: &Value) -> Option<u64> {
    let total = &answer["hits"]["total"];
    total.as_u64().or_else(|| total["value"].as_u64())
}

fn bulk_item(item: &Value) -> BulkItem {
    let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let status = item["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    BulkItem {
        index: text("_index"),
        id: text("_id"),
        status: status.unwrap_or_default(),
        error: item.get("error").map(Exception::of_error),
    }
}
