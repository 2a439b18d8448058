//! The shell: one short file a command. Observe, plan, confirm, execute, report. Only
//! here is anybody asked anything.

pub(crate) mod bidi;
pub(crate) mod bidi_failover;
pub(crate) mod bidi_status;
pub mod connect;
pub mod dispatch;
pub(crate) mod drill;
mod ended;
pub(crate) mod enrich_plan;
pub(crate) mod failback;
pub(crate) mod failover;
pub(crate) mod fence;
mod locked;
mod make_plan;
mod next;
pub mod person;
pub(crate) mod pipeline;
pub(crate) mod plan;
pub(crate) mod playbook;
pub(crate) mod playbook_run;
mod question;
pub(crate) mod refusal;
pub(crate) mod replicate;
pub(crate) mod reprotect;
pub(crate) mod salvage;
pub(crate) mod sandbox;
pub(crate) mod scope;
pub(crate) mod select;
pub mod session;
pub(crate) mod status;
pub(crate) mod undo;
pub(crate) mod verify;
mod wait;
