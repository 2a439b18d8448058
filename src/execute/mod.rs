//! Walks a plan: before each step it looks, does what is still left, and looks again. A
//! response is a hint; what is seen is the verdict.

mod bulk_calls;
mod copy_progress;
mod deadline;
mod down_watch;
mod entry;
mod forced;
mod gates;
mod goal;
mod liveness;
mod locked;
mod look;
mod lost_copies;
mod run;
mod runner;
mod send;
mod set_end;
mod set_run;
mod sighting;
mod status_poll;
mod steps;
mod stop;
mod until_done;
mod verify;

pub(crate) use down_watch::Silent;
pub(crate) use runner::{Interrupts, Runner};
pub(crate) use set_end::{Ended, SetEnd};
pub(crate) use stop::Stop;
