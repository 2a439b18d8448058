//! The shell: one short file a command. Observe, plan, confirm, execute, report. Only
//! here is anybody asked anything.

pub mod connect;
pub mod failure;
pub mod playbook;
pub mod session;
pub mod status;
