//! Clients that never stop: one half of them writes to one side, the other half to the other,
//! whoever leads. What is acknowledged to either is kept in a ledger.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use serde_json::Value;

use crate::support::{
    ledger::{Ledger, Load, Writer},
    pair::{
        Pair,
        Site::{self, A, B},
    },
};

/// No lead goes and comes back sooner on real servers: two drains alone, of two readings each that
/// are a second apart, take longer.
const AWAY_AND_HOME: Duration = Duration::from_millis(1500);

pub struct Clients {
    index: &'static str,
    writers: [Writer; 2],
}

impl Clients {
    pub fn of(pair: &Pair, index: &'static str, updates_of_ten: u64) -> Self {
        let writers = [(A, "of-a"), (B, "of-b")].map(|(site, ids)| {
            // As close as two leaders are to be told apart.
            let rest = Duration::from_millis(20);
            let load = Load { batch: 5, updates_of_ten, ids, rest, ..Load::default() };
            Writer::with(&pair.url(site), index, load)
        });
        Self { index, writers }
    }

    /// One of both halves is served.
    pub fn until_served_by(&self, site: Site) {
        self.writers[site as usize].until_acked_more(20);
    }

    pub fn stop(self) -> Books {
        Books { index: self.index, ledgers: self.writers.map(Writer::stop) }
    }
}

/// What both halves were told.
pub struct Books {
    index: &'static str,
    ledgers: [Ledger; 2],
}

impl Books {
    /// Operations acknowledged on A and on B.
    pub fn acked(&self) -> [u64; 2] {
        [self.ledgers[0].acked(), self.ledgers[1].acked()]
    }

    /// Every acknowledged write is on the side that leads, or in a salvage file below the folder.
    #[track_caller]
    pub fn assert_whole(&self, pair: &Pair, leads: Site, salvage: &Path) {
        let kept = salvage_files(salvage, &format!("{}.ndjson", self.index));
        for (site, ledger) in Site::BOTH.into_iter().zip(&self.ledgers) {
            let url = pair.url(leads);
            let mut missing = ledger.missing_on(&url, self.index);
            for file in &kept {
                let but = ledger.missing_but(&url, self.index, file);
                missing.retain(|write| but.contains(write));
            }
            let first: Vec<&String> = missing.iter().take(5).collect();
            assert_eq!(
                missing.len(),
                0,
                "acknowledged on {site}, neither on {leads}, which leads, nor in one of {} files: \
                 {first:?}",
                kept.len()
            );
        }
    }

    /// Between two writes that one side acknowledged there was none on the other, but where there
    /// is time for the lead to go and to come back. The simulator watches over its pair itself.
    #[track_caller]
    pub fn assert_never_two_leaders(&self, pair: &Pair) {
        assert_eq!(pair.violations(), [""; 0]);
        if !pair.is_real() {
            return;
        }
        let [a, b] = &self.ledgers;
        for (inner, outer) in [(a, b), (b, a)] {
            let between =
                inner.acks().iter().filter_map(|ack| ack.surrounded_by(outer.acks())).min();
            let is_close = between.is_some_and(|apart| apart < AWAY_AND_HOME);
            assert!(!is_close, "both sides took writes within {between:?}");
        }
    }
}

/// What each file of this name below a folder holds, by id: version and content.
fn salvage_files(folder: &Path, name: &str) -> Vec<BTreeMap<String, (i64, Value)>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.append(&mut salvage_files(&path, name));
        } else if path.file_name().is_some_and(|it| it == name) {
            let text = fs::read_to_string(path).unwrap();
            let lines = text.lines().map(|line| {
                let line: Value = serde_json::from_str(line).unwrap();
                let version = line["_version"].as_i64().unwrap();
                (line["_id"].as_str().unwrap().to_owned(), (version, line["_source"].clone()))
            });
            files.push(lines.collect());
        }
    }
    files
}
