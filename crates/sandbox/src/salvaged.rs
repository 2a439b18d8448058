//! Salvage files, as far as the invariants mind them: a version that is in one is not lost.

use std::{collections::HashMap, fs, path::Path};

use serde_json::Value;

/// Every document in the files below a folder, by index file and id.
#[derive(Debug, Default)]
pub(super) struct Salvaged(HashMap<(String, String), Vec<(i64, Value)>>);

impl Salvaged {
    /// Reads what is there now; a folder that is not there holds nothing.
    pub(super) fn read(folder: &Path) -> Self {
        let mut salvaged = Self::default();
        for run in fs::read_dir(folder).into_iter().flatten().flatten() {
            for file in fs::read_dir(run.path()).into_iter().flatten().flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                if let Some(index) = name.strip_suffix(".ndjson") {
                    salvaged.take(index, &fs::read_to_string(file.path()).unwrap_or_default());
                }
            }
        }
        salvaged
    }

    fn take(&mut self, index: &str, lines: &str) {
        for line in lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let id = line["_id"].as_str().unwrap_or_default().to_owned();
            let version = line["_version"].as_i64().unwrap_or_default();
            let versions = self.0.entry((index.to_owned(), id)).or_default();
            versions.push((version, line["_source"].clone()));
        }
    }

    /// Whether this very version of a document is in a file.
    pub(super) fn holds(&self, index: &str, id: &str, version: i64, source: &Value) -> bool {
        let versions = self.0.get(&(index.to_owned(), id.to_owned()));
        versions.is_some_and(|versions| {
            versions.iter().any(|(kept, content)| *kept == version && content == source)
        })
    }
}
