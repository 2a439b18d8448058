//! One document that is not the same on both sides.

use serde::Serialize;

use crate::es::api::Document;

/// What is wrong with a document of the follower, seen from the leader.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// On the leader only.
    Missing,
    /// On the follower only.
    Extra,
    /// The same id in different versions.
    Version,
    /// The same id and version with another content.
    Source,
}

impl What {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Version => "version",
            Self::Source => "source",
        }
    }
}

/// One document that differs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Difference {
    pub id: String,
    pub shard: u32,
    pub what: What,
    /// `None` where the leader does not have it.
    pub leader_version: Option<i64>,
    /// `None` where the follower does not have it.
    pub follower_version: Option<i64>,
}

impl Difference {
    /// What differs between two copies of one document; `None`: nothing. Sequence numbers and
    /// primary terms are not compared: a former leader's differ by right.
    pub fn between(shard: u32, leader: &Document, follower: &Document) -> Option<Self> {
        let what = if leader.version != follower.version {
            What::Version
        } else if leader.source != follower.source {
            What::Source
        } else {
            return None;
        };
        Some(Self {
            id: leader.id.clone(),
            shard,
            what,
            leader_version: Some(leader.version),
            follower_version: Some(follower.version),
        })
    }

    /// On the leader only.
    pub fn missing(shard: u32, leader: &Document) -> Self {
        Self {
            id: leader.id.clone(),
            shard,
            what: What::Missing,
            leader_version: Some(leader.version),
            follower_version: None,
        }
    }

    /// On the follower only.
    pub fn extra(shard: u32, follower: &Document) -> Self {
        Self {
            id: follower.id.clone(),
            shard,
            what: What::Extra,
            leader_version: None,
            follower_version: Some(follower.version),
        }
    }
}
