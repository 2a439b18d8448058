//! One thing that happened.

use crate::report::json::line;
use serde::Serialize;

use crate::{
    event::{Detail, Event},
    report::text::rfc3339,
};

/// The fields of the contract, in its order.
#[derive(Serialize)]
pub(in crate::report) struct Fields<'e, D> {
    pub(in crate::report) at: String,
    pub(in crate::report) run: &'e str,
    pub(in crate::report) set: &'e str,
    pub(in crate::report) step: &'e str,
    pub(in crate::report) cluster: &'e str,
    pub(in crate::report) indices: Vec<&'e str>,
    pub(in crate::report) detail: D,
}

/// An event as one line.
pub(crate) fn event(event: &Event) -> String {
    let fields: Fields<'_, &Detail> = Fields {
        at: rfc3339(event.at_ms),
        run: &event.run,
        set: &event.set,
        step: &event.step,
        cluster: &event.cluster,
        indices: event.indices.iter().map(String::as_str).collect(),
        detail: &event.detail,
    };
    line(event.kind.word(), fields)
}
