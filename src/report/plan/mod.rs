//! A plan before the question, and its requests.

mod answer;
mod json;
mod requests;
mod screen;
pub(in crate::report) mod steps;
mod steps_fence;
mod steps_home;

pub(crate) use json::{plan as json, plan_requests as json_requests};
pub(crate) use requests::requests;
pub(crate) use screen::{closing, plan as screen};
