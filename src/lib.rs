//! esdr operates disaster recovery between Elasticsearch clusters joined by
//! cross-cluster replication (CCR).
//!
//! A playbook says what, a plan says exactly what, a journal says what happened;
//! between them one pure planner and one small executor that believes only what it
//! observes.

pub mod bytes;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod drill;
pub mod duration;
pub mod es;
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
pub mod sandbox;
pub mod status;
pub mod toml_reader;
pub mod verify;
