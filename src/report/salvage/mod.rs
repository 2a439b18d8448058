//! What only former leaders have, and what becomes of it.

mod apply;
mod screen;

pub(crate) use apply::{salvage_apply as apply, salvage_plan as plan};
pub(crate) use screen::salvage as screen;
