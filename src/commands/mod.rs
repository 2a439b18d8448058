//! The shell: one short file a command. Observe, plan, confirm, execute, report. Only
//! here is anybody asked anything.

pub(crate) mod bidi;
pub(crate) mod bidi_failover;
pub(crate) mod bidi_status;
pub(crate) mod both;
pub(crate) mod comparison;
pub mod connect;
pub mod dispatch;
pub(crate) mod drill;
mod ended;
pub(crate) mod failback;
pub(crate) mod failover;
pub(crate) mod fence;
pub(crate) mod former;
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
pub mod session;
pub(crate) mod status;
pub(crate) mod undo;
pub(crate) mod verify;
mod wait;
pub(crate) mod waiting;
