//! One JSON object a line, each with `"esdr": 1` and its type.

use serde::Serialize;
use serde_json::json;

use crate::{
    drill::Phase,
    outcome::Report,
    playbook::{Finding, Playbook},
    salvage::{Applied, Summary},
};

/// The version of the JSON contract.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct Line<'l, T> {
    esdr: u8,
    #[serde(rename = "type")]
    kind: &'l str,
    #[serde(flatten)]
    rest: T,
}

/// One line, without its end.
pub(super) fn line(kind: &str, rest: impl Serialize) -> String {
    let line = Line { esdr: VERSION, kind, rest };
    // Nothing in these types can fail to serialize: keys are strings, no map is foreign.
    serde_json::to_string(&line).unwrap_or_default()
}

/// The last line of a changing command.
pub(crate) fn result(report: &Report) -> String {
    line("result", report)
}

/// What a rehearsal showed.
pub(crate) fn drill(phases: &[Phase], violations: &[String]) -> String {
    line("drill", json!({"phases": phases, "violations": violations}))
}

/// What only former leaders have.
pub(crate) fn salvage(summary: &Summary) -> String {
    line("salvage", summary)
}

/// What became of salvaged documents.
pub(crate) fn salvage_apply(applied: &Applied) -> String {
    line("salvage_apply", applied)
}

/// One playbook, with its steps.
pub(crate) fn playbook(playbook: &Playbook) -> String {
    line("playbook", playbook)
}

/// What the linter found in one playbook.
pub(crate) fn findings(origin: &str, findings: &[Finding]) -> String {
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| json!({"code": finding.code, "line": finding.line, "text": finding.text}))
        .collect();
    line("lint", json!({"playbook": origin, "safe": findings.is_empty(), "findings": findings}))
}
