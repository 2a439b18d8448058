//! A salvage file in batches of a bounded size, and a batch as the lines of a bulk request.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{Destination, Error, fresh::in_file, line::Line, verdict::Place};

/// Documents in a batch at most.
const DOCUMENTS_MAX: usize = 200;

/// A batch is full from this many bytes on.
const BYTES_MAX: usize = 4 << 20;

/// A file that is read batch by batch.
pub(super) struct Batches {
    path: PathBuf,
    reader: BufReader<fs::File>,
}

impl Batches {
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let file = fs::File::open(path).map_err(in_file(path))?;
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file) })
    }

    /// The next batch; an empty one is the end.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, Error> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        let mut text = String::new();
        while lines.len() < DOCUMENTS_MAX && bytes < BYTES_MAX {
            text.clear();
            if self.reader.read_line(&mut text).map_err(in_file(&self.path))? == 0 {
                break;
            }
            bytes += text.len();
            lines.push(serde_json::from_str(&text).map_err(|error| {
                let detail = format!("a line is no salvaged document: {error}");
                Error::Unreadable { path: self.path.clone(), detail }
            })?);
        }
        Ok(lines)
    }
}

/// How a document is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Act {
    /// Where none of this id is, with its own version.
    Add,
    /// In the place of exactly this one.
    Replace(Place),
    /// Where none of this id is, whatever version was deleted there.
    AddAgain,
    /// With its own version, over whatever has a lower one: its clients number it themselves.
    Leap,
}

/// The two lines of one document. Ingest pipelines are passed by: it has been through them.
pub(super) fn bulk_lines(to: &Destination, line: &Line, act: Act) -> String {
    let mut meta = Map::new();
    meta.insert("_index".into(), json!(to.index));
    if to.has_types {
        meta.insert("_type".into(), json!(line.kind.as_deref().unwrap_or("_doc")));
    }
    meta.insert("_id".into(), json!(line.id));
    if let Some(routing) = &line.routing {
        meta.insert("routing".into(), json!(routing));
    }
    meta.insert("pipeline".into(), json!("_none"));
    let verb = match act {
        Act::Add | Act::Leap => {
            meta.insert("version".into(), json!(line.version));
            meta.insert("version_type".into(), json!("external"));
            "index"
        }
        Act::Replace(place) => {
            meta.insert("if_seq_no".into(), json!(place.seq_no));
            meta.insert("if_primary_term".into(), json!(place.primary_term));
            "index"
        }
        Act::AddAgain => "create",
    };
    let action = Value::Object(Map::from_iter([(verb.to_owned(), Value::Object(meta))]));
    format!("{action}\n{}\n", line.source.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(id: usize, bytes: usize) -> String {
        let source = "x".repeat(bytes);
        format!(
            "{{\"shard\":0,\"_id\":\"{id}\",\"_version\":3,\"_seq_no\":{id},\"_source\":{{\"t\":\"{source}\"}}}}\n"
        )
    }

    fn sizes(content: &str) -> Vec<usize> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        let mut batches = Batches::of(file.path()).unwrap();
        let mut sizes = Vec::new();
        loop {
            match batches.next::<Line>().unwrap().len() {
                0 => return sizes,
                size => sizes.push(size),
            }
        }
    }

    #[test]
    fn batches_are_bounded_by_number_and_by_bytes() {
        let small: String = (0..450).map(|id| text(id, 1)).collect();
        assert_eq!(sizes(&small), [200, 200, 50]);
        let large: String = (0..5).map(|id| text(id, 2_500_000)).collect();
        assert_eq!(sizes(&large), [2, 2, 1]);
        assert_eq!(sizes(""), [0; 0]);
    }

    #[test]
    fn a_document_is_written_with_its_version_or_in_one_place_only() {
        let line = r#"{"shard":0,"_id":"a","_routing":"eu","_version":3,"_seq_no":9,"_source":{"n":1.10}}"#;
        let line: Line = serde_json::from_str(line).unwrap();
        let to = Destination { index: "orders".into(), ..Destination::default() };
        assert_eq!(
            bulk_lines(&to, &line, Act::Add),
            "{\"index\":{\"_index\":\"orders\",\"_id\":\"a\",\"routing\":\"eu\",\"pipeline\":\"_none\",\
             \"version\":3,\"version_type\":\"external\"}}\n{\"n\":1.10}\n"
        );
        let old = Destination { has_types: true, ..to };
        let place = Place { version: 2, seq_no: 5, primary_term: 1 };
        let replaced = bulk_lines(&old, &line, Act::Replace(place));
        assert!(replaced.contains("\"_type\":\"_doc\""), "{replaced}");
        assert!(replaced.contains("\"if_seq_no\":5,\"if_primary_term\":1"), "{replaced}");
        assert!(bulk_lines(&old, &line, Act::AddAgain).starts_with("{\"create\""));
    }
}
