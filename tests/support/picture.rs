//! Everything that a refused command must have left as it was: both clusters, and what esdr
//! keeps on this machine.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::{Value, json};

use super::{
    esdr::Esdr,
    pair::{Pair, Site},
};

/// The state of a pair at one moment, without what changes by itself (counts, lag).
#[derive(Debug, Eq, PartialEq)]
pub struct Picture {
    text: String,
}

impl Picture {
    pub fn of(pair: &Pair, esdr: &Esdr) -> Self {
        let mut text = String::new();
        for site in Site::BOTH {
            for (what, value) in cluster(pair, site) {
                writeln!(text, "{site} {what} {value}").unwrap();
            }
        }
        folder(&esdr.path("state"), &mut text);
        Self { text }
    }

    /// Fails the test where anything is not as it was.
    #[track_caller]
    pub fn assert_unchanged(&self, pair: &Pair, esdr: &Esdr) {
        let now = Self::of(pair, esdr);
        assert!(
            now == *self,
            "changed\n--- before\n{}\n--- after\n{}",
            self.text,
            now.text
        );
    }
}

fn cluster(pair: &Pair, site: Site) -> Vec<(&'static str, Value)> {
    let get = |path: &str| pair.get(site, path).1;
    let followers: Vec<Value> = get("/_all/_ccr/info")["follower_indices"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| {
            json!([
                f["follower_index"],
                f["remote_cluster"],
                f["leader_index"],
                f["status"]
            ])
        })
        .collect();
    vec![
        // Name, UUID and open or closed; the settings hold blocks, and a UUID as well.
        (
            "indices",
            sorted(get("/_cat/indices?format=json&h=index,uuid,status")),
        ),
        ("settings", get("/_settings?flat_settings=true")),
        ("aliases", get("/_alias")),
        ("cluster", get("/_cluster/settings?flat_settings=true")),
        ("patterns", get("/_ccr/auto_follow")),
        ("followers", sorted(json!(followers))),
    ]
}

fn sorted(list: Value) -> Value {
    let mut rows: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect();
    rows.sort();
    json!(rows)
}

fn folder(path: &Path, text: &mut String) {
    let mut entries: Vec<_> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for entry in entries {
        let size = fs::metadata(&entry).unwrap().len();
        if entry.is_dir() {
            writeln!(text, "{}", entry.display()).unwrap();
            folder(&entry, text);
        } else {
            writeln!(text, "{} {size}", entry.display()).unwrap();
        }
    }
}
