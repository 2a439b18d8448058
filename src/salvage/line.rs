//! One document of a salvage file: one line of JSON.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::es::api::Hit;

/// A document as the former leader held it last.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Line {
    pub shard: u32,
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(rename = "_routing", default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// The mapping type, where it is not `_doc`.
    #[serde(rename = "_type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(rename = "_version")]
    pub version: i64,
    #[serde(rename = "_seq_no")]
    pub seq_no: i64,
    /// As it was indexed, but for line breaks between its tokens.
    #[serde(rename = "_source")]
    pub source: Box<RawValue>,
}

impl Line {
    /// The line of a hit; the word for what it lacks where it has not all of it.
    pub(crate) fn of(shard: u32, hit: Hit) -> Result<Self, &'static str> {
        Ok(Self {
            shard,
            id: hit.id,
            routing: hit.routing,
            kind: hit.kind.filter(|kind| kind != "_doc"),
            version: hit.version.ok_or("_version")?,
            // Where numbers are switched off the server shows -2.
            seq_no: hit.seq_no.filter(|seq_no| *seq_no >= 0).ok_or("_seq_no")?,
            source: on_one_line(hit.source.ok_or("_source")?),
        })
    }
}

/// The server gives a source back as it came, which may be on several lines. Inside a string
/// JSON allows no bare line break, so none of its content is changed.
fn on_one_line(source: Box<RawValue>) -> Box<RawValue> {
    if !source.get().contains(['\n', '\r']) {
        return source;
    }
    let flat = source.get().replace(['\n', '\r'], " ");
    RawValue::from_string(flat).unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(more: &str) -> Hit {
        let text = format!(r#"{{"_id":"a\nb","_version":3,"_seq_no":17{more}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_document_is_one_line_and_its_content_as_it_was() {
        let hit = hit(",\"_type\":\"_doc\",\"_source\":{\n \"n\": 1.10,\r\n\"t\":\"x\\ny\"}");
        let line = serde_json::to_string(&Line::of(2, hit).unwrap()).unwrap();
        assert_eq!(
            line,
            r#"{"shard":2,"_id":"a\nb","_version":3,"_seq_no":17,"_source":{  "n": 1.10,  "t":"x\ny"}}"#
        );
        let read: Line = serde_json::from_str(&line).unwrap();
        assert_eq!((read.version, read.seq_no, read.kind, read.routing), (3, 17, None, None));
    }

    #[test]
    fn a_type_and_a_routing_are_kept() {
        let hit = hit(r#","_type":"order","_routing":"eu","_source":{}"#);
        let line = serde_json::to_string(&Line::of(0, hit).unwrap()).unwrap();
        assert!(line.contains(r#""_routing":"eu","_type":"order""#), "{line}");
    }

    #[test]
    fn a_document_without_its_source_is_none() {
        assert_eq!(Line::of(0, hit("")).unwrap_err(), "_source");
    }
}
