//! Writes that only a former leader has, and the files in which they are kept.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

use crate::support::{
    esdr::Esdr,
    pair::{Pair, Site::A},
};

/// What the salvage files of an index hold, by id: version and content. A run that is killed
/// before its file is on record leaves it beside that of the run that goes on, and both tell the
/// same.
pub fn salvaged(esdr: &Esdr, index: &str) -> BTreeMap<String, (i64, Value)> {
    let mut all = BTreeMap::new();
    for run in fs::read_dir(esdr.path("esdr-salvage")).unwrap() {
        let mut of_run = BTreeMap::new();
        let file = run.unwrap().path().join(format!("{index}.ndjson"));
        for line in fs::read_to_string(file).unwrap_or_default().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let id = line["_id"].as_str().unwrap().to_owned();
            let version = line["_version"].as_i64().unwrap();
            let content = (version, line["_source"].clone());
            assert!(of_run.insert(id, content).is_none(), "twice: {line}");
        }
        for (id, content) in of_run {
            let earlier = all.insert(id, content.clone());
            assert!(earlier.is_none_or(|earlier| earlier == content), "two tell {content:?}");
        }
    }
    all
}

/// Writes that do not reach B: new documents, one changed, one changed twice, one deleted.
pub fn diverge(pair: &Pair, index: &str) -> BTreeMap<String, (i64, Value)> {
    let put = |id: &str, content: &Value| {
        pair.ok("PUT", A, &format!("/{index}/_doc/{id}"), content.clone());
    };
    let mut last = BTreeMap::new();
    for number in 0..20 {
        let id = format!("late-{number}");
        put(&id, &json!({"late": number}));
        last.insert(id, (1, json!({"late": number})));
    }
    put("1", &json!({"changed": "once"}));
    last.insert("1".to_owned(), (2, json!({"changed": "once"})));
    put("3", &json!({"changed": "once"}));
    put("3", &json!({"changed": "twice"}));
    last.insert("3".to_owned(), (3, json!({"changed": "twice"})));
    pair.ok("DELETE", A, &format!("/{index}/_doc/2"), ());
    last
}
