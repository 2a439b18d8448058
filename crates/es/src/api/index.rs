//! Indices, their settings, aliases and blocks.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Es;
use crate::{
    error::Error,
    lenient,
    path::{chunked_requests, encode},
    requests::{
        aliases_request, close_request, create_index_request, delete_index_request,
        lift_blocks_request, open_request, put_block_request,
    },
    transport::{Method, Request},
};

/// One row of `GET /_cat/indices`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct CatIndex {
    pub index: String,
    #[serde(deserialize_with = "lenient::text")]
    pub uuid: String,
    /// `open` or `close`.
    pub status: String,
    /// Empty for a closed index before 7.2.
    #[serde(deserialize_with = "lenient::text")]
    pub health: String,
    /// Primary shards; 0 where a closed index of 6.8 does not say.
    #[serde(deserialize_with = "lenient::number")]
    pub pri: u32,
    /// Replicas.
    #[serde(deserialize_with = "lenient::text")]
    pub rep: String,
    /// Bytes of the primaries; empty for a closed index.
    #[serde(rename = "pri.store.size", deserialize_with = "lenient::text")]
    pub primaries_bytes: String,
    /// Bytes of all copies that have a node; empty for a closed index.
    #[serde(rename = "store.size", deserialize_with = "lenient::text")]
    pub stored_bytes: String,
}

/// The settings of one index that esdr reads, flat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexSettings(pub BTreeMap<String, String>);

impl IndexSettings {
    /// A setting by its full key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// True where the setting is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }
}

/// Aliases by name, each with its properties as the server returns them.
pub type IndexAliases = BTreeMap<String, Map<String, Value>>;

/// The settings that are asked for.
const SETTINGS: &str = "index.blocks.write,index.blocks.read_only,\
    index.blocks.read_only_allow_delete,index.lifecycle.name,\
    index.number_of_shards,index.number_of_replicas,index.soft_deletes.enabled,\
    index.soft_deletes.retention_lease.period,\
    index.xpack.ccr.following_index,index.lifecycle.indexing_complete,index.hidden,\
    index.version.created,index.store.snapshot.partial,\
    index.soft_deletes.retention_lease.period";

/// The columns that are asked for.
const COLUMNS: &str = "index,uuid,status,health,pri,rep,pri.store.size,store.size";

impl Es {
    /// Every index, open or closed. Where the server hides indices (`hides`, from 7.7) the
    /// hidden ones too; an older one refuses the parameter.
    pub async fn cat_indices(&self, hides: bool) -> Result<Vec<CatIndex>, Error> {
        let all = if hides { "&expand_wildcards=all" } else { "" };
        let path = format!("/_cat/indices?format=json&h={COLUMNS}&bytes=b{all}");
        self.read(Request::new(Method::Get, path)).await
    }

    /// The settings that esdr reads, of every index, by name.
    pub async fn settings_of_all(&self) -> Result<BTreeMap<String, IndexSettings>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Row {
            settings: BTreeMap<String, Value>,
        }
        let path = format!("/_all/_settings/{SETTINGS}?flat_settings=true&expand_wildcards=all");
        let rows: BTreeMap<String, Row> = self.read(Request::new(Method::Get, path)).await?;
        let as_text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let read = |row: Row| {
            let settings = row.settings.into_iter();
            IndexSettings(settings.map(|(key, value)| (key, as_text(value))).collect())
        };
        Ok(rows.into_iter().map(|(name, row)| (name, read(row))).collect())
    }

    /// The aliases of every index, by index; an index without one has an empty map.
    pub async fn aliases_of_all(&self) -> Result<BTreeMap<String, IndexAliases>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Row {
            aliases: IndexAliases,
        }
        // `/_alias` alone leaves closed indices out on 6.8.
        let path = "/_all/_alias?expand_wildcards=all";
        let rows: BTreeMap<String, Row> = self.read(Request::new(Method::Get, path)).await?;
        Ok(rows.into_iter().map(|(name, row)| (name, row.aliases)).collect())
    }

    /// Indices that are being restored from a leader at present, with the bytes that have arrived
    /// of the shards under way: those that are whole are not told any more.
    pub async fn restoring(&self) -> Result<BTreeMap<String, u64>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Source {
            repository: String,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Size {
            recovered_in_bytes: u64,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Files {
            size: Size,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Shard {
            stage: String,
            source: Source,
            index: Files,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Row {
            shards: Vec<Shard>,
        }
        let path = "/_recovery?active_only=true&filter_path=*.shards.stage,*.shards.source,\
                    *.shards.index.size.recovered_in_bytes";
        let rows: BTreeMap<String, Row> = self.read(Request::new(Method::Get, path)).await?;
        let is_restoring =
            |shard: &&Shard| shard.source.repository.starts_with("_ccr_") && shard.stage != "DONE";
        let arrived = |(name, row): (String, Row)| {
            let shards = row.shards.iter().filter(is_restoring);
            let bytes = shards.map(|shard| shard.index.size.recovered_in_bytes);
            row.shards.iter().any(|shard| is_restoring(&shard)).then(|| (name, bytes.sum()))
        };
        Ok(rows.into_iter().filter_map(arrived).collect())
    }

    /// Closes indices, list after list; see [`close_request`].
    pub async fn close(&self, names: &[String], takes_wait: bool) -> Result<(), Error> {
        self.send_lists(names, |names| close_request(names, takes_wait)).await
    }

    /// Opens indices, list after list; see [`open_request`].
    pub async fn open(&self, names: &[String], active_shards: u32) -> Result<(), Error> {
        self.send_lists(names, |names| open_request(names, active_shards)).await
    }

    /// Refuses writes, list after list; see [`put_block_request`].
    pub async fn put_block(&self, names: &[String], drains: bool) -> Result<(), Error> {
        self.send_lists(names, |names| put_block_request(names, drains)).await
    }

    /// Takes writes again, list after list; see [`lift_blocks_request`].
    pub async fn lift_block(&self, names: &[String]) -> Result<(), Error> {
        self.send_lists(names, |names| lift_blocks_request(names, false, false)).await
    }

    /// `GET /{index}/_ilm/explain`: whether lifecycle management has stopped at a block.
    ///
    /// # Errors
    /// Where the server does not say, which one without lifecycle management does not.
    pub async fn is_stopped_by_block(&self, index: &str) -> Result<bool, Error> {
        let path = format!("/{}/_ilm/explain", encode(index));
        let answer = self.send(Request::new(Method::Get, path)).await?;
        let row = &answer["indices"][index];
        let is_block = row["step_info"]["type"] == "cluster_block_exception";
        Ok(row["step"] == "ERROR" && is_block)
    }

    /// See [`aliases_request`].
    pub async fn update_aliases(&self, actions: &[Value]) -> Result<(), Error> {
        self.send(aliases_request(actions)).await.map(drop)
    }

    /// See [`create_index_request`]; [`Error::is_index_exists`] where it exists.
    pub async fn create_index(
        &self,
        name: &str,
        body: &Value,
        has_types: bool,
    ) -> Result<(), Error> {
        self.send(create_index_request(name, body, has_types)).await.map(drop)
    }

    /// See [`delete_index_request`]; [`Error::is_missing_index`] where there is none.
    pub async fn delete_index(&self, name: &str) -> Result<(), Error> {
        self.send(delete_index_request(name)).await.map(drop)
    }

    /// Sends one request after the other, each with as many names as a request line takes.
    /// The first error ends it: the lists before it have been carried out.
    async fn send_lists(
        &self,
        names: &[String],
        build: impl Fn(&[&str]) -> Request,
    ) -> Result<(), Error> {
        for (_, request) in chunked_requests(names, |names| build(names)) {
            self.send(request).await?;
        }
        Ok(())
    }
}
