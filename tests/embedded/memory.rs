//! A comparison of many documents in little memory.

use std::time::Instant;

use esdr::sandbox::Personality;

use crate::{
    scenarios::verify::{changed_by_hand, full, protected},
    support::{
        pair::Pair,
        simulated::Simulated,
        until::{seconds, until},
    },
};

const DOCUMENTS: u64 = 100_000;
/// 100 MB.
const PEAK_KIB_MAX: u64 = 100_000_000 / 1024;

#[test]
fn a_hundred_thousand_documents_are_compared_in_less_than_100_mb() {
    let began = Instant::now();
    let pair = Pair::of(Simulated::start(Personality::V8_19));
    let esdr = protected(&pair, 4, DOCUMENTS);
    changed_by_hand(&pair, 77_777);
    let prepared = began.elapsed();
    let mut running = full(&esdr).spawn();
    let mut peak_kib = 0;
    until(seconds(100), "the comparison ends", || {
        peak_kib = running.peak_kib().unwrap_or(peak_kib);
        running.has_ended().then_some(())
    });
    let output = running.wait().status(5);
    eprintln!("prepared in {prepared:?}, compared in {:?}, peak {peak_kib} KiB", output.took);
    let verification = output.result();
    let index = &verification["sets"][0]["indices"][0];
    assert_eq!(index["checked_documents"], DOCUMENTS, "{index}");
    assert_eq!(index["differing_count"], 1, "{index}");
    assert_eq!(index["differing"][0]["id"], "77777", "{index}");
    assert_eq!(index["differing"][0]["what"], "source", "{index}");
    assert!(peak_kib > 0, "it was seen");
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB at its peak");
}
