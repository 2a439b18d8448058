//! How much memory a run of esdr takes.

use std::time::Duration;

use super::{
    esdr::{Output, Running},
    until::until,
};

/// Waits for the end of a run, and returns what it left and the most memory that it held, in
/// bytes. The system's own high-water mark, which only rises, is read every 20 ms: what a run
/// takes in its last moment may be missed.
pub fn until_ended(mut running: Running<'_>, within: Duration) -> (Output, u64) {
    let mut peak_kib = 0;
    until(within, "the run ends", || {
        peak_kib = running.peak_kib().unwrap_or(peak_kib);
        running.has_ended().then_some(())
    });
    (running.wait(), peak_kib * 1024)
}
