//! Several documents by their ids.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{Es, docs::DATA_DEADLINE};
use crate::{
    error::Error,
    exception::Exception,
    path::encode,
    transport::{Method, Request},
};

/// A document that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub id: &'a str,
    pub routing: Option<&'a str>,
}

/// What stands there now, refreshed or not.
#[derive(Debug, Deserialize)]
pub struct Found {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(default)]
    pub found: bool,
    #[serde(rename = "_version")]
    pub version: Option<i64>,
    #[serde(rename = "_seq_no")]
    pub seq_no: Option<i64>,
    #[serde(rename = "_primary_term")]
    pub primary_term: Option<i64>,
    #[serde(rename = "_source")]
    pub source: Option<Box<RawValue>>,
    #[serde(default)]
    error: Option<Value>,
}

impl Es {
    /// `POST /{index}/_mget`, in the order in which they are asked for. No document is asked
    /// for: no request.
    ///
    /// # Errors
    /// Also where one document cannot be read, which the server answers with 200: not read is
    /// not absent.
    pub async fn mget(
        &self,
        index: &str,
        wanted: &[Wanted<'_>],
        with_source: bool,
    ) -> Result<Vec<Found>, Error> {
        #[derive(Deserialize)]
        struct Answer {
            docs: Vec<Found>,
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let path = format!("/{}/_mget?_source={with_source}", encode(index));
        let docs: Vec<Value> = wanted
            .iter()
            .map(|one| match one.routing {
                Some(routing) => json!({"_id": one.id, "routing": routing}),
                None => json!({"_id": one.id}),
            })
            .collect();
        let request = Request::new(Method::Post, path.clone())
            .json(json!({ "docs": docs }))
            .within(DATA_DEADLINE);
        let Answer { docs } = self.read(request).await?;
        let unreadable =
            |detail: String| Error::Unreadable { method: Method::Post, path: path.clone(), detail };
        if docs.len() != wanted.len() {
            let detail = format!("{} documents, asked for were {}", docs.len(), wanted.len());
            return Err(unreadable(detail));
        }
        match docs.iter().find_map(|found| found.error.as_ref()) {
            Some(error) => Err(unreadable(Exception::of_error(error).to_string())),
            None => Ok(docs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Scripted;

    async fn asked(docs: &str) -> Result<Vec<Found>, Error> {
        let answer = format!(r#"{{"docs":[{docs}]}}"#);
        let es = Scripted::new().on(Method::Post, "/orders/_mget", 200, &answer).es("a");
        es.mget("orders", &[Wanted { id: "1", routing: None }], true).await
    }

    #[tokio::test]
    async fn what_is_not_there_is_told_from_what_cannot_be_read() {
        let here = r#"{"_id":"1","found":true,"_version":2,"_seq_no":5,"_source":{ }}"#;
        let docs = asked(here).await.unwrap();
        assert!(docs[0].found);
        assert_eq!((docs[0].version, docs[0].source.as_ref().unwrap().get()), (Some(2), "{ }"));
        assert!(!asked(r#"{"_id":"1","found":false}"#).await.unwrap()[0].found);
        let broken = r#"{"_id":"1","error":{"type":"x","reason":"no shard"}}"#;
        assert!(asked(broken).await.unwrap_err().to_string().contains("x: no shard"));
        assert!(asked("").await.is_err());
    }
}
