//! Screens for people, one file each.

mod event;
mod failure;
mod live;
mod plan;
mod playbooks;
mod refusal;
mod requests;
mod result;
mod status;
mod status_answer;
mod status_indices;
mod steps;

#[cfg(test)]
mod tests;

pub(crate) use event::event;
pub(crate) use failure::failure;
pub(crate) use live::Live;
pub(crate) use plan::{closing, plan};
pub(crate) use playbooks::{findings, playbooks};
pub(crate) use requests::requests;
pub(crate) use result::result;
pub(crate) use status::status;
