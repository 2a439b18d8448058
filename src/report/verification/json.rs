//! What `esdr verify` found.

use crate::report::json::line;
use serde::Serialize;

use crate::{report::text::rfc3339, verify::Verification};

#[derive(Serialize)]
struct Fields<'v> {
    at: String,
    #[serde(flatten)]
    verification: &'v Verification,
}

/// A comparison as one line.
pub(crate) fn verification(verification: &Verification) -> String {
    line("verify", Fields { at: rfc3339(verification.at_ms), verification })
}
