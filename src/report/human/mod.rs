//! Screens for people, one file each.

mod bidi;
mod bidi_answer;
mod comparison;
mod diverged;
mod drill;
mod event;
mod failure;
mod joined;
mod live;
mod plan;
mod plan_answer;
mod playbooks;
mod refusal;
mod requests;
mod result;
mod result_answer;
mod salvage;
mod salvage_apply;
mod status;
mod status_answer;
mod status_clusters;
mod status_indices;
mod status_sets;
mod steps;
mod steps_fence;
mod steps_home;
mod verification;
mod verification_answer;

pub(crate) use bidi::bidi;
pub(crate) use drill::drill;
pub(crate) use event::event;
pub(crate) use failure::failure;
pub use live::Beside;
#[cfg(test)]
pub(crate) use live::Board;
pub(crate) use live::Live;
pub(crate) use plan::{closing, plan};
pub(crate) use playbooks::{findings, playbooks};
pub(crate) use requests::requests;
pub(crate) use result::result;
pub(crate) use salvage::salvage;
pub(crate) use salvage_apply::{salvage_apply, salvage_plan};
pub(crate) use status::status;
pub(crate) use verification::verification;
