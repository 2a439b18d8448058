//! esdr operates disaster recovery between Elasticsearch clusters joined by
//! cross-cluster replication (CCR).
//!
//! A playbook says what, a plan says exactly what, a journal says what happened;
//! between them one pure planner and one small executor that believes only what it
//! observes.

pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub(crate) mod drill;
pub(crate) mod event;
pub(crate) mod execute;
pub(crate) mod files;
pub mod journal;
pub mod model;
pub(crate) mod nearest;
pub(crate) mod observe;
pub mod outcome;
pub(crate) mod plan;
pub mod playbook;
pub(crate) mod record;
pub mod report;
pub(crate) mod salvage;
pub(crate) mod status;
pub mod toml_reader;
pub(crate) mod verify;

pub use esdr_es::{self as es, bytes, duration};
pub use esdr_sandbox as sandbox;
