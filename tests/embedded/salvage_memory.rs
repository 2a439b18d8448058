//! A former leader may hold far more than this machine's memory: it is saved page by page.

use std::{fmt::Write as _, fs};

use esdr::sandbox::Personality;
use serde_json::json;

use crate::{
    scenarios::sets::leader,
    support::{
        esdr::Esdr,
        memory,
        pair::{
            Pair,
            Site::{A, B},
        },
        simulated::Simulated,
        until::seconds,
    },
};

/// Documents that only the former leader has.
const DOCUMENTS: u64 = 100_000;

/// Text in each of them, in bytes.
const TEXT_BYTES: usize = 400;

/// The most that a salvage may hold. All documents at once would be more; the program alone, with
/// a page in its hands, holds less than half of it.
const MEMORY_MAX_BYTES: u64 = 60_000_000;

#[test]
fn a_hundred_thousand_documents_are_salvaged_in_little_memory() {
    let mut pair = Pair::of(Simulated::start(Personality::V8_19));
    leader(&pair, "orders", 2);
    let set =
        "[sets.orders]\nhome = \"clusterA\"\nstandby = \"clusterB\"\nindices = [\"orders\"]\n";
    let esdr = Esdr::on(&pair).toml(set);
    drop(esdr.args(["replicate", "--yes"]).json().run().status(0));
    pair.freeze_link(B);
    let text = "x".repeat(TEXT_BYTES);
    for first in (0..DOCUMENTS).step_by(5000) {
        let mut lines = String::new();
        for n in first..first + 5000 {
            writeln!(lines, "{{\"index\":{{\"_id\":\"{n}\"}}}}\n{{\"t\":\"{text}\"}}").unwrap();
        }
        let answer = pair.ok("POST", A, "/orders/_bulk?filter_path=errors", lines);
        assert_eq!(answer["errors"], false);
    }
    pair.kill(A);
    let forced = esdr.args(["failover", "--to", "clusterB", "--yes", "--accept-data-loss"]);
    drop(forced.json().run().status(6));
    pair.expect_two_writable();
    pair.mend_link(B);
    pair.restart(A);
    drop(esdr.args(["fence", "clusterA", "--yes"]).json().run().status(0));

    let running = esdr.args(["salvage", "--out", "files"]).json().spawn();
    let (output, peak_bytes) = memory::until_ended(running, seconds(120));
    let output = output.status(0);
    let told = &output.lines()[0]["indices"][0];
    assert_eq!((&told["documents"], &told["hidden"]), (&json!(DOCUMENTS), &json!(0)), "{told}");
    let file_bytes = fs::metadata(esdr.path("files/orders.ndjson")).unwrap().len();
    println!("{file_bytes} bytes in {:?}, at most {peak_bytes} bytes held", output.took);
    assert!(peak_bytes > 0 && peak_bytes < MEMORY_MAX_BYTES, "{peak_bytes} bytes");
}
