//! A second index with the content of a first, made by the server.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Es;
use crate::{
    error::Error,
    path::encode,
    requests::{clone_request, put_mapping_request, reindex_request},
    transport::{Method, Request},
};

/// Settings that belong to one index and to no other of its kind, by how they begin.
const ITS_OWN: [&str; 15] = [
    "index.blocks.",
    "index.creation_date",
    "index.frozen",
    "index.history.uuid",
    "index.lifecycle.indexing_complete",
    "index.provided_name",
    "index.resize.",
    "index.routing.allocation.",
    "index.search.throttled",
    "index.shrink.",
    "index.store.snapshot.",
    "index.uuid",
    "index.verified_before_close",
    "index.version.",
    "index.xpack.ccr.",
];

/// What an index was made with, as another one is made like it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// Flat, without what belongs to one index only.
    pub settings: Map<String, Value>,
    /// The mapping type of its documents, where there are types.
    pub kind: Option<String>,
    /// Without a mapping type.
    pub mappings: Value,
}

impl Definition {
    /// The body that makes another index like it, these settings and aliases besides. Before 7.0
    /// the mappings carry a type (`has_types`).
    pub fn body(self, settings: Value, aliases: Value, has_types: bool) -> Value {
        let mut all = self.settings;
        all.extend(settings.as_object().cloned().unwrap_or_default());
        let mappings = if has_types {
            json!({self.kind.as_deref().unwrap_or("_doc"): self.mappings})
        } else {
            self.mappings
        };
        json!({"settings": all, "mappings": mappings, "aliases": aliases})
    }
}

/// How a reindex stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Reindex {
    Running,
    Done,
    /// Why it ended before its end.
    Failed(String),
}

impl Es {
    /// `GET /{index}`: its settings and its mappings. Before 7.0 the mappings stand below the
    /// name of their type (`has_types`).
    ///
    /// # Errors
    /// 404 where there is no such index.
    pub async fn definition(&self, index: &str, has_types: bool) -> Result<Definition, Error> {
        let path = format!("/{}?flat_settings=true", encode(index));
        let answer = self.send(Request::new(Method::Get, path)).await?;
        Ok(read(&answer[index], has_types))
    }

    /// See [`put_mapping_request`]. What another index was made with, and has learnt since.
    pub async fn put_mapping(&self, index: &str, like: &Definition) -> Result<(), Error> {
        let request = put_mapping_request(index, &like.mappings, like.kind.as_deref());
        self.send(request).await.map(drop)
    }

    /// See [`clone_request`]; [`Error::is_index_exists`] where it exists.
    pub async fn clone_index(&self, from: &str, to: &str) -> Result<(), Error> {
        self.send(clone_request(from, to)).await.map(drop)
    }

    /// See [`reindex_request`]. Returns the task, which goes on whoever asks.
    pub async fn reindex(&self, from: &str, to: &str) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Answer {
            task: String,
        }
        Ok(self.read::<Answer>(reindex_request(from, to)).await?.task)
    }

    /// `GET /_tasks/{task}` of a reindex.
    ///
    /// # Errors
    /// 404 where the node that ran it is gone, and the reindex with it.
    pub async fn reindex_task(&self, task: &str) -> Result<Reindex, Error> {
        let path = format!("/_tasks/{}", encode(task));
        let answer = self.send(Request::new(Method::Get, path)).await?;
        if answer["completed"] != true {
            return Ok(Reindex::Running);
        }
        let failures = &answer["response"]["failures"];
        let why = [&answer["error"]["reason"], &failures[0]["cause"]["reason"]];
        let failed = !answer["error"].is_null() || failures.get(0).is_some();
        let why = why.into_iter().find_map(Value::as_str).unwrap_or("it does not say why");
        Ok(if failed { Reindex::Failed(why.to_owned()) } else { Reindex::Done })
    }
}

fn read(answer: &Value, has_types: bool) -> Definition {
    let settings = answer["settings"].as_object().into_iter().flatten();
    let is_its_own = |key: &str| ITS_OWN.iter().any(|own| key.starts_with(own));
    let settings = settings.filter(|(key, _)| !is_its_own(key));
    let mappings = answer["mappings"].as_object();
    let typed = mappings.filter(|_| has_types).and_then(|types| types.iter().next());
    let untyped = mappings.filter(|_| !has_types).cloned().map(Value::Object);
    Definition {
        settings: settings.map(|(key, value)| (key.clone(), value.clone())).collect(),
        kind: typed.map(|(kind, _)| kind.clone()),
        mappings: typed.map(|(_, mappings)| mappings.clone()).or(untyped).unwrap_or(json!({})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_one_index_is_left_out_and_the_type_taken_away() {
        let settings = json!({
            "index.blocks.write": "true", "index.creation_date": "1", "index.number_of_shards": "2",
            "index.uuid": "3wID", "index.version.created": "6082399",
            "index.analysis.analyzer.own.type": "standard", "index.xpack.ccr.following_index": "true",
        });
        let fields = json!({"properties": {"a": {"type": "long"}}});
        let wanted = json!({
            "index.number_of_shards": "2", "index.analysis.analyzer.own.type": "standard",
        });
        let old = json!({"settings": settings, "mappings": {"order": fields}});
        let of_old = read(&old, true);
        assert_eq!(Value::Object(of_old.settings.clone()), wanted);
        assert_eq!((of_old.kind.as_deref(), &of_old.mappings), (Some("order"), &fields));
        let body = of_old.body(json!({"index.number_of_shards": "3"}), json!({}), true);
        let settings = json!({
            "index.number_of_shards": "3", "index.analysis.analyzer.own.type": "standard",
        });
        assert_eq!(
            body,
            json!({"settings": settings, "mappings": {"order": fields}, "aliases": {}})
        );
        assert_eq!(read(&json!({"mappings": fields}), false).mappings, fields);
        assert_eq!(read(&json!({"mappings": {}}), true).mappings, json!({}));
    }
}
