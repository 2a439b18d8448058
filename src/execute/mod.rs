//! Walks a plan: before each step it looks, does what is still left, and looks again. A
//! response is a hint; what is seen is the verdict.

mod batch;
mod canary;
mod carried;
mod carry;
mod checkpoints;
mod choices;
mod copying;
mod course;
mod discard;
mod drain;
mod echo;
mod entry;
mod fence;
mod fenced;
mod forced;
mod gates;
mod hooks;
mod join;
mod keep;
mod locked;
mod look;
mod names;
mod newcomers;
mod promote;
mod protection;
mod pulse;
mod renew;
mod run;
mod safety;
mod salvage;
mod seed;
mod set_end;
mod shield;
mod sighting;
mod silent;
mod stage;
mod steps;
mod still;
mod stop;
mod unfollow;
mod verify;

pub use set_end::{Ended, SetEnd};
pub use silent::Silent;
pub use stage::{Interrupts, Stage};
pub use stop::{Left, Stop};
