//! What `esdr status` saw.

use crate::report::json::line;
use serde::Serialize;

use crate::{report::text::rfc3339, status::Status};

#[derive(Serialize)]
struct Fields<'s> {
    at: String,
    #[serde(flatten)]
    status: &'s Status,
}

/// A look as one line.
pub(crate) fn status(status: &Status) -> String {
    line("status", Fields { at: rfc3339(status.at_ms), status })
}
