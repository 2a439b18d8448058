//! Whole commands in one process, over the simulated pair and a clock that no wait delays: a run
//! takes milliseconds, and so every place in it can be tried.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, unreachable_pub)]

/// The simulated clusters do little but make JSON and throw it away.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod acts;
mod behind;
mod beside;
mod both_dark;
mod case;
mod commands;
mod course;
mod enumeration;
mod every_case;
#[path = "../support/folder.rs"]
mod folder;
mod found;
mod happened;
mod histories;
mod history;
mod in_turn;
mod judged;
mod lost_reads;
mod machine;
mod odd;
mod oracle;
mod own_fence;
mod places;
mod scene;
mod shut;
mod told;
mod two_sites;
mod unseen;
mod ways_out;
mod wire;
mod world;
