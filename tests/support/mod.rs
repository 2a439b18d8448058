//! What the tests stand on: a pair of clusters (real or simulated), the esdr binary,
//! and a writer that remembers what was acknowledged.
#![allow(dead_code, reason = "each test binary uses a part of the support")]

pub mod ack;
pub mod distribution;
pub mod esdr;
pub mod external;
pub mod faults;
pub mod folder;
pub mod http;
pub mod ledger;
pub mod memory;
pub mod node;
pub mod normalise;
pub mod output;
pub mod pair;
pub mod pattern;
pub mod port;
pub mod process;
pub mod real;
pub mod relay;
pub mod reset;
pub mod simulated;
pub mod snapshot;
pub mod stand_in;
pub mod until;
