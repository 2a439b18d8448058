//! esdr operates disaster recovery between Elasticsearch clusters joined by
//! cross-cluster replication (CCR).
//!
//! A playbook says what, a plan says exactly what, a journal says what happened;
//! between them one pure planner and one small executor that believes only what it
//! observes.

pub mod es;
pub mod model;
pub mod observe;
pub mod sandbox;
