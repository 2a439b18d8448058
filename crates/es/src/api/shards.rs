//! Checkpoints, by `_stats` of each shard.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Es;
use crate::{
    error::Error,
    lenient,
    path::{chunked_requests, encode_list},
    transport::{Method, Request},
};

/// One copy of a shard, as the routing table of its cluster has it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct RoutedShard {
    #[serde(deserialize_with = "lenient::text")]
    pub index: String,
    pub primary: bool,
    #[serde(deserialize_with = "lenient::text")]
    pub state: String,
    pub recovery_source: RecoverySource,
    pub unassigned_info: UnassignedInfo,
}

/// From where a shard that has no node is to be started.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct RecoverySource {
    /// `SNAPSHOT` for a new copy, which is restored from its leader.
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: String,
}

/// Why a shard has no node, or last had none.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct UnassignedInfo {
    #[serde(deserialize_with = "lenient::text")]
    pub reason: String,
    pub failed_attempts: u32,
}

/// After so many failed attempts a server starts a shard by itself no more: what
/// `index.allocation.max_retries` is unless somebody sets it.
const ATTEMPTS: u32 = 5;

/// A restore is tried once.
const ATTEMPTS_OF_RESTORE: u32 = 1;

impl RoutedShard {
    /// A primary that the server does not start by itself any more. Between two attempts it looks
    /// much alike; and a node that is away is another reason, and may come back.
    pub fn is_given_up(&self) -> bool {
        let why = &self.unassigned_info;
        let is_restored = self.recovery_source.kind == "SNAPSHOT";
        self.primary
            && self.state == "UNASSIGNED"
            && why.reason == "ALLOCATION_FAILED"
            && why.failed_attempts >= if is_restored { ATTEMPTS_OF_RESTORE } else { ATTEMPTS }
    }
}

/// The primaries of one index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexStats {
    pub uuid: String,
    /// Primaries that were started, by number.
    pub shards: BTreeMap<u32, ShardStats>,
}

/// One primary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShardStats {
    pub max_seq_no: i64,
    pub local_checkpoint: i64,
    pub global_checkpoint: i64,
    pub history_uuid: String,
    /// Writes being carried out.
    pub index_current: u64,
    pub leases: Vec<LeaseStats>,
}

/// A retention lease. `peer_recovery/…` ones belong to the index's own copies.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct LeaseStats {
    pub id: String,
    pub retaining_seq_no: i64,
    /// Last renewal, in milliseconds since 1970, by the leader's clock.
    #[serde(rename = "timestamp")]
    pub timestamp_ms: i64,
    /// `ccr` for a follower's.
    pub source: String,
}

/// The smallest answer: `/indexing` leaves the other metrics out, and a shard's sequence
/// numbers, commit and leases are there whatever the metric.
const FIELDS: &str = "indices.*.uuid,indices.*.shards.*.routing.primary,\
    indices.*.shards.*.routing.state,indices.*.shards.*.seq_no,\
    indices.*.shards.*.commit.user_data.history_uuid,\
    indices.*.shards.*.indexing.index_current,indices.*.shards.*.retention_leases.leases";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    indices: BTreeMap<String, Row>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    uuid: String,
    shards: BTreeMap<String, Vec<Copy>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Copy {
    routing: Routing,
    /// Absent while the engine is not there.
    seq_no: Option<SeqNo>,
    commit: Commit,
    indexing: Indexing,
    retention_leases: Leases,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Routing {
    primary: bool,
}

// The names are the server's.
#[allow(clippy::struct_field_names)]
#[derive(Default, Deserialize)]
struct SeqNo {
    max_seq_no: i64,
    local_checkpoint: i64,
    global_checkpoint: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Commit {
    user_data: UserData,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UserData {
    history_uuid: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Indexing {
    #[serde(deserialize_with = "lenient::number")]
    index_current: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Leases {
    leases: Vec<LeaseStats>,
}

impl Es {
    /// The shards of these indices, those that no node holds too. An index that is gone is left out.
    ///
    /// # Errors
    /// As every call.
    pub async fn routing(&self, names: &[String]) -> Result<Vec<RoutedShard>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            routing_table: Table,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Table {
            indices: BTreeMap<String, Index>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Index {
            shards: BTreeMap<String, Vec<RoutedShard>>,
        }
        let build = |names: &[&str]| {
            let path = format!(
                "/_cluster/state/routing_table/{}?filter_path=routing_table.indices",
                encode_list(names)
            );
            Request::new(Method::Get, path)
        };
        let mut all = Vec::new();
        for (_, request) in chunked_requests(names, build) {
            let answer: Answer = self.read(request).await?;
            let indices = answer.routing_table.indices.into_values();
            all.extend(indices.flat_map(|index| index.shards.into_values().flatten()));
        }
        Ok(all)
    }

    /// Checkpoints of the primaries, of the named indices or, without names, of all.
    /// Where the server can read closed indices (`reads_closed`, from 7.2) they are there
    /// too. A shard that is not started is absent, and right after an open every shard is:
    /// compare with the number of shards.
    pub async fn stats_shards(
        &self,
        names: Option<&[String]>,
        reads_closed: bool,
    ) -> Result<BTreeMap<String, IndexStats>, Error> {
        let Some(names) = names else {
            let closed =
                if reads_closed { "&forbid_closed_indices=false&expand_wildcards=all" } else { "" };
            let path = format!("/_stats/indexing?level=shards{closed}&filter_path={FIELDS}");
            return Ok(read_indices(self.read(Request::new(Method::Get, path)).await?));
        };
        let closed = if reads_closed { "&forbid_closed_indices=false" } else { "" };
        let build = |names: &[&str]| {
            // A name that is gone or, on 6.8, closed must not cost the others their answer.
            let path = format!(
                "/{}/_stats/indexing?level=shards&ignore_unavailable=true{closed}\
                 &filter_path={FIELDS}",
                encode_list(names)
            );
            Request::new(Method::Get, path)
        };
        let mut all = BTreeMap::new();
        for (_, request) in chunked_requests(names, build) {
            all.extend(read_indices(self.read(request).await?));
        }
        Ok(all)
    }
}

fn read_indices(answer: Answer) -> BTreeMap<String, IndexStats> {
    answer.indices.into_iter().map(|(name, row)| (name, read_index(row))).collect()
}

fn read_index(row: Row) -> IndexStats {
    let mut shards = BTreeMap::new();
    for (number, copies) in row.shards {
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        let primary = copies.into_iter().find(|copy| copy.routing.primary);
        if let Some((copy, seq_no)) = primary.and_then(|mut copy| {
            let seq_no = copy.seq_no.take()?;
            Some((copy, seq_no))
        }) {
            let stats = ShardStats {
                max_seq_no: seq_no.max_seq_no,
                local_checkpoint: seq_no.local_checkpoint,
                global_checkpoint: seq_no.global_checkpoint,
                history_uuid: copy.commit.user_data.history_uuid,
                index_current: copy.indexing.index_current,
                leases: copy.retention_leases.leases,
            };
            shards.insert(number, stats);
        }
    }
    IndexStats { uuid: row.uuid, shards }
}
