//! How much memory a run of esdr takes.

use std::{fs, time::Duration};

use super::{
    esdr::{Output, Running},
    until::until,
};

/// Waits for the end of a run, and returns what it left and the most memory that it held, in
/// bytes. The system's own high-water mark (`VmHWM`), which only rises, is read every 20 ms: what
/// a run takes in its last moment may be missed.
pub fn until_ended(mut running: Running<'_>) -> (Output, u64) {
    let status = format!("/proc/{}/status", running.pid());
    let mut peak_bytes = 0;
    until(Duration::from_secs(120), "the run ends", || {
        if let Some(bytes) = fs::read_to_string(&status).ok().as_deref().and_then(high_water) {
            peak_bytes = bytes;
        }
        running.has_ended().then_some(())
    });
    (running.wait(), peak_bytes)
}

/// None of a process that has ended.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
