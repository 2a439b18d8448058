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
pub mod drill;
pub mod event;
pub mod execute;
pub mod files;
pub mod journal;
pub mod model;
pub mod nearest;
pub mod observe;
pub mod outcome;
pub mod plan;
pub mod playbook;
pub mod record;
pub mod report;
pub mod salvage;
pub mod status;
pub mod toml_reader;
pub mod verify;

pub use esdr_es::{self as es, bytes, duration};
pub use esdr_sandbox as sandbox;
