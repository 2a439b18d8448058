//! Two simulated Elasticsearch clusters behind the transport trait, and the same two on
//! loopback HTTP.
//!
//! [`Pair`] is the door. Behind it stands one `world`: two clusters with indices, shards
//! and operation logs, the links between them and what a test has broken. Every request is
//! routed to one handler (`route`), which reads and changes the world at once; replication
//! moves on before and after each request. What real servers answer is copied from recorded
//! calls, which `tests/embedded/transcripts.rs` replays against this module.

mod admin;
mod advance;
mod alias;
mod ask;
mod auto_follow;
mod block;
mod bootstrap;
mod bulk;
mod cat;
mod ccr_stats;
mod cluster;
mod cluster_settings;
mod coordinator;
mod create;
mod dirty_set;
mod doc;
mod fault;
mod filter_path;
mod flat;
mod follow;
mod follow_parameters;
mod follower;
mod health;
mod index;
mod invariants;
mod leader_view;
mod lease;
mod license;
mod likeness;
mod metadata;
mod mget;
mod murmur;
mod names;
mod nodes;
mod page;
mod pair;
mod personality;
mod query;
mod refusal;
mod reindex;
mod remote;
mod reply;
mod request;
mod resolve;
mod rollover;
mod route;
mod salvaged;
#[cfg(test)]
mod scenarios;
mod search;
mod serve;
mod settings;
mod shard;
mod site;
mod snapshot;
mod stats;
mod task;
mod templates;
mod truth;
mod unstarted;
mod wildcard;
mod world;
mod write;

pub use fault::{Fault, Misbehaviour, Pace, Rule};
pub use likeness::without_chance;
pub use pair::Pair;
pub use personality::Personality;
pub use serve::Served;
pub use site::Site;
pub use truth::{Standing, Still};
