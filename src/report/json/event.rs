//! One thing that happened.

use serde::Serialize;

use crate::{
    event::{Detail, Event},
    report::text::rfc3339,
};

/// The fields of the contract, in its order.
#[derive(Serialize)]
pub(super) struct Fields<'e, D> {
    pub(super) at: String,
    pub(super) run: &'e str,
    pub(super) set: &'e str,
    pub(super) step: &'e str,
    pub(super) cluster: &'e str,
    pub(super) indices: Vec<&'e str>,
    pub(super) detail: D,
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
    super::line(event.kind.word(), fields)
}
