//! The shell: one short file a command. Observe, plan, confirm, execute, report. Only
//! here is anybody asked anything.

pub mod alone;
pub mod asked;
pub mod bidi;
pub mod bidi_status;
pub mod both;
pub mod comparison;
pub mod connect;
pub mod dispatch;
pub mod drill;
mod ended;
pub mod failback;
pub mod failover;
pub mod fence;
pub mod former;
mod locked;
mod next;
pub mod person;
pub mod pipeline;
pub mod plan;
pub mod playbook;
pub mod playbook_run;
mod question;
pub mod refusal;
pub mod replicate;
pub mod reprotect;
pub mod salvage;
pub mod sandbox;
pub mod scope;
pub mod session;
pub mod status;
pub mod undo;
pub mod verify;
pub mod waiting;
