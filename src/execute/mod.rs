//! Walks a plan: before each step it looks, does what is still left, and looks again. A
//! response is a hint; what is seen is the verdict.

mod batch;
mod course;
mod deadline;
mod entry;
mod forced;
mod gates;
mod goal;
mod locked;
mod look;
mod pulse;
mod run;
mod set_end;
mod sighting;
mod silent;
mod stage;
mod steps;
mod stop;
mod verify;

pub(crate) use set_end::{Ended, SetEnd};
pub(crate) use silent::Silent;
pub(crate) use stage::{Interrupts, Stage};
pub(crate) use stop::Stop;
