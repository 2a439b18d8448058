//! Which server a simulated cluster imitates.

/// A server version whose answers a simulated cluster copies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Personality {
    /// Elasticsearch 6.8.23: mapping types, soft deletes off by default, no alias
    /// replication, no `_block`, sniff remotes only.
    V6_8,
    /// Elasticsearch 8.19.21: replicated aliases, `_block`, proxy remotes,
    /// `_resolve/cluster`, wildcards refused where they destroy.
    V8_19,
}

impl Personality {
    /// Whether this is the 6.8 server.
    pub(super) fn is_old(self) -> bool {
        self == Self::V6_8
    }

    /// `version.number` of `GET /`.
    pub(super) fn number(self) -> &'static str {
        match self {
            Self::V6_8 => "6.8.23",
            Self::V8_19 => "8.19.21",
        }
    }

    /// The header `X-Elastic-Product` of every answer, which 6.8 does not send.
    pub(super) fn product(self) -> Option<&'static str> {
        (self == Self::V8_19).then_some("Elasticsearch")
    }

    /// `index.version.created` of a new index.
    pub(super) fn created(self) -> &'static str {
        match self {
            Self::V6_8 => "6082399",
            Self::V8_19 => "8537000",
        }
    }

    /// Shards by which ids are routed: the number of shards on 6.x, the largest power-of-two
    /// multiple up to 1,024 from 7.0 on (so that an index can be split later).
    pub(super) fn routing_shards(self, shards: usize) -> usize {
        if self.is_old() {
            return shards;
        }
        let mut routing = shards * 2;
        while routing * 2 <= 1024 {
            routing *= 2;
        }
        routing
    }
}
