//! Searches with more hits than one answer may hold: page after page, of one view of the index.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{Es, docs::DATA_DEADLINE, docs::hits_total};
use crate::{
    error::Error,
    path::encode,
    transport::{Method, Request},
};

/// How long the server keeps the view after each page, for the next one to be asked for.
const KEPT: &str = "5m";

/// One document as a search shows it. What was not asked for is none.
#[derive(Debug, Deserialize)]
pub struct Hit {
    #[serde(rename = "_id")]
    pub id: String,
    /// The mapping type, before 8.0.
    #[serde(rename = "_type")]
    pub kind: Option<String>,
    #[serde(rename = "_routing")]
    pub routing: Option<String>,
    #[serde(rename = "_version")]
    pub version: Option<i64>,
    #[serde(rename = "_seq_no")]
    pub seq_no: Option<i64>,
    #[serde(rename = "_primary_term")]
    pub primary_term: Option<i64>,
    /// As it was indexed, to the byte: a number that is read and written again may be another
    /// one. None where the mapping keeps no source.
    #[serde(rename = "_source")]
    pub source: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "_scroll_id")]
    scroll_id: Option<String>,
    #[serde(default)]
    timed_out: bool,
    #[serde(rename = "_shards", default)]
    shards: Shards,
    hits: Hits,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shards {
    successful: u32,
    failed: u32,
}

#[derive(Deserialize)]
struct Hits {
    total: Value,
    hits: Vec<Hit>,
}

/// One search in pages. The server keeps its view until [`Scroll::release`], or for five
/// minutes after the last page; of such views it has 500 at most.
#[derive(Debug)]
pub struct Scroll<'e> {
    es: &'e Es,
    id: Option<String>,
    /// Hits in all its pages.
    pub total: u64,
    first: Option<Vec<Hit>>,
}

impl Es {
    /// `POST /{index}/_search?scroll=5m`, with `size` hits a page. `preference` as the server
    /// takes it: `_shards:0` asks one shard.
    ///
    /// # Errors
    /// Also where a shard has failed or the search ran out of its time, which the server
    /// answers with 200 and with the hits of the others.
    pub async fn scroll(
        &self,
        index: &str,
        body: &Value,
        size: usize,
        preference: Option<&str>,
    ) -> Result<Scroll<'_>, Error> {
        let preference = preference.map_or_else(String::new, |it| format!("&preference={it}"));
        let path = format!("/{}/_search?scroll={KEPT}&size={size}{preference}", encode(index));
        let answer = self.page(path, body.clone()).await?;
        let total = hits_total(&json!({"hits": {"total": answer.hits.total}})).unwrap_or_default();
        Ok(Scroll { es: self, id: answer.scroll_id, total, first: Some(answer.hits.hits) })
    }

    async fn page(&self, path: String, body: Value) -> Result<Answer, Error> {
        let request = Request::new(Method::Post, path.clone()).json(body).within(DATA_DEADLINE);
        let answer: Answer = self.read(request).await?;
        if answer.shards.failed > 0 || answer.shards.successful == 0 || answer.timed_out {
            let Shards { successful, failed } = answer.shards;
            let late = if answer.timed_out { ", and it ran out of its time" } else { "" };
            let detail = format!("{failed} shards failed, {successful} answered{late}");
            return Err(Error::Unreadable { method: Method::Post, path, detail });
        }
        Ok(answer)
    }
}

impl Scroll<'_> {
    /// The next page; an empty one is the end. After an error the view is of no use: nobody
    /// knows which page is the next.
    ///
    /// # Errors
    /// As for [`Es::scroll`]; 404 where the server has given the view up.
    pub async fn next(&mut self) -> Result<Vec<Hit>, Error> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let body = json!({"scroll": KEPT, "scroll_id": self.id});
        let answer = self.es.page("/_search/scroll".to_owned(), body).await?;
        self.id = answer.scroll_id.or(self.id.take());
        Ok(answer.hits.hits)
    }

    /// Gives the view up. Where that fails it ends by itself.
    pub async fn release(self) {
        if let Some(id) = self.id {
            // An id may be longer than a request line.
            let request = Request::new(Method::Delete, "/_search/scroll");
            drop(self.es.send(request.json(json!({"scroll_id": [id]}))).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Scripted;

    fn page(failed: u32) -> String {
        format!(
            r#"{{"_scroll_id":"s","timed_out":false,"_shards":{{"successful":1,"failed":{failed}}},
            "hits":{{"total":{{"value":1,"relation":"eq"}},
            "hits":[{{"_id":"1","_version":3,"_seq_no":7,"_source":{{"n":  1.10}}}}]}}}}"#
        )
    }

    #[tokio::test]
    async fn a_source_is_kept_as_it_was_indexed() {
        let es = Scripted::new().on(Method::Post, "/orders/_search", 200, &page(0)).es("a");
        let mut scroll = es.scroll("orders", &json!({}), 10, Some("_shards:0")).await.unwrap();
        assert_eq!(scroll.total, 1);
        let hits = scroll.next().await.unwrap();
        assert_eq!(hits[0].source.as_ref().unwrap().get(), r#"{"n":  1.10}"#);
        assert_eq!((hits[0].version, hits[0].seq_no, &hits[0].routing), (Some(3), Some(7), &None));
    }

    #[tokio::test]
    async fn a_part_of_the_hits_is_an_error() {
        let es = Scripted::new().on(Method::Post, "/orders/_search", 200, &page(1)).es("a");
        let error = es.scroll("orders", &json!({}), 10, None).await.unwrap_err();
        assert!(error.to_string().contains("1 shards failed"), "{error}");
    }
}
