//! Every scenario on a simulated pair of its own, once for each personality, beside what
//! needs no cluster at all.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, unreachable_pub)]

/// The simulated clusters do little but make JSON and throw it away.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod bad_input;
mod circles;
mod drill;
mod interrupt;
mod memory;
mod pages;
mod readme;
mod room;
mod safety;
mod salvage_memory;
#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod tidy;
mod tls;
mod transcripts;
mod unhealthy;

use esdr::sandbox::Personality;
use scenarios::every_scenario;
use support::{pair::Pair, simulated::Simulated};

macro_rules! tests {
    (
        on both pairs { $($both:tt)* }
        on the simulated pair { $($alone:tt)* }
    ) => {
        tests!($($both)* $($alone)*);
    };
    ($($module:ident::$name:ident),* $(,)?) => {$(
        mod $name {
            use super::*;

            #[test]
            fn on_6_8() {
                run(Personality::V6_8, scenarios::$module::$name);
            }

            #[test]
            fn on_8_19() {
                run(Personality::V8_19, scenarios::$module::$name);
            }
        }
    )*};
}
every_scenario!(tests);

/// What the simulator must never see is the scenario's to ask, with `pair.violations()`: by hand
/// two writable sides are easily made.
fn run(personality: Personality, scenario: fn(&mut Pair)) {
    let mut pair = Pair::of(Simulated::start(personality));
    scenario(&mut pair);
}
