//! Whole commands in one process, over the simulated pair and a clock that no wait delays: a run
//! takes milliseconds, and so every place in it can be tried.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, unreachable_pub)]

mod commands;
mod machine;
mod unseen;
mod ways_out;
mod wire;
mod world;
