//! Everything that a refused command must have left as it was: both clusters, and what esdr
//! keeps on this machine.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use super::{
    esdr::Esdr,
    pair::{Pair, Site},
};

/// The state of a pair at one moment, without what changes by itself (counts, lag): a line
/// each, in no order, for a server gives none.
#[derive(Debug, Eq, PartialEq)]
pub struct Snapshot {
    sites: Vec<Site>,
    lines: BTreeSet<String>,
}

impl Snapshot {
    pub fn of(pair: &Pair, esdr: &Esdr) -> Self {
        Self::of_sites(&Site::BOTH, pair, esdr)
    }

    /// Of the clusters that can be asked.
    pub fn of_sites(sites: &[Site], pair: &Pair, esdr: &Esdr) -> Self {
        let mut lines = BTreeSet::new();
        for &site in sites {
            for (what, value) in cluster(pair, site) {
                flatten(&format!("{site} {what}"), &value, &mut lines);
            }
        }
        folder(&esdr.path("state"), &mut lines);
        Self { sites: sites.to_vec(), lines }
    }

    /// Fails the test where anything is not as it was.
    #[track_caller]
    pub fn assert_unchanged(&self, pair: &Pair, esdr: &Esdr) {
        let now = Self::of_sites(&self.sites, pair, esdr);
        let gone: Vec<_> = self.lines.difference(&now.lines).collect();
        let new: Vec<_> = now.lines.difference(&self.lines).collect();
        assert!(gone.is_empty() && new.is_empty(), "changed\ngone {gone:#?}\nnew {new:#?}");
    }
}

fn cluster(pair: &Pair, site: Site) -> Vec<(&'static str, Value)> {
    let get = |path: &str| pair.get(site, path).1;
    let followers: Vec<Value> = get("/_all/_ccr/info")["follower_indices"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| json!([f["follower_index"], f["remote_cluster"], f["leader_index"], f["status"]]))
        .collect();
    vec![
        // Name, UUID and open or closed; the settings hold blocks, and a UUID as well.
        ("indices", get("/_cat/indices?format=json&h=index,uuid,status")),
        ("settings", get("/_settings?flat_settings=true")),
        ("aliases", get("/_alias")),
        ("cluster", get("/_cluster/settings?flat_settings=true")),
        ("patterns", get("/_ccr/auto_follow")),
        ("followers", json!(followers)),
    ]
}

fn flatten(place: &str, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&format!("{place} / {name}"), value, lines);
            }
        }
        Value::Array(rows) => {
            lines.extend(rows.iter().map(|row| format!("{place} {row}")));
        }
        other => {
            lines.insert(format!("{place} {other}"));
        }
    }
}

fn folder(path: &Path, lines: &mut BTreeSet<String>) {
    for entry in fs::read_dir(path).into_iter().flatten() {
        let entry = entry.unwrap().path();
        if entry.is_dir() {
            lines.insert(format!("{}", entry.display()));
            folder(&entry, lines);
        } else {
            let bytes = fs::metadata(&entry).unwrap().len();
            lines.insert(format!("{} {bytes} bytes", entry.display()));
        }
    }
}
